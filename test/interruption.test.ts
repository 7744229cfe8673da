import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar } from './support/oracle.ts'
import { runScript, startScript } from './support/process.ts'
import { event, largeSource, logObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** 6,000 events in 5 objects, and 300 songs; and one load before, of one event. */
const source = largeSource(6000, 1300)
const [first, ...others] = [logObject('first.json', [event({ sessionId: 900, userId: '15' })]), ...source]
const warehouses: TestWarehouse[] = []
async function newWarehouse(settings = ''): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse({ settings }).create()
  warehouses.push(warehouse)
  warehouse.write([first])
  await warehouse.etl()
  warehouse.write(others)
  return warehouse
}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

const run = (warehouse: TestWarehouse, at: RegExp, ...[name = '', ...args]: string[]) =>
  startScript(name, ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder, interrupt: { signal: 'SIGINT', at } })

const interrupted =
  'Interrupted. What was committed stays; nothing is half done. Run the same command again to continue.\n'

const star = ['users', 'songs', 'artists', 'time', 'songplays']

/** A fingerprint of the star, but for the ids of loads. */
const digestOf = (warehouse: TestWarehouse) =>
  fingerprint(warehouse, star, (table) => (table === 'songplays' ? "columns(c -> c <> 'load_id')" : 'columns(*)'))

/** A fingerprint of all that a load which did not commit may not change: everything but the staging tables. */
const stateOf = (warehouse: TestWarehouse) =>
  fingerprint(warehouse, [...star, 'load_ledger', 'loads', 'quarantine', 'schema_versions'], () => 'columns(*)')

function fingerprint(warehouse: TestWarehouse, tables: readonly string[], row: (table: string) => string) {
  const digests = tables.map(
    (table) =>
      `select '${table}' as name, count(*) as n, sum(h) as digest from (select hash(concat_ws('|', ${row(table)})) as h from ${table})`,
  )
  return warehouse.query(digests.join(' union all '))
}

/** The fingerprint of the star that no interruption may change; a star that the oracle confirms. */
const complete = (async () => {
  const warehouse = await newWarehouse()
  await warehouse.etl()
  expect(firstDifference(expectedStar([[first], others]), await warehouse.star())).toBeUndefined()
  return digestOf(warehouse)
})()

/** The next etl takes what is missing, and nothing is left over of the one that was interrupted. */
async function expectConvergence(warehouse: TestWarehouse): Promise<void> {
  expect((await warehouse.etl()).exitCode).toBe(0)
  expect(await digestOf(warehouse)).toEqual(await complete)
  expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
  expect(await warehouse.query('select count(*) as n from load_ledger')).toEqual([{ n: others.length + 1 }])
}

test.each([/^list +log_data/, /^copy +staging_events/, /^statement: insert into songplays/])(
  'Ctrl-C at %s leaves everything as it was',
  async (at) => {
    const warehouse = await newWarehouse()
    const before = await stateOf(warehouse)
    const { code, stdout, stderr } = await run(warehouse, at, 'etl')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.endsWith(interrupted)).toBe(true)
    expect(await stateOf(warehouse)).toEqual(before)
    expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
    await expectConvergence(warehouse)
  },
)

test('Ctrl-C just before the commit gives all of the load or nothing of it', async () => {
  const warehouse = await newWarehouse()
  const before = JSON.stringify(await stateOf(warehouse))
  const { code, stderr } = await run(warehouse, /^check/, 'etl')
  if (code !== 0) expect({ code, isSaid: stderr.endsWith(interrupted) }).toEqual({ code: 1, isSaid: true })
  // The signal may come just after the commit.
  const isUnchanged = JSON.stringify(await stateOf(warehouse)) === before
  if (!isUnchanged) expect(await digestOf(warehouse)).toEqual(await complete)
  expect(code === 0 && isUnchanged).toBe(false)
  await expectConvergence(warehouse)
})

test('Ctrl-C after the first of several loads keeps that load', async () => {
  const warehouse = await newWarehouse('[ETL]\nBATCH_BYTES = 1000000\n')
  const { code, stderr } = await run(warehouse, /^commit/, 'etl')
  expect({ code, isSaid: stderr.endsWith(interrupted) }).toEqual({ code: 1, isSaid: true })
  expect(await warehouse.query('select count(*) as n from loads')).toEqual([{ n: 2 }])
  expect(await warehouse.query('select (select sum(inserted) from loads) - count(*) as n from songplays')).toEqual([
    { n: 0 },
  ])
  await expectConvergence(warehouse)
})

test('Ctrl-C during etl --full keeps the old star', async () => {
  const warehouse = await newWarehouse()
  await warehouse.etl()
  const before = await stateOf(warehouse)
  const { code, stdout } = await run(warehouse, /^transform/, 'etl', '--full')
  expect({ code, stdout, state: await stateOf(warehouse) }).toEqual({ code: 1, stdout: '', state: before })
})

test('Ctrl-C during generate leaves no half of a source', async () => {
  const warehouse = await newWarehouse()
  const args = ['generate', '--events', '300000', '--out', 'sample']
  const { code, stdout, stderr } = await run(warehouse, /^file: .*sample.*log_data/, ...args)
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: interrupted })
  expect(readdirSync(join(warehouse.folder, 'sample'))).toEqual([])
})

test('Ctrl-C ends a query that would run for hours', async () => {
  const warehouse = await newWarehouse()
  const endless = 'select count(*) from range(10000000) a, range(10000000) b where a.range + b.range = 7'
  const { code, stdout, stderr } = await run(warehouse, /^statement: select count/, 'query', endless)
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: interrupted })
})

test('what a killed load left beside the database is ignored by status, replaced by etl and removed by destroy', async () => {
  const warehouse = await newWarehouse()
  const leaveFiles = () => {
    mkdirSync(join(`${warehouse.database}.spool`, 'copies'), { recursive: true })
    writeFileSync(join(`${warehouse.database}.spool`, 'joined.json'), '{"artist":"Mu')
    writeFileSync(join(`${warehouse.database}.spool`, 'copies', '0.json'), '{"artist":"Mu')
  }
  leaveFiles()
  const command = (name: string, ...args: string[]) =>
    runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })
  expect(await command('status')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Next: npm run etl -- --config dwh\.cfg$/m),
  })
  await expectConvergence(warehouse)
  leaveFiles()
  expect(await command('destroy-infrastructure', '--yes')).toMatchObject({ code: 0 })
  expect(existsSync(warehouse.database)).toBe(false)
  expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
})
