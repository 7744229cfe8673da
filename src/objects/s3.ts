import { createHash, type Hash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { createWriteStream } from 'node:fs'
import { pipeline as pipe, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { GetObjectCommand, paginateListObjectsV2, type S3Client, type S3ServiceException } from '@aws-sdk/client-s3'
import { explainCredentials } from '../aws-client/credential-errors.ts'
import { networkProblem, refusal, UserError } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'
import { isSourceKey, notGzip, type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'

/** How often the body of an object is asked for again when the connection breaks in the middle of it. */
const tries = 6
const firstPauseMs = 100

/**
 * The objects below a prefix of an S3 bucket; the prefix is a folder, so it ends with `/` or is empty. Every read asks for
 * the version that was listed and checks that all of it arrived: by its length, and by the ETag where that is an MD5.
 */
export function s3Store(client: S3Client, bucket: string, prefix: string, signal?: AbortSignal): ObjectStore {
  const address = `s3://${bucket}/`
  const options = signal ? { abortSignal: signal } : {}
  // Each of the requests under way listens to it.
  if (signal) setMaxListeners(0, signal)
  const keyOf = ({ key }: SourceObject) => key.slice(address.length)

  const open = async (object: SourceObject, from = 0) => {
    const range = from === 0 ? {} : { Range: `bytes=${from}-` }
    const request = new GetObjectCommand({ Bucket: bucket, Key: keyOf(object), IfMatch: object.etag, ...range })
    const response = await client.send(request, options)
    return { body: response.Body as Readable, encryption: response.ServerSideEncryption }
  }

  /** Hands the body to `consume`, again from the start if it breaks off. */
  const fetch = async <Result>(object: SourceObject, consume: (body: AsyncIterable<Buffer>) => Promise<Result>) => {
    for (let attempt = 1; ; attempt += 1) {
      signal?.throwIfAborted()
      try {
        const { body, encryption } = await open(object)
        return await consume(verified(body, object, encryption))
      } catch (error) {
        signal?.throwIfAborted()
        if (attempt === tries || !isTransient(error)) throw explained(error, object)
        await wait(pauseAfter(attempt), undefined, { signal })
      }
    }
  }

  /** The stored bytes in pieces. A body that breaks off goes on where it stopped: what was handed out can't be taken back. */
  async function* resumed(object: SourceObject): AsyncGenerator<Buffer> {
    let check: Hash | undefined
    let received = 0
    for (let attempt = 1; received < object.bytes; attempt += 1) {
      signal?.throwIfAborted()
      try {
        const { body, encryption } = await open(object, received)
        check ??= hashFor(object, encryption)
        for await (const chunk of body as AsyncIterable<Buffer>) {
          received += chunk.length
          attempt = 0
          check?.update(chunk)
          yield chunk
        }
        if (received < object.bytes) throw new IncompleteBody(received, object.bytes)
      } catch (error) {
        signal?.throwIfAborted()
        if (attempt === tries || !isTransient(error)) throw explained(error, object)
        await wait(pauseAfter(attempt), undefined, { signal })
      }
    }
    if (received !== object.bytes || (check && check.digest('hex') !== md5Of(object)))
      throw explained(new IncompleteBody(received, object.bytes), object)
  }

  const list = async (source: SourceName): Promise<SourceObject[]> => {
    const objects: SourceObject[] = []
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }, options)) {
        for (const { Key = '', ETag = '', Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
          if (Size === 0 || !isSourceKey(Key.slice(prefix.length))) continue
          objects.push({
            source,
            key: `${address}${Key}`,
            etag: ETag,
            bytes: Size,
            modifiedAt: LastModified.toISOString(),
          })
        }
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw explainedListing(error, bucket, prefix)
    }
    return objects
  }

  return {
    pinsVersions: true,
    list,
    async read(object) {
      const content = await fetch(object, (body) => buffer(body))
      if (!object.key.endsWith('.gz')) return content
      try {
        return gunzipSync(content)
      } catch (cause) {
        throw new UnreadableObject(object, notGzip, cause)
      }
    },
    async *stream(object) {
      const bytes = resumed(object)
      if (!object.key.endsWith('.gz')) return yield* bytes
      try {
        yield* pipe(bytes, createGunzip(), () => {})
      } catch (error) {
        signal?.throwIfAborted()
        throw error instanceof UserError ? error : new UnreadableObject(object, notGzip, error)
      }
    },
    async localCopy(object, path) {
      await fetch(object, (body) => pipeline(body, createWriteStream(path)))
      return path
    },
    async verifyUnchanged(objects) {
      const [first] = objects
      if (first === undefined) return
      const present = new Map((await list(first.source)).map(({ key, etag }) => [key, etag]))
      const moved = objects.find(({ key, etag }) => present.get(key) !== etag)
      if (moved) throw changed(moved, present.has(moved.key) ? 'changed' : 'vanished')
    },
  }
}

const pauseAfter = (attempt: number) => firstPauseMs * 2 ** Math.max(0, attempt - 1) * (0.5 + Math.random())

/** The MD5 of the object, if that is what its ETag says. */
const md5Of = ({ etag }: SourceObject) => /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1]

function hashFor(object: SourceObject, encryption: string | undefined): Hash | undefined {
  const isOther = encryption === 'aws:kms' || encryption === 'aws:kms:dsse'
  return isOther || md5Of(object) === undefined ? undefined : createHash('md5')
}

/** The body, which throws at its end unless it is as long as listed and has the MD5 that the ETag says. */
async function* verified(
  body: AsyncIterable<Buffer>,
  object: SourceObject,
  encryption?: string,
): AsyncGenerator<Buffer> {
  const hash = hashFor(object, encryption)
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    hash?.update(chunk)
    yield chunk
  }
  if (length !== object.bytes || (hash && hash.digest('hex') !== md5Of(object)))
    throw new IncompleteBody(length, object.bytes)
}

class IncompleteBody extends Error {
  override readonly name = 'IncompleteBody'

  constructor(received: number, expected: number) {
    super(`received ${received} of ${expected} bytes, or other ones`)
  }
}

/** The SDK itself repeats requests that failed; what is left to repeat are bodies that broke off and servers under load for longer. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { $metadata, code } = error as S3ServiceException & { code?: string }
  if (error instanceof IncompleteBody || ($metadata?.httpStatusCode ?? 0) >= 500) return true
  return (
    networkProblem(error) !== undefined ||
    code === 'ERR_STREAM_PREMATURE_CLOSE' ||
    /aborted|socket hang up|NetworkingError/.test(`${error.name} ${error.message}`)
  )
}

function changed({ key }: SourceObject, how: 'changed' | 'vanished', cause?: unknown): UserError {
  return new UserError(`${key} ${how} while it was being loaded. Nothing was loaded.`, {
    hint: 'Run etl again when the source is written completely.',
    cause,
  })
}

function explained(error: unknown, object: SourceObject): unknown {
  const { key } = object
  if (!(error instanceof Error) || error instanceof UserError) return error
  const credentials = explainCredentials(error)
  if (credentials) return credentials
  const status = (error as Partial<S3ServiceException>).$metadata?.httpStatusCode
  if (status === 412 || status === 404) return changed(object, status === 404 ? 'vanished' : 'changed', error)
  if (status === 403)
    return refusal(
      `You may list but not read ${key} (${error.name}).`,
      'Allow s3:GetObject on it, or use other credentials.',
    )
  if (isTransient(error))
    return new UserError(
      `${key} could not be read in ${tries} tries (${error.name}: ${error.message}). Nothing was loaded.`,
      {
        hint: 'Run etl again later: what is loaded already is not fetched again.',
        cause: error,
      },
    )
  return error
}

function explainedListing(error: unknown, bucket: string, prefix: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const credentials = explainCredentials(error)
  if (credentials) return credentials
  const place = `s3://${bucket}/${prefix}`
  const status = (error as Partial<S3ServiceException>).$metadata?.httpStatusCode
  if (error.name === 'NoSuchBucket' || status === 404)
    return refusal(`The bucket of ${place} does not exist.`, 'Check LOG_DATA and SONG_DATA in [S3] of the config.')
  if (status === 403)
    return refusal(
      `You may not list ${place} (${error.name}).`,
      'Allow s3:ListBucket on the bucket, or check your credentials with `aws sts get-caller-identity`.',
    )
  if (status === 301 || error.name === 'AuthorizationHeaderMalformed')
    return refusal(
      `The bucket of ${place} is in another region, and S3 does not say in which.`,
      'Set REGION in [AWS] of the config to the region of the bucket.',
    )
  if (error.name === 'SlowDown' || (status ?? 0) >= 500)
    return new UserError(`S3 does not answer for ${place} at the moment (${error.name}). Nothing was loaded.`, {
      hint: 'This passes by itself: run the command again in a minute.',
      cause: error,
    })
  if (isTransient(error))
    return new UserError(`${place} can't be reached: ${networkProblem(error) ?? error.message}.`, {
      hint: 'Check the network, and AWS_ENDPOINT_URL if it is set.',
      cause: error,
    })
  return error
}
