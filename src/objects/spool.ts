import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ObjectStore, SourceObject } from './object-store.ts'

/** A file of JSON lines that the engine reads in one go. */
export interface Part {
  readonly path: string
  readonly objects: readonly SourceObject[]
  /** Records in each of `objects`; undefined if only the engine will know, which holds for a part of one object. */
  readonly records: readonly number[] | undefined
}

/** Objects up to this size are joined: opening one costs the engine more than reading it. Larger ones stay files of their own. */
const joinedBytes = 1_000_000
/** Size of a joined part, before the object that exceeds it. Bounds what lies on the disk. */
const partBytes = 64_000_000
/** Objects that are read at the same time. Bounds memory to as many times `joinedBytes`. */
const readTogether = 64
const newline = Buffer.from('\n')

/**
 * Yields the objects as files that an engine in this process can read. Small ones are joined into a file in `folder`, line by
 * line and in order; large ones are read where they lie, or put into `folder` one at a time. The folder is gone when the
 * iteration ends, however it ends.
 */
export async function* spool(
  store: ObjectStore,
  objects: readonly SourceObject[],
  folder: string,
): AsyncGenerator<Part> {
  mkdirSync(folder, { recursive: true })
  try {
    for (const object of objects.filter(({ bytes }) => bytes > joinedBytes)) {
      const copy = join(folder, object.key.endsWith('.gz') ? 'object.json.gz' : 'object.json')
      yield { path: await store.localCopy(object, copy), objects: [object], records: undefined }
      rmSync(copy, { force: true })
    }
    const path = join(folder, 'joined.json')
    for (const group of groups(objects.filter(({ bytes }) => bytes <= joinedBytes))) {
      yield { path, objects: group, records: await writeJoined(store, group, path) }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

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
      writeSync(file, Buffer.concat(contents.flatMap((content) => [content, newline])))
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
  let records = 0
  for (let start = 0; start < content.length; ) {
    const found = content.indexOf(10, start)
    const end = found === -1 ? content.length : found
    if (!isBlank(content, start, end)) records += 1
    start = end + 1
  }
  return records
}

function isBlank(content: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = content[index]
    if (byte !== 32 && byte !== 9 && byte !== 13) return false
  }
  return true
}
