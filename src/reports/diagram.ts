/** Tables as a picture: boxes with their columns, lines from keys to what refers to them. SVG that is readable on light and dark. Pure. */
import type { Column, Table } from '../schema/index.ts'
import { html, type Markup } from './markup.ts'

/** Pixels. */
const rowHeight = 20
const headHeight = 28
const gapAcross = 110
const gapDown = 32
const margin = 24
/** Of the faces below at 12 pixels, rather too wide than too narrow. */
const letterWidth = 7.4

interface Box {
  readonly table: Table
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Colours of its own for both schemes, and a background, so that it can be read wherever it is put. */
const style = `
  svg { --paper: #ffffff; --ink: #1b1f24; --soft: #59636e; --rule: #c4ccd4; --head: #0b5c94; --headInk: #ffffff; --line: #0b5c94; }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #12161b; --ink: #e6e9ec; --soft: #9aa5b0; --rule: #3b444d; --head: #79bfee; --headInk: #0c1116; --line: #79bfee; }
  }
  text { font: 12px ui-sans-serif, system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink); }
  .name { font-weight: 600; fill: var(--headInk); font-size: 13px; }
  .soft { fill: var(--soft); }
  .key { font-weight: 600; }
  .paper { fill: var(--paper); }
  .box { fill: var(--paper); stroke: var(--rule); }
  .head { fill: var(--head); }
  .rule { stroke: var(--rule); }
  .line { fill: none; stroke: var(--line); stroke-width: 1.5; }
`

/**
 * The tables as one SVG file: those of a list one below the other, the lists side by side. Each reference between them is a line, with one
 * stroke at the key and a crow's foot at the rows that refer to it. The same tables give the same bytes.
 */
export function drawTables(title: string, lists: readonly (readonly Table[])[]): string {
  const boxes = place(lists)
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + margin + (hasLoops(boxes) ? 40 : 0)
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + margin
  const tables = boxes.map(({ table }) => table.name)
  const description = `${title}: ${tables.join(', ')}. Keys are marked PK, references FK.`
  return `${
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${description}">
<title>${title}</title>
<style>${{ markup: style }}</style>
<rect class="paper" width="${width}" height="${height}"/>
${boxes.flatMap((box) => drawReferences(box, boxes))}
${boxes.map(drawBox)}
</svg>`.markup
  }\n`
}

function place(lists: readonly (readonly Table[])[]): Box[] {
  const columns = lists.map((tables) => {
    const width = Math.max(...tables.map(widthOf))
    const heights = tables.map(({ columns }) => headHeight + columns.length * rowHeight + 8)
    return { tables, width, heights, height: heights.reduce((sum, height) => sum + height + gapDown, -gapDown) }
  })
  const tallest = Math.max(...columns.map(({ height }) => height))
  let x = margin
  return columns.flatMap(({ tables, width, heights, height }) => {
    // Shorter lists stand in the middle.
    let y = margin + Math.round((tallest - height) / 2)
    const left = x
    x += width + gapAcross
    return tables.map((table, index) => {
      const box = { table, x: left, y, width, height: heights[index] ?? 0 }
      y += box.height + gapDown
      return box
    })
  })
}

function widthOf({ name, columns }: Table): number {
  const widest = columns.map((column) => marksOf(column, true).length + column.name.length + column.type.length + 4)
  return Math.ceil(Math.max(name.length + 4, ...widest) * letterWidth)
}

const marksOf = (column: Column, isKey: boolean) =>
  [...(isKey ? ['PK'] : []), ...(column.references ? ['FK'] : [])].join(' ')

function drawBox({ table, x, y, width, height }: Box): Markup {
  const rows = table.columns.map((column, index) => {
    const base = y + headHeight + index * rowHeight + 18
    const isKey = table.key.includes(column.name)
    const marks = marksOf(column, isKey)
    return html`<text x="${x + 10}" y="${base}" class="${isKey ? 'key' : ''}">${column.name}${
      marks === '' ? '' : html` <tspan class="soft">${marks}</tspan>`
    }</text>
<text x="${x + width - 10}" y="${base}" text-anchor="end" class="soft">${column.type}</text>`
  })
  return html`<g>
<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>
<path class="head" d="M${x},${y + headHeight}v${6 - headHeight}a6,6 0 0 1 6,-6h${width - 12}a6,6 0 0 1 6,6v${headHeight - 6}z"/>
<text x="${x + 10}" y="${y + 19}" class="name">${table.name}</text>
${rows}
</g>`
}

interface Reference {
  readonly column: Column
  readonly target: Box
  readonly targetColumn: string
}

function referencesOf({ table }: Box, boxes: readonly Box[]): Reference[] {
  return table.columns.flatMap((column) => {
    const [name, targetColumn = ''] = column.references?.split('.') ?? []
    const target = boxes.find((box) => box.table.name === name)
    return target === undefined ? [] : [{ column, target, targetColumn }]
  })
}

/** A line between tables one below the other leaves and comes back on the right. */
function hasLoops(boxes: readonly Box[]): boolean {
  const right = Math.max(...boxes.map(({ x }) => x))
  return boxes.some((box) => box.x === right && referencesOf(box, boxes).some(({ target }) => target.x === right))
}

function drawReferences(box: Box, boxes: readonly Box[]): Markup[] {
  return referencesOf(box, boxes).map(({ column, target, targetColumn }) => {
    const from = side(box, target.x >= box.x, column.name)
    const to = side(target, target.x <= box.x, targetColumn)
    const bend = target.x === box.x ? 36 : Math.abs(to.x - from.x) / 2
    const path = `M${from.x},${from.y}C${from.x + from.out * bend},${from.y} ${to.x + to.out * bend},${to.y} ${to.x},${to.y}`
    const foot = `M${from.x},${from.y - 5}L${from.x + from.out * 11},${from.y}L${from.x},${from.y + 5}`
    const one = `M${to.x + to.out * 7},${to.y - 5}v10`
    return html`<path class="line" d="${path}${foot}${one}"/>`
  })
}

/** The middle of a column's row at the right or left edge of its box, and which way leads out of the box. */
function side(box: Box, right: boolean, column: string): { x: number; y: number; out: 1 | -1 } {
  const index = box.table.columns.findIndex(({ name }) => name === column)
  const y = box.y + headHeight + index * rowHeight + 14
  return right ? { x: box.x + box.width, y, out: 1 } : { x: box.x, y, out: -1 }
}
