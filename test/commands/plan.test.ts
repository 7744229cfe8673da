import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { planLoad } from '../../src/etl/plan.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { runScript } from '../support/process.ts'
import { event, largeSource, logObject, smallSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

describe('etl --plan on DuckDB', () => {
  const warehouses: TestWarehouse[] = []
  const newWarehouse = async (settings = '') => {
    const warehouse = await new TestWarehouse({ settings }).create()
    warehouses.push(warehouse)
    return warehouse
  }
  afterAll(() => {
    for (const warehouse of warehouses) warehouse.remove()
  })

  test('names what is new and what changed, and leaves every byte of the database as it is', async () => {
    const warehouse = await newWarehouse()
    warehouse.write(smallSource)
    await warehouse.etl()
    warehouse.write([logObject('new.json', [event({ sessionId: 9 })])])
    const before = readFileSync(warehouse.database)
    const run = (...args: string[]) =>
      runScript('etl', ['--config', 'dwh.cfg', '--plan', ...args], { cwd: warehouse.folder })
    const { code, stdout } = await run('--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      engine: 'duckdb',
      objects: { log_data: { listed: 3, new: 1, changed: 0, unchanged: 2 }, song_data: { listed: 2, new: 0 } },
      waiting: { objects: 1, first: [expect.stringMatching(/new\.json$/)] },
      loads: 1,
    })
    expect((await run()).stdout).toMatch(/new\.json\n\nWould load 1 object, \d+ B, in 1 transaction\n$/)
    expect(readFileSync(warehouse.database).equals(before)).toBe(true)
  })

  test('with nothing new says so; with --full it names everything', async () => {
    const warehouse = await newWarehouse()
    warehouse.write(smallSource)
    await warehouse.etl()
    expect((await planLoad(warehouse.context, { full: false })).loads).toBe(0)
    expect((await planLoad(warehouse.context, { full: true })).waiting.objects).toBe(smallSource.length)
  })

  test('has a load for each batch', async () => {
    const warehouse = await newWarehouse('[ETL]\nBATCH_BYTES = 100000')
    warehouse.write(largeSource(2000, 100))
    const { loads } = await planLoad(warehouse.context, { full: false })
    const { summary } = await warehouse.etl()
    expect(loads).toBeGreaterThan(3)
    expect(loads).toBe(summary.loads.length)
  })
})

describe('etl --plan on the Redshift double', () => {
  test('sends no statement and no call that changes anything', async () => {
    const cloud = await TestCloud.start()
    cloud.write(smallSource)
    const calls = () =>
      cloud.cloud.aws.calls.filter(({ action }) => !/^(Get|List|Describe|Head|BatchExecuteStatement)/.test(action))
        .length
    const before = calls()
    const statements = await cloud.statementsOf(() => planLoad(cloud.context, { full: true }))
    expect(
      statements.map(({ text }) => text).filter((text) => !/^(select|with|set|begin read only|rollback)/.test(text)),
    ).toEqual([])
    expect(calls()).toBe(before)
    await cloud.close()
  })
})
