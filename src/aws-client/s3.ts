import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { BucketLocationConstraint, LifecycleRule, S3 } from '@aws-sdk/client-s3'
import type { PolicyDocument } from './policies.ts'
import { answerTo, isNamed, undefinedIfNotFound } from './sdk-middleware.ts'
import { type Tags, tagList, tagsOf } from './settings.ts'

/** A bucket, and the account it must belong to: S3 rejects the call if it belongs to another. */
interface OwnBucket {
  readonly Bucket: string
  readonly ExpectedBucketOwner: string
}

const missingBucket = ['NoSuchBucket']
const allBlocked = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}
const encryption = { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }] }
/** Manifests and jsonpaths are written for one load and not read later. */
const lifecycleRule: LifecycleRule = {
  ID: 'expire',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  Expiration: { Days: 7 },
  NoncurrentVersionExpiration: { NoncurrentDays: 1 },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
}

/** The tags of a bucket, or undefined if the bucket does not exist. */
export function findBucketTags(s3: S3, bucket: OwnBucket): Promise<Tags | undefined> {
  return undefinedIfNotFound(missingBucket, async () => {
    const answer = await undefinedIfNotFound(['NoSuchTagSet'], () => s3.getBucketTagging(bucket))
    return tagsOf(answer?.TagSet)
  })
}

/** Writes a file, compressed, and says how many bytes that took. */
export async function putGzipped(s3: S3, bucket: string, key: string, path: string): Promise<number> {
  const compressed = `${path}.gz`
  await pipeline(createReadStream(path), createGzip(), createWriteStream(compressed))
  const { size } = await stat(compressed)
  await s3.putObject({ Bucket: bucket, Key: key, Body: createReadStream(compressed), ContentLength: size })
  return size
}

export async function createBucket(s3: S3, name: string, tags: Tags): Promise<void> {
  const region = await s3.config.region()
  // A bucket without a location goes to us-east-1, and S3 rejects that name as a location.
  const place = region === 'us-east-1' ? {} : { LocationConstraint: region as BucketLocationConstraint }
  await s3.createBucket({ Bucket: name, CreateBucketConfiguration: { ...place, Tags: tagList(tags) } })
}

export async function isEmpty(s3: S3, bucket: OwnBucket): Promise<boolean> {
  const { Contents = [] } = await s3.listObjectsV2({ ...bucket, MaxKeys: 1 })
  return Contents.length === 0
}

/** Makes a bucket private and encrypted, reached with TLS only, and lets its objects expire: AWS takes these four again and again. */
export async function secureBucket(s3: S3, bucket: OwnBucket, policy: PolicyDocument): Promise<void> {
  await s3.putPublicAccessBlock({ ...bucket, PublicAccessBlockConfiguration: allBlocked })
  await s3.putBucketEncryption({ ...bucket, ServerSideEncryptionConfiguration: encryption })
  await s3.putBucketLifecycleConfiguration({ ...bucket, LifecycleConfiguration: { Rules: [lifecycleRule] } })
  await s3.putBucketPolicy({ ...bucket, Policy: JSON.stringify(policy) })
}

/** Removes every version of every object and every unfinished upload, then the bucket. A missing bucket counts as success. */
export async function deleteBucket(s3: S3, bucket: OwnBucket): Promise<void> {
  await undefinedIfNotFound(missingBucket, async () => {
    // Twice: a load that is still running may add an object in between.
    for (let round = 0; ; round += 1) {
      await emptyBucket(s3, bucket)
      try {
        await s3.deleteBucket(bucket)
        return
      } catch (error) {
        if (!isNamed(error, 'BucketNotEmpty') || round === 1) throw error
      }
    }
  })
}

async function emptyBucket(client: S3, bucket: OwnBucket): Promise<void> {
  for (;;) {
    // Always the first page: what it listed is deleted before the next round.
    const { Versions = [], DeleteMarkers = [] } = await client.listObjectVersions(bucket)
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    if (Objects.length === 0) break
    const { Errors = [] } = await client.deleteObjects({ ...bucket, Delete: { Objects, Quiet: true } })
    const [first] = Errors
    // The call succeeds even if some objects can't be deleted; the answer names them.
    if (first !== undefined) {
      const error = Object.assign(new Error(first.Message ?? ''), { name: first.Code ?? 'DeleteFailed' })
      throw answerTo({ service: 's3', operation: 'DeleteObjects' }, error)
    }
  }
  for (;;) {
    const { Uploads = [] } = await client.listMultipartUploads(bucket)
    if (Uploads.length === 0) return
    for (const { Key, UploadId } of Uploads)
      await undefinedIfNotFound(['NoSuchUpload'], () => client.abortMultipartUpload({ ...bucket, Key, UploadId }))
  }
}
