import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runScript } from './support/process.ts'
import { event, logObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

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
    await expect(warehouse.query(statement)).rejects.toThrow(
      /disabled|locked|can't|Cannot|not one query|Expected one query|denied/i,
    )
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
