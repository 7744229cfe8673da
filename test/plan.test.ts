import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { etl } from '../src/etl/load.ts'
import { planEtl } from '../src/etl/plan.ts'
import { TestCloud } from './support/cloud-run.ts'
import { runScript } from './support/process.ts'
import { event, largeSource, logObject, smallSource, song, songObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

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
      loads: [{ objects: 1, joined: 1 }],
    })
    expect((await run()).stdout).toMatch(
      /new\.json\n\nload 1: 1 object, \d+ B \(1 of them joined first\), about \d+ statements\n$/,
    )
    expect(readFileSync(warehouse.database).equals(before)).toBe(true)
  })

  test('with nothing new says so; with --full it names everything', async () => {
    const warehouse = await newWarehouse()
    warehouse.write(smallSource)
    await warehouse.etl()
    expect((await planEtl(warehouse.context, { full: false })).loads).toEqual([])
    expect((await planEtl(warehouse.context, { full: true })).waiting.objects).toBe(smallSource.length)
  })

  test('has a load for each batch', async () => {
    const warehouse = await newWarehouse('[ETL]\nBATCH_BYTES = 100000')
    warehouse.write(largeSource(2000, 100))
    const { loads } = await planEtl(warehouse.context, { full: false })
    const { summary } = await warehouse.etl()
    expect(loads.length).toBeGreaterThan(3)
    expect(loads).toHaveLength(summary.loads.length)
  })
})

describe('etl --plan on the Redshift double', () => {
  test('says how many statements change something, and sends none of them', async () => {
    const cloud = await TestCloud.start()
    // The first loads wait for the role that was made a moment ago.
    for (const role of cloud.cloud.aws.state.roles.values()) role.usesUntilAssumable = 0
    const objects = Array.from({ length: 600 }, (_, index) =>
      index % 2
        ? logObject(`${index}.json${index % 3 ? '' : '.gz'}`, [event({ sessionId: index })])
        : songObject(`${index}.json`, song({ song_id: `SO${index}` })),
    )
    cloud.write([...objects, logObject('many.json', [event({ sessionId: 9999 })])])
    const changes = /^(begin|lock|copy|delete|insert|update|create|drop|commit)/
    const calls = () => cloud.cloud.aws.calls.filter(({ action }) => !/^(Get|List|Describe|Head)/.test(action)).length
    for (const compactFrom of [0, 100]) {
      const context = { ...cloud.context, config: { ...cloud.context.config, compactFrom } }
      const before = calls()
      const planning: string[] = []
      let planned = 0
      for (const { text } of await cloud.statementsOf(async () => {
        const { loads } = await planEtl(context, { full: true })
        planned = loads[0]?.statements ?? 0
      }))
        planning.push(text)
      expect(planning.filter((text) => changes.test(text) && text !== 'begin read only')).toEqual([])
      expect(calls()).toBe(before)
      const statements = await cloud.statementsOf(() => etl(context, { full: compactFrom > 0 }))
      const own = statements.filter(({ text }) => changes.test(text) && text !== 'begin read only')
      // --full clears seven tables before it loads.
      expect(own.length - (compactFrom > 0 ? 7 : 0)).toBe(planned)
    }
    await cloud.close()
  })
})

describe('--deadline', () => {
  test('ends a command like Ctrl-C, with a sentence that names it; what it did not reach is loaded by the next run', async () => {
    const warehouse = await new TestWarehouse().create()
    warehouse.write(largeSource(60_000, 1000))
    const run = (...args: string[]) => runScript('etl', ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })
    const { code, stderr } = await run('--deadline', '1s')
    if (code !== 0) {
      expect(code).toBe(1)
      expect(stderr).toContain(
        'The deadline of 1s has passed. What was committed stays, nothing is half-done: run etl again to go on.',
      )
      expect(await warehouse.query('select count(*) as n from songplays')).toEqual([{ n: 0 }])
    }
    expect(await run('--deadline', '2h')).toMatchObject({ code: 0 })
    expect(await warehouse.query('select count(*) as n from songplays')).toEqual([{ n: 54_000 }])
    warehouse.remove()
  })

  test.each(['1', '0s', '5 m', '1d', '-3s', '999999h'])('of %j is refused', async (time) => {
    const warehouse = await new TestWarehouse().create()
    const finished = await runScript('etl', ['--config', 'dwh.cfg', `--deadline=${time}`], { cwd: warehouse.folder })
    expect(finished).toMatchObject({ code: 2, stdout: '' })
    expect(finished.stderr).toContain(`--deadline ${time} is no time.\nWrite 90s, 30m or 2h; 24 days at most.`)
    warehouse.remove()
  })
})
