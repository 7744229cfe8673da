import type { TopLevelSpec } from 'vega-lite'
import type { ChartedResult } from './analysis.ts'
import { type ChartData, chartData, mostDays, type Places, type Titles, titlesOf } from './chart-data.ts'
import { html } from './markup.ts'
import { compileChart, drawChart } from './vega.ts'

/** Width of a whole picture in pixels: that of a text column. */
export const chartWidth = 720

/** Colours by Okabe and Ito: distinguishable with any colour vision, on white and on black. */
const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#999999']

const rowHeight = 24
const plotHeight = 230
const axisHeight = 48
const legendHeight = 46
const titleHeight = 34
const figureGap = 4
const figureWidth = 8
const mostFigures = 16

/**
 * An analysis and its rows as a Vega-Lite spec with its data, for notebooks, SVG files and the report page. The height is fixed; the
 * width is `chartWidth` until the signals `width` and `outerWidth` are both set. With `bare` it has no title and no background, for
 * a page that has its own.
 */
export function chartSpec(result: ChartedResult, { bare = false }: { bare?: boolean } = {}): TopLevelSpec {
  const { analysis } = result
  const titles = titlesOf(result)
  const data = chartData(result)
  const { height, ...picture } = pictures[analysis.chart.mark](data, titles)
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: analysis.question,
    ...(bare ? {} : { title: analysis.question }),
    width: chartWidth,
    height: height + (bare ? 0 : titleHeight),
    autosize: { type: 'fit', contains: 'padding' },
    background: bare ? 'transparent' : 'white',
    params: [
      { name: 'outerWidth', value: chartWidth },
      { name: 'categoryNames', value: data.categories.names },
      { name: 'seriesNames', value: data.series?.names ?? [] },
    ],
    data: { values: data.values },
    ...picture,
    config: bare ? { ...config, ...described } : config,
  }
  return spec as TopLevelSpec
}

/** The chart as an SVG file, 720 pixels wide. The same rows give the same bytes on any machine. Text of the data is escaped. */
export async function chartSvg(result: ChartedResult): Promise<string> {
  if (result.rows.length === 0) return sentenceSvg(result)
  const spec: TopLevelSpec = { ...chartSpec(result), background: 'transparent' }
  const [svg = ''] = await drawChart(compileChart(spec), chartWidth)
  const described = html`<svg role="img" aria-label="${chartLabel(result)}"`
  return svg
    .replace('<svg', () => described.markup)
    .replace('class="marks"', 'class="marks picture"')
    .replace('>', `>${fileStyle}`)
}

/** Light or dark like the reader's system, also where a file is shown as an image. */
const fileStyle =
  '<style>.picture{background:#fff}@media (prefers-color-scheme:dark){.picture{background:#14171a}.picture text{fill:#e6e8ea}.picture .role-axis-grid line{stroke:#3a4148}}</style>'

/** The question and its answer, if there are no rows to draw. Written so that no outdated chart stays. */
function sentenceSvg(result: ChartedResult): string {
  const height = titleHeight + rowHeight + figureGap
  const { answer } = result
  return html`<svg role="img" aria-label="${result.analysis.question} ${answer}" xmlns="http://www.w3.org/2000/svg" width="${chartWidth}" height="${height}" viewBox="0 0 ${chartWidth} ${height}" font-family="${config.font}" fill="${ink}"><rect width="${chartWidth}" height="${height}" fill="white"/><text x="${figureGap}" y="20" font-size="${config.title.fontSize}" font-weight="${config.title.fontWeight}">${result.analysis.question}</text><text x="${figureGap}" y="48" font-size="${config.axis.labelFontSize + 2}">${answer}</text></svg>`
    .markup
}

/** The kind of chart and what it shows: "Bar chart: plays by hour". */
export function chartLabel(result: ChartedResult): string {
  const { category, value, series } = titlesOf(result)
  const kind = kinds[result.analysis.chart.mark]
  return `${kind}: ${value} by ${category}${series === '' ? '' : ` and ${series}`}`
}

const kinds = {
  bar: 'Bar chart',
  column: 'Column chart',
  line: 'Line chart',
  area: 'Area chart',
  heatmap: 'Heat map',
}

const pictures = { bar, column, line, area, heatmap }

/** Names are listed from top to bottom, where they have room. Bars that aren't stacked also show their value as a number. */
function bar(data: ChartData, titles: Titles) {
  const stacked = data.series !== undefined
  const bars = { mark: 'bar' }
  const figures = { mark: { type: 'text', align: 'left', dx: figureGap }, encoding: { text: { field: 'label' } } }
  const longest = data.values.reduce((most, { label }) => Math.max(most, label.length), 0)
  // Bars leave room for the longest number.
  const end = { expr: `width - ${figureGap + Math.min(longest, mostFigures) * figureWidth}` }
  return {
    height: data.categories.domain.length * rowHeight + (stacked ? axisHeight + legendHeight : rowHeight),
    encoding: {
      y: { ...placed('category', data.categories), title: null, axis: nameAxis('category', data.categories) },
      x: stacked
        ? valuePlace(data, titles)
        : { ...valuePlace(data, titles), axis: null, scale: { nice: false, range: [0, end] } },
      ...seriesColor(data, titles),
      ...hints(data, titles),
    },
    layer: stacked ? [bars] : [bars, figures],
  }
}

function column(data: ChartData, titles: Titles) {
  return {
    height: plotHeight + axisHeight + (data.series === undefined ? 0 : legendHeight),
    mark: 'bar',
    encoding: {
      x: { ...categoryPlace(data), title: titles.category },
      y: valuePlace(data, titles),
      ...seriesColor(data, titles),
      ...hints(data, titles),
    },
  }
}

function line(data: ChartData, titles: Titles) {
  const { encoding, ...picture } = column(data, titles)
  const x = data.categories.kind === 'days' ? { ...encoding.x, ...timePlace(data.categories) } : encoding.x
  return { ...picture, mark: { type: 'line', point: { size: 36 } }, encoding: { ...encoding, x } }
}

function area(data: ChartData, titles: Titles) {
  return { ...line(data, titles), mark: { type: 'area', line: true, point: { size: 36 }, fillOpacity: 0.3 } }
}

function heatmap(data: ChartData, titles: Titles) {
  const down: Places = data.series ?? { kind: 'names', domain: [], names: [] }
  return {
    height: down.domain.length * rowHeight + axisHeight + legendHeight,
    mark: 'rect',
    encoding: {
      x: { ...categoryPlace(data), title: titles.category },
      y: { ...placed('series', down), title: null, axis: nameAxis('series', down) },
      // Opacity reads on a light and on a dark ground: more is stronger on both.
      opacity: {
        field: 'value',
        type: 'quantitative',
        title: titles.value,
        scale: { range: [0.08, 1] },
        // A gradient would need an id, which could clash with the ids of other pictures on a page.
        legend: {
          orient: 'top',
          type: 'symbol',
          tickCount: 5,
          columns: { expr: 'max(2, floor(outerWidth / 80))' },
        },
      },
      ...hints(data, titles),
    },
  }
}

function categoryPlace({ categories }: ChartData) {
  if (categories.kind !== 'days') return { ...placed('category', categories), axis: named('category', categories) }
  if (categories.domain.length > mostDays) return timePlace(categories)
  // On a time scale a bar would be between its day and the next.
  const labelExpr = `utcFormat(toDate(datum.value), '${dayFormat(categories)}')`
  return { ...placed('category', categories), axis: { labelExpr, labelOverlap: true, ticks: false, labelPadding: 6 } }
}

/** Days on a time scale, for lines and for many days. */
function timePlace(days: Places) {
  const axis = { format: dayFormat(days), labelOverlap: true, grid: false }
  return { field: 'category', type: 'temporal', timeUnit: 'utcyearmonthdate', axis }
}

function dayFormat({ domain }: Places): string {
  return String(domain[0]).slice(0, 4) === String(domain.at(-1)).slice(0, 4) ? '%m-%d' : '%Y-%m-%d'
}

/** With an explicit domain and no sort, positions are in the order of the data. */
function placed(field: 'category' | 'series', { domain }: Places) {
  return { field, type: 'ordinal', sort: null, scale: { domain } }
}

function named(field: 'category' | 'series', { kind }: Places) {
  return kind === 'names' ? { labelExpr: `${field}Names[datum.value]` } : {}
}

function nameAxis(field: 'category' | 'series', places: Places) {
  const labelLimit = { expr: 'max(100, outerWidth * 0.4)' }
  return { ...named(field, places), labelLimit, ticks: false, domain: false, labelPadding: 6 }
}

function valuePlace({ values }: ChartData, titles: Titles) {
  // No ticks between whole numbers if all values are whole.
  const axis = values.every(({ value }) => value === null || Number.isInteger(value)) ? { tickMinStep: 1 } : {}
  return { field: 'value', type: 'quantitative', title: titles.value, axis }
}

function seriesColor({ series }: ChartData, titles: Titles) {
  if (series === undefined) return {}
  const columns = { expr: 'max(2, floor(outerWidth / 130))' }
  const legend = { ...named('series', series), orient: 'top', columns, labelLimit: 120 }
  const scale = { domain: series.domain, range: colors }
  return { color: { ...placed('series', series), title: titles.series, scale, legend } }
}

/** The tooltip of a mark: for Vega in notebooks, and as a description for the page's own script. */
function hints({ series }: ChartData, titles: Titles) {
  const fields = [
    { field: 'categoryName', title: titles.category },
    ...(series === undefined ? [] : [{ field: 'seriesName', title: titles.series }]),
    { field: 'label', title: titles.value },
  ]
  return {
    tooltip: fields.map((field) => ({ ...field, type: 'nominal' })),
    description: { field: 'hint', type: 'nominal' },
  }
}

const ink = '#333333'
const words = { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelColor: ink, titleColor: ink }

const config = {
  // The picture has one description; without this, a screen reader would read out every bar.
  aria: false,
  font: 'system-ui, sans-serif',
  axis: { ...words, titlePadding: 8, gridColor: '#e0e0e0', domainColor: '#888888', tickColor: '#888888' },
  axisX: { labelAngle: 0, labelOverlap: true },
  legend: { ...words, symbolType: 'square' },
  title: { anchor: 'start', fontSize: 16, fontWeight: 600, color: ink, offset: 12 },
  text: { fontSize: 12, color: ink },
  mark: { color: colors[0] },
  view: { stroke: null },
}

/** In the page, each mark has its description for the tooltip. */
const described = { aria: true, axis: { ...config.axis, aria: false }, legend: { ...config.legend, aria: false } }
