import type { ObjectStore, SourceObject } from './object-store.ts'

/** The longest record, in bytes: Redshift's limit for a row of COPY. */
export const maxRecordBytes = 4_194_304
/** The most bytes kept of a line. Limits memory if an object has no line ends. */
const keptBytes = 4 * maxRecordBytes

/** A line of an object, numbered from 1. */
export interface Line {
  readonly number: number
  /** At most the first 16 MiB, without a CR at the end or the object's byte order mark. */
  readonly bytes: Buffer
  /** Bytes of the whole line, without its line end. */
  readonly length: number
}

/** The lines of an object one by one, without holding all of it in memory. Blank lines are counted but not yielded. */
export async function* linesOf(store: Pick<ObjectStore, 'stream'>, object: SourceObject): AsyncGenerator<Line> {
  let number = 0
  let kept: Buffer[] = []
  let length = 0
  const add = (piece: Buffer) => {
    if (length < keptBytes) kept.push(piece.subarray(0, keptBytes - length))
    length += piece.length
  }
  const end = () => {
    number += 1
    const bytes = withoutEnds(Buffer.concat(kept), number)
    const line = isBlank(bytes, 0, bytes.length) ? [] : [{ number, bytes, length }]
    kept = []
    length = 0
    return line
  }
  for await (const chunk of store.stream(object)) {
    let start = 0
    for (let found = chunk.indexOf(10); found !== -1; found = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, found))
      yield* end()
      start = found + 1
    }
    // Copied, because the store may reuse the memory of a chunk.
    add(Buffer.from(chunk.subarray(start)))
  }
  yield* end()
}

/** Some Windows editors start UTF-8 files with these bytes. */
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

function withoutEnds(bytes: Buffer, number: number): Buffer {
  const start = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  return bytes.subarray(start, bytes.at(-1) === 13 ? -1 : undefined)
}

/** True if there is only white space from `start` to `end`, as the engines define it. */
export function isBlank(content: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = content[index] ?? 0
    if (byte !== 32 && (byte < 9 || byte > 13)) return false
  }
  return true
}
