import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { refusal, UserError } from '../errors.ts'
import type { Value } from '../schema/index.ts'
import { duckdb, sql } from '../sql-queries/index.ts'
import { exactNumber } from './values.ts'
import type { Warehouse } from './warehouse.ts'

export interface DuckdbOptions {
  /** Path of the database file; `:memory:` for none. */
  readonly file: string
  /** `create` makes the file if there is none; `read` can't change it. */
  readonly access: 'create' | 'write' | 'read'
  readonly memoryLimit?: string | undefined
  readonly threads?: number | undefined
  /** Ends the running statement when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens a DuckDB file.
 *
 * @throws UserError if it is missing, locked by another process, not a database, of a newer DuckDB, or may not be read.
 */
export async function openDuckdb(options: DuckdbOptions): Promise<Warehouse> {
  const { file, access, memoryLimit, threads, signal } = options
  if (access !== 'create' && !existsSync(file))
    throw refusal(`There is no warehouse at ${file}.`, 'Run create-infrastructure and create-tables first.')
  // DuckDB reads a question mark as the start of parameters, and puts its write-ahead log into another folder.
  if (file.includes('?'))
    throw refusal(
      `The warehouse ${file} can't lie at a path with a question mark.`,
      'Name another file as DATABASE in the config.',
    )
  const isNew = !existsSync(file)
  let instance: DuckDBInstance
  try {
    instance = await DuckDBInstance.create(file, {
      access_mode: access === 'read' ? 'READ_ONLY' : 'READ_WRITE',
      ...(memoryLimit && { memory_limit: memoryLimit }),
      ...(threads && { threads: String(threads) }),
      // Nothing is fetched from the network behind the user's back.
      autoinstall_known_extensions: 'false',
      // Who only reads the warehouse reads and writes no other file either.
      ...(access === 'read' && { enable_external_access: 'false' }),
    })
  } catch (error) {
    // What is left of a file that could not be made is no database, and would be refused as one the next time.
    if (isNew && existsSync(file)) rmSync(file)
    throw explained(error, file)
  }
  const connection = await instance.connect()
  const interrupt = () => connection.interrupt()
  signal?.addEventListener('abort', interrupt)

  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      throw explained(error, file)
    }
  }
  return {
    dialect: duckdb,
    query: (statement) =>
      attempt(async () => {
        const { count } = await connection.extractStatements(statement)
        if (count !== 1) throw refusal(`${count} statements are not one query.`, 'Ask one at a time.')
        const rows = (await connection.runAndReadAll(statement)).getRowObjects()
        return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
      }),
    execute: (statement) => attempt(async () => (await connection.run(statement)).rowsChanged),
    transaction: (work) => transaction(connection, attempt, work),
    // The file is locked: there is no other writer.
    async lock() {},
    insertRows: (table, rows) =>
      attempt(async () => {
        const appender = await connection.createAppender(table.name)
        for (const row of rows) {
          for (const [index, value] of row.entries()) append(appender, value, table.columns[index]?.type)
          appender.endRow()
        }
        appender.closeSync()
      }),
    // A file costs nothing while nobody asks it.
    async rest() {},
    async close() {
      signal?.removeEventListener('abort', interrupt)
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function transaction<Result>(
  connection: DuckDBConnection,
  attempt: <R>(work: () => Promise<R>) => Promise<R>,
  work: () => Promise<Result>,
): Promise<Result> {
  await attempt(() => connection.run(sql`begin`))
  try {
    const result = await work()
    await attempt(() => connection.run(sql`commit`))
    return result
  } catch (error) {
    // A statement that failed may have ended the transaction already; the first error is the one to tell.
    await connection.run(sql`rollback`).catch(() => {})
    throw error
  }
}

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>

function append(appender: Appender, value: Value, type: string | undefined): void {
  if (value === null) appender.appendNull()
  else if (typeof value === 'boolean') appender.appendBoolean(value)
  else if (type === 'timestamp')
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(String(value))) * 1000n))
  else if (type === 'bigint') appender.appendBigInt(BigInt(value))
  else if (type === 'integer') appender.appendInteger(Number(value))
  else if (type === 'double') appender.appendDouble(Number(value))
  else appender.appendVarchar(String(value))
}

/** A DuckDB value as JSON has it. */
function plain(value: DuckDBValue): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof DuckDBDecimalValue) return exactNumber(value.toString())
  if (value instanceof DuckDBTimestampValue) return isoInstant(value.micros)
  if (value instanceof DuckDBDateValue) return value.toString()
  return String(value)
}

function isoInstant(micros: bigint): string {
  const milliseconds = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  return new Date(Number(milliseconds)).toISOString()
}

/** What DuckDB's own errors mean to the person who runs the command. */
function explained(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error
  const text = error.message
  const folder = dirname(file)
  const known: [pattern: RegExp, message: string, hint: string, exitCode?: 1 | 2][] = [
    [
      /Could not set lock on file/,
      `The warehouse ${file} is in use by another process${/PID (\d+)/.exec(text)?.[0] ? ` (${/PID (\d+)/.exec(text)?.[0]})` : ''}.`,
      'Wait until it is done, or end it, and run this again.',
    ],
    [
      /not a valid DuckDB database file/,
      `The file ${file} is not a DuckDB database.`,
      'Move it away, or name another file as DATABASE in the config.',
      2,
    ],
    [
      /newer version|version number .* but we can only read/i,
      `The file ${file} was written by a newer DuckDB than the one installed here.`,
      'Update this project (git pull, npm ci).',
      2,
    ],
    [
      /No space left|disk (is )?full|failed to (offload|write)|ENOSPC|max_temp_directory_size/i,
      `There is no room left on the disk of ${folder}. Nothing was changed.`,
      'Free some space and run this again.',
    ],
    [
      /Out of Memory/i,
      'DuckDB needs more memory than its limit. Nothing was changed.',
      'Raise MEMORY_LIMIT or lower BATCH_BYTES in the config.',
    ],
    [
      /Too many open files/i,
      'The system allows no more open files. Nothing was changed.',
      'Raise the limit (ulimit -n) and run this again.',
    ],
    [
      /Permission denied|read-only file system/i,
      `The warehouse ${file} may not be opened by you.`,
      'Check its permissions and those of its folder.',
    ],
    [/Is a directory/, `The warehouse ${file} is a folder.`, 'Name a file as DATABASE in the config.', 2],
    [
      /Cannot open file .*No such file or directory/,
      `The folder ${folder} does not exist.`,
      'Run create-infrastructure first.',
      2,
    ],
    [
      /Cannot open file .*Not a directory/,
      `The folder ${folder} can't be: a part of its path is a file.`,
      'Name another file as DATABASE in the config.',
      2,
    ],
  ]
  const match = known.find(([pattern]) => pattern.test(text))
  return match ? new UserError(match[1], { hint: match[2], exitCode: match[3] ?? 1, cause: error }) : error
}
