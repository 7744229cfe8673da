/** A value of both engines and JSON. Numbers that a double can't hold exactly are text; instants are ISO 8601 in UTC. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }

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
  /** Columns are nullable unless this is true. A quality check verifies it on both engines. */
  readonly required?: true
  /** The key of the source record that fills this column. Staging tables only. */
  readonly sourceKey?: string
  /** The column of staging_events that fills this column of songplays as it is, for columns without a rule of their own. */
  readonly stagedAs?: string
  /** `table.column` that must contain every value other than null. */
  readonly references?: `${string}.${string}`
  readonly comment: string
}

export interface Table {
  readonly name: string
  readonly layer: 'staging' | 'dimension' | 'fact' | 'bookkeeping'
  /** What one row is. */
  readonly grain: string
  readonly columns: readonly Column[]
  /** Columns that are unique together. Empty for staging, which also keeps duplicates. */
  readonly key: readonly string[]
  /** Where Redshift keeps the rows: a copy on every node, or spread evenly. */
  readonly distribution: 'all' | 'even'
  readonly sortKey: readonly string[]
}

/** A view that joins tables of the star. */
export interface View {
  readonly name: string
  /** What one row is. */
  readonly grain: string
  readonly columns: readonly ViewColumn[]
}

export interface ViewColumn {
  readonly name: string
  readonly type: ColumnType | 'date'
  /** `table.column` that it shows; without it, the view computes the column. */
  readonly from?: `${string}.${string}`
  readonly comment: string
}

/** The two kinds of source record. */
export type SourceName = 'log_data' | 'song_data'

/** A staging table also says which source it stages. */
export interface StagingTable extends Table {
  readonly source: SourceName
}
