import type { Row, Value } from '../schema/index.ts'
import { escapeControl } from '../text.ts'
import type { ChartedResult } from './analysis.ts'
import { formatterOf, headingOf, textOf } from './format.ts'
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
  /** all of it: `Hour: 16; Plays: 542` */
  readonly hint: string
}

/** How the columns of a chart are called; the series is empty if there is none. */
export type Titles = Record<'category' | 'value' | 'series', string>

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

/** What a chart calls its columns. */
export function titlesOf({ analysis: { chart } }: ChartedResult): Titles {
  const title = (name: string) => headingOf({ name })
  return {
    category: title(chart.category),
    value: title(chart.value),
    series: chart.series === undefined ? '' : title(chart.series),
  }
}

/** The rows as data of a chart: control characters escaped, values as numbers, categories in the order they are drawn. */
export function chartData(result: ChartedResult): ChartData {
  const { analysis, rows } = result
  const titles = titlesOf(result)
  const { category, series, value, percent } = analysis.chart
  const format = formatterOf(rows, value)
  const all = rows.reduce((sum, row) => sum + (numberOf(row[value]) ?? 0), 0)
  const share = (row: Row) =>
    percent && all > 0 ? ` (${((100 * (numberOf(row[value]) ?? 0)) / all).toFixed(1)} %)` : ''
  // Two songs may share a title, so without a series each row gets its own position.
  const own = series === undefined
  const across = own ? rows.map((row) => row[category] ?? null) : distinct(rows, category)
  const down = own ? [] : distinct(rows, series)
  const [categories, seriesPlaces] = [placesOf(across), placesOf(down)]
  const place = ({ kind }: Places, item: Value, index: number) => (kind === 'names' ? index : item)
  const values = rows.map((row, index) => {
    const item = row[category] ?? null
    const of = row[series ?? ''] ?? null
    const categoryName = categories.kind === 'days' ? dayName(String(item)) : nameOf(item)
    const seriesName = own ? undefined : nameOf(of)
    const label = format(row[value]) + share(row)
    const parts = [
      `${titles.category}: ${categoryName}`,
      ...(seriesName === undefined ? [] : [`${titles.series}: ${seriesName}`]),
      `${titles.value}: ${label}`,
    ]
    return {
      category: place(categories, item, own ? index : across.indexOf(item)),
      categoryName,
      ...(seriesName !== undefined && { series: place(seriesPlaces, of, down.indexOf(of)), seriesName }),
      value: numberOf(row[value]),
      label,
      hint: parts.join('; '),
    }
  })
  return { values, categories, series: own ? undefined : seriesPlaces }
}

function placesOf(items: readonly Value[]): Places {
  if (items.length > 0 && items.every((item) => typeof item === 'number'))
    return { kind: 'numbers', domain: filled(items, mostPlaces), names: [] }
  if (items.length > 0 && items.every(isDay)) {
    const days = items.map((day) => Date.parse(String(day)) / dayMs)
    const domain = filled(days, mostDays).map((day) => new Date(day * dayMs).toISOString().slice(0, 10))
    return { kind: 'days', domain, names: [] }
  }
  return { kind: 'names', domain: [...items.keys()], names: items.map(nameOf) }
}

/** A song can have a title such as `2018-99-99`, which is not a day. */
function isDay(item: Value): boolean {
  const text = String(item)
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** The numbers in ascending order. Includes up to `most` whole numbers between them, so that an hour without plays is visible. */
function filled(numbers: readonly number[], most: number): readonly number[] {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const [first = 0] = sorted
  const count = (sorted.at(-1) ?? 0) - first + 1
  return count <= most && sorted.every(Number.isInteger)
    ? Array.from({ length: count }, (_, index) => first + index)
    : sorted
}

// Made once, because that takes longer than formatting a hundred days.
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' })

/** A day with its name: `2018-11-01, Thursday`. */
const dayName = (day: string): string => `${day}, ${weekday.format(new Date(day))}`

function nameOf(value: Value | undefined): string {
  const text = escapeControl(textOf(value ?? ''))
  return text.trim() === '' ? noName : text
}

function numberOf(value: Value | undefined): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
