import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
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
    const { openDuckdb } = await import('../../src/warehouse/duckdb.ts')
    const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
    expect(await duckdb.query(`select *, typeof(n) as t from read_parquet('${file}')` as never)).toEqual([
      { n: 1, part: 0.5, name: 'x', day: '2018-11-05', at: '2018-11-05T01:02:03.796Z', t: 'BIGINT' },
    ])
    await duckdb.close()
    expect(await query('select 1 as n where false', '--format', 'parquet', '--out', 'y.parquet')).toMatchObject({
      code: 2,
    })
    for (const format of ['parquet', 'csv'])
      expect(await query('select 1 as n', '--format', format, '--out', '.')).toMatchObject({
        code: 2,
        stderr: `${warehouse.folder} can't be written (EISDIR).\nUse --out FILE to name another file.\n`,
      })
  })
})
