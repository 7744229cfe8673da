import type { Value } from '../schema/index.ts'
import { escapeControl } from '../text.ts'
import type { AnalysisResult } from './analysis.ts'
import { columnOf, formatterOf } from './format.ts'
import { distinct, noName } from './pivot.ts'

/**
 * The positions along an axis or in a legend. Vega keeps them as keys of plain objects, where names such as `__proto__` break. So
 * names are numbered from 0 and kept in `names`; numbers and days are used as they are.
 */
export interface Places {
  readonly kind: 'numbers' | 'days' | 'names'
  readonly domain: readonly (number | string)[]
  readonly names: readonly string[]
}

/** One mark of a chart. The fields have fixed names, so that no column name can be taken for an expression. */
interface Datum {
  readonly category: Value
  /** its name; a day in words */
  readonly categoryName: string
  readonly series?: Value
  readonly seriesName?: string
  readonly value: number | null
  /** the value as the tables show it */
  readonly label: string
}

export interface ChartData {
  readonly values: readonly Datum[]
  readonly categories: Places
  /** undefined if the analysis has no series */
  readonly series: Places | undefined
}

const dayMs = 86_400_000
/** More days than this are drawn on a continuous time scale instead of one position per day. */
export const mostDays = 366
/** Numbers that span more than this don't get empty positions for the numbers between them. */
const mostPlaces = 100

/** The rows as data of a chart: control characters escaped, values as numbers, categories in the order they are drawn. */
export function chartData({ analysis, rows }: AnalysisResult): ChartData {
  const { category, series, value } = analysis.chart
  const format = formatterOf(rows, columnOf(value, analysis.columns))
  // Two songs may share a title, so without a series each row gets its own position.
  const own = series === undefined
  const across = placing(own ? rows.map((row) => row[category] ?? null) : distinct(rows, category))
  const down = own ? undefined : placing(distinct(rows, series))
  const values = rows.map((row, index) => ({
    category: across.placeOf(row[category] ?? null, own ? index : undefined),
    categoryName: across.places.kind === 'days' ? dayName(String(row[category])) : nameOf(row[category]),
    ...(down && series && { series: down.placeOf(row[series] ?? null), seriesName: nameOf(row[series]) }),
    value: numberOf(row[value]),
    label: format(row[value]),
  }))
  return { values, categories: across.places, series: down?.places }
}

/** The positions of these items, and a function that finds the one of an item; `at` is its index. */
function placing(items: readonly Value[]) {
  const places = placesOf(items)
  return {
    places,
    placeOf: (item: Value, at = items.indexOf(item)) => (places.kind === 'names' ? at : item),
  }
}

function placesOf(items: readonly Value[]): Places {
  const numbers = items.filter((item) => typeof item === 'number')
  const days = items.filter((item) => typeof item === 'string' && /^\d{4}-\d\d-\d\d$/.test(item)) as string[]
  if (items.length > 0 && numbers.length === items.length)
    return { kind: 'numbers', domain: filled(numbers), names: [] }
  if (items.length > 0 && days.length === items.length) return { kind: 'days', domain: filledDays(days), names: [] }
  return { kind: 'names', domain: [...items.keys()], names: items.map(nameOf) }
}

/** The numbers in ascending order. Includes missing whole numbers, so that an hour without plays is visible. */
function filled(numbers: readonly number[]): readonly number[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const [first = 0] = sorted
  const count = (sorted.at(-1) ?? 0) - first + 1
  return count <= mostPlaces && sorted.every(Number.isInteger)
    ? Array.from({ length: count }, (_, index) => first + index)
    : sorted
}

/** The days in ascending order. Includes missing days, so that a day without plays is visible. */
function filledDays(days: readonly string[]): readonly string[] {
  const sorted = [...new Set(days)].sort()
  const first = Date.parse(sorted[0] ?? '')
  const count = (Date.parse(sorted.at(-1) ?? '') - first) / dayMs + 1
  return count <= mostDays
    ? Array.from({ length: count }, (_, index) => new Date(first + index * dayMs).toISOString().slice(0, 10))
    : sorted
}

// Made once, because that takes longer than formatting a hundred days.
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' })
const month = new Intl.DateTimeFormat('en-GB', { month: 'long', timeZone: 'UTC' })

/** `2018-11-01` in words: `Thursday, 1 November 2018`. */
function dayName(day: string): string {
  const date = new Date(day)
  return `${weekday.format(date)}, ${Number(day.slice(8))} ${month.format(date)} ${Number(day.slice(0, 4))}`
}

function nameOf(value: Value | undefined): string {
  const text = escapeControl(String(value ?? ''))
  return text.trim() === '' ? noName : text
}

function numberOf(value: Value | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
