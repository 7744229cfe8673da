import type { Row, Value } from '../schema/index.ts'
import type { AnalysisResult } from './analysis.ts'
import { columnOf, formatterOf } from './format.ts'
import { distinct, noName } from './pivot.ts'
import { visibleText } from './visible-text.ts'

type Category = string | number

/** One mark of a chart. Fixed names, so that no column's name can be taken for an expression. */
export interface Datum {
  readonly category: Category
  readonly series?: Category
  readonly value: number | null
  /** the value as the tables show it */
  readonly label: string
}

export interface ChartData {
  readonly values: readonly Datum[]
  /** Numbers and names stand side by side in the order of `categories`, days on a time axis. */
  readonly kind: 'numbers' | 'days' | 'names'
  readonly categories: readonly Category[]
  readonly series: readonly Category[]
}

/** Wider gaps between numbers than this are not drawn as empty places. */
const mostPlaces = 100

/** The rows as a chart takes them: text made harmless, values numbers, categories in the order they are drawn. */
export function chartData({ analysis, rows }: AnalysisResult): ChartData {
  const { category, series, value } = analysis.chart
  const format = formatterOf(rows, columnOf(value, analysis.columns))
  // Two songs may share a title: each keeps its own bar.
  const categoryOf = series === undefined ? numberedTwins(rows, category) : (row: Row) => labelOf(row[category])
  const values = rows.map((row) => ({
    category: categoryOf(row),
    ...(series === undefined ? {} : { series: labelOf(row[series]) }),
    value: numberOf(row[value]),
    label: format(row[value]),
  }))
  const categories = placesOf(values, 'category')
  return {
    values,
    kind: kindOf(categories),
    categories,
    series: series === undefined ? [] : placesOf(values, 'series'),
  }
}

function kindOf(categories: readonly Category[]): ChartData['kind'] {
  if (categories.length === 0) return 'names'
  if (categories.every((category) => typeof category === 'number')) return 'numbers'
  return categories.every((category) => /^\d{4}-\d\d-\d\d$/.test(String(category))) ? 'days' : 'names'
}

/** The different values; of whole numbers also those between them, so that an hour without plays is seen. */
function placesOf(values: readonly Datum[], field: 'category' | 'series'): readonly Category[] {
  const places = distinct(values as never, field) as readonly Category[]
  const [first] = places
  const last = places.at(-1)
  const whole = places.every((place) => Number.isInteger(place))
  if (!whole || typeof first !== 'number' || typeof last !== 'number' || last - first > mostPlaces) return places
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

function numberedTwins(rows: readonly Row[], column: string): (row: Row) => Category {
  const seen = new Map<Category, number>()
  const labels = new Map<Row, Category>()
  for (const row of rows) {
    const label = labelOf(row[column])
    const count = (seen.get(label) ?? 0) + 1
    seen.set(label, count)
    labels.set(row, count === 1 ? label : `${label} (${count})`)
  }
  return (row) => labels.get(row) ?? ''
}

function labelOf(value: Value | undefined): Category {
  if (value === null || value === undefined) return noName
  return typeof value === 'number' ? value : visibleText(String(value))
}

function numberOf(value: Value | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
