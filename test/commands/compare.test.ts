import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Sql } from '../../src/sql-queries/index.ts'
import { openDuckdb } from '../../src/warehouse/duckdb.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { runScript } from '../support/process.ts'
import { smallSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

let duck: TestWarehouse
let cloud: TestCloud
beforeAll(async () => {
  duck = await new TestWarehouse().create()
  cloud = await TestCloud.start()
  for (const place of [duck, cloud]) {
    place.write(smallSource)
    await place.etl()
  }
})
afterAll(async () => {
  duck.remove()
  await cloud.close()
})

const compare = (...args: string[]) =>
  runScript('compare', ['--config', duck.configFile, ...args], { environment: cloud.cloud.environment })

/** A copy of the DuckDB warehouse after these statements. */
async function changed(...statements: string[]): Promise<string> {
  const [database, config] = ['other.duckdb', 'other.cfg'].map((name) => join(duck.folder, name)) as [string, string]
  copyFileSync(duck.database, database)
  writeFileSync(config, `[WAREHOUSE]\nDATABASE = other.duckdb\n[S3]\nLOG_DATA = log_data\nSONG_DATA = song_data\n`)
  const warehouse = await openDuckdb({ file: database, access: 'write' })
  for (const statement of statements) await warehouse.execute(statement as Sql)
  await warehouse.close()
  return config
}

test('two engines with the same source have the same rows and answers', async () => {
  expect(await compare('--with', cloud.cloud.configFile)).toMatchObject({
    code: 0,
    stdout: 'Both have the same rows and answers.\n',
  })
})

test('a value, a row that is missing and one too many are named with table and key; the exit code is 1', async () => {
  const [play] = await duck.query('select songplay_id from songplays order by songplay_id limit 1')
  const config = await changed(
    "update songplays set level = 'gold' where songplay_id = (select min(songplay_id) from songplays)",
    'delete from users where user_id = (select max(user_id) from users)',
    "insert into artists (artist_id, name) values ('A', 'First')",
  )
  const { code, stdout } = await compare('--with', config, '--json')
  expect(code).toBe(1)
  const { equal, differences } = JSON.parse(stdout)
  expect(equal).toBe(false)
  const of = (place: string) => differences.find((each: { in: string }) => each.in === place)
  expect(of('songplays')).toMatchObject({ key: String(play?.songplay_id), column: 'level', there: 'gold' })
  expect(of('users')).toMatchObject({ column: null, here: 'a row', there: 'no row' })
  expect(of('artists')).toMatchObject({ key: 'A', here: 'no row', there: 'a row' })
  expect(of('free-and-paid')).toBeDefined()
  expect(of('songs')).toBeUndefined()
  expect((await compare('--with', config)).stdout).toContain('gold')
})

test('what can not be compared is refused', async () => {
  expect(await compare()).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --with FILE') })
  expect(await compare('--with', '/none.cfg')).toMatchObject({ code: 2 })
  const config = await changed('drop table users cascade')
  expect(await compare('--with', config)).toMatchObject({ code: 2, stderr: expect.stringContaining('create-tables') })
})
