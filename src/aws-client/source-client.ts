import type { S3Client } from '@aws-sdk/client-s3'
import { type ClientOptions, clientSettings, s3Settings } from './clients.ts'
import { explain, isDenied } from './explain.ts'
import { isNamed, observeCalls } from './sdk-middleware.ts'

/** Connections to one host that are kept open; as many objects are fetched at the same time. */
const connections = 64

/** A client that reads source objects: many at a time, in whatever region the bucket is, unsigned if there are no credentials. */
export async function openSourceClient(options: ClientOptions): Promise<S3Client> {
  const { S3Client } = await import('@aws-sdk/client-s3')
  const agent = { keepAlive: true, maxSockets: connections }
  const settings = {
    ...(await clientSettings(options)),
    ...s3Settings(options.environment),
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, httpAgent: agent, httpsAgent: agent },
  }
  const client = new S3Client(settings)
  if (await hasCredentials(client, options)) return observeCalls(client, 's3')
  client.destroy()
  const signer = { sign: async <Request>(request: Request) => request }
  return observeCalls(new S3Client({ ...settings, credentials: anonymous, signer }), 's3')
}

/** The SDK needs some before it calls the signer, which ignores them here. */
const anonymous = { accessKeyId: '', secretAccessKey: '' }

/** @throws UserError if there should be some that can't be used: a profile that was named, a sign-in that has expired. */
async function hasCredentials(client: S3Client, { region, profile }: ClientOptions): Promise<boolean> {
  try {
    await client.config.credentials()
    return true
  } catch (error) {
    if (!profile && error instanceof Error && error.name === 'CredentialsProviderError') return false
    throw explain(error, { region, profile })
  }
}

/** Whether a bucket exists, and its region: S3 tells it to callers who may list the bucket, and sometimes to others. */
export async function findBucketPlace(client: S3Client, bucket: string) {
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3')
  try {
    const { BucketRegion: region } = await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return { exists: true, region }
  } catch (error) {
    const response = (error as { $response?: { statusCode?: number; headers?: Record<string, string> } }).$response
    const region = response?.headers?.['x-amz-bucket-region']
    if (isNamed(error, 'NoSuchBucket', 'NotFound')) return { exists: false, region }
    if (isDenied(error) || response?.statusCode === 403) return { exists: true, region }
    throw error
  }
}
