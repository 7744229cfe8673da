import type { Row, Value } from '../schema/index.ts'
import { escapeControl } from '../text.ts'
import type { AnalysisResult, Column } from './analysis.ts'

/** What stands for a category that is null. */
export const noName = '(none)'

/** Rows to show, the columns that need a hint, and the one to draw bars of. */
interface TableContent {
  readonly rows: readonly Row[]
  readonly columns: readonly Column[]
  readonly bar?: string
  /** what stands for null; defaults to `null` */
  readonly nullText?: string
}

/** The different values of a column: numbers ascending, others in the order of the rows. */
export function distinct(rows: readonly Row[], column: string): readonly Value[] {
  const values = [...new Set(rows.map((row) => row[column] ?? null))]
  return values.every((value) => typeof value === 'number') ? values.sort((a, b) => a - b) : values
}

/**
 * An analysis as a table for people. One with a series has a row a category and a column a value of the series: 24 rows of 7
 * instead of 168. What the chart does not draw is not in it then. Others are shown as the query gives them, with bars.
 */
export function tableOf({ analysis, rows }: AnalysisResult): TableContent {
  const { columns = [], chart } = analysis
  const { category, series, value } = chart
  if (series === undefined) return { rows, columns, bar: chart.value }

  const cells = new Map<Value, Map<Value, Value>>()
  for (const row of rows) {
    const across = cells.get(row[category] ?? null) ?? new Map<Value, Value>()
    cells.set(row[category] ?? null, across.set(row[series] ?? null, row[value] ?? null))
  }
  const measured = columns.find((column) => column.name === value)
  // The name of the series in front keeps JavaScript from moving keys that look like numbers to the start of the row.
  const across = distinct(rows, series).map((item) => ({
    item,
    column: { ...measured, name: `${series}=${item}`, title: escapeControl(String(item ?? noName)) },
  }))
  return {
    nullText: '',
    columns: [...columns.filter((column) => column.name === category), ...across.map(({ column }) => column)],
    rows: distinct(rows, category).map((item) =>
      Object.fromEntries([
        [category, item ?? noName] as const,
        ...across.map(({ item: of, column }) => [column.name, cells.get(item)?.get(of) ?? null] as const),
      ]),
    ),
  }
}
