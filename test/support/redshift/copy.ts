/** COPY: finds the columns and the objects, makes rows of them, inserts them. */
import { setMaxListeners } from 'node:events'
import { FileReader } from './copy-file.ts'
import { type CopyEnvironment, failure, findEntries, type ManifestEntry, noSuchKey, Source } from './copy-source.ts'
import type { CopyStatement } from './copy-statement.ts'
import type { CopyColumn } from './copy-values.ts'
import type { Database } from './database.ts'
import type { History, LoadRecord } from './history.ts'
import { byName, byPaths, type Finder } from './jsonpaths.ts'
import { quoteName, quoteText } from './lexer.ts'
import { SqlError } from './messages.ts'

async function findColumns(database: Database, { schema, table, columns }: CopyStatement) {
  const name = schema === undefined ? quoteName(table) : `${quoteName(schema)}.${quoteName(table)}`
  const rows = await database.run(`
    select a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity, a.attrelid::int as id, n.nspname
    from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_class c on c.oid = a.attrelid
      join pg_namespace n on n.oid = c.relnamespace
    where a.attrelid = ${quoteText(name)}::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`)
  const all = rows.map((row): CopyColumn => {
    const modifier = Number(row.atttypmod)
    return {
      name: row.attname ?? '',
      type: row.typname ?? '',
      length: modifier > 4 ? modifier - 4 : 65535,
      precision: modifier < 0 ? 38 : ((modifier - 4) >> 16) & 0xffff,
      scale: modifier < 0 ? 0 : (modifier - 4) & 0x7ff,
      isRequired: row.attnotnull === 't',
      isIdentity: row.attidentity !== '',
    }
  })
  const chosen = columns?.map((wanted) => {
    const found = all.find(({ name }) => name === wanted)
    if (found === undefined) throw new SqlError('42703', `column "${wanted}" of relation "${table}" does not exist`)
    if (found.isIdentity) throw new SqlError('0A000', 'cannot set an identity column to a value')
    return found
  })
  return {
    target: `${quoteName(rows[0]?.nspname ?? '')}.${quoteName(table)}`,
    tableId: Number(rows[0]?.id),
    columns: chosen ?? all.filter(({ isIdentity }) => !isIdentity),
  }
}

async function findFinder(
  copy: CopyStatement,
  columns: readonly CopyColumn[],
  source: Source,
  queryId: number,
): Promise<Finder> {
  const names = columns.map(({ name }) => name)
  if (typeof copy.json === 'string') return byName(names, { ignoreCase: copy.json === 'auto ignorecase' })
  const bytes = await source.read(copy.json)
  if (bytes === undefined)
    throw failure(noSuchKey, `S3 key being read : s3://${copy.json.bucket}/${copy.json.key}`, queryId)
  return byPaths(bytes.toString('utf8'), names) ?? byName(names, { ignoreCase: false })
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

async function insertFiles(
  entries: readonly ManifestEntry[],
  source: Source,
  reader: FileReader,
  {
    load,
    database,
    signal,
    into,
  }: { load: LoadRecord; database: Database; signal: AbortSignal; into: string | undefined },
): Promise<void> {
  let batch: string[] = []
  let length = 0
  const flush = async () => {
    if (into !== undefined && batch.length > 0) await database.copyIn(into, `${batch.join('\n')}\n`)
    batch = []
    length = 0
  }
  for (let from = 0; from < entries.length; from += parallel) {
    signal.throwIfAborted()
    const some = entries.slice(from, from + parallel)
    const contents = await unlessAborted(Promise.all(some.map(({ address }) => source.read(address))), signal)
    for (const [index, { address, isMandatory }] of some.entries()) {
      const bytes = contents[index]
      const name = `s3://${address.bucket}/${address.key}`
      if (bytes === undefined && isMandatory) {
        throw failure(
          `The specified S3 prefix '${address.key}' does not exist`,
          `S3 key being read : ${name}`,
          load.queryId,
        )
      }
      if (bytes === undefined) continue
      const lines = reader.read(name, bytes)
      load.rows += lines.length
      load.bytes += bytes.length
      for (const line of lines) length += line.length
      batch.push(...lines)
      if (length > batchLength) await flush()
    }
  }
  if (load.files.length === 0)
    throw failure('The specified S3 prefix does not exist: no object of the manifest was found', '', load.queryId)
  await flush()
}

/** Runs a COPY inside the transaction that is open on `database`. `began` is called when the load itself begins. */
export async function runCopy(
  copy: CopyStatement,
  environment: CopyEnvironment,
  {
    database,
    history,
    signal,
    began,
    ...ids
  }: {
    readonly database: Database
    readonly history: History
    readonly signal: AbortSignal
    readonly began: () => void
    readonly queryId: number
    readonly transactionId: number
    readonly session: number
    readonly databaseName: string
  },
): Promise<LoadRecord> {
  const { columns, target, tableId } = await findColumns(database, copy)
  const source = new Source(copy, environment, ids.queryId)
  const entries = await findEntries(copy, source, ids.queryId)
  const find = await findFinder(copy, columns, source, ids.queryId)
  const now = new Date()
  const load: LoadRecord = {
    queryId: ids.queryId,
    transactionId: ids.transactionId,
    session: ids.session,
    database: ids.databaseName,
    table: copy.table,
    tableId,
    source: `s3://${copy.source.bucket}/${copy.source.key}`,
    startedAt: now,
    endedAt: now,
    status: 'running',
    rows: 0,
    bytes: 0,
    files: [],
    errors: [],
  }
  history.loads.push(load)
  began()
  const reader = new FileReader(copy, columns, find, load)
  const into = copy.isDryRun ? undefined : `${target} (${columns.map(({ name }) => quoteName(name)).join(', ')})`
  try {
    await insertFiles(entries, source, reader, { load, database, signal, into })
    load.status = 'completed'
    return load
  } catch (error) {
    load.status = 'aborted'
    load.rows = 0
    throw error
  } finally {
    load.endedAt = new Date()
  }
}
