import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestWarehouse } from './support/warehouse-run.ts'

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
