import type { Row } from '../schema/index.ts'
import type { Column } from './analysis.ts'
import { columnsOf, formatterOf, headingOf, isNumeric } from './format.ts'
import { html, type Markup } from './markup.ts'

/**
 * Rows as a table of HTML that needs no style sheet and survives the sanitizers of notebook viewers: numbers to the right, by attribute where
 * styles are taken out.
 * Whatever the data holds is text in it. No rows: a sentence.
 */
export function htmlTable(rows: readonly Row[], hints: readonly Column[] = [], nullText = 'null'): Markup {
  if (rows.length === 0) return html`<p>(no rows)</p>`
  const columns = columnsOf(rows, hints).map((column) => ({
    name: column.name,
    heading: hints.includes(column) ? headingOf(column) : column.name,
    side: isNumeric(rows, column.name) ? 'right' : 'left',
    format: formatterOf(rows, column, nullText),
  }))
  const heads = columns.map(
    ({ heading, side }) => html`<th align="${side}" style="text-align: ${side}">${heading}</th>`,
  )
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ name, side, format }) => html`<td align="${side}" style="text-align: ${side}">${format(row[name])}</td>`)}</tr>`,
  )
  return html`<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>`
}
