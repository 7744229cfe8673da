import type { ObjectStore, SourceObject } from './object-store.ts'

/** A record of an object, with its line from 1. */
export interface Line {
  readonly number: number
  readonly text: string
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
  const text = Buffer.concat(pieces).toString('utf8').replace(/\r$/, '')
  if (text.trim() !== '') yield { number, text }
}
