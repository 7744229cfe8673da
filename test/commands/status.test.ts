import { rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readStatus } from '../../src/commands/read-status.ts'
import { statusText } from '../../src/commands/status.ts'
import { renderTable } from '../../src/reports/table.ts'
import { tables } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { hashOf, runScript } from '../support/process.ts'
import { event, logObject, smallSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const textOf = (result: Awaited<ReturnType<typeof readStatus>>) =>
  statusText(result, (rows) => renderTable(rows, { width: 80 }))

describe('on DuckDB', () => {
  const newWarehouse = async () => {
    const warehouse = await new TestWarehouse().create()
    ends.push(() => warehouse.remove())
    warehouse.write(smallSource)
    return warehouse
  }
  const change = async (warehouse: TestWarehouse, statement: string) => {
    const open = await warehouse.context.openWarehouse('write')
    await open.execute(statement as Sql)
    await open.close()
  }

  test('a machine with nothing is told what to run first, and nothing is made', async () => {
    const warehouse = await newWarehouse()
    rmSync(warehouse.database)
    const { code, stdout } = await runScript('status', ['--config', warehouse.configFile])
    expect(code).toBe(0)
    expect(stdout).toBe(
      `The warehouse ${warehouse.database} (duckdb) is not created yet.\n\nNext: npm run create-tables -- --config ${warehouse.configFile}\n`,
    )
    expect(hashOf(warehouse.database)).toBeUndefined()
  })

  test('objects that no load has taken are named: all of a few, the first ten of many and how many more', async () => {
    const warehouse = await newWarehouse()
    const few = await readStatus(warehouse.context)
    expect(few).toMatchObject({ next: 'etl', waiting: { objects: 4 } })
    expect(few.waiting?.first).toEqual(smallSource.map(({ key }) => `${warehouse.folder}/${key}`).sort())
    expect(textOf(few)).toMatch(/^Not loaded yet: 4 objects \(4\.\d kB\):(\n {2}\/.*){4}$/m)
    expect(textOf(few)).not.toContain('more\n')

    await warehouse.etl()
    const many = Array.from({ length: 1234 }, (_, index) =>
      logObject(`new/${String(index).padStart(4, '0')}.json`, [event({ sessionId: 100 + index })]),
    )
    warehouse.write(many)
    const before = hashOf(warehouse.database)
    const result = await readStatus(warehouse.context)
    expect(result.waiting).toMatchObject({ objects: 1234, first: { length: 10 } })
    expect(result.waiting?.first.at(-1)).toBe(`${warehouse.folder}/log_data/new/0009.json`)
    expect(textOf(result)).toMatch(/^Not loaded yet: 1,234 objects .*:\n( {2}\/.*\n){10} {2}and 1,224 more$/m)
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('the last loads are told with all numbers of their reconciliation, newest first', async () => {
    const warehouse = await newWarehouse()
    for (const session of [1, 2, 3, 4, 5, 6]) {
      warehouse.write([logObject(`more-${session}.json`, [event({ sessionId: 200 + session })])])
      await warehouse.etl()
    }
    const result = await readStatus(warehouse.context)
    expect(result).toMatchObject({ next: null, waiting: { objects: 0, bytes: 0, first: [] } })
    expect(result.loads).toHaveLength(5)
    const text = textOf(result)
    expect(text).toMatch(/^Everything at the source is loaded\.$/m)
    expect(text).not.toContain('Not loaded yet:')
    const [head = ''] = text.split('\n').filter((line) => line.startsWith('reconciliation'))
    const ids = result.loads.slice(0, 3).map(({ load_id }) => `load ${String(load_id).slice(-6)}`)
    expect(
      head
        .split(/ {2,}/)
        .slice(1)
        .map((name) => name.trim()),
    ).toEqual(ids)
    for (const name of ['events', 'not a play', 'already loaded', 'duplicates', 'conflicts', 'quarantined', 'inserted'])
      expect(text).toMatch(new RegExp(`^${name} +\\d+ +\\d+ +\\d+$`, 'm'))
    for (const line of text.split('\n').filter((each) => !each.startsWith('  '))) expect(line.length).toBeLessThan(81)
  })

  test('what is in quarantine is told by its reason', async () => {
    const warehouse = await newWarehouse()
    warehouse.write([logObject('z.json', [event({ sessionId: 77 }), event({ sessionId: 77, song: 'Starlight' })])])
    await warehouse.etl()
    const result = await readStatus(warehouse.context)
    expect(result.quarantine).toMatchObject([{ records: 1 }])
    expect(textOf(result)).toContain(String(result.quarantine[0]?.reason).slice(0, 30))
  })

  test('columns that disagree with the schema are told with what mends them', async () => {
    const warehouse = await newWarehouse()
    await change(warehouse, 'alter table users add column shoe_size integer')
    const result = await readStatus(warehouse.context)
    expect(result).toMatchObject({ missing: [], drift: [{ table: 'users', column: 'shoe_size' }] })
    expect(textOf(result)).toMatch(
      /^users\.shoe_size is not in the schema\. To fix it: alter table users drop column shoe_size;$/m,
    )
  })

  test.each(tables.map(({ name }) => name).filter((name) => name !== 'schema_versions'))(
    'without the table %s it says so and what creates it, where it once failed',
    async (name) => {
      const warehouse = await newWarehouse()
      await change(warehouse, `drop table ${name}`)
      const result = await readStatus(warehouse.context)
      expect(result).toMatchObject({ exists: true, next: 'create-tables', missing: [name], drift: [] })
      expect(textOf(result)).toContain(`The table ${name} is missing. To create it: npm run create-tables`)
    },
  )
})

describe('on Redshift', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
    cloud.write(smallSource)
    await cloud.etl()
  })
  afterAll(() => cloud.close())
  const [cluster] = [() => [...cloud.cloud.aws.state.clusters.values()][0]]
  const hoursLater = (hours: number) => ({
    ...cloud.context,
    now: () => new Date((cluster()?.createdAt.getTime() ?? 0) + hours * 3_600_000),
  })

  test('what is there is told with its age, what it costs and that nothing would stop it; nothing is changed', async () => {
    const [calls, statements] = [cloud.cloud.aws.calls.length, cloud.cloud.redshift.statements.length]
    const result = await readStatus(hoursLater(5.25))
    expect(result).toMatchObject({ exists: true, next: null, waiting: { objects: 0 }, missing: [], drift: [] })
    expect(result.infrastructure).toMatchObject({ status: 'available', since: cluster()?.createdAt.toISOString() })
    const text = textOf(result)
    expect(text).toMatch(/^dwh is available, created \d{4}-\d\d-\d\d \d\d:\d\d UTC\. It listens at localhost:\d+\.$/m)
    // The price of a node in us-west-2 stands in no table of ours; that of another region says whose it is.
    expect(text).toMatch(
      /^Until you remove it, .*\$0\.54 per hour.* Prices of us-east-1 as of .* It has existed for 5\.3 hours, /m,
    )
    expect(text).toMatch(
      /^Nothing stops it if you forget it: create-infrastructure --ttl 8h sets a dead-man switch\.$/m,
    )
    const actions = cloud.cloud.aws.calls.slice(calls).map(({ action }) => action)
    expect(actions.filter((action) => !/^(Describe|Get|List|Head|BatchExecuteStatement)/.test(action))).toEqual([])
    const asked = cloud.cloud.redshift.statements.slice(statements)
    expect(
      asked.filter(({ text }) => !/^\s*(select |set statement_timeout |begin read only$|rollback$)/.test(text)),
    ).toEqual([])
  })

  test('a cluster that sleeps is there, and what wakes it is what to run next', async () => {
    const sleeping = cluster()
    if (sleeping === undefined) throw new Error('there is no cluster')
    sleeping.status = 'paused'
    ends.push(() => Object.assign(sleeping, { status: 'available' }))
    const result = await readStatus(hoursLater(30))
    expect(result).toMatchObject({ exists: true, next: 'create-infrastructure --resume', rows: {}, loads: [] })
    expect(textOf(result)).toMatch(
      /^Until you remove it, it costs \$0\.40 per month .* plus storage\..* It has existed for 30\.0 hours, /m,
    )
  })

  test('without a role create-infrastructure is to run, and the cluster is there all the same', async () => {
    const { roles } = cloud.cloud.aws.state
    const role = roles.get('sparkify-dwh-us-west-2-reader')
    roles.delete('sparkify-dwh-us-west-2-reader')
    ends.push(() => role && roles.set(role.name, role))
    expect(await readStatus(cloud.context)).toMatchObject({ exists: true, next: 'create-infrastructure' })
  })

  test('objects in the bucket that no load has taken are named by their address', async () => {
    cloud.write([logObject('new.json', [event({ sessionId: 900 })])])
    ends.push(() => cloud.cloud.aws.state.buckets.get('source')?.remove('log_data/new.json'))
    const result = await readStatus(cloud.context)
    expect(result).toMatchObject({ next: 'etl', waiting: { objects: 1, first: ['s3://source/log_data/new.json'] } })
  })

  test('an account with nothing is told what to run first, and that nothing costs', async () => {
    const bare = await TestCloud.start({ bare: true })
    ends.push(() => cloud.enter())
    ends.push(() => bare.close())
    const result = await readStatus(bare.context)
    expect(result).toMatchObject({ exists: false, next: 'create-infrastructure, then create-tables' })
    expect(textOf(result)).toBe(
      'The warehouse dwh (redshift) is not created yet.\n\nNext: npm run create-infrastructure && npm run create-tables\n\nNothing costs anything.',
    )
  })
})
