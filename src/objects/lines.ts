import type { ObjectStore, SourceObject } from './object-store.ts'

/** The longest record there may be, in bytes: Redshift's limit of a row that COPY takes. */
export const maxRecordBytes = 4_194_304
/** What is kept of a line that is longer than anything a record may be. Bounds memory where an object has no line ends. */
const keptBytes = 4 * maxRecordBytes

/** A record of an object, with its line from 1. */
export interface Line {
  readonly number: number
  /** Without the CR at its end and the byte order mark of the object; the first 16 MiB of a longer one. */
  readonly bytes: Buffer
  /** How many bytes there were, the end of the line left out. */
  readonly length: number
}

/** The records of an object one by one, without holding all of it. Blank lines count but are not yielded. */
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
    // Of the store's memory only until the next chunk.
    add(Buffer.from(chunk.subarray(start)))
  }
  yield* end()
}

/** What an editor on Windows puts at the start of a file to say that it is UTF-8. */
export const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf])

function withoutEnds(bytes: Buffer, number: number): Buffer {
  const start = number === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0
  return bytes.subarray(start, bytes.at(-1) === 13 ? -1 : undefined)
}

/** True if there is only white space between the two places: the bytes that the engines skip too. */
export function isBlank(content: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = content[index] ?? 0
    if (byte !== 32 && (byte < 9 || byte > 13)) return false
  }
  return true
}
