import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskFull, refusal, systemErrorCode, UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { piecesOf } from './file.ts'
import { joinObjects, type PreparedFiles } from './join-objects.ts'
import { isGzip, type ObjectStore, type SourceObject } from './object-store.ts'
import { ObjectValidator, type ScannedObject, type ValidationOptions } from './validate-object.ts'

/** Objects up to this size are joined, because opening one takes the engine longer than reading it. */
export const joinedBytes = 1_000_000
/**
 * A statement reads objects until their bytes exceed this; for joined objects, decompressed bytes. Limits the disk space. Not less,
 * because cores are idle at the end of every statement.
 */
const partBytes = 1_100_000_000

/**
 * Yields the objects as local files. Small objects are joined, in order, into a file in `folder`; large ones are read in place, or
 * downloaded to `folder`. The folder is removed when the iteration ends, even after an error.
 *
 * Joined files, and those of `objectsToValidate`, contain only the records that can be loaded. The others are read as they are, and
 * scanned at the same time.
 */
export async function* prepareFiles(
  store: ObjectStore,
  table: StagingTable,
  objects: readonly SourceObject[],
  { folder, objectsToValidate, maxRejected, signal }: { readonly folder: string } & ValidationOptions,
): AsyncGenerator<PreparedFiles> {
  const validator = new ObjectValidator(table, maxRejected)
  verifyOwnFolder(folder)
  try {
    // A killed process may have left files there.
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
    yield* joinObjects(store, small, validator, {
      path: join(folder, 'joined.json'),
      partBytes,
      ...(signal && { signal }),
    })
    for (const group of groups(objects.filter(({ bytes }) => bytes > joinedBytes))) {
      const copies = join(folder, 'copies')
      mkdirSync(copies)
      const files: File[] = []
      for (const [index, object] of group.entries()) {
        const needsValidation = objectsToValidate.has(object)
        const path = join(copies, `${index}.json${isGzip(object) && !needsValidation ? '.gz' : ''}`)
        files.push(
          needsValidation
            ? await validatedFile(store, object, path, validator)
            : await plainFile(store, object, path, validator, signal),
        )
      }
      const results = Promise.all(files.map(({ read }) => read()))
      // If the engine fails first, its error is the one to report.
      results.catch(() => {})
      const paths = files.flatMap(({ path }) => (path === undefined ? [] : [path]))
      yield { paths, objects: group, results }
      await results.catch(() => {})
      rmSync(copies, { recursive: true })
    }
  } catch (error) {
    throw explained(error, folder)
  } finally {
    // Removing a folder needs a file handle. If none is free, reads that end soon free some. A folder that stays does no harm, and an
    // earlier error matters more.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => {})
  }
}

/** @throws UserError if the folder of a killed load has files that no load puts there. */
export function verifyOwnFolder(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  const foreign = names.find((name) => !/^(joined\.json|copies(\/\d+\.json(\.gz)?)?)$/.test(name))
  if (foreign !== undefined)
    throw refusal(`${join(folder, foreign)} is not a file of this project, so it is not removed.`, 'Move it away.')
}

/** A UserError if the error is about the folder. */
function explained(error: unknown, folder: string): unknown {
  const code = systemErrorCode(error) ?? ''
  if (code === 'ENOSPC') return diskFull(folder, error)
  const isOurs = error instanceof Error && 'path' in error && String(error.path).startsWith(dirname(folder))
  if (!isOurs || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EFBIG'].includes(code)) return error
  return new UserError(`Can't write to ${folder} (${code}). Nothing was loaded.`, {
    hint: 'Allow writing there, or use another folder: on DuckDB set DATABASE in the config, on Redshift the variable TMPDIR.',
    cause: error,
  })
}

/** The objects of each statement. */
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

/** A large object as a file; `path` is undefined if none of its records can be loaded. */
interface File {
  readonly path: string | undefined
  read(): Promise<ScannedObject>
}

async function plainFile(
  store: ObjectStore,
  object: SourceObject,
  path: string,
  validator: ObjectValidator,
  signal: AbortSignal | undefined,
): Promise<File> {
  const copy = await store.localCopy(object, path)
  const read = () => validator.validate(object, () => piecesOf(object, copy, signal))
  if (!isGzip(object) || copy.endsWith('.gz')) return { path: copy, read }
  // DuckDB takes a file for compressed only if its name ends with .gz in lower case.
  symlinkSync(copy, path)
  return { path, read }
}

async function validatedFile(
  store: ObjectStore,
  object: SourceObject,
  path: string,
  validator: ObjectValidator,
): Promise<File> {
  const file = openSync(path, 'w')
  try {
    const result = await validator.validate(
      object,
      () => store.stream(object),
      (lines) => writeFileSync(file, lines),
    )
    return { path: result.records > 0 ? path : undefined, read: async () => result }
  } finally {
    closeSync(file)
  }
}
