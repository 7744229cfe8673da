import type { Row } from '../schema/index.ts'
import { counted } from '../text.ts'
import { formatterOf } from './format.ts'

/**
 * What to draw, by column name. Numbers as categories are in ascending order, days (`2018-11-30`) on a time axis, other text in the
 * order of the rows.
 */
export interface Chart {
  /** bars lie, columns stand; a heatmap has categories across and the series down */
  readonly mark: 'bar' | 'column' | 'line' | 'area' | 'heatmap'
  readonly category: string
  /** a number, or text that is one; a heatmap shows it as shade */
  readonly value: string
  /** a second category, shown by colour; bars of one category are stacked */
  readonly series?: string
  /** also show each value as share of all */
  readonly percent?: true
}

/** A question, a query, a chart. */
export interface Analysis {
  /** unique; files are named after it */
  readonly name: string
  readonly question: string
  readonly sql: string
  /** undefined if there is only a table */
  readonly chart?: Chart
  /**
   * A sentence about the first row: `{plays}` is the value of that column as tables show it, `{plays play}` is `1 play` or `2 plays`.
   * Without it, the answer is the number of rows.
   */
  readonly answer?: string
  /** The answer if there are no rows; defaults to 'Nothing yet.' */
  readonly none?: string
}

export interface AnalysisResult {
  readonly analysis: Analysis
  /** Without the columns that serve the answer only. */
  readonly rows: readonly Row[]
  readonly answer: string
}

/** An answer that is drawn. */
export type ChartedResult = AnalysisResult & { readonly analysis: { readonly chart: Chart } }

/** Whether there is something to draw. */
export const isCharted = (result: AnalysisResult): result is ChartedResult => result.analysis.chart !== undefined

/** A question that can't be asked or answered. */
export class QuestionProblem extends Error {
  override readonly name = 'QuestionProblem'
  /** The line of its file, from 1, or the part of its head that is wrong; undefined if it is about the whole file. */
  readonly where: number | 'answer' | 'chart' | undefined

  constructor(where: QuestionProblem['where'], message: string) {
    super(message)
    this.where = where
  }
}

/**
 * The rows of a question with its answer. Columns whose name begins with `_` serve the answer only.
 *
 * @throws QuestionProblem if the answer or the chart names a column that the rows don't have.
 */
export function answered(analysis: Analysis, rows: readonly Row[]): AnalysisResult {
  const { chart, answer, none = 'Nothing yet.' } = analysis
  const [first] = rows
  if (first === undefined) return { analysis, rows, answer: none }
  const formatted = (part: 'answer' | 'chart', column: string) => {
    if (!(column in first)) throw new QuestionProblem(part, `the query has no column "${column}".`)
    return formatterOf(rows, column)(first[column])
  }
  for (const column of [chart?.category, chart?.value, chart?.series]) if (column) formatted('chart', column)
  const sentence = answer?.replace(/\{(\w+)(?: ([^{}]+))?\}/g, (_, column: string, noun?: string) => {
    const value = formatted('answer', column)
    return noun ? `${value} ${noun}${Number(first[column]) === 1 ? '' : 's'}` : value
  })
  const shown = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_'))))
  return { analysis, rows: shown, answer: sentence ?? `${counted(rows.length, 'row')}.` }
}

/** Where the numbers of a report come from. Instants are ISO 8601 in UTC. */
export interface Provenance {
  readonly engine: string
  /** version of this project */
  readonly version: string
  readonly generatedAt: string
  readonly loads: number
  readonly latestLoad: string | null
  readonly loadedAt: string | null
  /** folder or address of the logs */
  readonly source: string
  readonly firstPlayAt: string | null
  readonly lastPlayAt: string | null
  /** rows by table */
  readonly rows: Readonly<Record<string, number>>
}
