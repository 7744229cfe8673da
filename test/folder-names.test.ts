import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, expect, test } from 'vitest'
import { type Row, stagingTables } from '../src/schema/index.ts'
import { copyFiles } from '../src/sql-queries/index.ts'
import { event, lines, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** So much that doesn't compress that a thousand records are over 1 MB, compressed too: such objects are read where they lie. */
const filling = (index: number) =>
  Array.from({ length: 20 }, (_, part) => createHash('sha512').update(`${index} ${part}`).digest('base64')).join('')

const records = {
  log_data: (index: number) =>
    event({ itemInSession: index, page: index % 2 ? 'NextSong' : 'Home', level: index % 3 ? 'free' : 'paid' }),
  song_data: (index: number) => song({ song_id: `SO${index}`, year: 1960 + (index % 50) }),
}
type Source = keyof typeof records

const sourceOf = (source: Source, size: 'small' | 'large') =>
  lines(
    Array.from({ length: size === 'small' ? 10 : 1000 }, (_, index) => ({
      ...records[source](index),
      ...(size === 'large' && { filling: filling(index) }),
    })),
  )

const settings = '[ETL]\nKEEP_STAGING = yes'

/** What staging holds after a load of one object; and nothing may be in quarantine. */
async function staged(source: Source, key: string, size: 'small' | 'large', database?: string): Promise<Row[]> {
  const warehouse = new TestWarehouse({ settings, ...(database && { database }) })
  try {
    await warehouse.create()
    warehouse.write([{ source, key: `${source}/${key}`, text: sourceOf(source, size) }])
    expect((await warehouse.etl()).exitCode).toBe(0)
    return await warehouse.query(
      source === 'log_data'
        ? 'select * from staging_events order by item_in_session'
        : 'select * from staging_songs order by song_id',
    )
  } finally {
    warehouse.remove()
  }
}

const expected = new Map<string, Row[]>()
beforeAll(async () => {
  for (const source of ['log_data', 'song_data'] as const)
    for (const size of ['small', 'large'] as const)
      expected.set(`${source} ${size}`, await staged(source, 'a.json', size))
})

/** Names that DuckDB would make columns of, were it let. */
const folders: [source: Source, folder: string][] = [
  ['log_data', 'level=paid'],
  ['log_data', 'page=NextSong'],
  ['log_data', 'ts=1/sessionId=7'],
  ['log_data', 'itemInSession=x'],
  ['log_data', 'filename=a/year=2018'],
  ['song_data', 'year=1999'],
  ['song_data', 'SONG_ID=x/title='],
]

for (const [source, folder] of folders) {
  test.each(['a.json', 'a.json.gz'])(`a folder ${folder} of ${source} changes no value of a large %s`, async (name) => {
    expect(await staged(source, `${folder}/${name}`, 'large')).toEqual(expected.get(`${source} large`))
  })

  test(`a folder ${folder} changes no value of small objects of ${source}, above the database too`, async () => {
    const database = `${folder}/warehouse/test.duckdb`
    expect(await staged(source, `${folder}/a.json`, 'small', database)).toEqual(expected.get(`${source} small`))
  })
}

test.each(['a*b', 'a[x]b', '**'])('a folder %s above the database leads to no file of another', async (name) => {
  const warehouse = await new TestWarehouse({ settings, database: join(name, 'test.duckdb') }).create()
  // What a load of another warehouse has in the works.
  const other = join(warehouse.folder, 'axb', 'test.duckdb.spool', 'joined.json')
  mkdirSync(dirname(other), { recursive: true })
  writeFileSync(other, lines([event({ sessionId: 666 })]))
  warehouse.write([{ source: 'log_data', key: 'log_data/a.json', text: sourceOf('log_data', 'small') }])
  expect((await warehouse.etl()).exitCode).toBe(0)
  expect(await warehouse.query('select distinct session_id from staging_events')).toEqual([{ session_id: 1 }])
  warehouse.remove()
})

test('a large object whose name is a pattern is read, and no other in its place', async () => {
  const warehouse = await new TestWarehouse().create()
  const names = ['a*.json', 'ab.json', 'a?.json', 'a[b].json', 'a\\b[1].json']
  for (const [index, name] of names.entries()) {
    const records = Array.from({ length: 2500 }, (_, item) => event({ sessionId: index, itemInSession: item }))
    warehouse.write([{ source: 'log_data', key: `log_data/${name}`, text: lines(records) }])
  }
  expect((await warehouse.etl()).summary.reconciliation.inserted).toBe(names.length * 2500)
  warehouse.remove()
})

test('no option of read_json is left to DuckDB', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const answer = await connection.runAndReadAll(
    "select distinct unnest(parameters) as name from duckdb_functions() where function_name = 'read_json'",
  )
  const options = answer.getRowObjects().map(({ name }) => String(name))
  // The paths; other names of options that are set; and one that has no effect without hive_partitioning.
  const others = ['col0', 'date_format', 'timestamp_format', 'hive_types']
  for (const table of stagingTables) {
    const statement = copyFiles(table, ['/a.json'])
    expect(options.filter((name) => !new RegExp(`\\b${name} = `).test(statement)).sort()).toEqual(others.sort())
  }
})
