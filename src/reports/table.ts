import type { Row } from '../schema/index.ts'
import { escapeControl, shorten, textWidth } from '../text.ts'
import type { ShownColumn } from './analysis.ts'
import { columnsOf, formatterOf, headingOf, isNumeric } from './format.ts'

export interface TableOptions {
  /** the columns that need a hint */
  readonly columns?: readonly ShownColumn[] | undefined
  /** the column to draw bars of */
  readonly bar?: string | undefined
  /** shown for null; defaults to `null` */
  readonly nullText?: string | undefined
  /** columns of the terminal; defaults to 80 */
  readonly width?: number | undefined
  /** headings bold, nulls faint, bars in colour; defaults to false */
  readonly color?: boolean | undefined
}

/** Text and its width in terminal columns, measured once because that is slow. */
interface Cell {
  readonly text: string
  readonly width: number
}

/** A column with its cells, its width and its minimum width. */
interface Layout {
  readonly name: string
  readonly heading: Cell
  readonly cells: readonly Cell[]
  readonly numeric: boolean
  readonly narrowest: number
  width: number
}

type Style = (text: string) => string

const gap = '  '
const narrowestText = 8
const narrowestBar = 10
const widestBar = 30

/**
 * Rows as a table for a terminal: numbers right-aligned with thousands separators, text left-aligned, and optionally one bar per row.
 * Shortens the widest texts until a line fits in `width`, never numbers. If that isn't enough, each row becomes a block of lines
 * `name  value`. Columns align for any text, and control characters are escaped. Has no newline at the end.
 */
export function renderTable(rows: readonly Row[], options: TableOptions = {}): string {
  if (rows.length === 0) return '(no rows)'
  const { bar, width = 80 } = options
  const columns = columnsOf(rows, options.columns).map((column) => layoutOf(rows, column, options))
  const bars = bar !== undefined && isNumeric(rows, bar)
  const table = (bars && narrow(columns, width - narrowestBar - gap.length)) || narrow(columns, width)
  if (table === undefined) return renderBlocks(rows, columns, options)

  const { bold, faint, cyan } = styles(options)
  const room = Math.min(widestBar, width - widthOf(table) - gap.length)
  const drawn = bars && room >= narrowestBar ? drawBars(rows, bar, room) : []
  return [
    table.map((column) => padded(column, column.heading, bold)),
    table.map((column) => '─'.repeat(column.width)),
    ...rows.map((row, index) => [
      ...table.map((column) => padded(column, column.cells[index], row[column.name] === null ? faint : undefined)),
      cyan(drawn[index] ?? ''),
    ]),
  ]
    .map((line) => line.join(gap).trimEnd())
    .join('\n')
}

function layoutOf(rows: readonly Row[], column: ShownColumn, { columns = [], nullText }: TableOptions): Layout {
  const format = formatterOf(rows, column, nullText)
  const heading = measured(columns.includes(column) ? headingOf(column) : escapeControl(column.name))
  const cells = rows.map((row) => measured(format(row[column.name])))
  const numeric = isNumeric(rows, column.name)
  const content = widest(cells)
  const width = Math.max(content, heading.width)
  const narrowest = Math.min(width, numeric ? Math.max(content, narrowestText) : narrowestText)
  return { name: column.name, heading, cells, numeric, narrowest, width }
}

function measured(text: string): Cell {
  return { text, width: textWidth(text) }
}

function widest(cells: readonly Cell[]): number {
  return cells.reduce((most, { width }) => Math.max(most, width), 0)
}

function widthOf(columns: readonly Layout[]): number {
  return columns.reduce((sum, column) => sum + column.width, (columns.length - 1) * gap.length)
}

/** Narrows the widest columns until all fit in `width`; undefined if they can't. */
function narrow(columns: readonly Layout[], width: number): readonly Layout[] | undefined {
  const fitted = columns.map((column) => ({ ...column }))
  for (let excess = widthOf(fitted) - width; excess > 0; excess = widthOf(fitted) - width) {
    const [first, next] = fitted.filter((column) => column.width > column.narrowest).sort((a, b) => b.width - a.width)
    if (first === undefined) return undefined
    const toNext = first.width - Math.max(first.narrowest, next?.width ?? 0)
    first.width -= Math.min(excess, Math.max(1, toNext))
  }
  return fitted
}

function padded({ width, numeric }: Layout, whole: Cell | undefined, style: Style = String): string {
  if (whole === undefined) return ' '.repeat(width)
  const cell = whole.width <= width ? whole : measured(shorten(whole.text, width))
  const blanks = ' '.repeat(width - cell.width)
  return numeric ? blanks + style(cell.text) : style(cell.text) + blanks
}

function renderBlocks(rows: readonly Row[], columns: readonly Layout[], options: TableOptions): string {
  const { width = 80 } = options
  const { bold, faint } = styles(options)
  const headings = widest(columns.map(({ heading }) => heading))
  const names = Math.min(headings, Math.max(narrowestText, Math.floor(width / 3)))
  const values = Math.max(narrowestText, width - names - gap.length)
  const block = (row: Row, index: number) =>
    columns.map((column) => {
      const name = padded({ ...column, numeric: false, width: names }, column.heading, bold)
      const cell = column.cells[index]
      const room = column.numeric ? (cell?.width ?? 0) : values
      const value = padded({ ...column, numeric: false, width: room }, cell, row[column.name] === null ? faint : String)
      return `${name}${gap}${value}`.trimEnd()
    })
  return rows.map((row, index) => block(row, index).join('\n')).join('\n\n')
}

/** One bar per row; the greatest value fills the room. Negative values have no bar. */
function drawBars(rows: readonly Row[], name: string, room: number): readonly string[] {
  const values = rows.map((row) => Math.max(0, Number.isFinite(row[name]) ? Number(row[name]) : 0))
  const greatest = values.reduce((most, value) => Math.max(most, value), 0)
  return values.map((value) => {
    const eighths = greatest === 0 ? 0 : Math.round((value / greatest) * room * 8)
    return '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]
  })
}

function styles({ color = false }: TableOptions): Record<'bold' | 'faint' | 'cyan', Style> {
  const style = (code: number) => (text: string) => (color && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { bold: style(1), faint: style(2), cyan: style(36) }
}
