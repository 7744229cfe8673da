import type { Row, Value } from '../schema/index.ts'
import { escapeControl } from '../text.ts'
import type { AnalysisResult } from './analysis.ts'
import { textOf } from './format.ts'
import type { TableOptions } from './table.ts'

/** Shown for a category that is null. */
export const noName = '(none)'

/** A table to show, on any medium. */
type TableContent = Omit<TableOptions, 'width' | 'color'> & { readonly rows: readonly Row[] }

/** The different values of a column: numbers ascending, others in the order of the rows. */
export function distinct(rows: readonly Row[], column: string): readonly Value[] {
  const values = [...new Set(rows.map((row) => row[column] ?? null))]
  return values.every((value) => typeof value === 'number') ? values.sort((a, b) => a - b) : values
}

/**
 * An analysis as a table for people. With a series, it has one row per category and one column per value of the series: 24 rows of 7
 * instead of 168. Columns that the chart doesn't draw are left out then. Without a series, it has the rows of the query, with bars.
 */
export function tableOf({ analysis, rows }: AnalysisResult): TableContent {
  const { chart } = analysis
  if (chart?.series === undefined) return { rows, bar: chart?.value }
  const { category, series, value } = chart

  const cells = new Map<Value, Map<Value, Value>>()
  for (const row of rows) {
    const across = cells.get(row[category] ?? null) ?? new Map<Value, Value>()
    cells.set(row[category] ?? null, across.set(row[series] ?? null, row[value] ?? null))
  }
  // Prefixed with the name of the series, because JavaScript moves keys that look like numbers to the start of an object.
  const across = distinct(rows, series).map((item) => ({
    item,
    column: { name: `${series}=${item}`, title: escapeControl(textOf(item ?? noName)) },
  }))
  return {
    nullText: '',
    columns: across.map(({ column }) => column),
    rows: distinct(rows, category).map((item) =>
      Object.fromEntries([
        [category, item ?? noName] as const,
        ...across.map(({ item: of, column }) => [column.name, cells.get(item)?.get(of) ?? null] as const),
      ]),
    ),
  }
}
