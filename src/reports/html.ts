import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../folders.ts'
import { counted } from '../text.ts'
import { type Analysis, type AnalysisResult, type ChartedResult, isCharted, type Provenance } from './analysis.ts'
import { chartLabel, chartSpec, chartWidth } from './chart.ts'
import { columnsOf, formatterOf, headingOf, isNumeric } from './format.ts'
import { html, type Markup, sourceHash, trusted } from './markup.ts'
import { tableOf } from './pivot.ts'
import { compileChart, drawChart } from './vega.ts'

const fileText = (name: string) => readFileSync(join(projectFolder, 'src', 'reports', name), 'utf8')
const pageStyle = fileText('page.css')
const pageScript = fileText('page.js')

/** Width of the charts for phones in pixels: 360 minus the margins. */
const phoneWidth = 328

/** Stands in every page, so that a later report may replace it. */
export const generatorTag = '<meta name="generator" content="sparkify-warehouse">'

const title = 'What Sparkify’s listeners play'

/** An answer with its chart for the page. */
export interface DrawnResult extends AnalysisResult {
  /** Its pictures for wide and narrow screens; undefined if there is nothing to draw. */
  readonly chart?: { readonly wide: string; readonly narrow: string }
}

/** Draws the chart of an answer for the page. */
export async function drawForPage(result: AnalysisResult): Promise<DrawnResult> {
  if (result.rows.length === 0 || !isCharted(result)) return result
  const spec = compileChart(chartSpec(result, { bare: true }))
  const [wide = '', narrow = ''] = await drawChart(spec, chartWidth, phoneWidth)
  return { ...result, chart: { wide, narrow } }
}

/**
 * All answers as one page that needs no network and no server: first what matters most in sentences, then each question with its
 * answer, a picture, a table and the SQL. Text of the data is escaped.
 */
export function renderReport(results: readonly DrawnResult[], provenance: Provenance): string {
  const header = html`<header>
<h1>${title}</h1>
<p class="soft">${asOf(provenance)}</p>
<ul class="headlines">
${headlines.flatMap((name) => results.filter(({ analysis }) => analysis.name === name).map(headline))}
</ul>
</header>`
  const main = html`<main>
${results.map(section)}
</main>`
  return page([header, main, footer(provenance), html`<div id="tooltip" hidden aria-hidden="true"></div>`])
}

/** The questions whose answers stand on the first screen. */
const headlines = [
  'songplays-by-day',
  'listeners-by-day',
  'free-and-paid',
  'songplays-by-hour',
  'most-played-artists',
  'catalog-coverage',
]

function headline(result: DrawnResult): Markup {
  const { analysis, answer } = result
  return html`<li><a href="#${analysis.name}">${analysis.question}</a><p>${answer}</p>${isCharted(result) ? sparkline(result) : ''}</li>`
}

/** The values of all days as a line without axes; empty if the categories are not days. */
function sparkline({ analysis: { chart }, rows }: ChartedResult): Markup | string {
  const days = new Map<string, number>()
  for (const row of rows) {
    const day = String(row[chart.category])
    if (!/^\d{4}-\d\d-\d\d$/.test(day)) return ''
    days.set(day, (days.get(day) ?? 0) + Number(row[chart.value]))
  }
  const values = [...days.values()]
  const most = Math.max(...values, 1)
  const x = (index: number) => ((index * 200) / Math.max(values.length - 1, 1)).toFixed(1)
  const points = values.map((value, index) => `${x(index)},${(38 - (36 * value) / most).toFixed(1)}`)
  return html`<svg class="sparkline" viewBox="0 0 200 40" preserveAspectRatio="none" aria-hidden="true"><polyline points="${points.join(' ')}"/></svg>`
}

/** The content security policy allows only the script and the style of the page: no eval, no network. */
function page(body: readonly Markup[]): string {
  const policy = `default-src 'none'; script-src ${sourceHash(pageScript)}; style-src ${sourceHash(pageStyle)}; img-src data:; base-uri 'none'; form-action 'none'`
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
<script>${trusted(pageScript)}</script>
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
    format: formatterOf(rows, column.name, nullText),
  }))
  const heads = columns.map(({ heading, side }) => html`<th scope="col" class="${side}">${heading}</th>`)
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ name, side, format }) => html`<td class="${side}">${format(row[name])}</td>`)}</tr>`,
  )
  return html`<details class="data"${trusted(result.analysis.chart ? '' : ' open')}>
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

const count = (number: number) => number.toLocaleString('en-US')

/** The line below the title: time of the last load, period, source and engine. */
function asOf({ loadedAt, firstPlayAt, lastPlayAt, source, engine }: Provenance): string {
  const parts = [
    loadedAt && `As of ${instant(loadedAt)} UTC`,
    firstPlayAt && lastPlayAt && `plays from ${firstPlayAt.slice(0, 10)} to ${lastPlayAt.slice(0, 10)}`,
    source,
    engine,
  ]
  return parts.filter(Boolean).join(' · ')
}

function footer({ engine, version, generatedAt, loads, latestLoad, rows }: Provenance): Markup {
  const tables = Object.entries(rows).map(([name, number]) => `${name} ${count(number)}`)
  return html`<footer>
<p>Written ${instant(generatedAt)} by version ${version} from ${engine}, after ${counted(loads, 'load')}${
    latestLoad === null ? '' : html`, the latest <code>${latestLoad}</code>`
  }. All times are UTC. Rows: ${tables.join(', ')}.</p>
</footer>`
}

const instant = (text: string): string => `${text.slice(0, 10)} ${text.slice(11, 16)}`
