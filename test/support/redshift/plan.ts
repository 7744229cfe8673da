/** What the double does for a statement, and what it must know of the session to decide. */
import type { CopyStatement } from './copy-statement.ts'
import type { Place } from './create-table.ts'
import { SqlError } from './messages.ts'

export interface Context extends Place {
  readonly inTransaction: boolean
  /** The session's value of a configuration parameter. */
  parameter(name: string): string
}

export type Plan =
  /** One statement for PostgreSQL, which may have parameters. */
  | {
      readonly kind: 'query'
      readonly sql: string
      readonly reads: boolean
      /** System tables to fill before it runs. */
      readonly systemTables: readonly string[]
      /** Tables it writes. */
      readonly writes: readonly string[]
      /** A session to cancel or end, as a side effect. */
      readonly cancels?: { readonly process: number; readonly terminate: boolean }
    }
  /** Several statements for PostgreSQL, all or nothing; the client sees what `main` answers. */
  | {
      readonly kind: 'script'
      readonly before: readonly string[]
      readonly main: string
      readonly after: readonly string[]
      readonly writes: readonly string[]
      /** TRUNCATE ends the transaction it stands in. */
      readonly commits?: true
      readonly tag?: string
    }
  | { readonly kind: 'begin' | 'commit' | 'rollback'; readonly tag: string }
  | { readonly kind: 'set'; readonly name: string; readonly value: string | undefined; readonly tag: string }
  | { readonly kind: 'copy'; readonly copy: CopyStatement }
  /** Accepted, without effect. */
  | { readonly kind: 'nothing'; readonly tag: string }

export const notInTransaction = (command: string) =>
  new SqlError('25001', `${command} cannot run inside a transaction block`)

export const script = (main: string, writes: readonly string[], after: readonly string[] = []): Plan => ({
  kind: 'script',
  before: [],
  main,
  after,
  writes,
})
