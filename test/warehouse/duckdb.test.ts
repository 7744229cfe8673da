import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Sql } from '../../src/sql-queries/index.ts'
import { openDuckdb } from '../../src/warehouse/duckdb.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Opens the file as the suite does, adds a table, and says for which DuckDB the file is. */
async function formatAfterWriting(file: string): Promise<unknown> {
  const warehouse = await openDuckdb({ file, access: 'create' })
  await warehouse.execute('create table added as select 1 as one' as Sql)
  const [row] = await warehouse.query(
    "select tags['storage_version'] as version from duckdb_databases() where path is not null" as Sql,
  )
  await warehouse.close()
  return row?.version
}

test('a new file is one that DuckDB 1.3 and newer open', async () => {
  expect(await formatAfterWriting(join(folder, 'new.duckdb'))).toBe('v1.3.0+')
})

test('a file that an older version of the suite made is written on as it is', async () => {
  const file = join(folder, 'old.duckdb')
  const instance = await DuckDBInstance.create(file)
  await (await instance.connect()).run('create table kept as select 7 as seven')
  instance.closeSync()
  expect(await formatAfterWriting(file)).toBe('v1.0.0+')
  const warehouse = await openDuckdb({ file, access: 'read' })
  expect(await warehouse.query('select seven, one from kept, added' as Sql)).toEqual([{ seven: 7, one: 1 }])
  await warehouse.close()
})

test('one statement is a query, with a semicolon behind it too; several are none; a comment alone has no rows, and every column a place', async () => {
  const warehouse = await openDuckdb({ file: ':memory:', access: 'create' })
  const ask = (statement: string) => warehouse.query(statement as Sql)
  expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
  expect(await ask("select ';' as one; ")).toEqual([{ one: ';' }])
  await expect(ask('select 1; drop table users')).rejects.toThrow('Expected one query, found 2 statements.')
  expect(await ask('-- nothing')).toEqual([])
  const [row] = await ask('select 1 as "__proto__", 2 as a, 3 as a')
  expect(Object.values(row ?? {})).toEqual([1, 2, 3])
  await warehouse.close()
})
