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
  GetBucketTaggingCommand,
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
import { type Tags, tagList, tagsOf } from './settings.ts'

export { S3Client as Client } from '@aws-sdk/client-s3'

/** A bucket, and the account it must belong to: S3 rejects the call if it belongs to another. */
interface OwnBucket {
  readonly Bucket: string
  readonly ExpectedBucketOwner: string
}

const missingBucket = ['NoSuchBucket']
/** Manifests and jsonpaths are written for one load and not read later. */
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
export function verbs(client: S3Client) {
  return {
    /** The tags of a bucket, or undefined if the bucket does not exist. */
    findBucketTags(bucket: OwnBucket): Promise<Tags | undefined> {
      return undefinedIfNotFound(missingBucket, async () => {
        const ask = () => client.send(new GetBucketTaggingCommand(bucket))
        const answer = await undefinedIfNotFound(['NoSuchTagSet'], ask)
        return tagsOf(answer?.TagSet)
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
      const region = await client.config.region()
      // A bucket without a location goes to us-east-1, and S3 rejects that name as a location.
      const place = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint }
      await client.send(
        new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { ...place, Tags: tagList(tags) } }),
      )
    },
    async setBucketTags(bucket: OwnBucket, tags: Tags): Promise<void> {
      await client.send(new PutBucketTaggingCommand({ ...bucket, Tagging: { TagSet: tagList(tags) } }))
    },
    async isEmpty(bucket: OwnBucket): Promise<boolean> {
      const input = { ...bucket, MaxKeys: 1 }
      const answer = await client.send(new ListObjectsV2Command(input))
      return (answer.Contents ?? []).length === 0
    },
    /** Makes a bucket private and encrypted, reached with TLS only, and lets its objects expire: AWS takes these four again and again. */
    async secureBucket(bucket: OwnBucket, policy: PolicyDocument): Promise<void> {
      await client.send(new PutPublicAccessBlockCommand({ ...bucket, PublicAccessBlockConfiguration: allBlocked }))
      await client.send(new PutBucketEncryptionCommand({ ...bucket, ServerSideEncryptionConfiguration: encryption }))
      await client.send(
        new PutBucketLifecycleConfigurationCommand({ ...bucket, LifecycleConfiguration: { Rules: [lifecycleRule] } }),
      )
      await client.send(new PutBucketPolicyCommand({ ...bucket, Policy: JSON.stringify(policy) }))
    },
    /** Removes every version of every object and every unfinished upload, then the bucket. A missing bucket counts as success. */
    async deleteBucket(bucket: OwnBucket): Promise<void> {
      await undefinedIfNotFound(missingBucket, async () => {
        // Twice: a load that is still running may add an object in between.
        for (let round = 0; ; round += 1) {
          await emptyBucket(client, bucket)
          try {
            await client.send(new DeleteBucketCommand(bucket))
            return
          } catch (error) {
            if (!isNamed(error, 'BucketNotEmpty') || round === 1) throw error
          }
        }
      })
    },
  }
}

async function emptyBucket(client: S3Client, bucket: OwnBucket): Promise<void> {
  for (;;) {
    // Always the first page: what it listed is deleted before the next round.
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand(bucket))
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    if (Objects.length === 0) break
    const { Errors = [] } = await client.send(new DeleteObjectsCommand({ ...bucket, Delete: { Objects, Quiet: true } }))
    const [first] = Errors
    // The call succeeds even if some objects can't be deleted; the answer names them.
    if (first !== undefined) {
      const error = Object.assign(new Error(first.Message ?? ''), { name: first.Code ?? 'DeleteFailed' })
      throw answerTo({ service: 's3', operation: 'DeleteObjects' }, error)
    }
  }
  for (;;) {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand(bucket))
    if (Uploads.length === 0) return
    for (const { Key, UploadId } of Uploads)
      await undefinedIfNotFound(['NoSuchUpload'], () =>
        client.send(new AbortMultipartUploadCommand({ ...bucket, Key, UploadId })),
      )
  }
}

export type S3 = ReturnType<typeof verbs>
