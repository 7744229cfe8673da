import { existsSync, rmSync, statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { refusal } from '../errors.ts'
import { explainedDuckdbError, lockHolder } from './duckdb-errors.ts'
import { isIncompleteFile } from './incomplete-file.ts'

export interface DuckdbOptions {
  /** Path of the database file; `:memory:` for none. */
  readonly file: string
  /** `create` creates the file if it doesn't exist; `read` can't change it. */
  readonly access: 'create' | 'write' | 'read'
  readonly memoryLimit?: string | undefined
  readonly threads?: number | undefined
  /** How long to wait for another process that has the file open; 0 if left out. */
  readonly lockTimeoutMs?: number | undefined
  /** Called once when it has to wait, with the other process, such as `PID 4711`. */
  readonly onWait?: ((holder: string) => void) | undefined
  /** Called several times a second while a statement runs, with the share that is done, in percent. */
  readonly onProgress?: ((percent: number) => void) | undefined
  /** Aborting it ends the running statement or the wait. */
  readonly signal?: AbortSignal | undefined
}

const missing = (file: string) => refusal(`There is no warehouse at ${file}.`, 'Create it first: npm run create-tables')

/** If only the log of a database is left, DuckDB would delete it, and with it the loads that only the log contains. */
function verifyCreatable(file: string, access: DuckdbOptions['access']): void {
  if (access !== 'create') throw missing(file)
  if (!existsSync(`${file}.wal`)) return
  throw refusal(
    `There is no warehouse at ${file}, but there is a log of its last changes: ${file}.wal.`,
    'Move the log next to its database and give it the same name, or remove it. Then run: npm run create-tables',
  )
}

/** Time between two tries to open a file that is in use. */
const pauseMs = 100

/**
 * Opens the file with `open` as soon as no other process has it open. With access `create`, `open` creates a missing file.
 *
 * @throws UserError if the file is missing, still in use after `lockTimeoutMs`, or can't be opened.
 */
export async function openFile<Instance>(
  { file, access, lockTimeoutMs = 0, onWait, signal }: DuckdbOptions,
  open: () => Promise<Instance>,
): Promise<Instance> {
  const start = performance.now()
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    const wasThere = existsSync(file)
    if (wasThere && !statSync(file).isFile() && !statSync(file).isDirectory())
      throw refusal(`The warehouse ${file} is not a regular file.`, 'Set DATABASE in the config to a file.')
    if (!wasThere) verifyCreatable(file, access)
    try {
      return await open()
    } catch (error) {
      const holder = lockHolder(error)
      if (holder === undefined) {
        if (!isIncompleteFile(file)) throw explainedDuckdbError(error, file)
        if (access !== 'create') throw missing(file)
        // DuckDB would never open an incomplete file. No other process is creating it: then it would be locked.
        rmSync(file)
        if (!wasThere) throw explainedDuckdbError(error, file)
        continue
      }
      if (performance.now() - start >= lockTimeoutMs) throw explainedDuckdbError(error, file)
      if (attempt === 1) onWait?.(holder)
      await wait(pauseMs, undefined, { signal })
    }
  }
}
