import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, startAwsDouble } from './index.ts'

let double: AwsDouble
let s3: S3Client

beforeEach(async () => {
  double = await startAwsDouble()
  s3 = clientsOf(double).s3
})
afterEach(() => double.close())

const Bucket = 'control'
const createBucket = (LocationConstraint: 'us-west-2' | 'eu-west-1' = 'us-west-2') =>
  s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }))

describe('a bucket', () => {
  test('is made where the client is, once, and goes when it is empty', async () => {
    expect((await errorOf(createBucket('eu-west-1'))).name).toBe('IllegalLocationConstraintException')
    await createBucket()
    expect((await errorOf(createBucket())).name).toBe('BucketAlreadyOwnedByYou')
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket }))
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket }))
    expect([BucketRegion, LocationConstraint]).toEqual(['us-west-2', 'us-west-2'])
    expect((await s3.send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name)).toEqual([Bucket])
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
    expect((await errorOf(s3.send(new DeleteBucketCommand({ Bucket })))).name).toBe('BucketNotEmpty')
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))
    await s3.send(new DeleteBucketCommand({ Bucket }))
    expect((await errorOf(s3.send(new HeadBucketCommand({ Bucket })))).name).toBe('NotFound')
    expect((await errorOf(s3.send(new ListObjectsV2Command({ Bucket })))).name).toBe('NoSuchBucket')
    expect(double.remaining()).toEqual([])
  })

  test('of someone else can not be had', async () => {
    double.seedBucket(Bucket, { public: true })
    expect((await errorOf(createBucket())).name).toBe('BucketAlreadyExists')
    expect((await errorOf(s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' })))).name).toBe('AccessDenied')
  })

  test('elsewhere answers with a redirect that names its Region', async () => {
    double.seedBucket(Bucket, { region: 'eu-west-1', public: true, objects: { a: 'x' } })
    const error = await errorOf(s3.send(new ListObjectsV2Command({ Bucket })))
    expect([error.name, error.$metadata?.httpStatusCode]).toEqual(['PermanentRedirect', 301])
    const head = (await errorOf(s3.send(new HeadBucketCommand({ Bucket })))) as Error & {
      $response?: { headers: Record<string, string> }
    }
    expect(head.$response?.headers['x-amz-bucket-region']).toBe('eu-west-1')
    const follower = new S3Client({ ...clientOptions(), followRegionRedirects: true })
    expect((await follower.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1)
  })

  test('is tagged as it is made', async () => {
    const Tags = [{ Key: 'project', Value: 'a & b' }]
    await s3.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-west-2', Tags } }),
    )
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(Tags)
    expect(double.calls[0]?.needs).toEqual(['s3:CreateBucket', 's3:TagResource'])
  })

  test('has settings, and AWS defaults for them', async () => {
    await createBucket()
    const encryption = await s3.send(new GetBucketEncryptionCommand({ Bucket }))
    expect(
      encryption.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
    ).toBe('AES256')
    const block = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    expect(block.PublicAccessBlockConfiguration?.BlockPublicPolicy).toBe(true)
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined()
    const nameOf = async (call: Promise<unknown>) => (await errorOf(call)).name
    expect([
      await nameOf(s3.send(new GetBucketTaggingCommand({ Bucket }))),
      await nameOf(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))),
      await nameOf(s3.send(new GetBucketPolicyCommand({ Bucket }))),
    ]).toEqual(['NoSuchTagSet', 'NoSuchLifecycleConfiguration', 'NoSuchBucketPolicy'])

    const TagSet = [{ Key: 'project', Value: 'sparkify & more' }]
    await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
    expect((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet)
    const Rules = [{ ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: '' }, Expiration: { Days: 7 } }]
    await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }))
    expect((await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules)
    await s3.send(
      new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: false } }),
    )
    const changed = await s3.send(new GetPublicAccessBlockCommand({ Bucket }))
    expect(changed.PublicAccessBlockConfiguration?.BlockPublicAcls).toBe(false)
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: true }],
        },
      }),
    )
    await s3.send(
      new PutBucketOwnershipControlsCommand({
        Bucket,
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      }),
    )
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{"Version":"2012-10-17","Statement":[]}' }))
    expect((await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toContain('2012-10-17')
  })

  test('keeps unfinished uploads until they are given up', async () => {
    await createBucket()
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'big' }))
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
    expect(Uploads).toMatchObject([{ Key: 'big', UploadId }])
    const abort = () => s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'big', UploadId }))
    await abort()
    expect((await errorOf(abort())).name).toBe('NoSuchUpload')
  })
})

function clientOptions() {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = double.environment
  return { endpoint: double.url, region: 'us-west-2', maxAttempts: 1, credentials: { accessKeyId, secretAccessKey } }
}
