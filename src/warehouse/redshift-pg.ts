import { readFileSync } from 'node:fs'
import type { ClientConfig, QueryConfig, QueryResult } from 'pg'

import type { Row, Table, Value } from '../schema/index.ts'
import { identifier, instant, list, literal, names, redshift, type Sql, sql } from '../sql-queries/index.ts'
import { explainedRedshiftError } from './redshift-errors.ts'
import { exactNumber } from './values.ts'
import type { Warehouse } from './warehouse.ts'

/** Address and login of a Redshift endpoint. Looked up again for every session, because passwords expire. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

interface RedshiftOptions {
  findEndpoint(): Promise<Endpoint>
  /** PEM file with the certificates to trust instead of Node's own. */
  readonly caFile?: string | undefined
  /** The longest a statement may run; ms. */
  readonly statementTimeoutMs: number
  readonly connectTimeoutMs: number
  /** `read` can't change anything. */
  readonly access: 'create' | 'write' | 'read'
  readonly signal?: AbortSignal | undefined
}

/** An insert statement ends after this many bytes of rows; Redshift's limit for a statement is 16 MB. */
const insertBytes = 8_000_000

/**
 * A Redshift cluster or workgroup. The session begins with the first statement and ends with `disconnect` or `close`. The
 * certificate chain and the host name of the server are verified.
 *
 * Statements throw UserErrors for problems that a person can fix: network, TLS, login, privileges, locks.
 */
export function openRedshift(options: RedshiftOptions): Warehouse {
  let session: Promise<Session> | undefined
  const attempt = async <Result>(work: (session: Session) => Promise<Result>): Promise<Result> => {
    options.signal?.throwIfAborted()
    session ??= connect(options)
    try {
      return await work(await session)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw error
    }
  }
  const run = (statement: Sql) => attempt((session) => session.run(statement))
  const end = async () => {
    const open = session
    session = undefined
    await open?.then(
      (session) => session.end(),
      () => {},
    )
  }
  const execute = async (statement: Sql) => (await run(statement)).rowCount ?? 0
  return {
    dialect: redshift,
    stagesInOwnTransaction: false,
    query: async (statement) => (await run(statement)).rows as Row[],
    execute,
    async transaction(work) {
      await execute(sql`begin`)
      try {
        const result = await work()
        await execute(sql`commit`)
        return result
      } catch (error) {
        // The session may be gone, and the transaction with it. The first error is the one to report.
        await session?.then((open) => open.run(sql`rollback`)).catch(() => {})
        throw error
      }
    },
    async lock({ name }) {
      await execute(sql`lock ${identifier(name)}`)
    },
    async insertRows(table, rows) {
      for (const statement of insertStatements(table, rows)) await execute(statement)
    },
    disconnect: end,
    close: end,
  }
}

interface Session {
  run(statement: Sql): Promise<QueryResult>
  end(): Promise<void>
}

async function connect(options: RedshiftOptions): Promise<Session> {
  const { Client } = await import('pg')
  const endpoint = await options.findEndpoint()
  const { access, connectTimeoutMs, statementTimeoutMs, caFile, signal } = options
  const config: ClientConfig = {
    ...endpoint,
    ssl: { rejectUnauthorized: true, ...(caFile && { ca: readFileSync(caFile, 'utf8') }) },
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    connectionTimeoutMillis: connectTimeoutMs,
    types: { getTypeParser: (oid: number) => parserOf(oid) as never },
  }
  const client = new Client(config)
  const explain = (error: unknown) => explainedRedshiftError(error, endpoint)
  // A connection that breaks while idle must not end the process; the next statement reports it.
  client.on('error', () => {})
  try {
    await client.connect()
    // Redshift doesn't document it as a startup parameter.
    await client.query(`set statement_timeout to ${Math.round(statementTimeoutMs)}`)
    if (access === 'read') await client.query('begin read only')
  } catch (error) {
    await client.end().catch(() => {})
    throw explain(error)
  }
  const cancel = () => void cancelRunning(Client, config, client)
  signal?.addEventListener('abort', cancel)
  return {
    run: (statement) =>
      client.query(access === 'read' ? oneStatement(statement) : (statement as string)).catch((error: unknown) => {
        throw explain(error)
      }),
    async end() {
      signal?.removeEventListener('abort', cancel)
      await client.end().catch(() => {})
    },
  }
}

/** The extended protocol allows one statement only, so a second one can't end the read-only transaction. */
const oneStatement = (text: string) => ({ text, queryMode: 'extended' }) as QueryConfig

/** Asks the server to cancel the running statement: closing the connection alone would not stop a COPY. */
async function cancelRunning(
  Client: typeof import('pg').Client,
  config: ClientConfig,
  running: InstanceType<typeof import('pg').Client>,
): Promise<void> {
  const { processID } = running as unknown as { processID: number }
  const second = new Client(config)
  second.on('error', () => {})
  try {
    await second.connect()
    await second.query(`select pg_cancel_backend(${processID})`)
  } catch {
    // The server ends the transaction when the connection closes.
  } finally {
    await second.end().catch(() => {})
  }
}

/** Converts text from the server to a JSON value, by the OID of its type. */
function parserOf(oid: number): (text: string) => Value {
  switch (oid) {
    case 16:
      return (text) => text === 't'
    case 20:
    case 21:
    case 23:
      return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)
    case 700:
    case 701:
      return (text) => (Number.isFinite(Number(text)) ? Number(text) : text)
    case 1700:
      return exactNumber
    case 1114:
      return (text) => new Date(`${text.replace(' ', 'T')}Z`).toISOString()
    case 1184:
      return (text) => new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')).toISOString()
    default:
      return (text) => text
  }
}

function* insertStatements(table: Table, rows: readonly (readonly Value[])[]): Generator<Sql> {
  const head = sql`insert into ${identifier(table.name)} (${names(table.columns)})\nvalues\n`
  let tuples: Sql[] = []
  let bytes = 0
  for (const row of rows) {
    const tuple = sql`(${list(row.map((value, index) => spelled(value, table.columns[index]?.type)))})`
    tuples.push(tuple)
    bytes += tuple.length
    if (bytes < insertBytes) continue
    yield sql`${head}\n${list(tuples, ',\n')}`
    tuples = []
    bytes = 0
  }
  if (tuples.length > 0) yield sql`${head}\n${list(tuples, ',\n')}`
}

function spelled(value: Value, type: string | undefined): Sql {
  if (value === null) return sql`null`
  if (type === 'timestamp') return instant(new Date(String(value)))
  if (typeof value === 'string') return literal(value)
  return String(value) as Sql
}
