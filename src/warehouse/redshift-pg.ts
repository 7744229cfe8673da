import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { checkServerIdentity } from 'node:tls'
import type { Client, ClientConfig, QueryConfig, QueryResult } from 'pg'
import { networkProblem, systemErrorCode } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import { identifier, redshift, type Sql, sql } from '../sql-queries/index.ts'
import { insertStatements } from './insert-statements.ts'
import { explainedRedshiftError } from './redshift-errors.ts'
import { duckdbType, parsedValue } from './values.ts'
import { inTransaction, type Warehouse } from './warehouse.ts'

/** Address and login of a Redshift endpoint. Looked up again for every session, because passwords expire. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** The name in the certificate, if it is not the host: at the near end of a tunnel. */
  readonly tlsName?: string
}

interface RedshiftOptions {
  findEndpoint(): Promise<Endpoint>
  /** PEM file with the certificates to trust instead of Node's own. */
  readonly caFile?: string | undefined
  /** The longest a statement may run; ms. */
  readonly statementTimeoutMs: number
  /** How long to try to connect; ms. A serverless warehouse that nobody has used for a while takes a minute to answer. */
  readonly connectTimeoutMs: number
  /** `read` can't change anything. */
  readonly access: 'create' | 'write' | 'read'
  readonly signal?: AbortSignal | undefined
}

/** How long one attempt to connect may take, and the time until the next; ms. */
const attemptMs = 15_000
const pauseMs = 1_000

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
      await session
    } catch (error) {
      // The next statement tries again.
      session = undefined
      throw error
    }
    try {
      return await work(await session)
    } catch (error) {
      options.signal?.throwIfAborted()
      throw error
    }
  }
  const run = (statement: Sql) => attempt((session) => session.run(statement))
  /** A failed query ends the transaction that can't change anything; the next query needs a new one. */
  const recovered = async (error: unknown): Promise<never> => {
    const open = options.access === 'read' && (await session?.catch(() => undefined))
    if (open) for (const statement of [sql`rollback`, sql`begin read only`]) await open.run(statement).catch(() => {})
    throw error
  }
  const end = async () => {
    const open = session
    session = undefined
    await open?.then(
      (session) => session.end(),
      () => {},
    )
  }
  const execute: Warehouse['execute'] = async (statement, onEnd) => {
    const begun = performance.now()
    const { rowCount } = await run(statement)
    onEnd?.(performance.now() - begun)
    return rowCount ?? 0
  }
  return {
    dialect: redshift,
    async query(statement, onColumns) {
      const { rows, fields } = await run(statement).catch(recovered)
      onColumns?.(fields.map(({ name, dataTypeID }) => ({ name, type: duckdbType(types[dataTypeID] ?? '') })))
      return rows as Row[]
    },
    execute,
    transaction: (work) => inTransaction(work, execute, async (rollback) => (await session)?.run(rollback)),
    async lock({ name }) {
      await execute(sql`lock ${identifier(name)}`)
    },
    async insertRows(table, rows) {
      for (const statement of insertStatements(table, rows, insertBytes)) await execute(statement)
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
  const { tlsName, ...endpoint } = await options.findEndpoint()
  const { access, connectTimeoutMs, statementTimeoutMs, caFile, signal } = options
  const config: ClientConfig = {
    ...endpoint,
    ssl: {
      rejectUnauthorized: true,
      ...(caFile && { ca: readFileSync(caFile, 'utf8') }),
      ...(tlsName && { checkServerIdentity: (_, certificate) => checkServerIdentity(tlsName, certificate) }),
    },
    keepAlive: true,
    keepAliveInitialDelayMillis: 30_000,
    connectionTimeoutMillis: Math.min(connectTimeoutMs, attemptMs),
    types: { getTypeParser: (oid: number) => ((text: string) => parsedValue(types[oid] ?? '', text)) as never },
  }
  const explain = (error: unknown) => explainedRedshiftError(error, endpoint)
  let client: Client
  try {
    client = await onceAwake(() => new Client(config), connectTimeoutMs, signal)
  } catch (error) {
    throw explain(error)
  }
  try {
    // Redshift doesn't document it as a startup parameter.
    await client.query(`set statement_timeout to ${Math.round(statementTimeoutMs)}`)
    if (access === 'read') await client.query('begin read only')
  } catch (error) {
    await client.end().catch(() => {})
    throw explain(error)
  }
  // Closing the connection alone would not stop a COPY.
  const cancel = async () => {
    const { processID } = client as unknown as { processID: number }
    const second = new Client(config)
    second.on('error', () => {})
    // If it fails, the server ends the transaction when the connection closes.
    await second
      .connect()
      .then(() => second.query(`select pg_cancel_backend(${processID})`))
      .catch(() => {})
    await second.end().catch(() => {})
  }
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

/** Connects; while the warehouse doesn't answer, again and again for `connectTimeoutMs`. */
async function onceAwake(
  create: () => Client,
  connectTimeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Client> {
  const begun = performance.now()
  for (;;) {
    const client = create()
    // A connection that breaks while idle must not end the process; the next statement reports it.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      signal?.throwIfAborted()
      if (!isAsleep(error) || performance.now() - begun + attemptMs > connectTimeoutMs) throw error
      await pause(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}

/** No answer, a connection that breaks off, or an error of the class `connection exception` (08) or `cannot_connect_now`. */
function isAsleep(error: unknown): boolean {
  if (/^(57P03|08\w{3})$/.test(systemErrorCode(error) ?? '')) return true
  return /no answer|broke off/.test(networkProblem(error) ?? '') || /terminated unexpectedly/.test(String(error))
}

/** The extended protocol allows one statement only, so a second one can't end the read-only transaction. */
const oneStatement = (text: string) => ({ text, queryMode: 'extended' }) as QueryConfig

/** The types of results that aren't text, by their OID. */
const types: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  700: 'float4',
  701: 'float8',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
}
