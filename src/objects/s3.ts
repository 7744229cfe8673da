import { createHash, type Hash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { createWriteStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { GetObjectCommand, paginateListObjectsV2, type S3Client, type S3ServiceException } from '@aws-sdk/client-s3'
import { explainCredentials } from '../aws-client/credential-errors.ts'
import { explainEndpoint } from '../aws-client/explain.ts'
import { isPassing } from '../aws-client/poll.ts'
import { callOf } from '../aws-client/sdk-middleware.ts'
import { networkProblem, refusal, UserError } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'
import { giveWay, gunzipped } from './file.ts'
import {
  isGzip,
  kindOf,
  type Listing,
  type ObjectStore,
  ObjectsUnavailable,
  otherName,
  type SourceObject,
} from './object-store.ts'

/** How often the body of an object is requested if the connection breaks. */
const tries = 6
const firstPauseMs = 100

/**
 * The objects below a prefix of an S3 bucket; the prefix ends with `/` or is empty. Every read requests the version that was listed
 * and verifies that all of it arrived: by its length, and by the ETag if that is an MD5.
 */
export function s3Store(client: S3Client, bucket: string, prefix: string, signal?: AbortSignal): ObjectStore {
  const address = `s3://${bucket}/`
  const options = signal ? { abortSignal: signal } : {}
  // Every running request listens to the signal.
  if (signal) setMaxListeners(0, signal)
  const keyOf = ({ key }: SourceObject) => key.slice(address.length)

  const open = async (object: SourceObject, from: number) => {
    const range = from === 0 ? {} : { Range: `bytes=${from}-` }
    const request = new GetObjectCommand({ Bucket: bucket, Key: keyOf(object), IfMatch: object.etag, ...range })
    const { Body, ServerSideEncryption } = await client.send(request, options)
    return { body: Body as AsyncIterable<Buffer>, encryption: ServerSideEncryption }
  }

  /** The stored bytes in pieces. If the connection breaks, continues where it stopped, because earlier pieces are already used. */
  async function* bodyOf(object: SourceObject): AsyncGenerator<Buffer> {
    let check: Hash | undefined
    let received = 0
    for (let attempt = 1; received < object.bytes; attempt += 1) {
      signal?.throwIfAborted()
      try {
        const { body, encryption } = await open(object, received)
        check ??= hashFor(object, encryption)
        for await (const chunk of body) {
          received += chunk.length
          attempt = 0
          check?.update(chunk)
          yield chunk
          await giveWay(signal)
        }
        if (received < object.bytes) throw new IncompleteBody(received, object.bytes)
      } catch (error) {
        signal?.throwIfAborted()
        if (attempt === tries || !isTransient(error)) throw explained(error, object)
        if (received >= object.bytes) throw error
        await wait(pauseAfter(attempt), undefined, { signal })
      }
    }
    if (received !== object.bytes || (check && check.digest('hex') !== md5Of(object)))
      throw new IncompleteBody(received, object.bytes)
  }

  /** Passes the whole body to `consume`; all of it again if it turns out at its end that it is damaged. */
  const fetch = async <Result>(object: SourceObject, consume: (body: AsyncIterable<Buffer>) => Promise<Result>) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await consume(bodyOf(object))
      } catch (error) {
        if (attempt === tries || !isTransient(error)) throw explained(error, object)
        await wait(pauseAfter(attempt), undefined, { signal })
      }
    }
  }

  /** Bytes that turn out to be wrong when all have arrived are used already. */
  async function* stream(object: SourceObject): AsyncGenerator<Buffer> {
    try {
      yield* isGzip(object) ? gunzipped(object, bodyOf(object)) : bodyOf(object)
    } catch (error) {
      throw explained(error, object)
    }
  }

  const list = async (source: SourceName): Promise<Listing> => {
    const objects: SourceObject[] = []
    const skipped: { key: string; reason: string }[] = []
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, options)) {
        for (const { Key = '', ETag = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
          const kind = kindOf(Key.slice(prefix.length))
          const key = `${address}${Key}`
          if (Size === 0 || kind === 'hidden') continue
          if (kind === 'other') skipped.push({ key, reason: otherName })
          else objects.push({ source, key, etag: ETag, bytes: Size, modifiedAt: LastModified.toISOString() })
        }
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw explainedListing(error, bucket, prefix)
    }
    return { objects, skipped }
  }

  return {
    pinsVersions: true,
    list,
    read: (object) => fetch(object, (body) => buffer(body)),
    stream,
    async localCopy(object, path) {
      await fetch(object, (body) => pipeline(body, createWriteStream(path)))
      return path
    },
    async verifyUnchanged(objects) {
      const [first] = objects
      if (first === undefined) return
      const present = new Map((await list(first.source)).objects.map(({ key, etag }) => [key, etag]))
      const moved = objects.filter(({ key, etag }) => present.get(key) !== etag)
      if (moved.length > 0) throw new ObjectsUnavailable(moved)
    },
  }
}

const pauseAfter = (attempt: number) => firstPauseMs * 2 ** Math.max(0, attempt - 1) * (0.5 + Math.random())

/** The MD5 of the object, if its ETag is one. */
const md5Of = ({ etag }: SourceObject) => /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1]

function hashFor(object: SourceObject, encryption: string | undefined): Hash | undefined {
  const isOther = encryption === 'aws:kms' || encryption === 'aws:kms:dsse'
  return isOther || md5Of(object) === undefined ? undefined : createHash('md5')
}

class IncompleteBody extends Error {
  override readonly name = 'IncompleteBody'

  constructor(received: number, expected: number) {
    super(`received ${received} of ${expected} bytes, or different ones`)
  }
}

/** The SDK retries failed requests, but no bodies that broke off, and not for long. */
const isTransient = (error: unknown) =>
  error instanceof IncompleteBody || (!(error instanceof UserError) && isPassing(error))

function explained(error: unknown, object: SourceObject): unknown {
  const { key } = object
  if (!(error instanceof Error) || error instanceof UserError) return error
  const known = explainCredentials(error) ?? explainEndpoint(error)
  if (known) return known
  const status = statusOf(error)
  if (status === 412) return new ObjectsUnavailable([object], undefined, error)
  if (status === 404) return new ObjectsUnavailable([object], 'vanished while it was being loaded', error)
  if (status === 403)
    return refusal(
      `Access denied: you can list but not read ${key} (${error.name}).`,
      'Allow s3:GetObject on it, or use other credentials.',
    )
  if (!isTransient(error)) return error
  return new UserError(
    `${key} could not be read in ${tries} tries (${error.name}: ${error.message}). Nothing was loaded.`,
    {
      hint: 'Later, run: npm run etl. It continues with the objects that are not loaded yet.',
      cause: error,
    },
  )
}

const statusOf = (error: Error) => (error as Partial<S3ServiceException>).$metadata?.httpStatusCode ?? 0

function explainedListing(error: unknown, bucket: string, prefix: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const known = explainCredentials(error) ?? explainEndpoint(error)
  if (known) return known
  const place = `s3://${bucket}/${prefix}`
  const { endpoint } = callOf(error) ?? {}
  const at = endpoint === undefined ? '' : ` at ${endpoint}`
  const status = statusOf(error)
  if (error.name === 'NoSuchBucket' || status === 404)
    return refusal(`The bucket of ${place} does not exist.`, 'Check LOG_DATA and SONG_DATA in [S3] of the config.')
  if (status === 403)
    return refusal(
      `Access denied: you can't list ${place} (${error.name}).`,
      'Allow s3:ListBucket on the bucket, or check your credentials with `aws sts get-caller-identity`.',
    )
  if (status === 301 || error.name === 'AuthorizationHeaderMalformed')
    return refusal(
      `The bucket of ${place} is in another region, and S3 does not say in which.`,
      'Set REGION in [AWS] of the config to the region of the bucket.',
    )
  if (error.name === 'SlowDown' || status >= 500)
    return new UserError(`S3${at} does not answer for ${place} at the moment (${error.name}). Nothing was loaded.`, {
      hint: 'Wait a minute and run the command again.',
      cause: error,
    })
  if (!isTransient(error)) return error
  return new UserError(`${place} can't be reached${at}: ${networkProblem(error) ?? error.message}.`, {
    hint: 'Check the network, and AWS_ENDPOINT_URL if it is set.',
    cause: error,
  })
}
