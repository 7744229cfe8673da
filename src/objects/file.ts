import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { pipeline, Readable } from 'node:stream'
import { setImmediate as otherWork } from 'node:timers/promises'
import { createGunzip, gunzipSync } from 'node:zlib'
import { refusal, systemErrorCode, UserError } from '../errors.ts'
import { notGzip, type SourceObject, UnreadableObject } from './object-store.ts'

/** A scan looks through a piece several times, so it should fit into a core's cache; smaller ones cost more calls. */
const pieceBytes = 262_144

/**
 * An object that lies at `path` in pieces, decompressed if that ends with `.gz`. A piece holds until the next one is asked for.
 *
 * @throws UserError if it is not there, may not be read, or is no whole gzip file; the reason of the signal if it is aborted.
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
 * What an object that was read whole holds, in pieces, decompressed if its key ends with `.gz`: a megabyte of gzip may hold a
 * gigabyte.
 *
 * @throws UnreadableObject if it is no whole gzip file; the reason of the signal if it is aborted.
 */
export async function* piecesIn(object: SourceObject, stored: Buffer, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const whole = object.key.endsWith('.gz') ? gunzippedIfSmall(stored) : stored
  for await (const piece of whole === undefined ? gunzipped(object, Readable.from([stored])) : [whole]) {
    yield piece
    await giveWay(signal)
  }
}

/** Undefined if it holds more than some pieces, or is no gzip. To gunzip as a stream takes ten times as long where there is little. */
function gunzippedIfSmall(stored: Buffer): Buffer | undefined {
  try {
    return gunzipSync(stored, { maxOutputLength: 4 * pieceBytes })
  } catch {
    return undefined
  }
}

/** @throws UnreadableObject if it is no whole gzip file, and what goes wrong with `bytes` as it is. */
export async function* gunzipped(object: SourceObject, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    // What goes wrong, in either stream, comes out of the iteration.
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

/** Lets signals in, which reach the process only between pieces of work. @throws the reason of the signal if it is aborted. */
export async function giveWay(signal: AbortSignal | undefined): Promise<void> {
  await otherWork()
  signal?.throwIfAborted()
}

/** Does something with a file of the source. @throws UserError that says what the system has against it. */
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
        throw refusal(`The source ${path} may not be read by you.`, 'Check its permissions.')
      case 'ELOOP':
        throw refusal(`The source ${path} is a symbolic link that leads to itself.`, 'Remove the link.')
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
