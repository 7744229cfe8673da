import { createHash } from 'node:crypto'
import type { Spoiling } from './dials.ts'

/** A line that shall be inserted. */
export interface PlannedLine {
  readonly dial: string
  readonly spoiling: Spoiling
  readonly ordinal: number
  /** Bytes of the object that come before it, at least. */
  readonly after: number
}

/** A line that was inserted, with its number from 1. */
export interface InsertedLine extends PlannedLine {
  readonly number: number
  readonly bytes: number
  readonly sha256: string
}

interface Insertion {
  /** In the order of the object; complete once the transform has ended. */
  readonly injected: readonly InsertedLine[]
  transform(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer>
}

/** Bytes that are collected before they are passed on. */
const chunkBytes = 1 << 20

export function describe(content: Buffer): { bytes: number; sha256: string } {
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') }
}

const lineFeed = Buffer.from('\n')

/**
 * Inserts lines between those of an object, which has at least one, and a play if a play is to be spoiled. Each comes after a
 * good line and begins with the line feed: whoever takes the inserted lines out has the bytes from before.
 */
export function insertLines(lines: readonly PlannedLine[]): Insertion {
  const injected: InsertedLine[] = []
  let waiting = [...lines].sort((a, b) => a.after - b.after)
  let number = 0
  let offset = 0
  let play: string | undefined

  /** The good line, and what comes after it. */
  function* withInsertions(line: Buffer, isLast: boolean): Generator<Buffer> {
    yield line
    number += 1
    offset += line.length + 1
    const record = line.toString('latin1')
    if (record.includes('"page":"NextSong"')) play = record
    if (!isLast && (waiting[0]?.after ?? Number.POSITIVE_INFINITY) >= offset) return
    const held: PlannedLine[] = []
    for (const planned of waiting) {
      const template = planned.spoiling.ofPlay ? play : record
      if (template === undefined || (planned.after >= offset && !isLast)) {
        held.push(planned)
        continue
      }
      const text = Buffer.from(planned.spoiling.spoil(template, planned.ordinal), 'latin1')
      number += 1
      injected.push({ ...planned, number, ...describe(text) })
      yield lineFeed
      yield text
    }
    waiting = held
  }

  async function* transform(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let rest = Buffer.alloc(0)
    for await (const chunk of chunks) {
      const content = Buffer.concat([rest, chunk])
      let pieces: Buffer[] = []
      let collected = 0
      let start = 0
      for (let end = content.indexOf(10); end !== -1; end = content.indexOf(10, start)) {
        for (const piece of withInsertions(content.subarray(start, end), false)) {
          pieces.push(piece)
          collected += piece.length
          if (collected < chunkBytes) continue
          yield Buffer.concat(pieces)
          pieces = []
          collected = 0
        }
        pieces.push(lineFeed)
        start = end + 1
      }
      rest = content.subarray(start)
      yield Buffer.concat(pieces)
    }
    yield* withInsertions(rest, true)
  }

  return { injected, transform }
}
