import bowser from 'bowser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInQuestions } from '../src/commands/find-questions.ts'
import { userAgents } from '../src/sample-data/vocabulary.ts'
import { literal, type Sql, sql } from '../src/sql-queries/index.ts'
import { openDuckdb } from '../src/warehouse/duckdb.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckdb({ file: ':memory:', access: 'create' })
  await warehouse.execute(sql`create table plays (user_agent varchar)`)
})
afterAll(() => warehouse.close())

const analyses = builtInQuestions()
const sqlOf = (name: string) => analyses.find((analysis) => analysis.name === name)?.sql as Sql

/** What the SQL of the analyses takes an agent for. */
async function ofSql(userAgent: string) {
  await warehouse.execute(sql`delete from plays`)
  await warehouse.execute(sql`insert into plays values (${literal(userAgent)})`)
  const [system] = await warehouse.query(sqlOf('operating-systems'))
  const [browser] = await warehouse.query(sqlOf('browsers'))
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
})

test('an agent that is unknown or missing is counted as other, not left out', async () => {
  expect(await ofSql('curl/8.0')).toEqual({ system: 'other', browser: 'other' })
  expect(await ofSql('')).toEqual({ system: 'other', browser: 'other' })
  await warehouse.execute(sql`delete from plays`)
  await warehouse.execute(sql`insert into plays values (null)`)
  expect(await warehouse.query(sqlOf('operating-systems'))).toMatchObject([{ operating_system: 'other', plays: 1 }])
  expect(await warehouse.query(sqlOf('browsers'))).toMatchObject([{ browser: 'other', plays: 1 }])
})

test('every analysis has a name of its own, a question, and a chart of columns that its statement answers with', async () => {
  expect(new Set(analyses.map(({ name }) => name)).size).toBe(analyses.length)
  for (const { name, question, sql: statement, chart } of analyses) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(question).toMatch(/\?$/)
    for (const column of [chart?.category, chart?.value, chart?.series ?? chart?.value])
      expect(statement, name).toMatch(new RegExp(`\\b${column}\\b`))
  }
})
