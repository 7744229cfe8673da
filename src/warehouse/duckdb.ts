import { availableParallelism, totalmem } from 'node:os'
import {
  DuckDBArrayValue,
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBResultReader,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { textDecoder } from '@duckdb/node-api/lib/vectors/dataAccessors.js'
import { refusal } from '../errors.ts'
import type { Row, Value } from '../schema/index.ts'
import { duckdb } from '../sql-queries/index.ts'
import { explainedDuckdbError } from './duckdb-errors.ts'
import { type DuckdbOptions, openFile } from './duckdb-file.ts'
import { exactNumber } from './values.ts'
import { inTransaction, type ResultColumn, type Warehouse } from './warehouse.ts'

// The client's own decoder would drop a byte order mark that a text begins with.
const exactDecoder = new TextDecoder('utf-8', { ignoreBOM: true })
textDecoder.decode = exactDecoder.decode.bind(exactDecoder)

/**
 * Opens a DuckDB file. While one process writes, no other can have the file open; the second one waits up to `lockTimeoutMs`.
 *
 * @throws UserError if the file is missing, locked by another process, not a database, of a newer DuckDB, or not readable.
 */
export async function openDuckdb(options: DuckdbOptions): Promise<Warehouse> {
  const { file, access, memoryLimit, threads, signal, onProgress } = options
  const limit = memoryLimit ?? (access === 'read' ? undefined : writersMemory(threads))
  const settings = {
    access_mode: access === 'read' ? 'READ_ONLY' : 'READ_WRITE',
    ...(limit && { memory_limit: limit }),
    ...(threads && { threads: String(threads) }),
    // DuckDB must not download extensions.
    autoinstall_known_extensions: 'false',
    // No statement relies on the order of rows. Without it, each core writes its own blocks while the statement runs.
    ...(access !== 'read' && { preserve_insertion_order: 'false' }),
    // New files store text smaller, and faster to write and read. DuckDB 1.3 and newer can open them.
    storage_compatibility_version: 'v1.3.0',
    // With read access, queries can't read or write other files either.
    ...(access === 'read' && { enable_external_access: 'false' }),
  }
  const instance = await openFile(options, () => DuckDBInstance.create(file, settings))
  const connection = await instance.connect()
  if (onProgress)
    for (const setting of ['enable_progress_bar = true', 'enable_progress_bar_print = false'])
      await connection.run(`set ${setting}`)
  let interrupting: NodeJS.Timeout | undefined
  // DuckDB forgets an interrupt that comes before it really begins a statement, so it is repeated until the statement has ended.
  const interrupt = () => {
    connection.interrupt()
    interrupting = setInterval(() => connection.interrupt(), 50)
  }
  signal?.addEventListener('abort', interrupt)

  /** DuckDB doesn't know it of every statement. */
  const tell = (listener: (percent: number) => void) => {
    const { percentage } = connection.progress
    if (percentage > 0) listener(Math.min(percentage, 100))
  }
  /** The end of the last statement that was sent. */
  let last: Promise<void> = Promise.resolve()
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const earlier = last
    let end = () => {}
    last = new Promise((resolve) => {
      end = resolve
    })
    await earlier
    try {
      return await run(work)
    } finally {
      end()
    }
  }
  const run = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const watching = onProgress && setInterval(() => tell(onProgress), 250)
    try {
      signal?.throwIfAborted()
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      throw explainedDuckdbError(error, file)
    } finally {
      clearInterval(interrupting)
      clearInterval(watching)
    }
  }
  const execute: Warehouse['execute'] = (statement, onEnd) =>
    attempt(async () => {
      const begun = performance.now()
      const { rowsChanged } = await connection.run(statement)
      onEnd?.(performance.now() - begun)
      return rowsChanged
    })
  return {
    dialect: duckdb,
    query: (statement, onColumns) =>
      attempt(async () => {
        // Without a semicolon it is a single statement, which needs no check.
        const { count } = statement.includes(';') ? await connection.extractStatements(statement) : { count: 1 }
        if (count !== 1) throw refusal(`Expected one query, found ${count} statements.`, 'Run one query at a time.')
        const answer = await connection.runAndReadAll(statement)
        onColumns?.(columnsOf(answer))
        return rowsOf(answer)
      }),
    execute,
    transaction: (work) => inTransaction(work, execute, (rollback) => last.then(() => connection.run(rollback))),
    // DuckDB locks the file, so there is no other writer.
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
    // An open file costs nothing.
    async disconnect() {},
    async close() {
      signal?.removeEventListener('abort', interrupt)
      clearInterval(interrupting)
      connection.closeSync()
      instance.closeSync()
    },
  }
}

function columnsOf(answer: DuckDBResultReader): ResultColumn[] {
  const types = answer.columnTypes()
  return answer.deduplicatedColumnNames().map((name, index) => ({ name, type: String(types[index]) }))
}

/** Converts column by column, as DuckDB stores them: for thousands of rows that takes half the time. */
function rowsOf(answer: DuckDBResultReader): Row[] {
  const names = answer.deduplicatedColumnNames()
  const columns = answer.convertColumns(plain)
  return Array.from({ length: answer.currentRowCount }, (_, row) =>
    Object.fromEntries(names.map((name, index) => [name, columns[index]?.[row] ?? null])),
  )
}

type Appender = Awaited<ReturnType<DuckDBConnection['createAppender']>>

function append(appender: Appender, value: Value, type: string | undefined): void {
  if (value === null) appender.appendNull()
  else if (typeof value === 'boolean') appender.appendBoolean(value)
  else if (type === 'timestamp')
    appender.appendTimestamp(new DuckDBTimestampValue(BigInt(Date.parse(String(value))) * 1000n))
  else if (type === 'bigint') appender.appendBigInt(BigInt(String(value)))
  else if (type === 'integer') appender.appendInteger(Number(value))
  else if (type === 'double') appender.appendDouble(Number(value))
  else appender.appendVarchar(String(value))
}

/**
 * The memory limit of a writer if the config has none: enough per core for a batch, whatever the size of the warehouse. By default
 * DuckDB would fill most of the machine's memory with blocks of the file.
 */
function writersMemory(threads = availableParallelism()): string {
  return `${Math.floor(Math.min(Math.max(threads, 2) * 350_000_000, totalmem() * 0.8) / 1_000_000)}MB`
}

/** A DuckDB value as a JSON value. */
function plain(value: DuckDBValue): Value {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof DuckDBDecimalValue) return exactNumber(value.toString())
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) return isoInstant(value.micros)
  if (value instanceof DuckDBDateValue) return dateText(value)
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(plain)
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, plain(item)]))
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [String(plain(key)), plain(item)]))
  if (value instanceof DuckDBUnionValue) return plain(value.value)
  return String(value)
}

/** The client would write infinity as a date. */
function dateText(date: DuckDBDateValue): string {
  if (date.days === DuckDBDateValue.PosInf.days) return 'infinity'
  return date.days === DuckDBDateValue.NegInf.days ? '-infinity' : date.toString()
}

function isoInstant(micros: bigint): string {
  const milliseconds = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n)
  const date = new Date(Number(milliseconds))
  // Infinity, and years after 275760, are as DuckDB writes them.
  if (Number.isNaN(date.getTime())) return new DuckDBTimestampValue(micros).toString()
  const finer = Number(micros - milliseconds * 1000n)
  return finer === 0 ? date.toISOString() : date.toISOString().replace('Z', `${String(finer).padStart(3, '0')}Z`)
}
