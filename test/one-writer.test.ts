import type { ChildProcess } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answerQuestions } from '../src/commands/answer-questions.ts'
import { readStatus } from '../src/commands/read-status.ts'
import { examine } from '../src/doctor/index.ts'
import { planLoad } from '../src/etl/plan.ts'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar } from './support/oracle.ts'
import { type Finished, holdOpen, runScript, startScript } from './support/process.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

async function newWarehouse(settings = ''): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse({ settings }).create()
  warehouses.push(warehouse)
  warehouse.write(smallSource)
  return warehouse
}

/** Starts a command as a process and calls `then` with it when it writes such a line to stderr. */
function start(
  { folder }: TestWarehouse,
  [name = '', ...args]: readonly string[],
  line: RegExp = /$^/,
  then: (child: ChildProcess) => void = () => {},
): Promise<Finished> {
  return startScript(name, ['--config', 'dwh.cfg', ...args], {
    cwd: folder,
    onStart(child) {
      let said = ''
      child.stderr?.on('data', (text) => {
        if (line.test(said)) return
        said += text
        if (line.test(said)) then(child)
      })
    },
  })
}

const counts = 'select (select count(*) from songplays) as plays, (select count(*) from load_ledger) as objects'

describe('two processes at one DuckDB file', () => {
  test('a second etl and a query wait for the first etl; everything is loaded once', async () => {
    const warehouse = await newWarehouse('[WAREHOUSE]\nLOCK_TIMEOUT = 600\n')
    const others: Promise<Finished>[] = []
    // The first one stops in the middle of its load until the others wait for it.
    const first = await start(warehouse, ['etl'], /^transform/m, (child) => {
      child.kill('SIGSTOP')
      let waiting = 0
      const goOn = () => {
        waiting += 1
        if (waiting === 2) child.kill('SIGCONT')
      }
      others.push(start(warehouse, ['etl', '--json'], /^wait/m, goOn))
      others.push(start(warehouse, ['query', '--json', counts], /^wait/m, goOn))
    })
    const [second, query] = await Promise.all(others)
    expect([first.code, second?.code, query?.code]).toEqual([0, 0, 0])
    expect(second?.stderr).toMatch(/^wait +warehouse +another process has it open \(PID \d+\): waiting up to 10 min/m)
    expect(JSON.parse(second?.stdout ?? '').loads).toEqual([])
    expect(query?.stdout).toBe(`[{"plays":7,"objects":${smallSource.length}}]\n`)
    expect(firstDifference(expectedStar([smallSource]), await warehouse.star())).toBeUndefined()
  })

  test('two create-tables make one warehouse', async () => {
    const workplace = new TestWarehouse()
    warehouses.push(workplace)
    workplace.write(smallSource)
    await runScript('create-infrastructure', ['--config', 'dwh.cfg'], { cwd: workplace.folder })
    const both = await Promise.all([start(workplace, ['create-tables']), start(workplace, ['create-tables'])])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    await workplace.etl()
    expect(firstDifference(expectedStar([smallSource]), await workplace.star())).toBeUndefined()
  })

  test('one that does not end is given up after LOCK_TIMEOUT, and named', async () => {
    const warehouse = await newWarehouse('[WAREHOUSE]\nLOCK_TIMEOUT = 1\n')
    const holder = await holdOpen(warehouse.database)
    const { code, stderr } = await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })
    await holder.end()
    const says = `The warehouse ${warehouse.database} is in use by another process (PID ${holder.pid}).`
    expect({ code, isSaid: stderr.includes(says) }).toEqual({ code: 1, isSaid: true })
  })

  test('Ctrl-C ends the wait', async () => {
    const warehouse = await newWarehouse()
    const holder = await holdOpen(warehouse.database)
    const finished = await start(warehouse, ['etl'], /^wait/m, (child) => void child.kill('SIGINT'))
    await holder.end()
    expect(finished).toMatchObject({ code: 1, stderr: expect.stringMatching(/Interrupted\..*\n$/) })
  })

  test('both may read at once', async () => {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    const { stdout, stderr } = await warehouse.read(() => start(warehouse, ['query', '--json', counts]))
    expect({ stdout, stderr }).toEqual({ stdout: `[{"plays":7,"objects":${smallSource.length}}]\n`, stderr: '' })
  })
})

describe('a DuckDB file', () => {
  const more = [logObject('more.json', [event({ sessionId: 77 })])]
  const complete = expectedStar([smallSource, more])
  let warehouse: TestWarehouse
  /** A warehouse of one load, and a second one that is only in the log beside the file: its process was killed before it closed it. */
  beforeAll(async () => {
    warehouse = await newWarehouse()
    await warehouse.etl()
    warehouse.write(more)
    const interrupt = { signal: 'SIGKILL', at: /^commit/ } as const
    await startScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder, interrupt })
    expect(existsSync(`${warehouse.database}.wal`)).toBe(true)
  })
  /** The same source and another database: the file, with its log or without. */
  async function elsewhere({ withLog }: { withLog: boolean }): Promise<TestWarehouse> {
    const sources = { logData: `${warehouse.folder}/log_data`, songData: `${warehouse.folder}/song_data` }
    const other = await new TestWarehouse(sources).create()
    warehouses.push(other)
    copyFileSync(warehouse.database, other.database)
    if (withLog) copyFileSync(`${warehouse.database}.wal`, `${other.database}.wal`)
    return other
  }

  test('that is copied or moved with its log holds everything', async () => {
    const copied = await elsewhere({ withLog: true })
    const moved = await elsewhere({ withLog: false })
    rmSync(moved.database)
    for (const ending of ['', '.wal']) renameSync(`${copied.database}${ending}`, `${moved.database}${ending}`)
    expect(firstDifference(complete, await moved.star())).toBeUndefined()
    expect((await moved.etl()).summary.loads).toEqual([])
  })

  test('that is copied without its log is as it was before the last load, and etl takes that again', async () => {
    const other = await elsewhere({ withLog: false })
    expect(await other.query('select count(*) as n from loads')).toEqual([{ n: 1 }])
    expect((await other.etl()).summary.loads).toHaveLength(1)
    expect(firstDifference(complete, await other.star())).toBeUndefined()
  })

  test('that a run has closed needs no log to be copied', async () => {
    await warehouse.etl()
    expect(existsSync(`${warehouse.database}.wal`)).toBe(false)
    expect(firstDifference(complete, await (await elsewhere({ withLog: false })).star())).toBeUndefined()
  })
})

test('nobody but a load asks for the table that a load locks on Redshift, so nobody waits for it', async () => {
  const cloud = await TestCloud.start()
  cloud.write(smallSource)
  const load = await cloud.statementsOf(() => cloud.etl())
  const [locked = ''] = load.flatMap(({ text }) => /^lock (\w+)$/.exec(text)?.[1] ?? [])
  expect(locked).not.toBe('')
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-readers-'))
  const readers = {
    status: () => readStatus(cloud.context),
    plan: () => planLoad(cloud.context, { full: false }),
    analyze: () => answerQuestions(cloud.context, folder),
    query: () => cloud.query('select count(*) from songplays'),
    doctor: () => examine(cloud.context),
    nothingNew: () => cloud.etl(),
  }
  for (const [name, read] of Object.entries(readers)) {
    const texts = (await cloud.statementsOf(read)).map(({ text }) => text)
    expect(texts.length, name).toBeGreaterThan(1)
    expect(texts.filter((text) => new RegExp(`\\b(from|join) ${locked}\\b`).test(text))).toEqual([])
  }
  rmSync(folder, { recursive: true })
  await cloud.close()
})

test('of two etl at once on Redshift one loads and the other says so; readers meanwhile see the old star', async () => {
  const cloud = await TestCloud.start()
  const old = [logObject('old.json', [event({ sessionId: 900 })])]
  cloud.write(old)
  await cloud.etl()
  cloud.write(smallSource)
  const { faults, statements } = cloud.cloud.redshift
  const before = await cloud.query(counts)
  const seen: unknown[] = []
  let second: Promise<unknown> | undefined
  // When the first one copies, the second begins, and waits for its lock; a reader looks before the commit.
  faults.call(
    /^copy staging_events/,
    async () => {
      const locks = () => statements.filter(({ text }) => text === 'lock staging_events').length
      const own = locks()
      second = cloud.etl().catch((error: unknown) => error)
      await expect.poll(locks, { timeout: 60_000 }).toBe(own + 1)
    },
    { when: 'before' },
  )
  faults.call(/^commit/, async () => void seen.push(await cloud.query(counts)), { when: 'before' })
  expect((await cloud.etl()).summary.loads).toHaveLength(1)
  expect(await second).toMatchObject({
    message: expect.stringMatching(/^Another etl finished/),
    exitCode: 1,
  })
  expect(seen).toEqual([before])
  expect(firstDifference(expectedStar([old, smallSource]), await cloud.star())).toBeUndefined()
  expect(await cloud.query('select count(*) as n from loads')).toEqual([{ n: 2 }])
  expect((await cloud.etl()).summary.loads).toEqual([])
  await cloud.close()
})
