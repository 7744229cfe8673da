import { describe, expect, test } from 'vitest'
import { users } from '../../src/schema/index.ts'
import { duckdb, redshift, type Sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import { driftOf } from '../../src/tables/drift.ts'
import { planTables } from '../../src/tables/plan-tables.ts'
import { smallSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const change = async (warehouse: TestWarehouse, statement: string) => {
  const open = await warehouse.context.openWarehouse('write')
  await open.execute(statement as Sql)
  await open.close()
}

test('tables that are as the schema says have no drift, whichever engine names their types', () => {
  const live = (type: (name: string) => object) =>
    users.columns.map((column) => ({
      table_name: 'users',
      column_name: column.name,
      is_nullable: column.required ? 'NO' : 'YES',
      ...type(column.type),
    }))
  const onDuckdb = live((type) => ({ data_type: type.startsWith('text') ? 'VARCHAR' : type.toUpperCase() }))
  const onRedshift = live((type) => {
    const length = /^text\((\d+)\)$/.exec(type)?.[1]
    if (length) return { data_type: 'character varying', character_maximum_length: Number(length) }
    return { data_type: type === 'timestamp' ? 'timestamp without time zone' : type }
  })
  expect(driftOf(users, onDuckdb as never, duckdb)).toEqual([])
  expect(driftOf(users, onRedshift as never, redshift)).toEqual([])
})

test('a missing column is added; an unknown one and another type are reported with the statement that fixes them', async () => {
  const warehouse = await new TestWarehouse().create()
  await change(warehouse, 'alter table users drop column gender')
  await change(warehouse, 'alter table users add column shoe_size integer')
  await change(warehouse, 'alter table songs alter column year type varchar')
  const result = await createTables(warehouse.context, { reset: false, yes: false })
  expect(result.created).toEqual([])
  expect(result.added).toEqual(['users.gender'])
  expect(result.drift).toEqual([
    {
      table: 'users',
      column: 'shoe_size',
      difference: 'users.shoe_size is not in the schema.',
      statement: 'alter table users drop column shoe_size',
    },
    {
      table: 'songs',
      column: 'year',
      difference: 'songs.year is varchar; in the schema it is integer.',
      statement: null,
    },
  ])
  warehouse.remove()
})

test('a varchar on Redshift that became too short is reported with the statement that widens it', () => {
  const live = [
    {
      table_name: 'users',
      column_name: 'user_id',
      data_type: 'character varying',
      character_maximum_length: 16,
      is_nullable: 'NO',
    },
  ]
  expect(driftOf(users, live as never, redshift).at(-1)).toMatchObject({
    difference: 'users.user_id is varchar(16); in the schema it is varchar(64).',
    statement: 'alter table users alter column user_id type varchar(64)',
  })
})

test('a table that is missing among others is created, the others and their rows stay', async () => {
  const warehouse = await new TestWarehouse().create()
  await change(warehouse, 'drop table time')
  await change(warehouse, "insert into schema_versions values (0, timestamp '2018-01-01', 'x')")
  const result = await createTables(warehouse.context, { reset: false, yes: false })
  expect(result.created).toEqual(['time'])
  expect(await warehouse.query('select count(*) as n from schema_versions')).toEqual([{ n: 2 }])
  warehouse.remove()
})

test('--reset drops only with --yes, and says before what would go', async () => {
  const warehouse = await new TestWarehouse().create()
  const refused = await createTables(warehouse.context, { reset: true, yes: false })
  expect(refused.wouldDrop).toMatchObject({ users: 0, schema_versions: 1 })
  const done = await createTables(warehouse.context, { reset: true, yes: true })
  expect(done.dropped).toHaveLength(11)
  expect(done.created).toHaveLength(12)
  warehouse.remove()
})

describe('a warehouse of another version', () => {
  /** The quarantine as an older schema had it, and a staging table with another type. */
  const older = [
    'alter table quarantine drop column column_name',
    `insert into quarantine (object_key, line_number, reason, raw_text, raw_encoding, part, load_id)
      values ('a.json', 7, 'is another play', '{}', 'utf-8', 1, '20181130T000000000Z-0a1b2c')`,
    'alter table staging_songs alter column year type varchar',
    'update schema_versions set version = 1',
  ]

  test('gets its missing columns and its staging tables, keeps its rows, and loads', async () => {
    const warehouse = await new TestWarehouse().create()
    for (const statement of older) await change(warehouse, statement)
    await expect(warehouse.etl()).rejects.toThrow(/has schema version 1;/)
    expect(await planTables(warehouse.context)).toMatchObject({
      wouldRemake: ['staging_songs'],
      wouldAdd: ['quarantine.column_name'],
    })
    const result = await createTables(warehouse.context, { reset: false, yes: false })
    expect(result).toMatchObject({
      created: [],
      remade: ['staging_songs'],
      added: ['quarantine.column_name'],
      drift: [],
    })
    expect(await warehouse.query('select line_number, raw_text, column_name from quarantine')).toEqual([
      { line_number: 7, raw_text: '{}', column_name: null },
    ])
    expect(await createTables(warehouse.context, { reset: false, yes: false })).toMatchObject({ remade: [], added: [] })
    warehouse.write(smallSource)
    expect((await warehouse.etl()).exitCode).toBe(0)
    warehouse.remove()
  })

  test('with a difference that only --reset fixes stays refused, and says so', async () => {
    const warehouse = await new TestWarehouse().create()
    await change(warehouse, 'alter table users drop column last_event_at')
    await change(warehouse, 'update schema_versions set version = 1')
    const { drift } = await createTables(warehouse.context, { reset: false, yes: false })
    expect(drift).toMatchObject([{ table: 'users', column: 'last_event_at', statement: null }])
    await expect(warehouse.etl()).rejects.toThrow(/has schema version 1;/)
    warehouse.remove()
  })
})
