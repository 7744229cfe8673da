import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { refusal } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'
import { attempt, piecesOf } from './file.ts'
import { changedObject, isSourceKey, type ObjectStore, type SourceObject } from './object-store.ts'

/**
 * The objects below a local folder. A file's version is its size and modification time, so a touched file counts as changed.
 * Files are listed and read synchronously: for thousands of small files that is several times as fast.
 */
export function folderStore(folder: string, signal?: AbortSignal): ObjectStore {
  return {
    pinsVersions: false,
    async list(source) {
      return [...filesBelow(folder, '')].sort().flatMap((path) => {
        const object = describe(source, join(folder, path))
        return object.bytes > 0 ? [object] : []
      })
    },
    async read(object) {
      const content = attempt(object.key, () => readFileSync(object.key))
      if (content.length !== object.bytes) throw changedObject(object)
      return content
    },
    stream: (object) => piecesOf(object, object.key, signal),
    localCopy: async ({ key }) => key,
    async verifyUnchanged(objects) {
      for (const object of objects) {
        if (describe(object.source, object.key).etag !== object.etag) throw changedObject(object)
      }
    },
  }
}

function describe(source: SourceName, key: string): SourceObject {
  const { size, mtime, mtimeMs }: Stats = attempt(key, () => statSync(key))
  return { source, key, etag: `${size}-${mtimeMs}`, bytes: size, modifiedAt: mtime.toISOString() }
}

/** Relative paths of all files below a folder that are named like source objects. */
function* filesBelow(folder: string, below: string): Generator<string> {
  const entries = attempt(join(folder, below), () => readdirSync(join(folder, below), { withFileTypes: true }))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    if (entry.name.includes('\ufffd') && !existsSync(join(folder, below, entry.name)))
      throw refusal(`${join(folder, below, entry.name)} has a name that is not UTF-8.`, 'Rename it.')
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    const isFolder = entry.isSymbolicLink()
      ? attempt(path, () => statSync(join(folder, path))).isDirectory()
      : entry.isDirectory()
    if (isFolder) yield* filesBelow(folder, path)
    else if (isSourceKey(path)) yield path
  }
}
