import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import {
  AbortMultipartUploadCommand,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { PolicyDocument } from './policies.ts'
import { answerTo, isNamed, undefinedIfNotFound } from './sdk-middleware.ts'
import type { Tags } from './settings.ts'

/** A bucket, and the account it must belong to: S3 refuses the call if it is another's. */
export interface OwnBucket {
  readonly name: string
  readonly owner: string
}

const missingBucket = ['NoSuchBucket']
/** Manifests and jsonpaths are made for one load: days later nobody reads them. */
const expireAfterDays = 7
const allBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}
const encryption = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }] }
const lifecycleRule: LifecycleRule = {
  ID: 'expire',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  Expiration: { Days: expireAfterDays },
  NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
}

/** S3: the control bucket. */
export function s3Verbs(client: S3Client, region: string) {
  return {
    /** The tags of a bucket, or undefined if there is no such bucket. */
    findBucketTags({ name, owner }: OwnBucket): Promise<Tags | undefined> {
      return undefinedIfNotFound(missingBucket, async () => {
        const ask = () => client.send(new GetBucketTaggingCommand({ Bucket: name, ExpectedBucketOwner: owner }))
        const answer = await undefinedIfNotFound(['NoSuchTagSet'], ask)
        return Object.fromEntries((answer?.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
      })
    },
    /** Writes a small object of text. */
    async putText(bucket: string, key: string, text: string): Promise<void> {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }))
    },
    /** Writes a file, compressed, and says how many bytes that took. */
    async putGzipped(bucket: string, key: string, path: string): Promise<number> {
      const compressed = `${path}.gz`
      await pipeline(createReadStream(path), createGzip(), createWriteStream(compressed))
      const { size } = await stat(compressed)
      const Body = createReadStream(compressed)
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: size }))
      return size
    },
    async createBucket(name: string, tags: Tags): Promise<void> {
      // us-east-1 is where a bucket goes that names no place, and S3 refuses it as a name.
      const place = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint }
      await client.send(
        new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { ...place, Tags: tagList(tags) } }),
      )
    },
    async setBucketTags({ name, owner }: OwnBucket, tags: Tags): Promise<void> {
      await client.send(
        new PutBucketTaggingCommand({ Bucket: name, ExpectedBucketOwner: owner, Tagging: { TagSet: tagList(tags) } }),
      )
    },
    async isEmpty({ name, owner }: OwnBucket): Promise<boolean> {
      const input = { Bucket: name, ExpectedBucketOwner: owner, MaxKeys: 1 }
      const answer = await client.send(new ListObjectsV2Command(input))
      return (answer.Contents ?? []).length === 0
    },
    async isPrivate({ name, owner }: OwnBucket): Promise<boolean> {
      const answer = await undefinedIfNotFound(['NoSuchPublicAccessBlockConfiguration'], () =>
        client.send(new GetPublicAccessBlockCommand({ Bucket: name, ExpectedBucketOwner: owner })),
      )
      const block = answer?.PublicAccessBlockConfiguration
      return Object.keys(allBlocked).every((key) => block?.[key as keyof typeof allBlocked] === true)
    },
    async makePrivate({ name, owner }: OwnBucket): Promise<void> {
      await client.send(
        new PutPublicAccessBlockCommand({
          Bucket: name,
          ExpectedBucketOwner: owner,
          PublicAccessBlockConfiguration: allBlocked,
        }),
      )
    },
    async isEncrypted({ name, owner }: OwnBucket): Promise<boolean> {
      const answer = await undefinedIfNotFound(['ServerSideEncryptionConfigurationNotFoundError'], () =>
        client.send(new GetBucketEncryptionCommand({ Bucket: name, ExpectedBucketOwner: owner })),
      )
      const rules = answer?.ServerSideEncryptionConfiguration?.Rules ?? []
      return rules.some(({ ApplyServerSideEncryptionByDefault: rule }) => rule?.SSEAlgorithm !== undefined)
    },
    async encrypt({ name, owner }: OwnBucket): Promise<void> {
      await client.send(
        new PutBucketEncryptionCommand({
          Bucket: name,
          ExpectedBucketOwner: owner,
          ServerSideEncryptionConfiguration: encryption,
        }),
      )
    },
    /** Whether what lies in the bucket goes by itself. */
    async expires({ name, owner }: OwnBucket): Promise<boolean> {
      const answer = await undefinedIfNotFound(['NoSuchLifecycleConfiguration'], () =>
        client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: name, ExpectedBucketOwner: owner })),
      )
      return (answer?.Rules ?? []).some(
        ({ ID, Status, Expiration }) =>
          ID === lifecycleRule.ID && Status === 'Enabled' && Expiration?.Days === expireAfterDays,
      )
    },
    async expire({ name, owner }: OwnBucket): Promise<void> {
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: name,
          ExpectedBucketOwner: owner,
          LifecycleConfiguration: { Rules: [lifecycleRule] },
        }),
      )
    },
    async findBucketPolicy({ name, owner }: OwnBucket): Promise<unknown> {
      const answer = await undefinedIfNotFound(['NoSuchBucketPolicy'], () =>
        client.send(new GetBucketPolicyCommand({ Bucket: name, ExpectedBucketOwner: owner })),
      )
      try {
        return answer?.Policy === undefined ? undefined : JSON.parse(answer.Policy)
      } catch {
        return undefined
      }
    },
    async setBucketPolicy({ name, owner }: OwnBucket, policy: PolicyDocument): Promise<void> {
      await client.send(
        new PutBucketPolicyCommand({ Bucket: name, ExpectedBucketOwner: owner, Policy: JSON.stringify(policy) }),
      )
    },
    /** Removes every version of every object and every unfinished upload, then the bucket. A bucket that is gone is success. */
    async deleteBucket({ name, owner }: OwnBucket): Promise<void> {
      const input = { Bucket: name, ExpectedBucketOwner: owner }
      await undefinedIfNotFound(missingBucket, async () => {
        // Twice: a load that is still running may add an object in between.
        for (let round = 0; ; round += 1) {
          await emptyBucket(client, input)
          try {
            await client.send(new DeleteBucketCommand(input))
            return
          } catch (error) {
            if (!isNamed(error, 'BucketNotEmpty') || round === 1) throw error
          }
        }
      })
    },
  }
}

async function emptyBucket(client: S3Client, input: { Bucket: string; ExpectedBucketOwner: string }): Promise<void> {
  for (;;) {
    // Always the first page: what it listed is gone the next time.
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand(input))
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    if (Objects.length === 0) break
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ ...input, Delete: { Objects, Quiet: true } }))
    const [first] = Errors
    if (first !== undefined) throw refusedDelete(first)
  }
  for (;;) {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(input))
    if (Uploads.length === 0) return
    for (const { Key, UploadId } of Uploads)
      await undefinedIfNotFound(['NoSuchUpload'], () =>
        client.send(new AbortMultipartUploadCommand({ ...input, Key, UploadId })),
      )
  }
}

/** S3 answers a refused delete among many with success, and the refusal in the answer. */
function refusedDelete({
  Code = 'DeleteFailed',
  Message = '',
}: {
  Code?: string | undefined
  Message?: string | undefined
}): Error {
  const error = Object.assign(new Error(Message), { name: Code })
  return answerTo({ service: 's3', operation: 'DeleteObjects' }, error)
}

function tagList(tags: Tags) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

export type S3 = ReturnType<typeof s3Verbs>
