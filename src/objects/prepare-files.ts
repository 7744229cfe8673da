import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { systemErrorCode, UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { piecesOf } from './file.ts'
import { joinObjects } from './join.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import { Scan } from './quick-scan.ts'
import { type Screened, screen } from './validate-object.ts'

/** Files of JSON lines that an engine reads in one go. */
export interface Part {
  /** None if no record of the objects can be loaded. */
  readonly paths: readonly string[]
  readonly objects: readonly SourceObject[]
  /** What became of the records of each of `objects`, in their order. Large files are scanned while the engine reads them. */
  readonly readings: Promise<readonly Reading[]>
}

export interface Reading extends Screened {
  /** True if the engine may have taken a record of it that it must not: the object has to be screened. */
  readonly isSuspicious: boolean
}

/** Which objects are screened, how many of the records of one may be refused, and what ends it all. */
export interface Screening {
  readonly suspects: ReadonlySet<SourceObject>
  readonly maxRefused: number
  readonly signal?: AbortSignal
}

/** Objects up to this size are joined: opening one costs the engine more than reading it. Larger ones stay files of their own. */
export const joinedBytes = 1_000_000
/**
 * Size of a part, before the object that exceeds it; of joined objects, decompressed. Bounds what is put on the disk. One statement over many files keeps all
 * cores busy to its end, several have an end each.
 */
const partBytes = 1_100_000_000

/**
 * Yields the objects as files that an engine in this process can read. Small ones are joined into a file in `folder`, line by
 * line and in order; large ones are read where they lie, or are put into `folder`. The folder is gone when the iteration
 * ends, however it ends.
 *
 * Every record of the `suspects`, and of small objects that look suspicious, is screened: the files hold only those that can be loaded.
 */
export async function* spool(
  store: ObjectStore,
  table: StagingTable,
  objects: readonly SourceObject[],
  { folder, ...options }: { readonly folder: string } & Screening,
): AsyncGenerator<Part> {
  try {
    // What a process left there that was killed.
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
    yield* joinObjects(store, table, small, { path: join(folder, 'joined.json'), partBytes, ...options })
    for (const group of groups(objects.filter(({ bytes }) => bytes > joinedBytes))) {
      const copies = join(folder, 'copies')
      mkdirSync(copies)
      const files: File[] = []
      for (const [index, object] of group.entries()) {
        const isSuspect = options.suspects.has(object)
        const path = join(copies, `${index}.json${object.key.endsWith('.gz') && !isSuspect ? '.gz' : ''}`)
        files.push(
          isSuspect
            ? await screenedFile(store, table, object, path, options)
            : await plainFile(store, table, object, path, options),
        )
      }
      const readings = Promise.all(files.map(({ read }) => read()))
      // If the engine fails first, that is the error to tell.
      readings.catch(() => {})
      yield { paths: files.flatMap(({ path }) => (path === undefined ? [] : [path])), objects: group, readings }
      await readings.catch(() => {})
      rmSync(copies, { recursive: true })
    }
  } catch (error) {
    throw explained(error, folder)
  } finally {
    // To look into a folder takes a file handle; where there is none left, reads that end give some back. What stays nevertheless
    // is in nobody's way, and there may be a better error to tell.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 }).catch(() => {})
  }
}

/** What is wrong with the folder; an error that is not about it as it is. */
function explained(error: unknown, folder: string): unknown {
  const code = systemErrorCode(error) ?? ''
  if (code === 'ENOSPC') return noRoom(folder, error)
  const isOurs = error instanceof Error && 'path' in error && String(error.path).startsWith(dirname(folder))
  if (!isOurs || !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code)) return error
  return new UserError(`Nothing can be written to ${folder} (${code}). Nothing was loaded.`, {
    hint: 'It lies beside the database on DuckDB, in the folder that TMPDIR names on Redshift: let it be written by you, or name another.',
    cause: error,
  })
}

function noRoom(folder: string, cause: unknown): UserError {
  return new UserError(`There is no room left on the disk of ${folder}. Nothing was loaded.`, {
    hint: 'Free some space and run etl again.',
    cause,
  })
}

/** Objects in groups that make one part each. */
export function* groups(objects: readonly SourceObject[]): Generator<SourceObject[]> {
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
  read(): Promise<Reading>
}

async function plainFile(
  store: ObjectStore,
  table: StagingTable,
  object: SourceObject,
  path: string,
  { signal }: Screening,
): Promise<File> {
  const copy = await store.localCopy(object, path)
  return {
    path: copy,
    async read() {
      const scan = new Scan(table)
      try {
        for await (const piece of piecesOf(object, copy, signal)) scan.add(piece)
      } catch (error) {
        if (!(error instanceof UnreadableObject)) throw error
        return { records: 0, refused: [], isSuspicious: true }
      }
      const { records, isSuspicious } = scan.finish()
      return { records, refused: [], isSuspicious }
    },
  }
}

async function screenedFile(
  store: ObjectStore,
  table: StagingTable,
  object: SourceObject,
  path: string,
  { maxRefused }: Screening,
): Promise<File> {
  const file = openSync(path, 'w')
  try {
    const screened = await screen(store, table, object, { maxRefused, write: (lines) => writeFileSync(file, lines) })
    return {
      path: screened.records > 0 ? path : undefined,
      read: async () => ({ ...screened, isSuspicious: false }),
    }
  } finally {
    closeSync(file)
  }
}
