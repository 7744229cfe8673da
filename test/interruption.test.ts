import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar } from './support/oracle.ts'
import { type Interrupt, runScript } from './support/process.ts'
import { event, largeSource, logObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** 20,000 events in 16 objects: some small enough to be joined, some read where they lie; and one load before, of one event. */
const source = largeSource(20_000, 1300)
const [first, ...others] = [logObject('first.json', [event({ sessionId: 900, userId: '15' })]), ...source]
const plays = 18_001

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

const etl = (warehouse: TestWarehouse, interrupt?: Interrupt, args: string[] = []) =>
  runScript('etl', ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder, ...(interrupt && { interrupt }) })

const interrupted = 'Interrupted. What was committed stays, nothing is half-done: run etl again to go on.\n'

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

/** The fingerprint of the star that no interruption may change; a star that the oracle has seen. */
const complete = (async () => {
  const warehouse = await newWarehouse()
  await warehouse.etl()
  expect(firstDifference(expectedStar([[first], others]), await warehouse.star())).toBeUndefined()
  return digestOf(warehouse)
})()

/** True if the load changed nothing, or if its commit came just before the signal. */
async function unchangedOrComplete(warehouse: TestWarehouse, before: unknown): Promise<boolean> {
  const unchanged = JSON.stringify(await stateOf(warehouse)) === JSON.stringify(before)
  return unchanged || JSON.stringify(await digestOf(warehouse)) === JSON.stringify(await complete)
}

/** The next etl takes what is missing, and nothing is left over of the one that was interrupted. */
async function expectConvergence(warehouse: TestWarehouse): Promise<void> {
  expect(await etl(warehouse)).toMatchObject({ code: 0 })
  expect(await digestOf(warehouse)).toEqual(await complete)
  expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
  expect(await warehouse.query('select count(*) as n from load_ledger')).toEqual([{ n: others.length + 1 }])
}

describe.concurrent('Ctrl-C', () => {
  for (const line of ['list +log_data', 'copy +staging_events', 'transform +users'])
    test(`after the line "${line.replace(' +', ' ')}" leaves all but staging as it was, and no half of a batch in that`, async () => {
      const warehouse = await newWarehouse()
      const before = await stateOf(warehouse)
      const { code, stdout, stderr } = await etl(warehouse, { signal: 'SIGINT', at: new RegExp(`^${line}`) })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr.endsWith(interrupted)).toBe(true)
      expect(await stateOf(warehouse)).toEqual(before)
      const [staged] = await warehouse.query('select count(*) as n from staging_events')
      expect([1, 20_000]).toContain(staged?.n)
      expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
      await expectConvergence(warehouse)
    })

  test('just before the commit gives all of the load or nothing of it', async () => {
    const warehouse = await newWarehouse()
    const before = await stateOf(warehouse)
    const { code, stderr } = await etl(warehouse, { signal: 'SIGINT', at: /^check/ })
    if (code === 1) expect(stderr.endsWith(interrupted)).toBe(true)
    else expect(code).toBe(0)
    if (code === 0) expect(await digestOf(warehouse)).toEqual(await complete)
    else expect(await unchangedOrComplete(warehouse, before)).toBe(true)
    await expectConvergence(warehouse)
  })

  test('after the first of several loads keeps that load', async () => {
    const warehouse = await newWarehouse('[ETL]\nBATCH_BYTES = 2000000\n')
    const { code, stderr } = await etl(warehouse, { signal: 'SIGINT', at: /^commit/ })
    expect(code).toBe(1)
    expect(stderr.endsWith(interrupted)).toBe(true)
    expect(await warehouse.query('select count(*) as n from loads')).toEqual([{ n: 2 }])
    expect(await warehouse.query('select (select sum(inserted) from loads) - count(*) as n from songplays')).toEqual([
      { n: 0 },
    ])
    await expectConvergence(warehouse)
  })

  test('during etl --full keeps the old star', async () => {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    const before = await stateOf(warehouse)
    const { code, stdout } = await etl(warehouse, { signal: 'SIGINT', at: /^transform/ }, ['--full'])
    expect({ code, stdout, state: await stateOf(warehouse) }).toEqual({ code: 1, stdout: '', state: before })
    expect(await digestOf(warehouse)).toEqual(await complete)
  })

  for (const milliseconds of [300, 500, 800])
    test(`after ${milliseconds} ms, wherever that is, leaves the star as it was or complete`, async () => {
      const warehouse = await newWarehouse()
      const before = await stateOf(warehouse)
      const { code, signal, stderr } = await etl(warehouse, { signal: 'SIGINT', at: milliseconds })
      // Before the script itself runs, the signal just ends the process.
      if (code === null) expect({ signal, stderr }).toEqual({ signal: 'SIGINT', stderr: '' })
      else if (code === 1) expect(stderr.endsWith(interrupted)).toBe(true)
      else expect(code).toBe(0)
      if (code === 0) expect(await digestOf(warehouse)).toEqual(await complete)
      else expect(await unchangedOrComplete(warehouse, before)).toBe(true)
      await expectConvergence(warehouse)
    })

  test('during generate leaves no half of a source', async () => {
    const warehouse = await newWarehouse()
    const args = ['--config', 'dwh.cfg', '--events', '20000000', '--out', 'sample']
    const { code, stdout, stderr } = await runScript('generate', args, {
      cwd: warehouse.folder,
      interrupt: { signal: 'SIGINT', at: { listeningFor: 700 } },
    })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: interrupted.replace('etl', 'generate') })
    expect(readdirSync(join(warehouse.folder, 'sample'))).toEqual([])
  })

  test('ends a query that would run for hours', async () => {
    const warehouse = await newWarehouse()
    const endless = 'select count(*) from range(10000000) a, range(10000000) b where a.range + b.range = 7'
    const { code, stdout, stderr } = await runScript('query', ['--config', 'dwh.cfg', endless], {
      cwd: warehouse.folder,
      interrupt: { signal: 'SIGINT', at: { listeningFor: 700 } },
    })
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: interrupted.replace('etl', 'query') })
  })
})

describe.concurrent('SIGKILL', () => {
  for (const line of ['copy +staging_events', 'transform +songplays', 'check', 'commit'])
    test(`after the line "${line.replace(' +', ' ')}" loses nothing that was committed, and the next etl converges`, async () => {
      const warehouse = await newWarehouse()
      expect(await etl(warehouse, { signal: 'SIGKILL', at: new RegExp(`^${line}`) })).toMatchObject({
        signal: 'SIGKILL',
        stdout: '',
      })
      const kept = line === 'commit' ? plays : 1
      expect(await warehouse.query('select count(*) as n from songplays')).toEqual([{ n: kept }])
      await expectConvergence(warehouse)
    })

  test('while objects are copied leaves files that status ignores, etl replaces and destroy takes along', async () => {
    const warehouse = await newWarehouse()
    const leaveFiles = () => {
      mkdirSync(join(`${warehouse.database}.spool`, 'copies'), { recursive: true })
      writeFileSync(join(`${warehouse.database}.spool`, 'joined.json'), '{"artist":"Mu')
      writeFileSync(join(`${warehouse.database}.spool`, 'copies', '0.json'), '{"artist":"Mu')
    }
    leaveFiles()
    const run = (name: string, ...args: string[]) =>
      runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })
    expect(await run('status')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Next: npm run etl$/m) })
    await expectConvergence(warehouse)
    leaveFiles()
    expect(await run('destroy-infrastructure', '--yes')).toMatchObject({ code: 0 })
    expect(existsSync(warehouse.database)).toBe(false)
    expect(existsSync(`${warehouse.database}.spool`)).toBe(false)
  })
})
