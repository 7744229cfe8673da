import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { TestCloud } from './support/cloud-run.ts'
import { event, lines, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const page = readFileSync(join(projectFolder, 'documentation', 'security.md'), 'utf8')

describe('documentation/security.md', () => {
  test('names for every threat a test that exists, and is right about what is here', () => {
    const [, table = ''] = /^## Threats\n([\s\S]*?)\n## /m.exec(page) ?? []
    const rows = table.split('\n').filter((line) => /^\| (?!attacker|---)/.test(line))
    expect(rows.length).toBeGreaterThan(12)
    for (const row of rows) {
      const cells = row.split(' | ')
      expect(cells, row).toHaveLength(4)
      const tests = [...(cells[3] ?? '').matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
      expect(tests.length, row).toBeGreaterThan(0)
      expect(tests.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([])
    }
    const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
    expect(links.filter((path) => !existsSync(join(projectFolder, 'documentation', path)))).toEqual([])
  })

  test('lists for a loader the actions that etl and query use, all of them and no other', async () => {
    const [, json = ''] = /<!-- loader -->\s+```json\n([\s\S]*?)```/.exec(page) ?? []
    const listed = (JSON.parse(json).Statement as { Action: string[] }[]).flatMap(({ Action }) => Action)
    const used = new Set<string>()
    for (const engine of ['redshift', 'redshift-serverless'] as const) {
      const cloud = await TestCloud.start({ engine, redshift: { database: 'dwh' } })
      const { aws } = cloud.cloud
      const before = aws.calls.length
      cloud.write(smallSource)
      await cloud.etl()
      // A contradiction of a play that is there: its text is read from its object.
      const text = lines([event({ itemInSession: 1, song: 'Another', ts: 1541205830796 })])
      cloud.write([{ source: 'log_data', key: 'log_data/2018/11/2018-11-03-events.json', text }])
      expect((await cloud.etl()).summary.reconciliation.quarantined).toBe(1)
      await cloud.query('select count(*) as n from songplays')
      for (const action of aws.calls.slice(before).flatMap(({ needs }) => needs)) used.add(action)
      await cloud.close()
    }
    expect([...used].sort()).toEqual(listed.sort())
  })
})

describe('a question to DuckDB', () => {
  const warehouse = new TestWarehouse()
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-question-'))
  beforeAll(async () => {
    await warehouse.create()
    writeFileSync(join(folder, 'secret.csv'), 'word\ncanary\n')
  })
  afterAll(() => {
    warehouse.remove()
    rmSync(folder, { recursive: true })
  })

  test.each([
    `select * from read_text('${folder}/secret.csv')`,
    `select * from '${folder}/secret.csv'`,
    `select * from glob('${folder}/*')`,
    `copy (select 1 as one) to '${folder}/made.csv'`,
    `export database '${folder}/made'`,
    `attach '${folder}/made.duckdb' as made`,
    `load '${folder}/secret.csv'`,
    'install httpfs',
    `select * from read_csv('http://127.0.0.1:9/a.csv')`,
    'set enable_external_access = true',
    `set temp_directory = '${folder}/made'`,
    `set log_query_path = '${folder}/made'`,
    `pragma enable_profiling = 'json'; select 1`,
  ])('reaches nothing outside of the warehouse: %s', async (statement) => {
    await expect(warehouse.query(statement)).rejects.toThrow(/disabled|locked|can't|Cannot|not one query|denied/i)
    for (const name of ['made', 'made.csv', 'made.duckdb']) expect(existsSync(join(folder, name))).toBe(false)
  })

  test('finds no credentials of the environment', async () => {
    process.env.AWS_SECRET_ACCESS_KEY = 'canary-of-the-environment'
    for (const statement of ["select getenv('AWS_SECRET_ACCESS_KEY')", 'from duckdb_secrets()'])
      await expect(warehouse.query(statement)).rejects.toThrow()
    expect(JSON.stringify(await warehouse.query('from duckdb_settings()'))).not.toContain('canary')
    delete process.env.AWS_SECRET_ACCESS_KEY
  })
})
