import type { Spec } from 'vega'
import { counted } from '../text.ts'
import { type Analysis, type AnalysisResult, type ChartedResult, isCharted, type Provenance } from './analysis.ts'
import { chartLabel, chartSpec, chartWidth } from './chart.ts'
import { columnsOf, formatterOf, headingOf, isNumeric } from './format.ts'
import { html, inlineJson, type Markup, sourceHash, trusted } from './markup.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'
import { tableOf } from './pivot.ts'
import { compileChart, drawChart, interpreterSource, vegaSource } from './vega.ts'

/** Width of the charts for phones in pixels: 360 minus the margins. */
const phoneWidth = 328

/** Stands in every page, so that a later report may replace it. */
export const generatorTag = '<meta name="generator" content="sparkify-warehouse">'

const title = 'What Sparkify’s listeners play'

/** An answer with its chart for the page. */
export interface DrawnResult extends AnalysisResult {
  /** The Vega spec, and its pictures for browsers without scripts; undefined if there are no rows. */
  readonly chart?: { readonly spec: Spec; readonly wide: string; readonly narrow: string }
}

/** Draws the chart of an answer for the page. */
export async function drawForPage(result: AnalysisResult): Promise<DrawnResult> {
  if (result.rows.length === 0 || !isCharted(result)) return result
  const spec = compileChart(chartSpec(result, { bare: true }))
  const [wide = '', narrow = ''] = await drawChart(spec, chartWidth, phoneWidth)
  return { ...result, chart: { spec, wide, narrow } }
}

/**
 * All answers as one page that needs no network and no server: headline numbers, and for each analysis its question, its answer in a
 * sentence, a chart, a table and the SQL. Without scripts, the charts are static pictures. Text of the data is escaped.
 */
export function renderReport(results: readonly DrawnResult[], provenance: Provenance): string {
  const plays = provenance.rows.songplays ?? 0
  return plays === 0 ? renderEmptyReport(provenance) : renderFullReport(results, provenance)
}

function renderEmptyReport(provenance: Provenance): string {
  const main = html`<main>
<h1>No plays yet</h1>
<p>The warehouse has no plays to report on.</p>
<p>Run <code>npm run etl</code> to load the logs and the song catalog, then <code>npm run analyze</code> to write this page again.
To try it with sample data, run <code>npm start</code>.</p>
</main>`
  return page([main, footer(provenance)], [])
}

function renderFullReport(results: readonly DrawnResult[], provenance: Provenance): string {
  const specs = Object.fromEntries(
    results.flatMap(({ analysis, chart }) => (chart ? [[chartId(analysis), chart.spec]] : [])),
  )
  const header = html`<header>
<h1>${title}</h1>
<p class="soft">${period(provenance)}</p>
${headlines(provenance)}
</header>
<nav aria-label="Questions">
<ul>
${results.map(({ analysis }) => html`<li><a href="#${analysis.name}">${analysis.question}</a></li>`)}
</ul>
</nav>`
  const main = html`<main>
${results.map(section)}
</main>`
  const data = html`<div id="tooltip" hidden aria-hidden="true"></div>
<script type="application/json" id="specs">${inlineJson(specs)}</script>`
  return page([header, main, footer(provenance), data], [vegaSource(), interpreterSource(), pageScript])
}

/** The content security policy allows only the scripts and the style in the page: no eval, no network. */
function page(body: readonly Markup[], scripts: readonly string[]): string {
  const allowed = scripts.length === 0 ? "'none'" : scripts.map(sourceHash).join(' ')
  const policy = `default-src 'none'; script-src ${allowed}; style-src ${sourceHash(pageStyle)}; img-src data:; base-uri 'none'; form-action 'none'`
  return `${
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${trusted(generatorTag)}
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(pageStyle)}</style>
</head>
<body>
${body}
${scripts.map((script) => html`<script>${trusted(script)}</script>`)}
</body>
</html>`.markup
  }\n`
}

const chartId = (analysis: Analysis) => `chart-${analysis.name}`

function section(result: DrawnResult): Markup {
  const { analysis, rows, chart } = result
  const heading = `${analysis.name}-heading`
  return html`<section id="${analysis.name}" aria-labelledby="${heading}">
<h2 id="${heading}">${analysis.question}</h2>
${chart && isCharted(result) ? figure(result, chart) : html`<p class="answer">${result.answer}</p>`}${rows.length > 0 ? table(result) : ''}
<details>
<summary>SQL</summary>
<pre tabindex="0"><code>${analysis.sql.split('\n').map((line) => html`${line}`)}</code></pre>
</details>
</section>`
}

function figure(result: ChartedResult, { wide, narrow }: { wide: string; narrow: string }): Markup {
  return html`<figure>
<figcaption class="answer">${result.answer}</figcaption>
<div class="chart" id="${chartId(result.analysis)}" role="img" aria-label="${chartLabel(result)}; the table below has all values">
<div class="wide" aria-hidden="true">${trusted(wide)}</div>
<div class="narrow" aria-hidden="true">${trusted(narrow)}</div>
</div>
</figure>
`
}

function table(result: AnalysisResult): Markup {
  const { rows, columns: hints, nullText } = tableOf(result)
  const columns = columnsOf(rows, hints).map((column) => ({
    name: column.name,
    heading: headingOf(column),
    side: isNumeric(rows, column.name) ? 'number' : 'text',
    format: formatterOf(rows, column, nullText),
  }))
  const heads = columns.map(({ heading, side }) => html`<th scope="col" class="${side}">${heading}</th>`)
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ name, side, format }) => html`<td class="${side}">${format(row[name])}</td>`)}</tr>`,
  )
  // Short tables are open from the start.
  const open = rows.length <= mostRowsInSight ? trusted(' open') : ''
  return html`<details class="data"${open}>
<summary>Table of ${counted(rows.length, 'row')}</summary>
<div class="scroll" tabindex="0" role="group" aria-label="${result.analysis.question}">
<table>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table>
</div>
</details>`
}

const mostRowsInSight = 10

const count = (number: number) => number.toLocaleString('en-US')

const headlineTables = {
  songplays: 'plays',
  users: 'users',
  songs: 'songs in the catalog',
  artists: 'artists in the catalog',
}

function headlines({ rows }: Provenance): Markup {
  const known = Object.entries(headlineTables).filter(([name]) => rows[name] !== undefined)
  return html`<dl class="headlines">
${known.map(([name, label]) => html`<div><dt>${label}</dt><dd>${count(rows[name] ?? 0)}</dd></div>`)}
</dl>`
}

function period({ firstPlayAt, lastPlayAt }: Provenance): string {
  if (firstPlayAt === null || lastPlayAt === null) return ''
  return `Plays from ${firstPlayAt.slice(0, 10)} to ${lastPlayAt.slice(0, 10)}`
}

function footer({ engine, version, generatedAt, loads, latestLoad, rows }: Provenance): Markup {
  const tables = Object.entries(rows).map(([name, number]) => `${name} ${count(number)}`)
  return html`<footer>
<p>Written ${instant(generatedAt)} by version ${version} from ${engine}, after ${counted(loads, 'load')}${
    latestLoad === null ? '' : html`, the latest <code>${latestLoad}</code>`
  }. All times are UTC. Rows: ${tables.join(', ')}.</p>
</footer>`
}

function instant(text: string): string {
  return `${text.slice(0, 10)} ${text.slice(11, 16)}`
}
