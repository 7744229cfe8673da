import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/sql-queries/index.ts'
import { TestCloud } from '../support/cloud-run.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await TestCloud.start()
})
afterAll(() => cloud.close())

test('a warehouse of an older version is brought up to date with its rows, in one transaction', async () => {
  const warehouse = await cloud.context.openWarehouse('write')
  for (const statement of [
    'drop table quarantine',
    `create table quarantine (
      object_key varchar(4096), line_number bigint, reason varchar(1024) not null, column_name varchar(128),
      raw_text varchar(65535), load_id varchar(64) not null
    ) diststyle even sortkey (load_id)`,
    "insert into quarantine values ('a.json', 7, 'is another play', 'songplay_id', '{}', '20181130T000000000Z-0a1b2c')",
    'update schema_versions set version = 1',
  ])
    await warehouse.execute(statement as Sql)
  await warehouse.close()
  const statements = await cloud.statementsOf(async () => {
    const result = await cloud.createTables()
    expect(result).toMatchObject({ created: [], migrated: ['quarantine'], drift: [] })
  })
  const texts = statements.map(({ text }) => text)
  const alter = texts.findIndex((text) => text.startsWith('alter table next_quarantine rename to quarantine'))
  expect(texts.lastIndexOf('begin', alter)).toBeGreaterThan(-1)
  expect(texts.indexOf('commit', alter)).toBeGreaterThan(alter)
  expect(await cloud.query('select line_number, raw_encoding, part from quarantine')).toEqual([
    { line_number: 7, raw_encoding: 'utf-8', part: 1 },
  ])
  expect((await cloud.etl()).exitCode).toBe(0)
})
