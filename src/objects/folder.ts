import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { refusal, systemErrorCode } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'
import { piecesOf, problemOf, readingFile, readingFolder } from './file.ts'
import { kindOf, type ObjectStore, ObjectsUnavailable, otherName, type SourceObject } from './object-store.ts'

/**
 * The objects below a local folder. A file's version is its size and modification time, so a touched file counts as changed.
 * Files are listed and read synchronously: for thousands of small files that is several times as fast.
 */
export function folderStore(folder: string, signal?: AbortSignal): ObjectStore {
  return {
    pinsVersions: false,
    async list(source) {
      const objects: SourceObject[] = []
      const skipped: { key: string; reason: string }[] = []
      for (const path of [...filesBelow(folder, '')].sort()) {
        const key = join(folder, path)
        const isOther = kindOf(path) === 'other'
        try {
          const object = describe(source, key)
          if (object.bytes > 0 && isOther) skipped.push({ key, reason: otherName })
          else if (object.bytes > 0) objects.push(object)
        } catch (error) {
          const code = systemErrorCode(error)
          // A file that has just been removed isn't worth a word.
          if (code === undefined || (code === 'ENOENT' && !lstatSync(key, { throwIfNoEntry: false }))) continue
          skipped.push({ key, reason: problemOf(code) })
        }
      }
      return { objects, skipped }
    },
    async read(object) {
      const content = readingFile(object, () => readFileSync(object.key))
      if (content.length !== object.bytes) throw new ObjectsUnavailable([object])
      return content
    },
    stream: (object) => piecesOf(object, object.key, signal),
    localCopy: async ({ key }) => key,
    async verifyUnchanged(objects) {
      const changed = objects.filter(
        (object) => readingFile(object, () => describe(object.source, object.key).etag) !== object.etag,
      )
      if (changed.length > 0) throw new ObjectsUnavailable(changed)
    },
  }
}

/** The version has whole milliseconds, because runtimes give different fractions of them. */
function describe(source: SourceName, key: string): SourceObject {
  const { size, mtime } = statSync(key)
  return { source, key, etag: `${size}-${mtime.getTime()}`, bytes: size, modifiedAt: mtime.toISOString() }
}

/** Relative paths of all files below a folder that aren't hidden. */
function* filesBelow(folder: string, below: string): Generator<string> {
  const entries = readingFolder(join(folder, below), (path) => readdirSync(path, { withFileTypes: true }))
  for (const entry of entries) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (kindOf(path) === 'hidden') continue
    if (entry.name.includes('\ufffd') && !existsSync(join(folder, path)))
      throw refusal(`${join(folder, path)} has a name that is not UTF-8.`, 'Rename it.')
    if (entry.isSymbolicLink() ? leadsToFolder(join(folder, path)) : entry.isDirectory())
      yield* filesBelow(folder, path)
    else yield path
  }
}

function leadsToFolder(link: string): boolean {
  try {
    return statSync(link).isDirectory()
  } catch {
    return false
  }
}
