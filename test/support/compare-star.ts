import { starTables, type Table } from '../../src/schema/index.ts'
import type { ExpectedStar, Row } from './oracle.ts'

/** A star as read from a warehouse: rows in any order, with or without load_id, values as the oracle writes them. */
export type ActualStar = Omit<ExpectedStar, 'conflicts'> & { conflicts?: number }

/**
 * The first difference between two stars in words, or undefined if there is none. Rows are paired by the table's key.
 * `conflicts` is compared only if `actual` has it.
 */
export function firstDifference(expected: ExpectedStar, actual: ActualStar): string | undefined {
  for (const table of starTables) {
    const name = table.name as Exclude<keyof ExpectedStar, 'conflicts'>
    const difference = tableDifference(table, expected[name], actual[name])
    if (difference !== undefined) return `${table.name}: ${difference}`
  }
  if (actual.conflicts !== undefined && actual.conflicts !== expected.conflicts) {
    return `conflicts: expected ${expected.conflicts}, got ${actual.conflicts}`
  }
  return undefined
}

function tableDifference(table: Table, expected: readonly Row[], actual: readonly Row[]): string | undefined {
  const counts = `${expected.length} rows expected, ${actual.length} found`
  const found = new Map<string, Row>()
  for (const row of actual) {
    const key = keyOf(table, row)
    if (found.has(key)) return `row ${key} is there more than once (${counts})`
    found.set(key, row)
  }
  for (const row of expected) {
    const key = keyOf(table, row)
    const other = found.get(key)
    if (!other) return `row ${key} is missing (${counts})`
    const difference = rowDifference(table, row, other)
    if (difference !== undefined) return `row ${key}, ${difference}`
    found.delete(key)
  }
  const [extra] = found.keys()
  return extra === undefined ? undefined : `row ${extra} should not be there (${counts})`
}

/** Columns in the order of the schema; load_id depends on how the history was split, so it is not compared. */
function rowDifference(table: Table, expected: Row, actual: Row): string | undefined {
  const columns = table.columns.map((column) => column.name).filter((name) => name !== 'load_id')
  for (const column of columns) {
    if (!(column in actual)) return `column ${column} is missing`
    if (actual[column] !== expected[column]) {
      return `column ${column}: expected ${show(expected[column])}, got ${show(actual[column])}`
    }
  }
  const unknown = Object.keys(actual).find((name) => name !== 'load_id' && !columns.includes(name))
  return unknown === undefined ? undefined : `column ${unknown} should not be there`
}

function keyOf(table: Table, row: Row): string {
  return table.key.map((column) => `${column} = ${show(row[column])}`).join(', ')
}

/** Text in quotes, so that "7" and 7, and blanks at the end, can be told apart; what no star holds is named with its type. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value === 'number') return String(value)
  return `${typeof value} ${String(value)}`
}
