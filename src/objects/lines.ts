import { isUtf8 } from 'node:buffer'
import type { ObjectStore, SourceObject } from './object-store.ts'

/** A record of an object, with its line from 1. */
export interface Line {
  readonly number: number
  readonly text: string
  /** False if its bytes are no UTF-8; then U+FFFD stands in the text for what could not be read. */
  readonly isUtf8: boolean
}

/** The records of an object one by one, without holding all of it. Blank lines count but are not yielded. */
export async function* linesOf(store: ObjectStore, object: SourceObject): AsyncGenerator<Line> {
  let number = 0
  let pieces: Buffer[] = []
  for await (const chunk of store.stream(object)) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      number += 1
      yield* line(number, [...pieces, chunk.subarray(start, end)])
      pieces = []
      start = end + 1
    }
    pieces.push(chunk.subarray(start))
  }
  yield* line(number + 1, pieces)
}

function* line(number: number, pieces: readonly Buffer[]): Generator<Line> {
  const bytes = Buffer.concat(pieces)
  if (isBlank(bytes, 0, bytes.length)) return
  yield { number, text: bytes.toString('utf8').replace(/\r$/, ''), isUtf8: isUtf8(bytes) }
}

/** True if there is only white space between the two places: the bytes that the engines skip too. */
export function isBlank(content: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = content[index] ?? 0
    if (byte !== 32 && (byte < 9 || byte > 13)) return false
  }
  return true
}
