/** A value as both engines and JSON have it. Numbers that no double holds exactly are text, instants ISO 8601 in UTC. */
export type Value = string | number | boolean | null

/** One row of a table or a result, by column name. */
export type Row = Readonly<Record<string, Value>>

/** A column's type, engine-neutral. `text(n)` is at most n bytes of UTF-8; timestamps are UTC with milliseconds. */
export type ColumnType =
  | 'integer'
  | 'bigint'
  | 'double'
  | 'timestamp'
  | `decimal(${number},${number})`
  | `text(${number})`

export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** Columns are nullable unless this is true. A quality check proves it on both engines. */
  readonly required?: true
  /** The key of the source record this column is copied from. Staging tables only. */
  readonly sourceKey?: string
  /** `table.column` that every value which is not null must be found in. */
  readonly references?: `${string}.${string}`
  readonly comment: string
}

export interface Table {
  readonly name: string
  readonly layer: 'staging' | 'dimension' | 'fact' | 'bookkeeping'
  /** What one row is. */
  readonly grain: string
  readonly columns: readonly Column[]
  /** The columns whose values no two rows share. Empty on staging: it keeps what arrived, duplicates too. */
  readonly key: readonly string[]
  /** Where Redshift keeps the rows: a copy on every node, or spread evenly. */
  readonly distribution: 'all' | 'even'
  readonly sortKey: readonly string[]
}

/** The two kinds of source record. */
export type SourceName = 'log_data' | 'song_data'

/** A staging table also says which source it stages. */
export interface StagingTable extends Table {
  readonly source: SourceName
}
