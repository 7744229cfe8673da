import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { tables } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { planTables } from '../../src/tables/plan-tables.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { hashOf, runScript } from '../support/process.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
const names = tables.map(({ name }) => name)

function newWarehouse(): TestWarehouse {
  const warehouse = new TestWarehouse()
  ends.push(() => warehouse.remove())
  return warehouse
}
const plan = ({ configFile }: TestWarehouse, ...args: string[]) =>
  runScript('create-tables', ['--config', configFile, '--plan', ...args])
const change = async (warehouse: TestWarehouse, ...statements: string[]) => {
  const open = await warehouse.context.openWarehouse('write')
  for (const statement of statements) await open.execute(statement as Sql)
  await open.close()
}

describe('create-tables --plan on DuckDB', () => {
  test('of a warehouse that is not there names every table and makes no file', async () => {
    const warehouse = newWarehouse()
    const { code, stdout, stderr } = await plan(warehouse)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toBe(
      `would create      ${names.length} tables: ${names.join(', ')}\nwould create      1 view: plays\n`,
    )
    expect(existsSync(warehouse.database)).toBe(false)
  })

  test('names what is missing and what differs, as JSON too, and the bytes of the file stay as they are', async () => {
    const warehouse = await newWarehouse().create()
    await change(warehouse, 'drop table time', 'alter table users add column shoe_size integer')
    const before = hashOf(warehouse.database)
    const { code, stdout } = await plan(warehouse, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'duckdb',
      would_create: ['time'],
      existing: names.filter((name) => name !== 'time'),
      drift: [{ table: 'users', column: 'shoe_size' }],
      nothing_to_do: false,
    })
    const text = (await plan(warehouse)).stdout
    expect(text).toMatch(/^would create +1 table: time$/m)
    expect(text).toMatch(/^differs +users\.shoe_size is not in the schema\.$/m)
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('of a complete warehouse says that nothing would change; with --reset it is refused', async () => {
    const warehouse = await newWarehouse().create()
    expect(await planTables(warehouse.context)).toMatchObject({ wouldCreate: [], drift: [], nothingToDo: true })
    expect((await plan(warehouse)).stdout).toMatch(/^Nothing would change\.$/m)
    expect(await plan(warehouse, '--reset', '--yes')).toMatchObject({ code: 2, stdout: '' })
    await change(warehouse, "insert into schema_versions values (99, timestamp '2030-01-01', 'x')")
    expect(await plan(warehouse)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^The warehouse/),
    })
  })
})

test('create-tables --plan on Redshift only reads', async () => {
  const cloud = await TestCloud.start({ bare: true })
  ends.push(() => cloud.close())
  await cloud.createInfrastructure()
  const statements = await cloud.statementsOf(async () => {
    expect(await planTables(cloud.context)).toMatchObject({ wouldCreate: names, existing: [] })
  })
  expect(statements.length).toBeGreaterThan(1)
  const isRead = ({ text }: { text: string }) =>
    /^\s*(select |set statement_timeout |begin read only$|rollback$)/.test(text)
  expect(statements.filter((statement) => !isRead(statement))).toEqual([])
})
