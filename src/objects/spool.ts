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

/** Objects up to this size are joined: opening one costs the engine more than reading it. Larger ones are read where they lie. */
const joinedBytes = 1_000_000
/** Size of a joined part, before the object that exceeds it. */
const partBytes = 64_000_000
/** Objects that are fetched at the same time; matters for stores across a network only. */
const fetchedTogether = 64
const newline = Buffer.from('\n')

/**
 * Yields the objects as files that an engine in this process can read. Small ones are joined into files in `folder`, line by
 * line and in order; there is one such file at a time, and none when the iteration ends, however it ends.
 */
export async function* spool(
  store: ObjectStore,
  objects: readonly SourceObject[],
  folder: string,
): AsyncGenerator<Part> {
  const inPlace = (object: SourceObject) => object.bytes > joinedBytes && store.localPath(object) !== undefined
  for (const object of objects.filter(inPlace)) {
    yield { path: store.localPath(object) ?? '', objects: [object], records: undefined }
  }
  for (const group of groups(objects.filter((object) => !inPlace(object)))) {
    const path = join(folder, 'part.json')
    mkdirSync(folder, { recursive: true })
    try {
      const records = await writeJoined(store, group, path)
      yield { path, objects: group, records }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
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
    for (let start = 0; start < objects.length; start += fetchedTogether) {
      const contents = await Promise.all(
        objects.slice(start, start + fetchedTogether).map((object) => store.read(object)),
      )
      writeSync(file, Buffer.concat(contents.flatMap((content) => [content, newline])))
      records.push(...contents.map(countRecords))
    }
  } finally {
    closeSync(file)
  }
  return records
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
