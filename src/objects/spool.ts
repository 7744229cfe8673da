import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemErrorCode, UserError } from '../errors.ts'
import { isBlank } from './lines.ts'
import type { ObjectStore, SourceObject } from './object-store.ts'

/** Files of JSON lines that the engine reads in one go. */
export interface Part {
  readonly paths: readonly string[]
  readonly objects: readonly SourceObject[]
  /** How many records each of `objects` holds, in their order. Large files are counted while the engine reads them. */
  readonly records: Promise<readonly number[]>
}

/** Objects up to this size are joined: opening one costs the engine more than reading it. Larger ones stay files of their own. */
const joinedBytes = 1_000_000
/** Size of a part that is put on the disk, before the object that exceeds it. Bounds what lies there. */
const partBytes = 256_000_000
/** Objects that are read at the same time. Bounds memory to as many times `joinedBytes`. */
const readTogether = 64
const newline = Buffer.from('\n')

/**
 * Yields the objects as files that an engine in this process can read. Small ones are joined into a file in `folder`, line by
 * line and in order; large ones are read where they lie, or are put into `folder`. The folder is gone when the iteration
 * ends, however it ends.
 */
export async function* spool(
  store: ObjectStore,
  objects: readonly SourceObject[],
  folder: string,
): AsyncGenerator<Part> {
  try {
    // What a process left there that was killed.
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    for (const group of groups(objects.filter(({ bytes }) => bytes <= joinedBytes))) {
      const path = join(folder, 'joined.json')
      const records = await writeJoined(store, group, path)
      yield { paths: [path], objects: group, records: Promise.resolve(records) }
      rmSync(path)
    }
    for (const group of groups(objects.filter(({ bytes }) => bytes > joinedBytes))) {
      const copies = join(folder, 'copies')
      mkdirSync(copies)
      const paths = await Promise.all(
        group.map((object, index) => store.localCopy(object, join(copies, copyName(object, index)))),
      )
      const records = Promise.all(group.map((object) => countStreamed(store.stream(object))))
      // If the engine fails first, that is the error to tell.
      records.catch(() => {})
      yield { paths, objects: group, records }
      await records
      rmSync(copies, { recursive: true })
    }
  } catch (error) {
    throw systemErrorCode(error) === 'ENOSPC' ? noRoom(folder, error) : error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function noRoom(folder: string, cause: unknown): UserError {
  return new UserError(`There is no room left on the disk of ${folder}. Nothing was loaded.`, {
    hint: 'Free some space and run etl again.',
    cause,
  })
}

const copyName = ({ key }: SourceObject, index: number) => `${index}.json${key.endsWith('.gz') ? '.gz' : ''}`

function* groups(objects: readonly SourceObject[]): Generator<SourceObject[]> {
  let group: SourceObject[] = []
  let bytes = 0
  for (const object of objects) {
    group.push(object)
    bytes += object.bytes
    if (bytes < partBytes) continue
    yield group
    group = []
    bytes = 0
  }
  if (group.length > 0) yield group
}

/** Writes the objects one after the other, each ended by a newline, and counts the records of each. */
async function writeJoined(store: ObjectStore, objects: readonly SourceObject[], path: string): Promise<number[]> {
  const records: number[] = []
  const file = openSync(path, 'w')
  try {
    for await (const contents of readInOrder(store, objects)) {
      // writeSync would write a part and say so, not fail, where the disk has room for no more.
      writeFileSync(file, Buffer.concat(contents.flatMap((content) => [content, newline])))
      records.push(...contents.map(countRecords))
    }
  } finally {
    closeSync(file)
  }
  return records
}

/** The contents in order, as many at once as have arrived. Several reads are always under way, which a network needs. */
async function* readInOrder(store: ObjectStore, objects: readonly SourceObject[]): AsyncGenerator<Buffer[]> {
  const underWay: Promise<Buffer>[] = []
  const half = readTogether / 2
  for (const object of objects) {
    const read = store.read(object)
    // A read that fails while an earlier one is awaited must not end the process; it is awaited in its turn.
    read.catch(() => {})
    underWay.push(read)
    if (underWay.length === readTogether) yield await Promise.all(underWay.splice(0, half))
  }
  if (underWay.length > 0) yield await Promise.all(underWay)
}

/** Lines that hold more than white space. */
export function countRecords(content: Buffer): number {
  const counter = new RecordCounter()
  counter.add(content)
  return counter.finish()
}

/** The same of content that comes in pieces. */
export async function countStreamed(pieces: AsyncIterable<Buffer>): Promise<number> {
  const counter = new RecordCounter()
  for await (const piece of pieces) counter.add(piece)
  return counter.finish()
}

class RecordCounter {
  private records = 0
  private isBlank = true

  add(piece: Buffer): void {
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(10, start)
      const end = found === -1 ? piece.length : found
      this.isBlank &&= isBlank(piece, start, end)
      start = end + 1
      if (found !== -1) this.endLine()
    }
  }

  finish(): number {
    this.endLine()
    return this.records
  }

  private endLine(): void {
    if (!this.isBlank) this.records += 1
    this.isBlank = true
  }
}
