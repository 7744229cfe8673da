import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { openDuckdb } from '../../src/warehouse/duckdb.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { runScript } from '../support/process.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

let warehouse: TestWarehouse
beforeAll(async () => {
  warehouse = await new TestWarehouse().create()
})
afterAll(() => warehouse.remove())

const query = (...args: string[]) =>
  runScript('query', ['--config', warehouse.configFile, ...args], { cwd: warehouse.folder })

/** Runs query with this text at its standard input. */
function piped(input: string, ...args: string[]) {
  const script = join(projectFolder, 'src', 'query.ts')
  const node = ['--require', 'ts-node/register', script, '--config', warehouse.configFile, ...args]
  const { status, stdout, stderr } = spawnSync(process.execPath, node, { cwd: projectFolder, input, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

describe('query takes its SQL', () => {
  test('from a pipe, with and without a dash', () => {
    for (const dash of [['-'], []])
      expect(piped('select 1 as n\n', ...dash, '--format', 'csv')).toEqual({
        code: 0,
        stdout: 'n\r\n1\r\n',
        stderr: '',
      })
  })

  test('from nowhere is refused', () => {
    expect(piped('')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^SQL is missing\./) })
  })

  test('from a file, relative to where the person stands', async () => {
    writeFileSync(join(warehouse.folder, 'ask.sql'), '-- a comment\nselect 2 as n;\n')
    expect(await query('--file', 'ask.sql', '--format', 'json')).toMatchObject({ code: 0, stdout: '[{"n":2}]\n' })
    expect(await query('--file', 'gone.sql')).toMatchObject({
      code: 2,
      stderr: `${join(warehouse.folder, 'gone.sql')} can't be read (ENOENT).\nUse --file FILE to name another file.\n`,
    })
    expect(await query('select 1', '--file', 'ask.sql')).toMatchObject({ code: 2 })
  })
})

describe('query shows', () => {
  const many = 'select range as n from range(250)'
  test('at most 100 rows in a table, and says how many more there are', async () => {
    const { stdout } = await query(many)
    expect(stdout.trimEnd().split('\n')).toHaveLength(103)
    expect(stdout).toMatch(/\n… and 150 more rows\. To show more: --limit N\n$/)
    expect((await query(many, '--limit', '250')).stdout.trimEnd().split('\n')).toHaveLength(252)
  })

  test('all rows in other formats unless --limit says otherwise', async () => {
    expect(JSON.parse((await query(many, '--format', 'json')).stdout)).toHaveLength(250)
    expect(JSON.parse((await query(many, '--format', 'json', '--limit', '3')).stdout)).toHaveLength(3)
    expect(await query(many, '--limit', '0')).toMatchObject({ code: 2 })
  })
})

describe('query writes', () => {
  test('CSV to a file, byte for byte what it would print', async () => {
    expect(await query('select 1 as a', '--format', 'csv', '--out', 'a.csv')).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(join(warehouse.folder, 'a.csv'), 'utf8')).toBe('a\r\n1\r\n')
  })

  test('Parquet with numbers, texts, days and instants; only to a file', async () => {
    const rows =
      "select 1 as n, 0.5 as part, 'x' as name, date '2018-11-05' as day, timestamp '2018-11-05 01:02:03.796' as at"
    expect(await query(rows, '--format', 'parquet')).toMatchObject({ code: 2 })
    expect(await query(rows, '--format', 'parquet', '--out', 'x.parquet')).toMatchObject({ code: 0 })
    const file = join(warehouse.folder, 'x.parquet')
    expect(existsSync(file)).toBe(true)
    const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
    expect(await duckdb.query(`select *, typeof(n) as t from read_parquet('${file}')` as never)).toEqual([
      { n: 1, part: 0.5, name: 'x', day: '2018-11-05', at: '2018-11-05T01:02:03.796Z', t: 'INTEGER' },
    ])
    await duckdb.close()
    expect(await query(`${rows} limit 0`, '--format', 'parquet', '--out', 'y.parquet')).toMatchObject({ code: 0 })
    expect(await query(`${rows} limit 0`, '--format', 'csv')).toMatchObject({ stdout: 'n,part,name,day,at\r\n' })
    for (const format of ['parquet', 'csv'])
      expect(await query('select 1 as n', '--format', format, '--out', '.')).toMatchObject({
        code: 2,
        stderr: `${warehouse.folder} can't be written (EISDIR).\nUse --out FILE to name another file.\n`,
      })
  })
})

test('query shows lists, structs, exact numbers and any timestamp as they are', async () => {
  const statement = `select [1, null] as list, {'a': {'b': 0.1}} as struct, map {'k': 2} as map, 0.1::double + 0.2 as noise,
    1234567890.123456789::decimal(30, 9) as exact, 9007199254740993 as large, timestamp '2018-11-05 01:02:03.123456' as fine,
    'infinity'::timestamp as never, timestamp '0044-03-15 (BC) 00:00:00' as ides, timestamp '12018-01-01' as far`
  const [row] = JSON.parse((await query(statement, '--format', 'json')).stdout)
  expect(row).toEqual({
    list: [1, null],
    struct: { a: { b: 0.1 } },
    map: { k: 2 },
    noise: 0.30000000000000004,
    exact: '1234567890.123456789',
    large: '9007199254740993',
    fine: '2018-11-05T01:02:03.123456Z',
    never: 'infinity',
    ides: '-000043-03-15T00:00:00.000Z',
    far: '+012018-01-01T00:00:00.000Z',
  })
  const { stdout } = await query(statement)
  for (const text of ['[1,null]', '{"a":{"b":0.1}}', '0.30000000000000004', '2018-11-05T01:02:03.123456Z'])
    expect(stdout).toContain(text)
})

test('query on Redshift writes the same Parquet, types and all', async () => {
  const cloud = await TestCloud.start()
  const file = join(cloud.cloud.folder, 'x.parquet')
  const write = (statement: string) =>
    runScript('query', [statement, '--config', cloud.cloud.configFile, '--format', 'parquet', '--out', file], {
      environment: cloud.cloud.environment,
    })
  const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
  const typed = async () => {
    const [row] = await duckdb.query(
      `select array_agg(column_type) as types from (describe select * from '${file}')` as Sql,
    )
    return row?.types
  }
  const columns = `select 1 as n, cast(2 as bigint) as large, cast(0.25 as decimal(10,5)) as part, cast(0.5 as double precision) as half,
    cast('x' as varchar(4)) as name, cast('2018-11-05' as date) as day, cast('2018-11-05 01:02:03.796' as timestamp) as instant`
  const types = ['INTEGER', 'BIGINT', 'DECIMAL(38,2)', 'DOUBLE', 'VARCHAR', 'DATE', 'TIMESTAMP']
  expect(await write(columns)).toMatchObject({ code: 0, stdout: '' })
  expect(await typed()).toEqual(types)
  expect(await duckdb.query(`select n, large, part, half, name, day, instant from '${file}'` as Sql)).toEqual([
    { n: 1, large: 2, part: 0.25, half: 0.5, name: 'x', day: '2018-11-05', instant: '2018-11-05T01:02:03.796Z' },
  ])
  expect(await write('select user_id, last_event_at from users')).toMatchObject({ code: 0 })
  expect(await typed()).toEqual(['VARCHAR', 'TIMESTAMP'])
  await duckdb.close()
  await cloud.close()
})
