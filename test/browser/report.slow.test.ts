import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerQuestions } from '../../src/commands/answer-questions.ts'
import { builtInQuestions } from '../../src/commands/find-questions.ts'
import { projectFolder } from '../../src/folders.ts'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { runScript } from '../support/process.ts'
import { event, logObject, song, songObject } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const analyses = builtInQuestions()

const executable = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const real = join(projectFolder, '..', 'shared', 'data')
const hostile = '<img src=x onerror=alert(1)>'

const warehouses: TestWarehouse[] = []
const folders: string[] = []
let browser: Browser
beforeAll(async () => {
  if (executable) browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser?.close()
  for (const warehouse of warehouses) warehouse.remove()
  for (const folder of folders) rmSync(folder, { recursive: true })
})

async function newWarehouse(source?: string): Promise<TestWarehouse> {
  const sources = source ? { logData: join(source, 'log_data'), songData: join(source, 'song_data') } : {}
  const warehouse = await new TestWarehouse(sources).create()
  warehouses.push(warehouse)
  return warehouse
}

/** Loads what there is and writes the report; the folder it is in. */
async function reportOf(warehouse: TestWarehouse): Promise<string> {
  await warehouse.etl()
  const folder = join(warehouse.folder, 'report')
  await answerQuestions(warehouse.context, folder)
  return folder
}

async function generated(): Promise<TestWarehouse> {
  const out = mkdtempSync(join(tmpdir(), 'sparkify-browser-'))
  folders.push(out)
  await generateSampleData({ events: 4000, songs: 1000, seed: 5, out })
  return newWarehouse(out)
}

/** One artist, song, location, user agent and level, each named to do harm. */
async function harmful(): Promise<TestWarehouse> {
  const warehouse = await newWarehouse()
  const named = { artist: hostile, song: hostile, location: hostile, userAgent: hostile }
  warehouse.write([
    logObject('a.json', [event(named), event({ ...named, itemInSession: 1, ts: 1541106830796, level: 'paid' })]),
    songObject('a.json', song({ title: hostile, artist_name: hostile, artist_location: hostile })),
  ])
  return warehouse
}

/** A page with the report, and what went wrong while it was open: complaints, and requests that would have left it. */
async function open(folder: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, ...options })
  const page = await context.newPage()
  const troubles: string[] = []
  page.on('console', (message) => troubles.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    return dialog.dismiss()
  })
  const file = pathToFileURL(join(folder, 'index.html')).href
  await page.route('**', (route) => {
    if (route.request().url() === file) return route.continue()
    troubles.push(`request: ${route.request().url()}`)
    return route.abort()
  })
  await page.addInitScript(() => {
    const shifts: number[] = []
    Object.assign(globalThis, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value)
    }).observe({ type: 'layout-shift' as never, buffered: true })
  })
  await page.goto(file)
  return { page, troubles, close: () => context.close() }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong, as `rule: element`. The policy of the page binds scripts, not the one who debugs it. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 120))))`)
}

const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

const marks = '.wide .role-mark path, .wide .role-mark line'
const described = '.wide .mark-rect [aria-label], .wide .mark-symbol [aria-label]'

const sources: [about: string, isThere: boolean, make: () => Promise<TestWarehouse>][] = [
  ['generated data', true, generated],
  ['the real data (skipped where ../shared/data is not)', existsSync(join(real, 'log_data')), () => newWarehouse(real)],
  ['harmful names', true, harmful],
]

const about = executable ?? 'a browser (skipped: there is no /usr/bin/chromium; apt-get install chromium)'
describe.skipIf(!executable)(`in ${about}, the report`, () => {
  describe.each(sources)('of %s', (_, isThere, make) => {
    let folder: string
    beforeAll(async () => {
      if (isThere) folder = await reportOf(await make())
    })

    test.skipIf(!isThere)('draws every chart, complains of nothing, asks for nothing, shifts nothing', async () => {
      const { page, troubles, close } = await open(folder)
      for (const { name } of analyses)
        expect(await page.locator(`#chart-${name}`).locator(marks).count(), name).toBeGreaterThan(0)
      expect(await page.evaluate('shifts')).toEqual([])
      expect(troubles).toEqual([])
      await close()
    })

    test.skipIf(!isThere)('shows a tooltip over a mark of every chart, and takes it away with Escape', async () => {
      const { page, troubles, close } = await open(folder)
      const tooltip = page.locator('#tooltip')
      for (const { name } of analyses) {
        // What still scrolls takes the tooltip away.
        const mark = page.locator(`#chart-${name}`).locator(described).last()
        const hover = async () => {
          await page.mouse.move(0, 0)
          await mark.hover({ force: true })
          return tooltip.isVisible()
        }
        await expect.poll(hover, { message: name, timeout: 5000 }).toBe(true)
        expect(await tooltip.innerText()).toMatch(/: .*\d/)
        await page.keyboard.press('Escape')
        expect(await tooltip.isVisible()).toBe(false)
      }
      expect(troubles).toEqual([])
      await close()
    })

    test.skipIf(!isThere).each([
      { width: 1100, colorScheme: 'light' },
      { width: 1100, colorScheme: 'dark' },
      { width: 360, colorScheme: 'light' },
      { width: 360, colorScheme: 'dark' },
    ] as const)('$width px wide and $colorScheme, axe finds nothing and nothing sticks out', async (look) => {
      const { page, troubles, close } = await open(folder, {
        viewport: { width: look.width, height: 800 },
        colorScheme: look.colorScheme,
      })
      await page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
      expect(await violations(page)).toEqual([])
      expect(await overflow(page)).toBe(0)
      const paper = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      expect(paper).toBe(look.colorScheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(255, 255, 255)')
      expect(troubles).toEqual([])
      await close()
    })

    test.skipIf(!isThere)('on paper is dark on white, without what folds, on at most three pages', async () => {
      const { page, close } = await open(folder, { colorScheme: 'dark' })
      await page.emulateMedia({ media: 'print' })
      expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      )
      expect(await page.locator('details').evaluateAll((all) => all.some((each) => each.checkVisibility()))).toBe(false)
      const pages = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)
      expect(pages?.length).toBeLessThanOrEqual(3)
      await close()
    })
  })

  test('unfolds the SQL with the keyboard alone', async () => {
    const { page, close } = await open(await reportOf(await harmful()))
    const summary = page.locator('#browsers summary', { hasText: 'SQL' })
    await summary.focus()
    await page.keyboard.press('Enter')
    expect(await page.locator('#browsers pre').isVisible()).toBe(true)
    await close()
  })

  test('without scripts still has its charts, as pictures', async () => {
    const folder = await reportOf(await harmful())
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(pathToFileURL(join(folder, 'index.html')).href)
    expect(await page.locator('.chart .wide svg').count()).toBe(analyses.length)
    await context.close()
  })

  test('shows a name that is markup as that text; so do the SVG files and the terminal', async () => {
    const warehouse = await harmful()
    const folder = await reportOf(warehouse)
    const { page, troubles, close } = await open(folder)
    for (const name of ['most-played-artists', 'most-played-songs', 'locations']) {
      await expect.poll(() => page.locator(`#chart-${name} text`, { hasText: hostile }).count()).toBeGreaterThan(0)
      expect(await page.locator(`#${name} td`, { hasText: hostile }).count()).toBeGreaterThan(0)
    }
    expect(await page.locator('img').count()).toBe(0)
    expect(troubles).toEqual([])
    await close()

    const picture = await browser.newPage()
    await picture.goto(pathToFileURL(join(folder, 'locations.svg')).href)
    expect(await picture.locator('text', { hasText: hostile }).count()).toBe(1)
    expect(await picture.locator('img').count()).toBe(0)
    await picture.close()

    const { stdout } = await runScript('query', [
      'select location, user_agent from songplays',
      '--config',
      warehouse.configFile,
    ])
    expect(stdout.split('\n').filter((line) => line.includes(hostile))).toHaveLength(2)
  })
})
