import type { Row, Value } from '../schema/index.ts'
import { escapeControl } from '../text.ts'

/** The decimals of the schema. More digits are rounding errors of binary fractions. */
const mostDecimals = 5

/** Numbers in these columns are identifiers or years: no thousands separators. */
const namesThings = /(^|_)(id|key|year)$/

/** A column to show, with its heading if its name as words isn't enough. */
export interface ShownColumn {
  readonly name: string
  readonly title?: string
}

/** The columns of the rows, each with its hint if there is one. */
export function columnsOf(rows: readonly Row[], hints: readonly ShownColumn[] = []): readonly ShownColumn[] {
  return Object.keys(rows[0] ?? {}).map((name) => hints.find((hint) => hint.name === name) ?? { name })
}

/** A column's heading: its title, or its name as words. */
export function headingOf({ name, title }: ShownColumn): string {
  const words = name.replaceAll('_', ' ')
  return escapeControl(title ?? words.charAt(0).toUpperCase() + words.slice(1))
}

/** True if the column has numbers, and otherwise only nulls. */
export function isNumeric(rows: readonly Row[], name: string): boolean {
  return (
    rows.some((row) => typeof row[name] === 'number') &&
    rows.every((row) => row[name] === null || typeof row[name] === 'number')
  )
}

/** Formats the values of a column: one line each, all numbers with the same number of decimals and with commas for thousands. */
export function formatterOf(
  rows: readonly Row[],
  name: string,
  nullText = 'null',
  isExact = false,
): (value: Value | undefined) => string {
  const digits = rows.reduce((most, row) => Math.max(most, decimalsOf(row[name])), 0)
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    useGrouping: !namesThings.test(name),
  })
  return (value) => {
    if (value === null || value === undefined) return nullText
    if (typeof value !== 'number') return escapeControl(textOf(value))
    if (isExact && Number(value.toFixed(digits)) !== value) return String(value)
    const size = Math.abs(value)
    const vanishes = size > 0 && size < 10 ** -digits / 2
    return Number.isFinite(value) && size < 1e15 && !vanishes ? format.format(value + 0) : String(value)
  }
}

/** A value as text: lists and structs as JSON. */
export const textOf = (value: Value): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

function decimalsOf(value: Value | undefined): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 0
  const [, fraction = ''] = value.toFixed(mostDecimals).split('.')
  return fraction.replace(/0+$/, '').length
}
