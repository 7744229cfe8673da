import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar } from './support/oracle.ts'
import { holdOpen, runScript } from './support/process.ts'
import { event, largeSource, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

async function newWarehouse({ settings = '', source = smallSource } = {}): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse({ settings }).create()
  warehouses.push(warehouse)
  warehouse.write(source)
  return warehouse
}

const run = ({ folder }: TestWarehouse, name: string, ...args: string[]) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: folder })

describe('two etl at once on DuckDB', () => {
  test('load everything once: the second waits for the first and finds nothing left to do', async () => {
    const source = largeSource(20_000, 1300)
    const warehouse = await newWarehouse({ source })
    const both = await Promise.all([run(warehouse, 'etl', '--json'), run(warehouse, 'etl', '--json')])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(both.map(({ stdout }) => JSON.parse(stdout).loads.length).sort()).toEqual([0, 1])
    const talk = both.map(({ stderr }) => stderr).join('')
    expect(talk).toMatch(/^wait +warehouse +another process has it open \(PID \d+\): waiting up to 10\.0 s$/m)
    expect(firstDifference(expectedStar([source]), await warehouse.star())).toBeUndefined()
    expect(await warehouse.query('select count(*) as n from load_ledger')).toEqual([{ n: source.length }])
  })

  test('and two create-tables make one warehouse', async () => {
    const workplace = new TestWarehouse()
    warehouses.push(workplace)
    workplace.write(smallSource)
    await run(workplace, 'create-infrastructure')
    const both = await Promise.all([run(workplace, 'create-tables'), run(workplace, 'create-tables')])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    await workplace.etl()
    expect(firstDifference(expectedStar([smallSource]), await workplace.star())).toBeUndefined()
  })
})

describe.concurrent('a DuckDB file that another process has open', () => {
  const commands: { name: string; args?: string[] }[] = [
    { name: 'etl' },
    { name: 'status' },
    { name: 'query', args: ['select count(*) as plays from songplays'] },
    { name: 'analyze', args: ['--out', 'report'] },
    { name: 'create-tables' },
  ]

  test.each(commands)('is waited for by $name, which says for whom', async ({ name, args = [] }) => {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    const holder = await holdOpen(warehouse.database)
    const finished = await runScript(name, ['--config', 'dwh.cfg', ...args], {
      cwd: warehouse.folder,
      onStart: (child) => child.stderr?.on('data', (text) => /^wait/m.test(String(text)) && void holder.end()),
    })
    const says = `wait      warehouse      another process has it open (PID ${holder.pid}): waiting up to 10.0 s\n`
    expect(finished).toMatchObject({ code: 0, stderr: expect.stringContaining(says) })
  })

  test.each(commands)(
    'is given up by $name after LOCK_TIMEOUT, and the process is named',
    async ({ name, args = [] }) => {
      const warehouse = await newWarehouse({ settings: '[WAREHOUSE]\nLOCK_TIMEOUT = 1\n' })
      const holder = await holdOpen(warehouse.database)
      const { code, stdout, stderr } = await run(warehouse, name, ...args)
      await holder.end()
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      const says = `The warehouse ${warehouse.database} is in use by another process (PID ${holder.pid}).`
      expect(
        stderr.endsWith(`${says}\nWait until that process is done, or stop it. Then run the command again.\n`),
      ).toBe(true)
    },
  )

  test('is no longer waited for after Ctrl-C', async () => {
    const warehouse = await newWarehouse()
    const holder = await holdOpen(warehouse.database)
    const interrupt = { signal: 'SIGINT', at: /^wait/ } as const
    const interrupted = await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder, interrupt })
    await holder.end()
    expect(interrupted).toMatchObject({ code: 1, stderr: expect.stringMatching(/Interrupted\..*\n$/) })
  })

  test('by a process that was killed is not locked', async () => {
    const warehouse = await newWarehouse()
    const interrupt = { signal: 'SIGKILL', at: /^transform/ } as const
    const killed = await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder, interrupt })
    expect(killed.signal).toBe('SIGKILL')
    const { code, stderr } = await run(warehouse, 'etl')
    expect({ code, waited: /^wait/m.test(stderr) }).toEqual({ code: 0, waited: false })
  })

  test('can be read by several at once', async () => {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    const answers = await warehouse.read(() =>
      Promise.all([1, 2].map(() => run(warehouse, 'query', '--json', 'select count(*) as plays from songplays'))),
    )
    for (const { stdout, stderr } of answers)
      expect({ stdout, stderr }).toEqual({ stdout: '[{"plays":7}]\n', stderr: '' })
  })
})

test('readers during an etl on DuckDB find the old star or the new one', async () => {
  const source = largeSource(20_000, 1300)
  const warehouse = await newWarehouse({ source })
  const counts = 'select (select count(*) from songplays) as plays, (select count(*) from load_ledger) as objects'
  const loading = run(warehouse, 'etl')
  const answers: string[] = []
  for (let isDone = false; !isDone; ) {
    isDone = await Promise.race([loading.then(() => true), sleep(100, false)])
    const { code, stdout, stderr } = await run(warehouse, 'query', '--json', counts)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    answers.push(stdout)
  }
  expect((await loading).code).toBe(0)
  const complete = `[{"plays":18000,"objects":${source.length}}]\n`
  for (const answer of answers) expect(['[{"plays":0,"objects":0}]\n', complete]).toContain(answer)
  expect(answers.at(-1)).toBe(complete)
})

describe('a DuckDB file', () => {
  /** A warehouse of one load, and a second one that stands only in the log beside the file: its process was killed before it closed it. */
  async function withLog(): Promise<TestWarehouse> {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    warehouse.write([logObject('more.json', [event({ sessionId: 77 })])])
    const interrupt = { signal: 'SIGKILL', at: /^commit/ } as const
    await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder, interrupt })
    expect(existsSync(`${warehouse.database}.wal`)).toBe(true)
    return warehouse
  }
  /** The same source and another database. */
  function elsewhere(warehouse: TestWarehouse): TestWarehouse {
    const sources = { logData: `${warehouse.folder}/log_data`, songData: `${warehouse.folder}/song_data` }
    const other = new TestWarehouse(sources)
    warehouses.push(other)
    return other
  }
  const complete = expectedStar([smallSource, [logObject('more.json', [event({ sessionId: 77 })])]])
  const loads = 'select count(*) as n from loads'

  test.each([
    ['copied', copyFileSync],
    ['moved', renameSync],
  ])('that is %s with its log holds everything', async (_, transfer) => {
    const warehouse = await withLog()
    const other = await elsewhere(warehouse).create()
    transfer(warehouse.database, other.database)
    transfer(`${warehouse.database}.wal`, `${other.database}.wal`)
    expect(firstDifference(complete, await other.star())).toBeUndefined()
    expect((await other.etl()).summary.loads).toEqual([])
  })

  test('that is copied without its log is as it was before the last load, and etl takes that again', async () => {
    const warehouse = await withLog()
    const other = await elsewhere(warehouse).create()
    copyFileSync(warehouse.database, other.database)
    expect(await other.query(loads)).toEqual([{ n: 1 }])
    expect((await other.etl()).summary.loads).toHaveLength(1)
    expect(firstDifference(complete, await other.star())).toBeUndefined()
  })

  test('that a run has closed needs no log to be copied', async () => {
    const warehouse = await withLog()
    await warehouse.etl()
    const other = await elsewhere(warehouse).create()
    copyFileSync(warehouse.database, other.database)
    expect(existsSync(`${warehouse.database}.wal`)).toBe(false)
    expect(firstDifference(complete, await other.star())).toBeUndefined()
  })
})

describe('on the Redshift double', () => {
  const etl = (cloud: TestCloud) =>
    runScript('etl', ['--config', cloud.cloud.configFile, '--json'], { environment: cloud.cloud.environment })

  test('two etl processes load everything once; readers meanwhile find the old star or the new one', async () => {
    const cloud = await TestCloud.start()
    const old = [logObject('old.json', [event({ sessionId: 900 })])]
    cloud.write(old)
    await cloud.etl()
    cloud.write(smallSource)
    cloud.cloud.redshift.faults.delay(/^(copy staging_songs|insert into time|insert into loads)/, 400, { times: 9 })
    const both = Promise.all([etl(cloud), etl(cloud)])
    const seen = new Set<string>()
    const query =
      'select (select count(*) from songplays) as plays, (select count(*) from load_ledger) as objects, (select count(*) from time) as instants'
    const [before] = await cloud.query(query)
    for (let isDone = false; !isDone; ) {
      isDone = await Promise.race([both.then(() => true), sleep(50, false)])
      seen.add(JSON.stringify((await cloud.query(query))[0]))
    }
    const [after] = await cloud.query(query)
    expect([...seen]).toEqual([before, after].map((row) => JSON.stringify(row)))
    const results = await both
    expect(results.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(results.find(({ code }) => code === 1)?.stderr).toMatch(
      /Another etl finished while this one was preparing\. Nothing was loaded by this one\.\nLoad what is left: npm run etl/,
    )
    expect(firstDifference(expectedStar([old, smallSource]), await cloud.star())).toBeUndefined()
    expect(await cloud.query('select count(*) as n from loads')).toEqual([{ n: 2 }])
    expect((await cloud.etl()).summary.loads).toEqual([])
    await cloud.close()
  })
})
