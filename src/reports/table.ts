import type { Row } from '../schema/index.ts'
import { escapeControl, fold, shorten, shortenStart, textWidth } from '../text.ts'
import { columnsOf, formatterOf, headingOf, isNumeric, type ShownColumn } from './format.ts'

export interface TableOptions {
  /** the columns that need a hint */
  readonly columns?: readonly ShownColumn[] | undefined
  /** the column to draw bars of */
  readonly bar?: string | undefined
  /** true if a number with more digits than the others is shown in full instead of rounded */
  readonly isExact?: boolean | undefined
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
  /** Whether its texts are paths, which differ at their end. */
  readonly isPath: boolean
  readonly narrowest: number
  width: number
}

type Style = (text: string) => string

const gap = '  '
const narrowestText = 16
const narrowestPath = 24
const narrowestName = 8
/** Lines of a cell in a table, and in a block of `name  value`. */
const mostLines = { table: 3, block: 5 }
const narrowestBar = 10
const widestBar = 30

/**
 * Rows as a table for a terminal: numbers right-aligned with thousands separators, text left-aligned, and optionally one bar per row.
 * Narrows the widest texts until a line fits in `width`, never numbers: a cell then has several lines, and what is still too long
 * is shortened, paths at their start. If that isn't enough, each row becomes a block of lines `name  value`. Columns align for any
 * text, and control characters are escaped. Has no newline at the end.
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
  const body = rows.flatMap((row, index) => {
    const cells = table.map((column) => linesOf(column, column.cells[index], bars ? 1 : mostLines.table))
    const height = Math.max(...cells.map(({ length }) => length))
    return Array.from({ length: height }, (_, line) => [
      ...table.map((column, at) => padded(column, cells[at]?.[line], row[column.name] === null ? faint : undefined)),
      line === 0 ? cyan(drawn[index] ?? '') : '',
    ])
  })
  return [
    table.map((column) => padded(column, linesOf(column, column.heading, 1)[0], bold)),
    table.map((column) => '─'.repeat(column.width)),
    ...body,
  ]
    .map((line) => line.join(gap).trimEnd())
    .join('\n')
}

function layoutOf(
  rows: readonly Row[],
  column: ShownColumn,
  { columns = [], nullText, isExact }: TableOptions,
): Layout {
  const format = formatterOf(rows, column.name, nullText, isExact)
  const heading = measured(columns.includes(column) ? headingOf(column) : escapeControl(column.name))
  const cells = rows.map((row) => measured(format(row[column.name])))
  const numeric = isNumeric(rows, column.name)
  const isPath = rows.every((row) => row[column.name] === null || /^(s3:\/)?\//.test(String(row[column.name])))
  const content = widest(cells)
  const width = Math.max(content, heading.width)
  const room = numeric ? Math.max(content, narrowestName) : isPath ? narrowestPath : narrowestText
  return { name: column.name, heading, cells, numeric, isPath, narrowest: Math.min(width, room), width }
}

const measured = (text: string): Cell => ({ text, width: textWidth(text) })

const widest = (cells: readonly Cell[]): number => cells.reduce((most, { width }) => Math.max(most, width), 0)

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

/** The lines of a cell in a column that may be narrower than its text. */
function linesOf(
  { width, isPath }: Layout,
  { text, width: needed }: Cell = measured(''),
  most: number,
): readonly Cell[] {
  if (needed <= width) return [{ text, width: needed }]
  const lines = isPath ? [shortenStart(text, width)] : most === 1 ? [shorten(text, width)] : fold(text, width, most)
  return lines.map(measured)
}

function padded({ width, numeric }: Layout, cell: Cell | undefined, style: Style = String): string {
  if (cell === undefined) return ' '.repeat(width)
  const blanks = ' '.repeat(width - cell.width)
  return numeric ? blanks + style(cell.text) : style(cell.text) + blanks
}

function renderBlocks(rows: readonly Row[], columns: readonly Layout[], options: TableOptions): string {
  const { width = 80 } = options
  const { bold, faint } = styles(options)
  const headings = widest(columns.map(({ heading }) => heading))
  const names = Math.min(headings, Math.max(narrowestName, Math.floor(width / 3)))
  const values = Math.max(narrowestName, width - names - gap.length)
  const block = (row: Row, index: number) =>
    columns.flatMap((column) => {
      const asName = { ...column, numeric: false, isPath: false, width: names }
      const room = column.numeric ? (column.cells[index]?.width ?? 0) : values
      const style = row[column.name] === null ? faint : String
      return linesOf({ ...column, width: room }, column.cells[index], mostLines.block).map((line, at) => {
        const name = padded(asName, at === 0 ? linesOf(asName, column.heading, 1)[0] : undefined, bold)
        return `${name}${gap}${style(line.text)}`.trimEnd()
      })
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
