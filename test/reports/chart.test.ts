import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { afterEach, describe, expect, test } from 'vitest'
import { chartSpec, chartSvg } from '../../src/reports/chart.ts'
import { chartData } from '../../src/reports/chart-data.ts'
import { anyText, byArtist, byDay, byHour, byWeekday, examples, hostileTexts } from './examples.ts'

const zone = process.env.TZ
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** The texts a reader of the picture sees. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text)
}

/** Names of elements, in order: what the picture is made of, whatever its texts and sizes are. */
function elementsOf(svg: string): string[] {
  return [...svg.matchAll(/<(\/?[a-z]+)/gi)].map(([, name = '']) => name)
}

describe('chartSvg', () => {
  test.each(examples.map((example) => [example.analysis.name, example] as const))(
    '%s is one well-formed picture with marks, without ids, links or scripts',
    async (_, example) => {
      const svg = await chartSvg(example)
      expect(XMLValidator.validate(svg)).toBe(true)
      expect(svg).toMatch(/^<svg role="img" aria-label="(Bar chart|Column chart|Line chart|Heat map): Plays by /)
      expect(svg).not.toMatch(/ id="|url\(|href=|<script|<a |NaN|undefined/)
      expect(svg.match(/role-mark/g)?.length).toBeGreaterThan(0)
      expect(textsOf(svg)).toContain(example.analysis.question)
    },
  )

  test('draws every row: a bar a row, a cell a row, a point a row', async () => {
    const marks = (svg: string, kind: string) =>
      (svg.match(new RegExp(`class="mark-${kind} role-mark[^>]*>(.*?)</g>`, 's'))?.[1] ?? '').match(/<path/g)?.length
    expect(marks(await chartSvg(byHour), 'rect')).toBe(24)
    expect(marks(await chartSvg(byWeekday), 'rect')).toBe(69)
    expect(marks(await chartSvg(byDay), 'symbol')).toBe(5)
  })

  test('a bar stands over the name of its day, days without any keep their place, and years of days still have bars', async () => {
    const analysis = { ...byDay.analysis, chart: { ...byDay.analysis.chart, mark: 'column' } as const }
    const days = ['2018-11-01', '2018-11-02', '2018-11-05']
    const svg = await chartSvg({ answer: '', analysis, rows: days.map((day) => ({ day, plays: 3 })) })
    const [, marks = ''] = svg.match(/class="mark-rect role-mark[^>]*>(.*?)<\/g>/s) ?? []
    const bars = [...marks.matchAll(/M([\d.]+),[\d.]+h([\d.]+)v/g)].map(([, x, width]) => Number(x) + Number(width) / 2)
    const names = [...svg.matchAll(/translate\(([\d.]+),[\d.]+\)"[^>]*>11-0(\d)</g)]
    expect(names.map(([, , day]) => day)).toEqual(['1', '2', '3', '4', '5'])
    expect(bars).toHaveLength(3)
    for (const [index, name] of [0, 1, 4].entries())
      expect(Math.abs((bars[index] ?? 0) - Number(names[name]?.[1]))).toBeLessThan(1)

    const far = ['2015-01-01', '2018-11-05'].map((day) => ({ day, plays: 3 }))
    const [, farMarks] =
      (await chartSvg({ answer: '', analysis, rows: far })).match(/class="mark-rect role-mark[^>]*>(.*?)<\/g>/s) ?? []
    expect(farMarks?.match(/<path/g)).toHaveLength(2)
  })

  test('is the same text in every time zone, and every time', async () => {
    const drawn = []
    for (const TZ of ['UTC', 'Asia/Tokyo', 'America/Los_Angeles']) {
      process.env.TZ = TZ
      drawn.push((await Promise.all(examples.map(chartSvg))).join())
    }
    expect(new Set(drawn).size).toBe(1)
    expect(textsOf(await chartSvg(byDay))).toContain('11-01')
  })

  test('labels of any length stay in the picture and leave room for the bars', async () => {
    const svg = await chartSvg(byArtist('x'.repeat(300), '宇'.repeat(100), 'W'.repeat(100)))
    const bars = [...svg.matchAll(/M(-?[\d.]+),[\d.-]+h([\d.]+)v/g)].map(([, , width]) => Number(width))
    expect(Math.max(...bars)).toBeGreaterThan(300)
    for (const text of textsOf(svg).slice(1)) expect(text.length).toBeLessThan(60)
  })

  test('text of the data is text, never markup', async () => {
    const plain = elementsOf(await chartSvg(byArtist('a', 'b')))
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const svg = await chartSvg(byArtist(text, `${text}.`))
        expect(XMLValidator.validate(svg)).toBe(true)
        expect(elementsOf(svg)).toEqual(plain)
      }),
      { numRuns: 60 },
    )
  })

  test('no hostile text breaks any kind of chart', async () => {
    for (const { analysis } of examples) {
      const { category, value, series = 'series' } = analysis.chart
      const rows = hostileTexts.map((text, index) => ({ [category]: text, [series]: text, [value]: index }))
      const svg = await chartSvg({ answer: '', analysis, rows })
      expect(new XMLParser().parse(svg, true)).toHaveProperty('svg')
      expect(svg).not.toMatch(/\p{Surrogate}/u)
    }
  })

  test('says in words that there are no rows, and draws nulls, halves and text that is a number', async () => {
    const { analysis } = byHour
    const empty = await chartSvg({ answer: 'None & none yet.', analysis, rows: [] })
    expect(XMLValidator.validate(empty)).toBe(true)
    expect(textsOf(empty)).toEqual([analysis.question, 'None &amp; none yet.'])
    const rows = [null, 1.5, '12345678901234567.5', Number.NaN, true].map((plays, hour) => ({ hour, plays }))
    expect(XMLValidator.validate(await chartSvg({ answer: '', analysis, rows }))).toBe(true)
  })

  test('works where the scripts run: under ts-node, from another folder', () => {
    const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
    const program = `require(${JSON.stringify(path('../../src/reports/chart.ts'))})
      .chartSvg(${JSON.stringify({ ...byDay, analysis: { ...byDay.analysis, answer: undefined } })})
      .then((svg) => process.stdout.write(svg))`
    const options = ['-r', path('../../node_modules/ts-node/register'), '-e', program]
    const env = { ...process.env, TS_NODE_PROJECT: path('../../tsconfig.json') }
    const svg = execFileSync(process.execPath, options, { cwd: '/', env, encoding: 'utf8' })
    return expect(chartSvg(byDay)).resolves.toBe(svg)
  })
})

describe('chartData', () => {
  test('hours without plays keep their place', () => {
    const rows = [9, 5, 6].map((hour) => ({ hour, plays: 1 }))
    expect(chartData({ ...byHour, rows }).categories.domain).toEqual([5, 6, 7, 8, 9])
  })

  test('two songs of one name keep their own bars, and what has no name has a place', () => {
    expect(chartData(byArtist('Intro', 'Intro', null, ' ')).categories).toEqual({
      kind: 'names',
      domain: [0, 1, 2, 3],
      names: ['Intro', 'Intro', '(none)', '(none)'],
    })
  })

  test('days stand on a time axis, other text in the order of the rows', () => {
    expect(chartData(byDay).categories.kind).toBe('days')
    expect(chartData(byArtist('b', 'a', 'c')).categories.names).toEqual(['b', 'a', 'c'])
    for (const title of ['2018-99-99', '2018-02-31'])
      expect(chartData(byArtist('2018-11-01', title)).categories).toMatchObject({ kind: 'names', domain: [0, 1] })
    expect(chartData(byWeekday).series?.names).toEqual(['Monday', 'Tuesday', 'Wednesday'])
  })
})

describe('chartSpec', () => {
  test('holds the data and the question, and columns can have any name', async () => {
    const spec = chartSpec(byHour)
    expect(spec).toMatchObject({ title: 'At what hours do people listen?', data: { values: { length: 24 } } })
    const name = 'x.y["z"]\\ \'+alert(1)+\''
    const analysis = { ...byHour.analysis, chart: { mark: 'bar', category: name, value: 'plays' } as const }
    expect(textsOf(await chartSvg({ answer: '', analysis, rows: [{ [name]: 'a', plays: 1 }] }))).toContain('a')
  })

  test('is JSON', () => {
    for (const example of examples) expect(JSON.parse(JSON.stringify(chartSpec(example)))).toEqual(chartSpec(example))
  })
})
