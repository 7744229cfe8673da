import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as otherWork } from 'node:timers/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { refusal, systemErrorCode, tooManyOpenFiles } from '../errors.ts'
import { isGzip, notGzip, ObjectsUnavailable, type SourceObject, UnreadableObject } from './object-store.ts'

/**
 * A scan reads a piece several times, so it should fit into the cache of a core. V8 puts strings of 128 KiB and more into memory of
 * their own: to make those takes ten times as long.
 */
const pieceBytes = 98_304

/**
 * The content of the file at `path` in pieces, decompressed if the path ends with `.gz`. A piece is only valid until the next one is read.
 *
 * @throws UserError if the file is missing, can't be read or isn't a complete gzip file; the signal's reason if it is aborted.
 */
export async function* piecesOf(object: SourceObject, path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const pieces = isGzip({ key: path }) ? gunzipped(object, createReadStream(path)) : plainPieces(path)
  try {
    for await (const piece of pieces) {
      yield piece
      await giveWay(signal)
    }
  } catch (error) {
    throw explained(object, error)
  }
}

/**
 * The content of an object that is in memory, decompressed if its key ends with `.gz`. In pieces, because a megabyte of gzip can
 * decompress to a gigabyte.
 *
 * @throws UnreadableObject if it isn't a complete gzip file; the signal's reason if it is aborted.
 */
export async function* piecesIn(object: SourceObject, stored: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const whole = isGzip(object) ? gunzippedIfSmall(stored) : stored
  for await (const piece of whole === undefined ? gunzipped(object, Readable.from([stored])) : piecesWithin(whole)) {
    yield piece
    await giveWay(signal)
  }
}

function* piecesWithin(whole: Buffer): Generator<Buffer> {
  for (let start = 0; start < whole.length; start += pieceBytes) yield whole.subarray(start, start + pieceBytes)
}

/** Undefined if the content is larger than a few pieces, or isn't gzip. For small content a stream takes ten times as long. */
function gunzippedIfSmall(stored: Buffer): Buffer | undefined {
  try {
    return gunzipSync(stored, { maxOutputLength: 4 * pieceBytes })
  } catch {
    return undefined
  }
}

/** @throws UnreadableObject if it isn't a complete gzip file; errors of `bytes` unchanged. */
export async function* gunzipped(object: SourceObject, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    // The iteration throws the errors of both streams.
    yield* pipeline(bytes, createGunzip({ chunkSize: pieceBytes }), () => {})
  } catch (error) {
    throw systemErrorCode(error)?.startsWith('Z_') ? new UnreadableObject(object, notGzip, error) : error
  }
}

/** Reads all pieces into the same buffer: allocating one for each would take longer than the reading. */
function* plainPieces(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      yield piece.subarray(0, length)
    }
  } finally {
    closeSync(file)
  }
}

/** Lets the event loop run once, so that signals arrive. @throws the signal's reason if it is aborted. */
export async function giveWay(signal: AbortSignal | undefined): Promise<void> {
  await otherWork()
  signal?.throwIfAborted()
}

/** The predicate of a sentence about a file that can't be read, from the code of the system. */
export function problemOf(code: string): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'is a link to a file that does not exist',
    ELOOP: 'is a link to itself',
    EACCES: "can't be read: permission denied",
    EPERM: "can't be read: permission denied",
  }
  return known[code] ?? `can't be read (${code})`
}

/** Runs `work` on a source file. @throws ObjectsUnavailable if it can't be read. */
export function readingFile<Result>(object: SourceObject, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw explained(object, error)
  }
}

function explained(object: SourceObject, error: unknown): unknown {
  const code = systemErrorCode(error) ?? ''
  if (isTooMany(code)) return tooManyOpenFiles(error)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new ObjectsUnavailable([object], 'vanished while it was being loaded', error)
  // Other errors with a code, such as those of zlib, are not about the file.
  const isOfFile = /^(EACCES|EPERM|ELOOP|EIO|EISDIR)$/.test(code)
  return isOfFile ? new ObjectsUnavailable([object], problemOf(code), error) : error
}

const isTooMany = (code: string) => code === 'EMFILE' || code === 'ENFILE'

/** Runs `work` on a folder of a source. @throws UserError that explains why it can't be read. */
export function readingFolder<Result>(path: string, work: (path: string) => Result): Result {
  try {
    return work(path)
  } catch (error) {
    const code = systemErrorCode(error) ?? ''
    if (isTooMany(code)) throw tooManyOpenFiles(error)
    const denied = ["can't be read: permission denied", 'Check its permissions.'] as const
    const hint = 'Check LOG_DATA and SONG_DATA in the config, or make sample data: npm run generate'
    const known: Readonly<Record<string, readonly [predicate: string, hint: string]>> = {
      ENOENT: ['does not exist', hint],
      ENOTDIR: ['is a file', 'Set LOG_DATA and SONG_DATA in the config to folders.'],
      ELOOP: ['is a symbolic link to itself', 'Remove the link.'],
      EACCES: denied,
      EPERM: denied,
    }
    const found = known[code]
    throw found === undefined ? error : refusal(`The source ${path} ${found[0]}.`, found[1])
  }
}
