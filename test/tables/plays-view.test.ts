import { afterAll, beforeAll, expect, test } from 'vitest'
import { plays } from '../../src/schema/index.ts'
import { type Sql, sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import { runScript } from '../support/process.ts'
import { smallSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

let warehouse: TestWarehouse
beforeAll(async () => {
  warehouse = await new TestWarehouse().create()
  warehouse.write(smallSource)
  await warehouse.etl()
})
afterAll(() => warehouse.remove())

test('plays has one row per play, with its calendar by number and by name', async () => {
  const [all] = await warehouse.query('select count(*) as n from songplays')
  expect(await warehouse.query('select count(*) as n from plays')).toEqual([all])
  expect(Number(all?.n)).toBeGreaterThan(0)
  const wrong = `select weekday_name from plays where weekday_name <> dayname(start_time) or start_date <> start_time::date
    or hour <> extract(hour from start_time)`
  expect(await warehouse.query(wrong)).toEqual([])
})

test('every column of plays has its comment in the catalog of DuckDB', async () => {
  const rows = await warehouse.query("select column_name, comment from duckdb_columns() where table_name = 'plays'")
  expect(rows).toEqual(plays.columns.map(({ name, comment }) => ({ column_name: name, comment })))
})

test('etl and analyze say to run create-tables if the view or a column is missing, and create-tables adds it', async () => {
  const change = async (statement: Sql) => {
    const live = await warehouse.context.openWarehouse('write')
    await live.execute(statement).finally(() => live.close())
  }
  await change(sql`drop view plays`)
  await change(sql`alter table users drop column gender`)
  for (const command of ['etl', 'analyze']) {
    const { code, stderr } = await runScript(command, ['--config', warehouse.configFile])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `The warehouse lacks users.gender, plays.\nAdd what is missing: npm run create-tables -- --config ${warehouse.configFile}. To fill new columns, then run: npm run etl -- --full --config ${warehouse.configFile}\n`,
    })
  }
  const options = { reset: false, yes: false }
  expect(await createTables(warehouse.context, options)).toMatchObject({ created: ['plays'], added: ['users.gender'] })
  expect(await createTables(warehouse.context, options)).toMatchObject({ created: [], added: [] })
  expect(await warehouse.query('select gender from plays where gender is not null')).toEqual([])
})
