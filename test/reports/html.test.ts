import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AnalysisResult, Provenance } from '../../src/reports/analysis.ts'
import { drawForPage, renderReport } from '../../src/reports/html.ts'
import { anyText, byArtist, byDay, byHour, byWeekday, examples, hostileTexts, provenance } from './examples.ts'

const scriptsOf = (page: string) => [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text)
const withoutScripts = (page: string) => page.replace(/<script>.*?<\/script>/gs, '')
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const reportOn = async (results: readonly AnalysisResult[], provenance: Provenance) =>
  renderReport(await Promise.all(results.map(drawForPage)), provenance)

describe('renderReport', () => {
  test('says how current it is, and for each analysis its question, answer, pictures, table and SQL', async () => {
    const page = await reportOn(examples, provenance)
    for (const text of [
      'As of 2026-01-30 08:00 UTC',
      '2018-11-01 to 2018-11-30',
      's3://logs/2018',
      'from duckdb, after 2 loads',
    ])
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
    expect(scriptsOf(page)).toHaveLength(1)
    expect(Buffer.byteLength(page)).toBeLessThan(500_000)
    expect(policy).not.toContain('unsafe')
    expect(withoutScripts(page)).not.toMatch(/ (src|srcset|action|style|on\w+)="|@import|url\(|href="(?!#|data:)/)
  })

  test('has the answers that matter on the first screen, those of days with a line', async () => {
    const named = (result: AnalysisResult, name: string) => ({ ...result, analysis: { ...result.analysis, name } })
    const results = [named(byDay, 'songplays-by-day'), named(byHour, 'songplays-by-hour'), byWeekday]
    const page = await reportOn(results, provenance)
    const head = page.slice(page.indexOf('<header>'), page.indexOf('</header>'))
    expect(head.match(/<li>/g)).toHaveLength(2)
    expect(head).toContain('<a href="#songplays-by-day">How many plays does a day have?</a><p>One sentence.</p>')
    expect(head.match(/<polyline points="0.0,12.3 50.0,9.7 100.0,7.1 150.0,4.6 200.0,2.0"/g)).toHaveLength(1)
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
      expect(scriptsOf(page)).toHaveLength(1)
      expect(page).not.toMatch(/\p{Surrogate}/u)
    }
    for (const text of hostileTexts) await holds(text)
    await fc.assert(fc.asyncProperty(anyText, holds), { numRuns: 30 })
  })
})
