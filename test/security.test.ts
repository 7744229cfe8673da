import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { TestCloud } from './support/cloud-run.ts'
import { runScript } from './support/process.ts'
import { event, lines, logObject, smallSource } from './support/source.ts'
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

test('a song title that is a formula is text in the files of analyze, and stays as it is in the answer of query', async () => {
  const warehouse = await new TestWarehouse().create()
  const titles = ['=HYPERLINK("http://x","Hit")', '+1+cmd', '-2+3', '@SUM(A1)', 'A-ha = a band']
  const events = titles.map((song, itemInSession) =>
    event({ song, artist: `=${song}`, location: `@${song}`, itemInSession }),
  )
  warehouse.write([logObject('1.json', events)])
  await warehouse.etl()
  const run = (name: string, ...args: string[]) => runScript(name, ['--config', warehouse.configFile, ...args])

  expect((await run('analyze', '--out', join(warehouse.folder, 'report'))).code).toBe(0)
  const report = (name: string) => readFileSync(join(warehouse.folder, 'report', `${name}.csv`), 'utf8').split('\r\n')
  const quoted = titles.map((title) => title.replaceAll('"', '""'))
  const cell = (text = '') => (text.includes('"') ? `"${text}"` : text)
  expect(report('most-played-songs').slice(1, -1).sort()).toEqual(
    quoted.map((title, index) => `${cell(index < 4 ? `'${title}` : title)},${cell(`'=${title}`)},1`).sort(),
  )
  expect(report('most-played-artists').slice(1, -1).sort()).toEqual(
    quoted.map((title) => `${cell(`'=${title}`)},1`).sort(),
  )
  expect(report('locations').slice(1, -1).sort()).toEqual(quoted.map((title) => `${cell(`'@${title}`)},1,1`).sort())

  const statement = 'select song_title, -1.5 as "=n" from songplays order by item_in_session'
  const { stdout } = await run('query', '--format', 'csv', statement)
  expect(stdout).toBe(`song_title,=n\r\n${quoted.map((title) => `${cell(title)},-1.5\r\n`).join('')}`)
  warehouse.remove()
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
