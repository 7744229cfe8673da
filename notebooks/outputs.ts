/** What a notebook's cell shows, as MIME bundles: the richest form for live viewers, pictures and text for those that render once. Pure. */
import type { Row } from '../src/schema/index.ts'
import { escapeControl } from '../src/text.ts'
import type { AnalysisResult, Column } from '../src/reports/analysis.ts'
import { chartSpec, chartSvg } from '../src/reports/chart.ts'
import { htmlTable } from '../src/reports/html-table.ts'
import { html, trusted } from '../src/reports/markup.ts'
import { tableOf } from '../src/reports/pivot.ts'
import { renderTable } from '../src/reports/table.ts'

/** One output by MIME type. A viewer shows the richest type it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>

/** Rows as HTML and as plain text. Text from the data stays text in both. */
export function tableOutput(rows: readonly Row[], columns: readonly Column[] = [], nullText = 'null'): MimeBundle {
  return {
    'text/html': htmlTable(rows, columns, nullText).markup,
    'text/plain': renderTable(rows, { columns, nullText, width: 120 }),
  }
}

/** The answer to a question in a sentence, which may hold text from the data. The question is the title of the chart. */
export function answerOutput({ analysis, rows }: AnalysisResult): MimeBundle {
  const answer = rows.length === 0 ? `${analysis.question} No plays yet.` : analysis.answer(rows)
  return { 'text/html': html`<p>${answer}</p>`.markup, 'text/plain': escapeControl(answer) }
}

/** The table behind a chart, as the report shows it; folded where the viewer can. */
export function resultOutput(result: AnalysisResult): MimeBundle {
  const { rows, columns, nullText } = tableOf(result)
  const table = tableOutput(rows, columns, nullText)
  const folded = html`<details><summary>Table</summary>
${trusted(String(table['text/html']))}
</details>`
  return { ...table, 'text/html': folded.markup }
}

/**
 * A chart: live where Vega-Lite is known, else a picture, else text. The MIME type and the schema are those of Vega-Lite 5, the newest
 * that JupyterLab 4 and VS Code register; the specs hold nothing that 6 brought.
 */
export async function chartOutput(result: AnalysisResult): Promise<MimeBundle> {
  return {
    'application/vnd.vegalite.v5+json': {
      ...chartSpec(result),
      $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    },
    'image/svg+xml': await chartSvg(result),
    'text/plain': escapeControl(result.analysis.question),
  }
}
