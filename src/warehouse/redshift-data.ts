import type { Field } from '@aws-sdk/client-redshift-data'
import { explaining } from '../aws-client/explain.ts'
import type { DataService, StatementOutcome } from '../aws-client/redshift-data.ts'
import { refusal } from '../errors.ts'
import type { Row, Value } from '../schema/index.ts'
import { codeOf, identifier, redshift, type Sql, sql } from '../sql-queries/index.ts'
import { type Answer, type DataWarehouse, dataSession } from './data-session.ts'
import { insertStatements } from './insert-statements.ts'
import { statementBatches } from './statement-batches.ts'
import { duckdbType, parsedValue } from './values.ts'
import { inTransaction, type Warehouse } from './warehouse.ts'

interface RedshiftDataOptions {
  find(): Promise<DataWarehouse>
  /** The longest a statement may run; ms. */
  readonly statementTimeoutMs: number
  /** `read` can't change anything. */
  readonly access: 'create' | 'write' | 'read'
  readonly signal?: AbortSignal | undefined
  /** Called if another session has the lock that a load waits for; with the longest time that a session lives without a statement. */
  readonly onWait?: ((keepAliveSeconds: number) => void) | undefined
  readonly keepAliveSeconds?: number
}

/** The Data API refuses longer statements than 100 kB; bytes of rows after which an insert statement ends. */
const insertBytes = 60_000

/** The Data API takes 40 statements at a time. A batch may need some more around it: a setting, the limits of a transaction. */
const batchStatements = 37

/**
 * A Redshift cluster or workgroup that is reached by the Data API: over HTTPS, without a connection of our own. Statements that are sent
 * without waiting for each other go in one batch, whose results are fetched at the same time. All statements run in one
 * session, which begins with the first and ends by itself some minutes after the last. If this process is killed, its
 * transaction and its lock end with the session.
 *
 * Statements throw UserErrors for problems that a person can fix: permissions, privileges, locks.
 */
export function openRedshiftData(options: RedshiftDataOptions): Warehouse {
  const { access, signal, keepAliveSeconds = 300 } = options
  let isOpen = false
  /** `begin` goes with the first statement of a transaction. */
  let pending: readonly Sql[] = []
  const session = dataSession({ ...options, keepAliveSeconds }, () => isOpen)

  async function run(statements: readonly Sql[]): Promise<readonly Answer[]> {
    signal?.throwIfAborted()
    const first = pending
    pending = []
    const onSlow = (running: Sql) => {
      if (running.startsWith('lock ')) options.onWait?.(keepAliveSeconds)
    }
    try {
      const answers = await session.run([...first, ...statements], { onSlow })
      if (answers.some((answer) => 'error' in answer)) signal?.throwIfAborted()
      for (const answer of answers.slice(0, first.length)) if ('error' in answer) throw answer.error
      return answers.slice(first.length)
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  }
  /** Runs queries in a transaction that can't change anything. */
  async function readOnly(queries: readonly Sql[]): Promise<readonly Answer[]> {
    for (const query of queries) verifyOneStatement(query)
    const [begun, ...answers] = await run([sql`begin read only`, ...queries, sql`rollback`])
    if (begun && 'error' in begun) throw begun.error
    return answers.slice(0, -1)
  }
  const send = statementBatches(batchStatements, access === 'read' ? readOnly : run)
  const execute: Warehouse['execute'] = async (statement, onEnd) => {
    const { outcome } = await send(statement)
    onEnd?.(outcome.milliseconds)
    return outcome.rows
  }

  /** Begins and commits a transaction. */
  async function frame(statement: Sql): Promise<void> {
    if (statement !== 'begin' && pending.length === 0) await end(statement)
    isOpen = statement === 'begin'
    pending = isOpen ? [statement] : []
  }
  /** Never sent while it is not known whether another statement is still on its way. */
  async function rollback(statement: Sql): Promise<void> {
    const hasBegun = pending.length === 0 && session.isAlive()
    pending = []
    isOpen = false
    if (hasBegun) await end(statement)
    else session.drop()
  }
  /** A session ends when it has been idle for too long; slow work between two statements, such as reading objects again, keeps it awake. */
  async function awake<Result>(work: () => Promise<Result>): Promise<Result> {
    let asking: Promise<unknown> = Promise.resolve()
    const ask = () => {
      if (pending.length === 0) asking = send(sql`select 1`).catch(() => {})
    }
    const timer = setInterval(ask, keepAliveSeconds * 250).unref()
    try {
      return await work()
    } finally {
      clearInterval(timer)
      await asking
    }
  }
  async function end(statement: Sql): Promise<void> {
    const [answer] = await session.run([statement], { isLast: true })
    if (answer !== undefined && 'error' in answer) throw answer.error
  }

  return {
    dialect: redshift,
    async query(statement, onColumns) {
      const { warehouse, outcome } = await send(statement)
      return explaining(warehouse, () => rowsOf(warehouse.service, outcome, onColumns))
    },
    execute,
    transaction: (work) => inTransaction(() => awake(work), frame, rollback),
    lock: async ({ name }) => void (await send(sql`lock ${identifier(name)}`)),
    async insertRows(table, rows) {
      for (const statement of insertStatements(table, rows, insertBytes)) await execute(statement)
    },
    // It ends by itself; until then it waits for statements and costs nothing.
    async disconnect() {
      session.drop()
    },
    async close() {
      session.drop()
    },
  }
}

/** A second statement in the same text could end the transaction that can't change anything. */
function verifyOneStatement(statement: Sql): void {
  if (/;\s*\S/.test(codeOf(statement)))
    throw refusal('Expected one query, found several statements.', 'Run one query at a time.')
}

type OnColumns = Parameters<Warehouse['query']>[1]

async function rowsOf(
  service: DataService,
  { id, hasResult, rows }: StatementOutcome,
  onColumns: OnColumns,
): Promise<Row[]> {
  const found: Row[] = []
  if (!hasResult || (rows === 0 && onColumns === undefined)) return found
  for await (const { columns, records } of service.results(id)) {
    if (found.length === 0) onColumns?.(columns.map(({ name, type }) => ({ name, type: duckdbType(type) })))
    for (const record of records)
      found.push(
        Object.fromEntries(
          columns.map(({ name, type }, index) => [name, plainValue(record[index], { name, type })] as const),
        ),
      )
  }
  return found
}

/** A field as the value that the same column has by `pg`. */
function plainValue(field: Field | undefined, { name, type }: { readonly name: string; readonly type: string }): Value {
  if (field === undefined || field.isNull) return null
  if (field.booleanValue !== undefined) return field.booleanValue
  if (field.longValue !== undefined) {
    if (Number.isSafeInteger(field.longValue)) return field.longValue
    throw refusal(
      `The Data API rounds the large numbers of column ${name}.`,
      `Select it as text: cast(${name} as varchar).`,
    )
  }
  if (field.doubleValue !== undefined)
    return Number.isFinite(field.doubleValue) ? field.doubleValue : String(field.doubleValue)
  return parsedValue(type, field.stringValue ?? '')
}
