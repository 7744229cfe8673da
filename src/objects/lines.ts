import type { ObjectStore, SourceObject } from './object-store.ts'

/** The longest record, in bytes: Redshift's limit for a row of COPY. */
export const maxRecordBytes = 4_194_304
/** The most bytes kept of a line. Limits memory if an object has no line ends. */
export const keptBytes = 4 * maxRecordBytes

/** Lines that follow each other in an object. */
export interface Block {
  /** Whole lines with their ends; only the last block of an object may end without one. */
  readonly bytes: Buffer
  /** Bytes of the line that were left out, if it is a single line of more than 16 MiB. */
  readonly leftOut: number
}

/** Content that comes in pieces as blocks of whole lines, without holding all of it in memory. */
export async function* blocksOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Block> {
  let kept: Buffer[] = []
  let length = 0
  const keep = (piece: Buffer) => {
    if (piece.length > 0 && length < keptBytes) kept.push(Buffer.from(piece.subarray(0, keptBytes - length)))
    length += piece.length
  }
  const block = (rest: Buffer): Block => {
    const leftOut = Math.max(0, length - keptBytes)
    // Copied, because the store may reuse the memory of a piece.
    const bytes = Buffer.concat([...kept, rest])
    kept = []
    length = 0
    return { bytes, leftOut }
  }
  for await (const piece of pieces) {
    // The rest of a line that began in an earlier piece is a block of its own if the line is long, so that copying takes linear time.
    const first = piece.indexOf(10)
    const last = piece.lastIndexOf(10)
    if (last === -1) keep(piece)
    else {
      const start = length > piece.length ? first + 1 : 0
      if (start > 0) {
        keep(piece.subarray(0, first))
        yield block(newline)
      }
      if (last >= start) yield block(piece.subarray(start, last + 1))
      keep(piece.subarray(last + 1))
    }
  }
  if (length > 0) yield block(Buffer.alloc(0))
}

const newline = Buffer.from('\n')

/** A line of an object, numbered from 1. */
export interface Line {
  readonly number: number
  /** At most the first 16 MiB, without a CR at the end or the object's byte order mark. */
  readonly bytes: Buffer
  /** Bytes of the whole line, without its line end. */
  readonly length: number
}

/** The lines of an object one by one. Blank lines are counted but not yielded. */
export async function* linesOf(store: Pick<ObjectStore, 'stream'>, object: SourceObject): AsyncGenerator<Line> {
  let number = 0
  for await (const { bytes, leftOut } of blocksOf(store.stream(object))) {
    for (let start = 0; start < bytes.length; ) {
      const end = endOfLine(bytes, start)
      number += 1
      const line = withoutEnds(bytes.subarray(start, end), number)
      if (!isBlank(line)) yield { number, bytes: line, length: line.length + leftOut }
      start = end + 1
    }
  }
}

/** Index of the line end, or of the end of the bytes. */
export function endOfLine(bytes: Buffer, start: number): number {
  const found = bytes.indexOf(10, start)
  return found === -1 ? bytes.length : found
}

/** Some Windows editors start UTF-8 files with these bytes. */
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

export function withoutEnds(bytes: Buffer, number: number): Buffer {
  const start = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  return bytes.subarray(start, bytes.at(-1) === 13 ? -1 : undefined)
}

/** True if there is only white space, as the engines define it. */
export const isBlank = (line: Buffer): boolean => line.every((byte) => byte === 32 || (byte >= 9 && byte <= 13))
