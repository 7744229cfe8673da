import { expect, test } from 'vitest'
import { users } from '../../src/schema/index.ts'
import { duckdb, redshift, type Sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import { driftOf } from '../../src/tables/drift.ts'
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

test('columns that are missing, unknown or of another type are told with the statement that mends them', async () => {
  const warehouse = await new TestWarehouse().create()
  await change(warehouse, 'alter table users drop column gender')
  await change(warehouse, 'alter table users add column shoe_size integer')
  await change(warehouse, 'alter table songs alter column year type varchar')
  const result = await createTables(warehouse.context, { reset: false, yes: false })
  expect(result.created).toEqual([])
  expect(result.drift).toEqual([
    {
      table: 'users',
      column: 'gender',
      difference: 'users.gender is missing.',
      statement: 'alter table users add column gender varchar',
    },
    {
      table: 'users',
      column: 'shoe_size',
      difference: 'users.shoe_size is not in the schema.',
      statement: 'alter table users drop column shoe_size',
    },
    { table: 'songs', column: 'year', difference: 'songs.year is varchar, the schema has integer.', statement: null },
  ])
  warehouse.remove()
})

test('a varchar on Redshift that became too short is told with the statement that widens it', () => {
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
    difference: 'users.user_id is varchar(16), the schema has varchar(64).',
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
  expect(done.created).toHaveLength(11)
  warehouse.remove()
})

/** The quarantine as version 1 had it, with a conflict in it. */
const version1 = [
  'drop table quarantine',
  `create table quarantine (
    object_key varchar, line_number bigint, reason varchar not null, column_name varchar, raw_text varchar, load_id varchar not null
  )`,
  "insert into quarantine values ('a.json', 7, 'is another play', 'songplay_id', '{}', '20181130T000000000Z-0a1b2c')",
  'update schema_versions set version = 1',
]

test('a warehouse of an older version is brought up to date with its rows, once', async () => {
  const warehouse = await new TestWarehouse().create()
  for (const statement of version1) await change(warehouse, statement)
  await expect(warehouse.etl()).rejects.toThrow(/has version 1 of the schema/)
  const result = await createTables(warehouse.context, { reset: false, yes: false })
  expect(result).toMatchObject({ created: [], migrated: ['quarantine'], drift: [] })
  expect(await warehouse.query('select * from quarantine')).toEqual([
    {
      object_key: 'a.json',
      line_number: 7,
      reason: 'is another play',
      column_name: 'songplay_id',
      raw_text: '{}',
      raw_encoding: 'utf-8',
      part: 1,
      load_id: '20181130T000000000Z-0a1b2c',
    },
  ])
  expect(await warehouse.query('select version from schema_versions order by 1')).toEqual([
    { version: 1 },
    { version: 2 },
  ])
  expect((await createTables(warehouse.context, { reset: false, yes: false })).migrated).toEqual([])
  expect((await warehouse.etl()).exitCode).toBe(0)
  warehouse.remove()
})

test('a migration that fails leaves the warehouse as it was', async () => {
  const warehouse = await new TestWarehouse().create()
  for (const statement of version1) await change(warehouse, statement)
  await change(warehouse, 'create table next_quarantine (mine integer)')
  await expect(createTables(warehouse.context, { reset: false, yes: false })).rejects.toThrow()
  expect(await warehouse.query('select line_number from quarantine')).toEqual([{ line_number: 7 }])
  expect(await warehouse.query('select max(version) as version from schema_versions')).toEqual([{ version: 1 }])
  warehouse.remove()
})
