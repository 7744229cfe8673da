/** One value of a row. Numbers a double can't hold exactly arrive as strings, instants as ISO 8601 in UTC. */
export type Value = string | number | boolean | null

/** One row of a result, by column name. All rows of one result have the same columns, in the same order. */
export type Row = Readonly<Record<string, Value>>

/** How a column is shown, where its name and its values don't say enough. */
export interface Column {
  readonly name: string
  /** defaults to the name as words: `artist_name` is "Artist name" */
  readonly title?: string
  /** shown in brackets behind the title: '%', 'minutes' */
  readonly unit?: string
  /** digits after the point; defaults to what the values need */
  readonly decimals?: number
}

/**
 * What is drawn, by column name. Categories that are numbers stand in ascending order, days (`2018-11-30`) on a time axis,
 * other text in the order of the rows.
 */
export interface Chart {
  /** `bar`: categories that are text lie flat, so their names can be read. `heatmap`: category across, series down, value as colour. */
  readonly mark: 'bar' | 'line' | 'heatmap'
  readonly category: string
  /** a number, or text that is one */
  readonly value: string
  /** A second category: a colour in bars (stacked) and lines, the rows of a heatmap, which can't do without. */
  readonly series?: string
}

/** A question, a query, a chart. */
export interface Analysis {
  /** kebab-case and unique; files are named after it */
  readonly name: string
  readonly question: string
  readonly sql: string
  /** the columns that need a hint, in any order */
  readonly columns?: readonly Column[]
  readonly chart: Chart
  /** One sentence made from the rows. Never called without rows. */
  readonly answer: (rows: readonly Row[]) => string
}

export interface AnalysisResult {
  readonly analysis: Analysis
  readonly rows: readonly Row[]
}

/** Where the numbers of a report come from. Instants are ISO 8601 in UTC. */
export interface Provenance {
  readonly engine: string
  /** version of this suite */
  readonly version: string
  readonly generatedAt: string
  readonly loads: number
  readonly latestLoad: string | null
  readonly firstPlayAt: string | null
  readonly lastPlayAt: string | null
  /** rows by table */
  readonly rows: Readonly<Record<string, number>>
}
