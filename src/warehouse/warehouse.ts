import type { Row, Table, Value } from '../schema/index.ts'
import { type Dialect, type Sql, sql } from '../sql-queries/index.ts'

/** A column of a result. */
export interface ResultColumn {
  readonly name: string
  /** its type as DuckDB calls it; `DECIMAL` is one of any size */
  readonly type: string
}

/**
 * A connected engine. One connection, one statement at a time. Statements that are sent without waiting for each other run in that order
 * and share a round trip, where the engine is reached by the Data API. Wait for them with `together`.
 */
export interface Warehouse {
  readonly dialect: Dialect
  /** Runs a query and returns its rows. Calls `onColumns` with the columns of the result, even if it has no rows. */
  query(statement: Sql, onColumns?: (columns: readonly ResultColumn[]) => void): Promise<Row[]>
  /** Runs a statement and returns the number of rows that it changed. Calls `onEnd` with the time that it took; ms. */
  execute(statement: Sql, onEnd?: (milliseconds: number) => void): Promise<number>
  /** Runs `work` in one transaction; rolls back if it throws. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
  /** Inside a transaction: makes every other writer wait until it ends. */
  lock(table: Table): Promise<void>
  /** Adds rows; each has a value for every column of the table, in the same order. */
  insertRows(table: Table, rows: readonly (readonly Value[])[]): Promise<void>
  /** Ends the session until the next statement. Call it before other work, because Redshift Serverless bills open sessions. */
  disconnect(): Promise<void>
  close(): Promise<void>
}

/**
 * Waits for all, so that none still runs when the transaction is rolled back. List them in the order in which they were sent: it throws the
 * error of the first that failed, because in a transaction the others fail for that reason.
 */
export async function together<Results extends readonly unknown[]>(
  work: readonly [...{ [Place in keyof Results]: Results[Place] | Promise<Results[Place]> }],
): Promise<Results> {
  const settled = await Promise.allSettled(work)
  for (const result of settled) if (result.status === 'rejected') throw result.reason
  return settled.map((result) => (result as PromiseFulfilledResult<unknown>).value) as unknown as Results
}

/** Does `work` in one transaction. If it throws, rolls back and throws the same error. */
export async function inTransaction<Result>(
  work: () => Promise<Result>,
  run: (statement: Sql) => Promise<unknown>,
  rollback: (statement: Sql) => Promise<unknown>,
): Promise<Result> {
  await run(sql`begin`)
  try {
    const result = await work()
    await run(sql`commit`)
    return result
  } catch (error) {
    // The transaction may be over, or the session gone. The first error is the one to report.
    await rollback(sql`rollback`).catch(() => {})
    throw error
  }
}
