import { reconciliationColumns, type SourceName } from '../schema/index.ts'
import type { QuarantineSummary } from './quarantine.ts'

/** Where the events of a load went: plays = inserted + already_loaded + duplicates + conflicts, events = plays + not_a_play. */
export type Reconciliation = Record<(typeof reconciliationColumns)[number]['name'], number>

export interface TableSummary {
  readonly inserted: number
  readonly updated: number
  /** Rows after the load. */
  readonly rows: number
}

export interface CheckResult {
  readonly name: string
  readonly offenders: number
}

/** The objects of a source, compared with the ledger. */
export interface ObjectCounts {
  readonly listed: number
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: number
  /** Objects with other names, which aren't read. */
  readonly skipped: number
  /** Objects that couldn't be read, or changed meanwhile; the next run tries again. */
  readonly left_out: number
}

/** The JSON document of etl. */
export interface EtlSummary {
  readonly engine: string
  readonly loads: readonly string[]
  readonly seconds: number
  readonly objects: Readonly<Record<'log_data' | 'song_data', ObjectCounts>>
  readonly reconciliation: Reconciliation
  readonly quarantine: QuarantineSummary
  /** Keys of the records that no column is filled from, by source. */
  readonly unknown_keys: Readonly<Record<SourceName, readonly string[]>>
  readonly tables: Readonly<Record<string, TableSummary>>
  readonly checks: readonly CheckResult[]
}

export const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

/** The columns of the reconciliation, each with its number. */
export function reconciliationOf(number: (name: keyof Reconciliation) => number): Reconciliation {
  return Object.fromEntries(reconciliationColumns.map(({ name }) => [name, number(name)])) as Reconciliation
}
