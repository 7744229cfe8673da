import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as otherWork } from 'node:timers/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { refusal, systemErrorCode, UserError } from '../errors.ts'
import { notGzip, type SourceObject, UnreadableObject } from './object-store.ts'

/** A scan looks at a piece several times, so it should fit into a core's cache; smaller pieces cost more calls. */
const pieceBytes = 262_144

/**
 * The content of the file at `path` in pieces, decompressed if the path ends with `.gz`. A piece is valid until the next one is asked for.
 *
 * @throws UserError if the file is missing, can't be read or isn't a complete gzip file; the signal's reason if it is aborted.
 */
export async function* piecesOf(object: SourceObject, path: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const pieces = path.endsWith('.gz') ? gunzipped(object, createReadStream(path)) : plainPieces(path)
  try {
    for await (const piece of pieces) {
      yield piece
      await giveWay(signal)
    }
  } catch (error) {
    attempt(object.key, () => {
      throw error
    })
  }
}

/**
 * The content of an object that is in memory, in pieces, decompressed if its key ends with `.gz`: a megabyte of gzip may hold a
 * gigabyte.
 *
 * @throws UnreadableObject if it isn't a complete gzip file; the signal's reason if it is aborted.
 */
export async function* piecesIn(object: SourceObject, stored: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const whole = object.key.endsWith('.gz') ? gunzippedIfSmall(stored) : stored
  for await (const piece of whole === undefined ? gunzipped(object, Readable.from([stored])) : [whole]) {
    yield piece
    await giveWay(signal)
  }
}

/** Undefined if it holds more than a few pieces, or isn't gzip. For little content a stream takes ten times as long. */
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
    // Errors of either stream come out of the iteration.
    yield* pipeline(bytes, createGunzip({ chunkSize: pieceBytes }), () => {})
  } catch (error) {
    throw systemErrorCode(error)?.startsWith('Z_') ? new UnreadableObject(object, notGzip, error) : error
  }
}

/** All pieces are read into the same memory: new memory for each would cost more than the reading. */
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

/** Turns the event loop once, so that signals arrive. @throws the signal's reason if it is aborted. */
export async function giveWay(signal: AbortSignal | undefined): Promise<void> {
  await otherWork()
  signal?.throwIfAborted()
}

/** Does something with a source file. @throws UserError that explains the system's error. */
export function attempt<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    switch (systemErrorCode(error)) {
      case 'ENOENT':
        throw refusal(
          `The source ${path} does not exist.`,
          'Check LOG_DATA and SONG_DATA in the config, or make sample data with generate.',
        )
      case 'ENOTDIR':
        throw refusal(`The source ${path} is a file.`, 'LOG_DATA and SONG_DATA name folders.')
      case 'EACCES':
      case 'EPERM':
        throw refusal(`You may not read the source ${path}.`, 'Check its permissions.')
      case 'ELOOP':
        throw refusal(`The source ${path} is a symbolic link to itself.`, 'Remove the link.')
      case 'EMFILE':
      case 'ENFILE':
        throw new UserError('The system allows no more open files.', {
          hint: 'Raise the limit (ulimit -n) and run this again.',
          cause: error,
        })
      default:
        throw error
    }
  }
}
