import { quarantine } from './bookkeeping.ts'
import type { Table, Value } from './types.ts'

/** A column that came later, and what it is in the rows that a warehouse of an older version has. */
export interface Addition {
  /** The version of the schema that brought it. */
  readonly version: number
  readonly table: Table
  readonly column: string
  readonly value: Value
}

/** Everything that was added since version 1. With it create-tables brings any older warehouse up to date. */
export const additions: readonly Addition[] = [
  { version: 2, table: quarantine, column: 'raw_encoding', value: 'utf-8' },
  { version: 2, table: quarantine, column: 'part', value: 1 },
]
