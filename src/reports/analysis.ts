import type { Row } from '../schema/index.ts'

/** How a column is shown, where its name and its values don't say enough. */
export interface ShownColumn {
  readonly name: string
  /** defaults to the name as words: `artist_name` is "Artist name" */
  readonly title?: string
  /** shown in brackets behind the title: '%', 'minutes' */
  readonly unit?: string
  /** digits after the point; defaults to what the values need */
  readonly decimals?: number
}

/**
 * What to draw, by column name. Numbers as categories are in ascending order, days (`2018-11-30`) on a time axis, other text in the
 * order of the rows.
 */
interface Chart {
  /** bars of text categories are horizontal, so that the names can be read; a heatmap has categories across, the series down */
  readonly mark: 'bar' | 'line' | 'heatmap'
  readonly category: string
  /** a number, or text that is one; a heatmap shows it as shade */
  readonly value: string
  /** a second category, shown by colour; bars of one category are stacked */
  readonly series?: string
}

/** A question, a query, a chart. */
export interface Analysis {
  /** kebab-case and unique; files are named after it */
  readonly name: string
  readonly question: string
  readonly sql: string
  /** the columns that need a hint, in any order */
  readonly columns?: readonly ShownColumn[]
  readonly chart: Chart
  /** One sentence made from the rows. Never called without rows. */
  readonly answer: (rows: readonly Row[]) => string
  /** The answer if there are no rows although there are plays; defaults to 'No plays yet.' */
  readonly none?: string
}

export interface AnalysisResult {
  readonly analysis: Analysis
  readonly rows: readonly Row[]
}

/** The answer in one sentence, also if there are no rows. */
export function answerOf({ analysis, rows }: AnalysisResult): string {
  return rows.length > 0 ? analysis.answer(rows) : (analysis.none ?? 'No plays yet.')
}

/** Where the numbers of a report come from. Instants are ISO 8601 in UTC. */
export interface Provenance {
  readonly engine: string
  /** version of this project */
  readonly version: string
  readonly generatedAt: string
  readonly loads: number
  readonly latestLoad: string | null
  readonly firstPlayAt: string | null
  readonly lastPlayAt: string | null
  /** rows by table */
  readonly rows: Readonly<Record<string, number>>
}
