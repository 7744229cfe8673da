import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type { ObjectStore, SourceObject } from './object-store.ts'

/** A record of an object, with its line from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/** The records of an object one by one, without holding the whole object where it lies on this machine. Blank lines count but are not yielded. */
export async function* linesOf(store: ObjectStore, object: SourceObject): AsyncGenerator<Line> {
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunksOf(store, object)) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      number += 1
      yield* line(number, Buffer.concat([rest, chunk.subarray(start, end)]))
      rest = Buffer.alloc(0)
      start = end + 1
    }
    rest = Buffer.concat([rest, chunk.subarray(start)])
  }
  yield* line(number + 1, rest)
}

function* line(number: number, bytes: Buffer): Generator<Line> {
  const text = bytes.toString('utf8').replace(/\r$/, '')
  if (text.trim() !== '') yield { number, text }
}

async function* chunksOf(store: ObjectStore, object: SourceObject): AsyncGenerator<Buffer> {
  const path = store.localPath(object)
  if (path === undefined) yield await store.read(object)
  else {
    const file = createReadStream(path, { highWaterMark: 1_000_000 })
    yield* path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  }
}
