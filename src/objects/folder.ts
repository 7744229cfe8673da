import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { refusal, UserError } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'
import { attempt, piecesOf } from './file.ts'
import { isSourceKey, type ObjectStore, type SourceObject } from './object-store.ts'

/**
 * The objects below a local folder. A file's version is its size and modification time, so a touched file counts as changed.
 * Files are listed and read synchronously: of thousands of small files that is several times as fast as asking for each in turn.
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
      if (content.length !== object.bytes) throw changed(object)
      return content
    },
    stream: (object) => piecesOf(object, object.key, signal),
    localCopy: async ({ key }) => key,
    async verifyUnchanged(objects) {
      for (const object of objects) {
        if (describe(object.source, object.key).etag !== object.etag) throw changed(object)
      }
    },
  }
}

function describe(source: SourceName, key: string): SourceObject {
  const { size, mtime, mtimeMs }: Stats = attempt(key, () => statSync(key))
  return { source, key, etag: `${size}-${mtimeMs}`, bytes: size, modifiedAt: mtime.toISOString() }
}

/** Paths below a folder, relative to it, of everything that is named like a source object. */
function* filesBelow(folder: string, below: string): Generator<string> {
  const entries = attempt(join(folder, below), () => readdirSync(join(folder, below), { withFileTypes: true }))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    if (entry.name.includes('\ufffd') && !existsSync(join(folder, below, entry.name)))
      throw refusal(`${join(folder, below, entry.name)} has a name that is not UTF-8.`, 'Give it another name.')
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    const isFolder = entry.isSymbolicLink()
      ? attempt(path, () => statSync(join(folder, path))).isDirectory()
      : entry.isDirectory()
    if (isFolder) yield* filesBelow(folder, path)
    else if (isSourceKey(path)) yield path
  }
}

function changed({ key }: SourceObject): UserError {
  return new UserError(`${key} changed while it was being loaded. Nothing was loaded.`, {
    hint: 'Run etl again when it is written completely.',
  })
}
