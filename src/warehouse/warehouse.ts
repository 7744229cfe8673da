import type { Row, Table, Value } from '../schema/index.ts'
import type { Dialect, Sql } from '../sql-queries/index.ts'

/** A connected engine. One connection, one statement at a time. */
export interface Warehouse {
  readonly dialect: Dialect
  /**
   * True if the staging tables are filled in a transaction of their own, before that of the load: DuckDB reads with one core only
   * what the same transaction has put into an empty table. They are no part of the star, and nobody else can look at them meanwhile.
   */
  readonly stagesInOwnTransaction: boolean
  /** Runs a statement that answers with rows. */
  query(statement: Sql): Promise<Row[]>
  /** Runs a statement that changes rows, and says how many. */
  execute(statement: Sql): Promise<number>
  /** Runs `work` in one transaction: all of it is there at the end, or nothing if it throws. */
  transaction<Result>(work: () => Promise<Result>): Promise<Result>
  /** Inside a transaction: makes every other writer wait until it ends. */
  lock(table: Table): Promise<void>
  /** Adds rows; each has a value for every column of the table, in its order. */
  insertRows(table: Table, rows: readonly (readonly Value[])[]): Promise<void>
  /** Ends the session until the next statement. Called where other work follows, because some engines bill open sessions. */
  disconnect(): Promise<void>
  close(): Promise<void>
}
