import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemErrorCode, UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { piecesOf } from './file.ts'
import { joinObjects } from './join-objects.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import type { PreparedFiles, ScannedObject } from './prepared-files.ts'
import { QuickScan } from './quick-scan.ts'
import type { ValidationOptions } from './validate-object.ts'
import { validateObject } from './validate-object.ts'

/** Objects up to this size are joined: opening one costs the engine more than reading it. Larger ones stay files of their own. */
export const joinedBytes = 1_000_000
/**
 * Bytes read in one statement, before the object that exceeds them; decompressed for joined objects. Bounds the disk space. One
 * statement over many files keeps all cores busy to its end; several statements each have an end where cores wait.
 */
const partBytes = 1_100_000_000

/**
 * Yields the objects as files that an engine in this process can read. Small ones are joined, in order, into a file in `folder`;
 * large ones are read where they lie, or downloaded to `folder`. The folder is removed when the iteration ends, however it ends.
 *
 * Validates every record of `objectsToValidate`, and of small objects that look suspicious: the files hold only those that can be
 * loaded.
 */
export async function* prepareFiles(
  store: ObjectStore,
  table: StagingTable,
  objects: readonly SourceObject[],
  { folder, ...options }: { readonly folder: string } & ValidationOptions,
): AsyncGenerator<PreparedFiles> {
  try {
    // A killed process may have left files there.
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
    yield* joinObjects(store, table, small, { path: join(folder, 'joined.json'), partBytes, ...options })
    for (const group of groups(objects.filter(({ bytes }) => bytes > joinedBytes))) {
      const copies = join(folder, 'copies')
      mkdirSync(copies)
      const files: File[] = []
      for (const [index, object] of group.entries()) {
        const needsValidation = options.objectsToValidate.has(object)
        const path = join(copies, `${index}.json${object.key.endsWith('.gz') && !needsValidation ? '.gz' : ''}`)
        files.push(
          needsValidation
            ? await validatedFile(store, table, object, path, options)
            : await plainFile(store, table, object, path, options),
        )
      }
      const results = Promise.all(files.map(({ read }) => read()))
      // If the engine fails first, its error is the one to report.
      results.catch(() => {})
      yield { paths: files.flatMap(({ path }) => (path === undefined ? [] : [path])), objects: group, results }
      await results.catch(() => {})
      rmSync(copies, { recursive: true })
    }
  } catch (error) {
    throw explained(error, folder)
  } finally {
    // Listing a folder takes a file handle; if none is left, reads that end return some. If the folder stays all the same, it does no
    // harm, and an earlier error matters more.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => {})
  }
}

/** The error as a sentence if it is about the folder. */
function explained(error: unknown, folder: string): unknown {
  const code = systemErrorCode(error) ?? ''
  if (code === 'ENOSPC')
    return new UserError(`There is no room left on the disk of ${folder}. Nothing was loaded.`, {
      hint: 'Free some space and run etl again.',
      cause: error,
    })
  const isOurs = error instanceof Error && 'path' in error && String(error.path).startsWith(dirname(folder))
  if (!isOurs || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code)) return error
  return new UserError(`Nothing can be written to ${folder} (${code}). Nothing was loaded.`, {
    hint: 'It is beside the database on DuckDB, and in the folder that TMPDIR names on Redshift. Allow writing there, or name another.',
    cause: error,
  })
}

/** Groups objects into statements. */
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

/** A large object as a file; none if no record of it can be loaded. */
interface File {
  readonly path: string | undefined
  read(): Promise<ScannedObject>
}

async function plainFile(
  store: ObjectStore,
  table: StagingTable,
  object: SourceObject,
  path: string,
  { signal }: ValidationOptions,
): Promise<File> {
  const copy = await store.localCopy(object, path)
  return {
    path: copy,
    async read() {
      const scan = new QuickScan(table)
      try {
        for await (const piece of piecesOf(object, copy, signal)) scan.add(piece)
      } catch (error) {
        if (!(error instanceof UnreadableObject)) throw error
        return { records: 0, rejected: [], isSuspicious: true }
      }
      const { records, isSuspicious } = scan.finish()
      return { records, rejected: [], isSuspicious }
    },
  }
}

async function validatedFile(
  store: ObjectStore,
  table: StagingTable,
  object: SourceObject,
  path: string,
  { maxRejected }: ValidationOptions,
): Promise<File> {
  const file = openSync(path, 'w')
  try {
    const screened = await validateObject(store, table, object, {
      maxRejected,
      write: (lines) => writeFileSync(file, lines),
    })
    return {
      path: screened.records > 0 ? path : undefined,
      read: async () => ({ ...screened, isSuspicious: false }),
    }
  } finally {
    closeSync(file)
  }
}
