import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnalysisResult, Provenance } from '../../src/reports/analysis.ts'
import { drawForPage, renderReport } from '../../src/reports/html.ts'
import { anyText, byArtist, byHour, examples, hostileTexts, provenance } from './examples.ts'

const scriptsOf = (page: string) => [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text)
const withoutScripts = (page: string) => page.replace(/<script>.*?<\/script>/gs, '')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const reportOn = async (results: readonly AnalysisResult[], provenance: Provenance) =>
  renderReport(await Promise.all(results.map(drawForPage)), provenance)

describe('renderReport', () => {
  test('has the headline numbers, and for each analysis its question, answer, pictures, table and SQL', async () => {
    const page = await reportOn(examples, provenance)
    for (const text of ['6,820', '1,943', '2018-11-01 to 2018-11-30', 'from duckdb, after 2 loads'])
      expect(page).toContain(text)
    for (const { analysis } of examples) {
      const section = page.match(new RegExp(`<section id="${analysis.name}".*?</section>`, 's'))?.[0]
      expect(section).toContain(`${analysis.question}</h2>`)
      expect(section?.match(/<svg /g)).toHaveLength(2)
      expect(section).toMatch(/<figcaption class="answer">[^<]+<\/figcaption>/)
      expect(section).toMatch(/<table>.*<summary>SQL<\/summary>/s)
    }
  })

  test('every id is there once and every reference finds one', async () => {
    const page = withoutScripts(await reportOn(examples, provenance))
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, id] of page.matchAll(/(?:href="#|aria-labelledby=")([^"]*)"/g)) expect(ids).toContain(id)
  })

  test('allows its own scripts and style and nothing else, and fetches nothing', async () => {
    const page = await reportOn(examples, provenance)
    const policy = page.match(/Content-Security-Policy" content="([^"]*)"/)?.[1]?.replaceAll('&#39;', "'") ?? ''
    expect(policy).toMatch(/^default-src 'none'; /)
    const style = page.match(/<style>(.*?)<\/style>/s)?.[1] ?? ''
    for (const text of [...scriptsOf(page), style]) expect(policy).toContain(hash(text))
    expect(scriptsOf(page)).toHaveLength(3)
    expect(policy).not.toContain('unsafe')
    expect(withoutScripts(page)).not.toMatch(/ (src|srcset|action|style|on\w+)="|@import|url\(|href="(?!#|data:)/)
  })

  test('says what to run when there are no plays', async () => {
    const rows = { users: 0, songplays: 0 }
    const page = await reportOn([], { ...provenance, loads: 0, latestLoad: null, firstPlayAt: null, rows })
    expect(page).toContain('<h1>No plays yet</h1>')
    expect(page).toContain('<code>npm run etl</code>')
    expect(page).not.toContain('<script')
  })

  test('an analysis without rows has its sentence only; one without a chart its sentence and its table', async () => {
    const empty = { ...byHour, rows: [], answer: 'Nobody listened.' }
    expect(await reportOn([empty], provenance)).toContain('<p class="answer">Nobody listened.</p>')
    const { chart: _, ...analysis } = byHour.analysis
    const page = await reportOn([{ ...byHour, analysis }], provenance)
    expect(page).toContain('<p class="answer">One sentence.</p>')
    expect(page).toContain('<summary>Table of 24 rows</summary>')
    expect(page).not.toContain('class="chart"')
  })

  test('the same rows give the same page', async () =>
    expect(await reportOn(examples, provenance)).toBe(await reportOn(examples, provenance)))

  test('no text of the data becomes markup', async () => {
    const tags = (page: string) => withoutScripts(page).match(/<(?:!--|\/?\w+)/g)
    const plain = tags(await reportOn([byArtist('a')], provenance))
    const holds = async (text: string) => {
      const page = await reportOn([byArtist(text)], { ...provenance, engine: text, latestLoad: text })
      expect(tags(page)).toEqual(plain)
      expect(scriptsOf(page)).toHaveLength(3)
      expect(page).not.toMatch(/\p{Surrogate}/u)
      const specs = page.match(/<script type="application\/json" id="specs">(.*?)<\/script>/s)?.[1] ?? ''
      expect(Object.keys(JSON.parse(specs))).toEqual(['chart-by-artist'])
    }
    for (const text of hostileTexts) await holds(text)
    await fc.assert(fc.asyncProperty(anyText, holds), { numRuns: 30 })
  })
})
