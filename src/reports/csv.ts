import type { Row, Value } from '../schema/index.ts'
import { textOf } from './format.ts'

/**
 * Rows as CSV, RFC 4180: a header, lines that end in CRLF, quotes where needed. Null is an empty field, an empty string is `""`.
 * Numbers are written in full, without separators, lists and structs as JSON. Without rows and `names` the text is empty.
 *
 * By default, every value reads back exactly. With `spreadsheet`, the text is for people who open it in a spreadsheet: it starts with
 * a byte order mark, without which Excel takes UTF-8 for Latin-1, and text that a spreadsheet would run as a formula gets an
 * apostrophe in front, because song titles can't be trusted.
 */
export function renderCsv(
  rows: readonly Row[],
  {
    spreadsheet = false,
    names = Object.keys(rows[0] ?? {}),
  }: { spreadsheet?: boolean; names?: readonly string[] } = {},
): string {
  if (names.length === 0) return ''
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? null))]
  const text = lines.map((line) => `${line.map((value) => field(value, spreadsheet)).join(',')}\r\n`).join('')
  return spreadsheet ? `\ufeff${text}` : text
}

/** The start of text that a spreadsheet may run as a formula, after OWASP. Japanese settings include the full-width signs. */
const formula = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/

/** Numbers too exact for a double are text. With an apostrophe, a spreadsheet couldn't sum them. */
const number = /^[+-]?\d+(\.\d+)?$/

function field(value: Value, spreadsheet: boolean): string {
  if (value === null) return ''
  if (typeof value === 'object') return field(textOf(value), spreadsheet)
  if (typeof value !== 'string') return String(value)
  const text = spreadsheet && formula.test(value) && !number.test(value) ? `'${value}` : value
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
