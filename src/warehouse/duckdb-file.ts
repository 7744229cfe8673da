import { existsSync, rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { refusal } from '../errors.ts'
import { explainedDuckdbError, lockHolder } from './duckdb-errors.ts'
import { isIncompleteFile } from './incomplete-file.ts'

export interface DuckdbOptions {
  /** Path of the database file; `:memory:` for none. */
  readonly file: string
  /** `create` makes the file if there is none; `read` can't change it. */
  readonly access: 'create' | 'write' | 'read'
  readonly memoryLimit?: string | undefined
  readonly threads?: number | undefined
  /** How long to wait for a process that has the file open; not at all if left out. */
  readonly lockTimeoutMs?: number | undefined
  /** Called once if there is such a process; told is what is known of it, such as `PID 4711`. */
  readonly onWait?: ((holder: string) => void) | undefined
  /** Ends the running statement, or the wait, when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

const missing = (file: string) =>
  refusal(`There is no warehouse at ${file}.`, 'Run create-infrastructure and create-tables first.')

/** DuckDB would drop the log of a database that was moved away without it, and with it the loads that only the log holds. */
function verifyCreatable(file: string, access: DuckdbOptions['access']): void {
  if (access !== 'create') throw missing(file)
  if (!existsSync(`${file}.wal`)) return
  throw refusal(
    `There is no warehouse at ${file}, but a log of its last changes, ${file}.wal.`,
    'Move the log to where its database is, under the name of that, or remove it; then run create-tables again.',
  )
}

/** How often a file that is in use is tried again. */
const pauseMs = 100

/** Opens the file with `open` as soon as no other process stands in the way; where `access` is `create`, `open` makes it if there is none. */
export async function openFile<Instance>(
  { file, access, lockTimeoutMs = 0, onWait, signal }: DuckdbOptions,
  open: () => Promise<Instance>,
): Promise<Instance> {
  const start = performance.now()
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    const wasThere = existsSync(file)
    if (!wasThere) verifyCreatable(file, access)
    try {
      return await open()
    } catch (error) {
      const holder = lockHolder(error)
      if (holder === undefined) {
        if (!isIncompleteFile(file)) throw explainedDuckdbError(error, file)
        if (access !== 'create') throw missing(file)
        // It would be refused as no database the next time. Nobody is about to make it: then it would be locked.
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
