import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import bowser from 'bowser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { analyses } from '../src/reports/analyses.ts'
import { userAgents } from '../src/sample-data/vocabulary.ts'
import { browsers, literal, operatingSystems, sql } from '../src/sql-queries/index.ts'
import { openDuckdb } from '../src/warehouse/duckdb.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'

/** The real logs, which are not part of this project. */
const realLogs = join(projectFolder, '..', 'shared', 'data', 'log_data')

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckdb({ file: ':memory:', access: 'create' })
  await warehouse.execute(sql`create table songplays (user_agent varchar)`)
})
afterAll(() => warehouse.close())

/** What the SQL of the analyses takes an agent for. */
async function ofSql(userAgent: string) {
  await warehouse.execute(sql`delete from songplays`)
  await warehouse.execute(sql`insert into songplays values (${literal(userAgent)})`)
  const [system] = await warehouse.query(operatingSystems)
  const [browser] = await warehouse.query(browsers)
  return { system: system?.operating_system, browser: browser?.browser }
}

/** What the library takes it for, in our words: we name a device of Apple's instead of its system. */
function ofLibrary(userAgent: string) {
  const { os, browser, platform } = bowser.parse(userAgent)
  const names: Readonly<Record<string, string>> = { 'Microsoft Edge': 'Edge' }
  return {
    system: os.name === 'iOS' ? (platform.model ?? os.name) : os.name,
    browser: names[browser.name ?? ''] ?? browser.name,
  }
}

/** Every agent of the real logs, once, without the quotes around most of them. */
function realAgents(): string[] {
  const paths = readdirSync(realLogs, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
  const events = paths.flatMap((path) => readFileSync(join(realLogs, path), 'utf8').trim().split('\n'))
  const agents = events.map((event) => JSON.parse(event).userAgent as string | null)
  return [...new Set(agents.filter((agent) => agent !== null))].map((agent) => agent.replace(/^"|"$/g, ''))
}

const later = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 OPR/106.0.0.0',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Android 14; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/120.0.6099.50 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/16.1 Mobile/15E148 Safari/605.1.15',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
]

describe('operating system and browser, as SQL tells them, are what the library tells', () => {
  test.each(userAgents)('of the sample data: %s', async (agent) => {
    expect(await ofSql(agent)).toEqual(ofLibrary(agent))
  })

  test.each(later)('of later years: %s', async (agent) => {
    expect(await ofSql(agent)).toEqual(ofLibrary(agent))
  })

  test.skipIf(!existsSync(realLogs))(
    'of all 40 agents in the real logs, not counting none as one (skipped where ../shared/data is not)',
    async () => {
      const agents = realAgents()
      expect(agents).toHaveLength(40)
      for (const agent of agents) expect({ agent, ...(await ofSql(agent)) }).toEqual({ agent, ...ofLibrary(agent) })
    },
  )
})

test('an agent that is unknown or missing is counted as other, not left out', async () => {
  expect(await ofSql('curl/8.0')).toEqual({ system: 'other', browser: 'other' })
  expect(await ofSql('')).toEqual({ system: 'other', browser: 'other' })
  await warehouse.execute(sql`delete from songplays`)
  await warehouse.execute(sql`insert into songplays values (null)`)
  expect(await warehouse.query(operatingSystems)).toEqual([{ operating_system: 'other', plays: 1 }])
  expect(await warehouse.query(browsers)).toEqual([{ browser: 'other', plays: 1 }])
})

test('every analysis has a name of its own, a question, and a chart of columns that its statement answers with', async () => {
  expect(new Set(analyses.map(({ name }) => name)).size).toBe(analyses.length)
  for (const { name, question, sql: statement, chart } of analyses) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(question).toMatch(/\?$/)
    for (const column of [chart.category, chart.value, chart.series ?? chart.value])
      expect(statement, name).toMatch(new RegExp(`\\b${column}\\b`))
  }
})
