import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openClients } from '../../src/aws-client/clients.ts'
import { type Sql, sql } from '../../src/sql-queries/index.ts'
import { ConnectionLost } from '../../src/warehouse/known-errors.ts'
import { openRedshiftData } from '../../src/warehouse/redshift-data.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { type RedshiftDouble, startRedshiftDouble } from '../support/redshift/index.ts'

const notes = {
  name: 'notes',
  layer: 'bookkeeping',
  grain: 'one number',
  key: [],
  distribution: 'even',
  sortKey: [],
  columns: [{ name: 'n', type: 'integer', comment: 'number' }],
} as const

describe('the Data API', () => {
  let redshift: RedshiftDouble
  let aws: AwsDouble
  let warehouse: Warehouse
  const open = (options: Partial<Parameters<typeof openRedshiftData>[0]> = {}) => {
    const clients = openClients({ region: 'us-west-2' })
    return openRedshiftData({
      find: async () => ({
        service: await clients.redshiftData(),
        target: { database: redshift.database },
        user: 'awsuser',
        region: 'us-west-2',
      }),
      access: 'write',
      statementTimeoutMs: 60_000,
      ...options,
    })
  }
  /** How often an action was asked for while `work` ran. */
  const callsOf = async (work: () => Promise<unknown>) => {
    const before = aws.calls.length
    await work()
    return aws.calls.slice(before).map(({ action }) => action)
  }
  const numbers = async () =>
    (await open({ access: 'read' }).query(sql`select n from notes order by n`)).map(({ n }) => n)

  beforeAll(async () => {
    redshift = await startRedshiftDouble()
    aws = await startAwsDouble({ dataApi: redshift.dataApi })
    Object.assign(process.env, aws.environment)
    await open().execute(sql`create table notes (n integer)`)
  })
  beforeEach(async () => {
    warehouse = open()
    await warehouse.execute(sql`delete from notes`)
  })
  afterEach(() => {
    redshift.faults.clear()
    aws.faults.clear()
    Object.assign(redshift.dataApi, { secondMs: 1000, pageRows: 500, refusesToWait: false })
  })
  afterAll(async () => {
    await aws.close()
    await redshift.close()
  })

  test('runs a statement in two round trips, and a query in three', async () => {
    expect(await callsOf(() => warehouse.execute(sql`insert into notes values (1)`))).toEqual([
      'BatchExecuteStatement',
      'DescribeStatement',
    ])
    expect(await callsOf(() => warehouse.query(sql`select n from notes`))).toEqual([
      'BatchExecuteStatement',
      'DescribeStatement',
      'GetStatementResult',
    ])
  })

  test('sends the beginning of a transaction with its first statement', async () => {
    const calls = await callsOf(() => warehouse.transaction(() => warehouse.execute(sql`insert into notes values (1)`)))
    expect(calls.filter((action) => action === 'BatchExecuteStatement')).toHaveLength(2)
    expect(await callsOf(() => warehouse.transaction(async () => {}))).toEqual([])
    expect(await numbers()).toEqual([1])
  })

  test.each(['insert', 'commit'])(
    'runs a statement once although the answer to its submit is lost: %s',
    async (nth) => {
      const lost = aws.faults.inject({
        ...{ service: 'redshift-data', action: 'BatchExecuteStatement', kind: 'reset-after', times: 2 },
        nth: nth === 'insert' ? 1 : 2,
      })
      await warehouse.transaction(async () => {
        expect(await warehouse.execute(sql`insert into notes values (1)`)).toBe(1)
      })
      expect(lost.fired).toBe(2)
      expect(await numbers()).toEqual([1])
    },
  )

  test('goes on when AWS throttles, or has too many requests that wait', async () => {
    aws.faults.inject({ service: 'redshift-data', kind: 'throttle', times: 2 })
    redshift.dataApi.refusesToWait = true
    expect(await warehouse.execute(sql`insert into notes values (1)`)).toBe(1)
  })

  test('reads a result of several pages', async () => {
    redshift.dataApi.pageRows = 7
    await warehouse.insertRows(
      notes,
      Array.from({ length: 30 }, (_, n) => [n]),
    )
    expect(await numbers()).toEqual(Array.from({ length: 30 }, (_, n) => n))
  })

  test('splits rows into statements that are shorter than 100 kB', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => [n])
    const calls = await callsOf(() => warehouse.insertRows(notes, rows))
    expect(calls.filter((action) => action === 'BatchExecuteStatement').length).toBeGreaterThan(1)
    expect(await warehouse.query(sql`select count(*) as n from notes`)).toEqual([{ n: 20_000 }])
  })

  test('refuses to round a large number', async () => {
    await expect(warehouse.query(sql`select 9007199254740993 as large`)).rejects.toThrow(/rounds the large numbers/)
    expect(await warehouse.query(sql`select cast(9007199254740993 as varchar) as large`)).toEqual([
      { large: '9007199254740993' },
    ])
  })

  test('rolls back by itself when its process is gone, and lets the next one in', async () => {
    redshift.dataApi.secondMs = 1
    const killed = open()
    const isStuck = killed.transaction(async () => {
      await killed.lock(notes)
      await killed.execute(sql`insert into notes values (1)`)
      await new Promise(() => {})
    })
    void isStuck.catch(() => {})
    await sleep(200)
    const next = open()
    await next.transaction(async () => {
      await next.lock(notes)
      await next.execute(sql`insert into notes values (2)`)
    })
    expect(await numbers()).toEqual([2])
  })

  test("fails if the limit for statements can't be set", async () => {
    redshift.faults.refuse(/^set statement_timeout/, { code: '42501', message: 'permission denied to set parameter' })
    await expect(open().execute(sql`insert into notes values (1)`)).rejects.toThrow(
      /permission denied to set parameter/,
    )
  })

  test('keeps its session awake while other work takes longer than a session lives without a statement', async () => {
    redshift.dataApi.secondMs = 500
    const patient = open({ keepAliveSeconds: 2 })
    await patient.transaction(async () => {
      await patient.execute(sql`insert into notes values (1)`)
      await sleep(1500)
      await patient.execute(sql`insert into notes values (2)`)
    })
    expect(await numbers()).toEqual([1, 2])
  })

  test('never sends a statement into a session that may have ended inside a transaction', async () => {
    redshift.dataApi.secondMs = 1
    const impatient = open({ keepAliveSeconds: 1 })
    const work = impatient.transaction(async () => {
      await impatient.execute(sql`insert into notes values (1)`)
      await sleep(1000)
      await impatient.execute(sql`insert into notes values (2)`)
    })
    await expect(work).rejects.toBeInstanceOf(ConnectionLost)
    expect(await numbers()).toEqual([])
  })

  test.each([
    ['before', []],
    ['after', [1]],
  ] as const)('does not know whether it committed if the session breaks %s the commit', async (when, kept) => {
    redshift.faults.cut(/^commit/, { when })
    const work = warehouse.transaction(() => warehouse.execute(sql`insert into notes values (1)`))
    await expect(work).rejects.toBeInstanceOf(ConnectionLost)
    expect(await numbers()).toEqual(kept)
    expect(await warehouse.execute(sql`insert into notes values (2)`)).toBe(1)
  })

  test('cancels the running statement and rolls back on Ctrl-C', async () => {
    const abort = new AbortController()
    const interrupted = open({ signal: abort.signal })
    redshift.faults.delay(/values \(2\)/, 60_000)
    const work = interrupted.transaction(async () => {
      await interrupted.execute(sql`insert into notes values (1)`)
      await interrupted.execute(sql`insert into notes values (2)`)
    })
    setTimeout(() => abort.abort(new Error('interrupted')), 300)
    const start = performance.now()
    await expect(work).rejects.toThrow('interrupted')
    expect(performance.now() - start).toBeLessThan(5_000)
    expect(redshift.statements.at(-1)?.text).toBe('rollback')
    await warehouse.transaction(() => warehouse.lock(notes))
    expect(await numbers()).toEqual([])
  })

  test.each<[statement: string, message: RegExp, hint: RegExp]>([
    ['select 1 from nowhere', /lacks a table: .*nowhere/, /create-tables/],
    ['update notes set n = 1', /same tables at the same time/, /again/],
  ])('explains what the engine says: %s', async (statement, message, hint) => {
    redshift.faults.refuse(/^update/, { code: 'XX000', message: '1023 Serializable isolation violation on table' })
    await expect(warehouse.execute(statement as Sql)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  test('says which permission is missing', async () => {
    aws.state.denied.add('redshift-data:BatchExecuteStatement')
    await expect(open().query(sql`select 1`)).rejects.toThrow(/you need redshift-data:BatchExecuteStatement/)
    aws.state.denied.clear()
  })
})
