import stringWidth from 'string-width'
import type { Column, Row } from './analysis.ts'
import { columnsOf, formatterOf, headingOf, isNumeric } from './format.ts'
import { visibleText } from './visible-text.ts'

export interface TableOptions {
  /** the columns that need a hint */
  readonly columns?: readonly Column[]
  /** the column to draw bars of */
  readonly bar?: string | undefined
  /** columns of the terminal; defaults to 80 */
  readonly width?: number
  /** headings in bold, nulls faint, bars in colour; defaults to none */
  readonly color?: boolean
  /** draw with ASCII only; the data stays as it is */
  readonly ascii?: boolean
}

/** A column laid out: all its cells as text and how wide it is. */
interface Layout {
  readonly heading: string
  readonly cells: readonly string[]
  readonly numeric: boolean
  readonly width: number
}

const gap = '  '
const narrowestText = 8
const narrowestBar = 10
const widestBar = 30

/**
 * Rows as a table for a terminal: numbers to the right with thousands set apart, text to the left, the widest text shortened until a
 * line fits in `width`, optionally bars. Where even short text does not fit, each row is a block of lines `name  value`.
 * Numbers are never shortened. Whatever the data holds, columns align and no control character gets out. Ends in no newline.
 */
export function renderTable(rows: readonly Row[], options: TableOptions = {}): string {
  if (rows.length === 0) return '(no rows)'
  const { bar, width = 80, ascii = false } = options
  const columns = columnsOf(rows, options.columns).map((column) => layoutOf(rows, column, options))
  const bars = bar !== undefined && isNumeric(rows, bar)
  const table = (bars && fit(columns, width - narrowestBar - gap.length)) || fit(columns, width)
  if (table === undefined) return renderBlocks(columns, rows.length, options)

  const paint = painter(options.color)
  const room = Math.min(widestBar, width - total(table) - gap.length)
  const drawn = bars && room >= narrowestBar ? drawBars(rows, bar, room, ascii) : []
  const line = (texts: readonly string[], end: string) => [...texts, end].join(gap).trimEnd()
  return [
    line(
      table.map((column) => paint.bold(cell(column, column.heading, ascii))),
      '',
    ),
    line(
      table.map((column) => (ascii ? '-' : '─').repeat(column.width)),
      '',
    ),
    ...rows.map((row, index) =>
      line(
        table.map((column, place) => {
          const text = cell(column, column.cells[index] ?? '', ascii)
          return Object.values(row)[place] === null ? paint.faint(text) : text
        }),
        paint.cyan(drawn[index] ?? ''),
      ),
    ),
  ].join('\n')
}

/** The text, or as much of it as fits in `width` columns of a terminal with an ellipsis. Never cuts a character in two. */
export function shorten(text: string, width: number, ellipsis = '…'): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - ellipsis.length) break
    kept += segment
  }
  return (kept + ellipsis).slice(0, Math.max(width, 0))
}

function layoutOf(rows: readonly Row[], column: Column, { columns = [] }: TableOptions): Layout {
  const format = formatterOf(rows, column)
  const heading = columns.includes(column) ? headingOf(column) : visibleText(column.name)
  const cells = rows.map((row) => format(row[column.name] ?? null))
  const width = cells.reduce((most, text) => Math.max(most, stringWidth(text)), stringWidth(heading))
  return { heading, cells, numeric: isNumeric(rows, column.name), width }
}

function total(columns: readonly Layout[]): number {
  return columns.reduce((sum, column) => sum + column.width, (columns.length - 1) * gap.length)
}

/** The columns with the widest text narrowed until they fit, or nothing if they can't. */
function fit(columns: readonly Layout[], width: number): readonly Layout[] | undefined {
  const fitting = columns.map((column) => ({ ...column }))
  for (let excess = total(fitting) - width; excess > 0; excess = total(fitting) - width) {
    const texts = fitting.filter((column) => !column.numeric).sort((a, b) => b.width - a.width)
    const [widest, next] = texts
    if (widest === undefined || widest.width <= narrowestText) return undefined
    const step = Math.max(1, widest.width - Math.max(next?.width ?? 0, narrowestText))
    widest.width -= Math.min(step, excess)
  }
  return fitting
}

function cell({ width, numeric }: Layout, text: string, ascii: boolean): string {
  const shown = shorten(text, width, ascii ? '...' : '…')
  const blanks = ' '.repeat(width - stringWidth(shown))
  return numeric ? blanks + shown : shown + blanks
}

function renderBlocks(columns: readonly Layout[], count: number, { width = 80, color, ascii }: TableOptions): string {
  const ellipsis = ascii ? '...' : '…'
  const names = Math.min(
    columns.reduce((most, { heading }) => Math.max(most, stringWidth(heading)), 0),
    Math.max(narrowestText, Math.floor(width / 3)),
  )
  const blocks = Array.from({ length: count }, (_, index) =>
    columns.map(({ heading, cells, numeric }) => {
      const name = shorten(heading, names, ellipsis)
      const value = cells[index] ?? ''
      const shown = numeric ? value : shorten(value, width - names - gap.length, ellipsis)
      return `${painter(color).bold(name)}${' '.repeat(names - stringWidth(name))}${gap}${shown}`.trimEnd()
    }),
  )
  return blocks.map((lines) => lines.join('\n')).join('\n\n')
}

/** One bar a row, the greatest value as long as the room. Values below zero have none. */
function drawBars(rows: readonly Row[], name: string, room: number, ascii: boolean): readonly string[] {
  const values = rows.map((row) => Math.max(0, Number.isFinite(row[name]) ? Number(row[name]) : 0))
  const greatest = values.reduce((most, value) => Math.max(most, value), 0)
  return values.map((value) => {
    const eighths = greatest === 0 ? 0 : Math.round((value / greatest) * room * 8)
    if (ascii) return '#'.repeat(Math.round(eighths / 8))
    return '█'.repeat(Math.floor(eighths / 8)) + ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8]
  })
}

function painter(color = false) {
  const paint = (code: number) => (text: string) => (color && text.trim() !== '' ? `\x1b[${code}m${text}\x1b[0m` : text)
  return { bold: paint(1), faint: paint(2), cyan: paint(36) }
}
