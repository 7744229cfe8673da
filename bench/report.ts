import { markdownTable } from '../test/support/documents/dictionary.ts'
import { compileChart, drawChart } from '../src/reports/vega.ts'
import { size } from '../src/text.ts'
import { type Bar, bars, type CaseResult, type Results, type Runs, ratio } from './bars.ts'
import { median } from './measure.ts'
import type { WayName } from './ways.ts'

/** The figures of all cases as Markdown: the bars, each case, what is missing. */
export function markdown(results: Results, machine: string): string {
  return [
    `${machine}. Whole processes from start to end, files in the page cache; medians of alternating runs, all of them in brackets. Core seconds are the work of all cores together.`,
    '',
    '### What is asked for, and what it is',
    '',
    ...markdownTable(
      ['case', 'of', 'at most', 'is', ''],
      bars.map((bar) => barRow(bar, results)),
    ),
    '',
    '### Every case',
    '',
    ...markdownTable(
      ['case', 'way', 'seconds', 'core seconds', 'events a second', 'peak memory', 'database', 'day'],
      Object.values(results).flatMap(caseRows),
    ),
  ].join('\n')
}

function barRow(bar: Bar, results: Results): string[] {
  const is = ratio(bar, results)
  const verdict = is === null ? 'not measured' : is <= bar.atMost ? 'reached' : 'not reached'
  return [bar.what, bar.by, factor(bar.atMost), is === null ? '' : factor(is), verdict]
}

const factor = (value: number) => `${value >= 0.095 ? value.toFixed(2) : value.toPrecision(2)} ×`

function caseRows(result: CaseResult): string[][] {
  const measured = Object.entries(result.ways).map(([way, runs]) => [way, ...cells(result, runs)])
  const missing = Object.entries(result.missing).map(([way, why]) => [way, `skipped: ${why}`, '', '', '', ''])
  return [...measured, ...missing].map((row, index) => [
    index === 0 ? result.title : '',
    ...row,
    index === 0 ? result.measuredAt.slice(0, 10) : '',
  ])
}

function cells({ events }: CaseResult, { seconds, coreSeconds, peakBytes, databaseBytes }: Runs): string[] {
  const middle = median(seconds)
  const all = seconds.length === 1 ? 'once' : seconds.map((time) => time.toFixed(2)).join(', ')
  return [
    `${middle.toFixed(2)} (${all})`,
    coreSeconds === null ? '' : coreSeconds.toFixed(1),
    events === null || events < 1000 ? '' : Math.round(events / middle).toLocaleString('en-US'),
    peakBytes === null ? '' : size(peakBytes),
    databaseBytes === null ? '' : size(databaseBytes),
  ]
}

/** Rows of a growth chart: events of a first load, by way. */
interface Point {
  readonly events: number
  readonly way: string
  readonly value: number
}

/** Seconds and memory over events, each as an SVG: file name, text. */
export async function growthCharts(results: Results): Promise<[file: string, svg: string][]> {
  const figures: [file: string, title: string, value: (runs: Runs) => number | null][] = [
    ['growth-seconds.svg', 'Seconds of a first load', ({ seconds }) => median(seconds)],
    ['growth-memory.svg', 'Peak memory of a first load in MB', ({ peakBytes }) => peakBytes && peakBytes / 1e6],
  ]
  return Promise.all(
    figures.map(async ([file, title, value]): Promise<[string, string]> => {
      const points = Object.entries(results)
        .filter(([name]) => name.startsWith('first-load'))
        .flatMap(([, { events, ways }]) =>
          Object.entries(ways).flatMap(([way, runs]): Point[] => {
            const figure = value(runs)
            return events === null || figure === null ? [] : [{ events, way, value: figure }]
          }),
        )
      const [svg = ''] = await drawChart(compileChart(spec(title, points)), chartWidth)
      return [file, svg]
    }),
  )
}

const chartWidth = 720
const colors: Partial<Record<WayName, string>> = {
  ours: '#0072b2',
  'bare DuckDB': '#d55e00',
  PostgreSQL: '#009e73',
  dlt: '#cc79a7',
}

function spec(title: string, values: readonly Point[]) {
  const shown = Object.entries(colors).filter(([way]) => values.some((point) => point.way === way))
  const values1to9 = { labelExpr: "format(datum.value, '~s')", values: [1e5, 1e6, 2e6, 1e7, 5e7] }
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json' as const,
    title,
    width: chartWidth,
    height: 320,
    autosize: { type: 'fit' as const, contains: 'padding' as const },
    background: 'white',
    params: [{ name: 'outerWidth', value: chartWidth }],
    data: { values: [...values] },
    mark: { type: 'line' as const, point: true },
    encoding: {
      x: {
        field: 'events',
        type: 'quantitative' as const,
        scale: { type: 'log' as const },
        axis: values1to9,
        title: 'events',
      },
      y: { field: 'value', type: 'quantitative' as const, scale: { type: 'log' as const }, title: null },
      color: {
        field: 'way',
        type: 'nominal' as const,
        title: null,
        scale: { domain: shown.map(([way]) => way), range: shown.map(([, color]) => color) },
        legend: { orient: 'top' as const },
      },
    },
    config: { aria: false, font: 'system-ui, sans-serif', view: { stroke: null } },
  }
}
