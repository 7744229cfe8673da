import { EC2Client } from '@aws-sdk/client-ec2'
import { IAMClient } from '@aws-sdk/client-iam'
import { RedshiftClient } from '@aws-sdk/client-redshift'
import { RedshiftServerlessClient } from '@aws-sdk/client-redshift-serverless'
import { S3Client } from '@aws-sdk/client-s3'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { STSClient } from '@aws-sdk/client-sts'
import type { AwsDouble } from './server.ts'

/** Ordinary SDK clients that talk to a double; for tests of the double itself. One attempt only, unless told otherwise: a test wants to see the first error. */
export function clientsOf(double: AwsDouble, { region = 'us-west-2', maxAttempts = 1 } = {}) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = double.environment
  const options = { endpoint: double.url, region, maxAttempts, credentials: { accessKeyId, secretAccessKey } }
  return {
    sts: new STSClient(options),
    iam: new IAMClient(options),
    ec2: new EC2Client(options),
    redshift: new RedshiftClient(options),
    serverless: new RedshiftServerlessClient(options),
    secrets: new SecretsManagerClient(options),
    s3: new S3Client(options),
  }
}

/** What a call failed with. */
export async function errorOf(call: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> {
  try {
    await call
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('the call succeeded')
}
