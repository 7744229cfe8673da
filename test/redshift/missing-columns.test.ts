import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/sql-queries/index.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { smallSource } from '../support/source.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await TestCloud.start()
  cloud.write(smallSource)
})
afterAll(() => cloud.close())

test('missing columns are added to the tables of an older version, in one transaction', async () => {
  const warehouse = await cloud.context.openWarehouse('write')
  for (const statement of [
    'alter table quarantine drop column column_name',
    'alter table staging_songs drop column year',
    'update schema_versions set version = 1',
  ])
    await warehouse.execute(statement as Sql)
  await warehouse.close()
  const statements = await cloud.statementsOf(async () => {
    const result = await cloud.createTables()
    expect(result).toMatchObject({
      created: [],
      remade: ['staging_songs'],
      added: ['quarantine.column_name'],
      drift: [],
    })
  })
  const texts = statements.map(({ text }) => text)
  const alter = texts.findIndex((text) => text.startsWith('alter table quarantine add column column_name'))
  expect(texts.lastIndexOf('begin', alter)).toBeGreaterThan(-1)
  expect(texts.indexOf('commit', alter)).toBeGreaterThan(alter)
  expect((await cloud.etl()).exitCode).toBe(0)
})
