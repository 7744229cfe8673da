/** COPY: finds the columns and the objects, makes rows of them, inserts them. */
import { setMaxListeners } from 'node:events'
import { FileReader } from './copy-file.ts'
import { type CopyEnvironment, failure, findEntries, findKeys, type ManifestEntry, Source } from './copy-source.ts'
import type { CopyStatement } from './copy-statement.ts'
import type { CopyColumn } from './copy-values.ts'
import type { Database } from './database.ts'
import type { LoadRecord } from './history.ts'
import { quoteName, quoteText } from './lexer.ts'
import { SqlError } from './messages.ts'

async function findColumns(database: Database, { table, columns }: CopyStatement): Promise<readonly CopyColumn[]> {
  const rows = await database.run(`
    select a.attname, t.typname, a.atttypmod, a.attnotnull from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = ${quoteText(quoteName(table))}::regclass and a.attnum > 0 and not a.attisdropped`)
  return columns.map((name) => {
    const row = rows.find(({ attname }) => attname === name)
    if (row === undefined) throw new SqlError('42703', `column "${name}" of relation "${table}" does not exist`)
    const modifier = Number(row.atttypmod) - 4
    return {
      name,
      type: row.typname ?? '',
      length: modifier,
      precision: modifier >> 16,
      scale: modifier & 0x7ff,
      isRequired: row.attnotnull === 't',
    }
  })
}

const batchLength = 16 * 1024 * 1024
const parallel = 32

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // Each of the files that are read together listens.
    setMaxListeners(0, signal)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    work.then(resolve, reject)
  })
}

/** Reads the objects, some at a time, and gives the lines of many to `insert`. */
async function readEntries(
  entries: readonly ManifestEntry[],
  source: Source,
  { reader, load, signal }: { reader: FileReader; load: LoadRecord; signal: AbortSignal },
  insert: (lines: readonly string[]) => Promise<void>,
): Promise<void> {
  let batch: string[] = []
  let length = 0
  for (let from = 0; from < entries.length; from += parallel) {
    signal.throwIfAborted()
    const some = entries.slice(from, from + parallel)
    const contents = await unlessAborted(Promise.all(some.map(({ address }) => source.find(address))), signal)
    for (const [index, { address, isMandatory }] of some.entries()) {
      const bytes = contents[index]
      const name = `s3://${address.bucket}/${address.key}`
      if (bytes === undefined && isMandatory)
        throw failure(`The specified S3 prefix '${address.key}' does not exist`, `S3 key being read : ${name}`)
      if (bytes === undefined) continue
      const lines = reader.read(name, bytes)
      load.rows += lines.length
      for (const line of lines) length += line.length
      batch.push(...lines)
      if (length <= batchLength) continue
      await insert(batch)
      batch = []
      length = 0
    }
  }
  await insert(batch)
}

/** Runs a COPY inside the transaction that is open on `database`. The load is added to `loads`, whether it fails or not. */
export async function runCopy(
  copy: CopyStatement,
  environment: CopyEnvironment,
  {
    database,
    signal,
    queryId,
    session,
    loads,
  }: {
    readonly database: Database
    readonly signal: AbortSignal
    readonly queryId: number
    readonly session: number
    readonly loads: LoadRecord[]
  },
): Promise<LoadRecord> {
  const columns = await findColumns(database, copy)
  const source = new Source(copy, environment)
  const entries = await findEntries(copy, source)
  const keys = await findKeys(copy, source)
  const load: LoadRecord = {
    queryId,
    session,
    table: copy.table,
    startedAt: new Date(),
    rows: 0,
    files: [],
    errors: [],
  }
  loads.push(load)
  const reader = new FileReader(copy, columns, keys, load)
  const into = `${quoteName(copy.table)} (${columns.map(({ name }) => quoteName(name)).join(', ')})`
  await readEntries(entries, source, { reader, load, signal }, async (lines) => {
    if (lines.length > 0 && !copy.isDryRun) await database.copyIn(into, lines)
  })
  return load
}
