/** Lets COPY read through the SDK's S3 client, from a server that speaks S3 at a given address. */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import type { ObjectReader } from './copy-source.ts'

interface Keys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const nobody: Keys = { accessKeyId: 'redshift-double', secretAccessKey: 'redshift-double' }

/** Requests go to the region COPY turns to; a server that minds regions answers for another with PermanentRedirect. */
export function readFromS3(
  endpoint: string,
  { credentials = nobody }: { readonly credentials?: Keys } = {},
): ObjectReader {
  const clients = new Map<string, S3Client>()
  const clientIn = (region: string): S3Client => {
    const client = clients.get(region) ?? new S3Client({ endpoint, region, credentials, forcePathStyle: true })
    clients.set(region, client)
    return client
  }
  return {
    async readObject(bucket, key, { region }) {
      try {
        const { Body } = await clientIn(region).send(new GetObjectCommand({ Bucket: bucket, Key: key }))
        return Buffer.from((await Body?.transformToByteArray()) ?? [])
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return undefined
        throw error
      }
    },
    async listObjects(bucket, prefix, { region }) {
      const keys: string[] = []
      let token: string | undefined
      do {
        const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
        const { Contents = [], NextContinuationToken } = await clientIn(region).send(command)
        keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
        token = NextContinuationToken
      } while (token !== undefined)
      return keys
    },
  }
}
