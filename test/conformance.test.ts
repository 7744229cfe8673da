import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClients } from '../src/aws-client/clients.ts'
import type { Row, Table, Value } from '../src/schema/index.ts'
import { songplays, stagingEvents } from '../src/schema/index.ts'
import * as queries from '../src/sql-queries/index.ts'
import { identifier, literal, type Sql, sql } from '../src/sql-queries/index.ts'
import { openDuckdb } from '../src/warehouse/duckdb.ts'
import { openRedshiftData } from '../src/warehouse/redshift-data.ts'
import { openRedshift } from '../src/warehouse/redshift-pg.ts'
import type { Warehouse } from '../src/warehouse/warehouse.ts'
import { startAwsDouble } from './support/aws/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { runScript } from './support/process.ts'
import { startRedshiftDouble } from './support/redshift/index.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'sparkify-conformance-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Engine {
  readonly name: string
  readonly enforcesReadOnly: boolean
  /** The Data API sends numbers as JSON: beyond 2^53 they are refused. */
  readonly exactLongs: boolean
  start(): Promise<{ open(access: 'create' | 'read', timeoutMs?: number): Promise<Warehouse>; stop(): Promise<void> }>
}

/** What the interface promises must hold on every engine: each test of this file runs on all of them. */
const engines: readonly Engine[] = [
  {
    name: 'DuckDB',
    enforcesReadOnly: true,
    exactLongs: true,
    async start() {
      const file = join(folder, 'conformance.duckdb')
      return { open: (access) => openDuckdb({ file, access }), stop: async () => {} }
    },
  },
  {
    name: 'the Redshift double',
    enforcesReadOnly: false,
    exactLongs: true,
    async start() {
      const double = await startRedshiftDouble()
      const caFile = join(folder, 'ca.pem')
      writeFileSync(caFile, double.ca)
      const { port, database } = double
      const endpoint = { host: 'localhost', port, database, user: 'awsuser', password: 'Passw0rd' }
      return {
        open: async (access, statementTimeoutMs = 60_000) =>
          openRedshift({
            findEndpoint: async () => endpoint,
            caFile,
            access,
            statementTimeoutMs,
            connectTimeoutMs: 10_000,
          }),
        stop: () => double.close(),
      }
    },
  },
  {
    name: 'the Data API double',
    enforcesReadOnly: false,
    exactLongs: false,
    async start() {
      const double = await startRedshiftDouble()
      const aws = await startAwsDouble({ dataApi: double.dataApi })
      Object.assign(process.env, aws.environment)
      const clients = openClients({ region: 'us-west-2' })
      return {
        open: async (access, statementTimeoutMs = 60_000) =>
          openRedshiftData({
            find: async () => ({
              service: await clients.redshiftData(),
              target: { database: double.database },
              user: 'awsuser',
              region: 'us-west-2',
            }),
            access,
            statementTimeoutMs,
          }),
        stop: async () => {
          await aws.close()
          await double.close()
        },
      }
    },
  },
]

const plain = { layer: 'bookkeeping', key: [], distribution: 'even', sortKey: [] } as const
const everyType: Table = {
  ...plain,
  name: 'every_type',
  grain: 'one value of each type',
  columns: [
    { name: 'id', type: 'integer', required: true, comment: 'order' },
    { name: 'large', type: 'bigint', comment: 'bigint' },
    { name: 'exact', type: 'decimal(10,5)', comment: 'decimal' },
    { name: 'ratio', type: 'double', comment: 'double' },
    { name: 'moment', type: 'timestamp', comment: 'timestamp' },
    { name: 'word', type: 'text(256)', comment: 'text' },
  ],
}
const words: Table = {
  ...plain,
  name: 'words',
  grain: 'one text',
  columns: [
    { name: 'id', type: 'integer', required: true, comment: 'order' },
    { name: 'word', type: 'text(512)', comment: 'text' },
  ],
}

const texts = [
  '',
  ' ',
  'Muse',
  'Muse ',
  'Muse  ',
  ' Muse',
  "Guns N' Roses",
  "''",
  '"quoted"',
  'back\\slash',
  "\\'; drop table words; --",
  '\\n is no newline',
  'line\nfeed\r\nand\ttab',
  'BjÃ\u0083Â¶rk',
  'Björk',
  '日本',
  '🎸👩‍🎤',
  'e\u0301',
  '$1 %s :name ?',
  'NULL',
  '\u0001',
]

describe.each(engines)('on $name', ({ start, enforcesReadOnly, exactLongs }) => {
  let engine: Awaited<ReturnType<Engine['start']>>
  let warehouse: Warehouse
  beforeAll(async () => {
    engine = await start()
    warehouse = await engine.open('create')
    for (const table of [everyType, words]) await warehouse.execute(queries.createTable(table, warehouse.dialect))
  })
  afterAll(async () => {
    await warehouse.close()
    await engine.stop()
  })

  const refill = async (table: Table, rows: readonly (readonly Value[])[]) => {
    await warehouse.execute(queries.clear(table))
    await warehouse.insertRows(table, rows)
  }
  const ask = async (expression: Sql): Promise<Value | undefined> =>
    (await warehouse.query(sql`select ${expression} as answer`))[0]?.answer
  const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id)

  test('gives every type back as it was put in: numbers exactly, instants in UTC with milliseconds, nulls', async () => {
    const rows: Value[][] = [
      [1, 0, 0, 0, '2018-11-01T21:01:46.796Z', ''],
      [2, 9_007_199_254_740_991, 209.34485, 0.1, '1970-01-01T00:00:00.000Z', 'a'],
      [3, exactLongs ? '9223372036854775807' : null, 99999.99999, 1e300, '2018-12-31T23:59:59.999Z', 'b'],
      [4, exactLongs ? '-9223372036854775808' : null, -99999.99999, -1e-300, '1969-12-31T23:59:59.001Z', 'c'],
      [5, exactLongs ? '9007199254740993' : null, 0.00001, 1540919166796, '2020-02-29T12:00:00.001Z', 'd'],
      [6, null, null, null, null, null],
    ]
    await refill(everyType, rows)
    const found = await warehouse.query(sql`select id, large, exact, ratio, moment, word from every_type order by id`)
    expect(found.map((row) => Object.values(row))).toEqual(rows)
  })

  test('gives every text back byte for byte, as a row, as a literal and as a condition', async () => {
    await refill(
      words,
      texts.map((text, id) => [id, text]),
    )
    expect((await warehouse.query(sql`select word from words order by id`)).map(({ word }) => word)).toEqual(texts)
    for (const [id, text] of texts.entries()) {
      expect(await ask(literal(text)), JSON.stringify(text)).toBe(text)
      const same = await warehouse.query(sql`select id from words where word = ${literal(text)}`)
      expect(idsOf(same), JSON.stringify(text)).toContain(id)
    }
  })

  test('takes thousands of rows at once, in order', async () => {
    const rows = Array.from({ length: 20_000 }, (_, id) => [id, `${texts[id % texts.length]}${id}`])
    await refill(words, rows)
    const found = await warehouse.query(sql`select id, word from words order by id`)
    expect(found.map(({ id, word }) => [id, word])).toEqual(rows)
  })

  test('measures texts in bytes of UTF-8 and in code points', async () => {
    for (const text of texts) {
      expect(await ask(warehouse.dialect.byteLength(literal(text))), text).toBe(Buffer.byteLength(text))
      expect(await ask(sql`length(${literal(text)})`), text).toBe([...text].length)
    }
  })

  test('groups trimmed texts, tells them apart and sorts them by code point', async () => {
    await refill(
      words,
      ['b', 'a ', ' a', 'B', 'ä', 'z', 'a  b', '', ' ', '\u00a0a', 'a\t'].map((text, id) => [id, text]),
    )
    const trimmed = queries.trimmed(sql`word`)
    const groups = await warehouse.query(
      sql`select word, count(*) as n from (select ${trimmed} as word from words) trimmed group by word order by word nulls last`,
    )
    const expected = ['B', 'a', 'a\t', 'a  b', 'b', 'z', '\u00a0a', 'ä', null]
    expect(groups.map(({ word }) => word)).toEqual(expected)
    expect(groups.map(({ n }) => n)).toEqual(expected.map((word) => (word === 'a' || word === null ? 2 : 1)))
  })

  test('spells the bytes of a text in hexadecimal and reads them back', async () => {
    for (const text of ['Björk', '🎸', 'a b', '日本']) {
      const spaced = await ask(warehouse.dialect.spacedHex(literal(text)))
      const bytes = [...Buffer.from(text)].map((byte) => `${byte.toString(16).padStart(2, '0').toUpperCase()} `)
      expect(spaced).toBe(bytes.join(''))
      expect(await ask(warehouse.dialect.textOfHex(literal(bytes.join('').replaceAll(' ', ''))))).toBe(text)
    }
  })

  test('sorts nulls where the statement says', async () => {
    await refill(words, [
      [1, null],
      [2, 'a'],
      [3, null],
      [4, 'b'],
    ])
    expect(idsOf(await warehouse.query(sql`select id from words order by word nulls last, id`))).toEqual([2, 4, 1, 3])
    expect(idsOf(await warehouse.query(sql`select id from words order by word desc nulls last, id`))).toEqual([
      4, 2, 1, 3,
    ])
  })

  test('takes instants apart alike: ISO weeks, weekdays from Sunday, whole numbers', async () => {
    const at = sql`timestamp '2018-12-31 23:59:59.999'`
    for (const [part, value] of Object.entries({ hour: 23, day: 31, week: 1, month: 12, year: 2018, dow: 1 }))
      expect(await ask(sql`extract(${identifier(part)} from ${at})`), part).toBe(value)
  })

  test('counts the rows that a statement changed', async () => {
    await refill(
      words,
      [1, 2, 3, 4].map((id) => [id, 'x']),
    )
    expect(await warehouse.execute(sql`insert into words select id + 10, word from words`)).toBe(4)
    expect(await warehouse.execute(sql`update words set word = 'y' where id < 3`)).toBe(2)
    expect(await warehouse.execute(sql`delete from words where id > 100`)).toBe(0)
    expect(await warehouse.execute(sql`delete from words`)).toBe(8)
    expect(await warehouse.query(queries.countRows(words))).toEqual([{ n: 0 }])
  })

  test('keeps a transaction whole: all of it after the commit, nothing after an error', async () => {
    await refill(words, [[1, 'before']])
    const failure = new Error('on purpose')
    const work = warehouse.transaction(async () => {
      await warehouse.lock(words)
      await warehouse.execute(queries.clear(words))
      await warehouse.execute(sql`create temp table passing as select 1 as n`)
      await warehouse.insertRows(words, [[2, 'inside']])
      expect(await warehouse.query(queries.countRows(words))).toEqual([{ n: 1 }])
      throw failure
    })
    await expect(work).rejects.toBe(failure)
    expect(await warehouse.query(sql`select id, word from words`)).toEqual([{ id: 1, word: 'before' }])
    await expect(warehouse.query(sql`select n from passing`)).rejects.toThrow(/passing/)
    expect(await warehouse.transaction(() => warehouse.execute(sql`delete from words`))).toBe(1)
    expect(await warehouse.query(queries.countRows(words))).toEqual([{ n: 0 }])
  })

  test('rolls back after a statement that fails, tells its error, and works on', async () => {
    await refill(words, [[1, 'before']])
    const work = warehouse.transaction(async () => {
      await warehouse.execute(queries.clear(words))
      await warehouse.execute(sql`select nonsense from words`)
    })
    await expect(work).rejects.toThrow(/nonsense/)
    expect(await warehouse.query(queries.countRows(words))).toEqual([{ n: 1 }])
  })

  test.each<[what: string, statement: Sql, message: RegExp]>([
    ['a typing error', sql`selekt 1`, /selekt/],
    ['an unknown column', sql`select nonsense from words`, /nonsense/],
    ['an unknown table', sql`select 1 from nowhere`, /nowhere/],
    ['a null where none may be', sql`insert into words values (null, 'a')`, /null/i],
    ['a number that is none', sql`select cast(word as integer) from (select 'a' as word) w`, /integer|INT32|convert/i],
  ])('answers %s with an error that names it', async (_, statement, message) => {
    await expect(warehouse.query(statement)).rejects.toThrow(message)
    expect(await ask(sql`1`)).toBe(1)
  })

  test('opened for reading changes nothing, not behind a semicolon either', async () => {
    await refill(words, [[1, 'kept']])
    await warehouse.close()
    const forbidden = [sql`commit; delete from words`, sql`select 1; drop table words`]
    // PGlite's transactions are the double's own: it accepts READ ONLY and does not enforce it.
    if (enforcesReadOnly)
      forbidden.push(queries.clear(words), sql`drop table words`, sql`insert into words values (2, 'a')`)
    for (const statement of forbidden) {
      const reader = await engine.open('read')
      await expect(
        reader.query(statement).finally(() => reader.close()),
        statement,
      ).rejects.toThrow()
    }
    warehouse = await engine.open('create')
    expect(await warehouse.query(sql`select id, word from words`)).toEqual([{ id: 1, word: 'kept' }])
  })

  test('goes on after a rest as if there had been none', async () => {
    await refill(words, [[1, 'a']])
    await warehouse.disconnect()
    expect(await warehouse.query(queries.countRows(words))).toEqual([{ n: 1 }])
  })

  test('knows the columns of its tables by the names of the schema', async () => {
    for (const table of [songplays, stagingEvents]) {
      await warehouse.execute(queries.createTable(table, warehouse.dialect))
      for (const comment of queries.commentOnTable(table)) await warehouse.execute(comment)
    }
    const columns = await warehouse.query(queries.liveColumns())
    expect(
      columns.filter(({ table_name }) => table_name === 'songplays').map(({ column_name }) => column_name),
    ).toEqual(songplays.columns.map(({ name }) => name))
  })
})

test('no statement of ours divides whole numbers, which the engines do differently', () => {
  const all = Object.values(queries).flatMap((made) =>
    typeof made === 'string' ? [made] : typeof made === 'function' ? [String(made)] : [],
  )
  expect(all.filter((text) => /\b(count|sum|_id|session|bytes|rows)\w*\)?\s+\/\s+\w/.test(text))).toEqual([])
})

describe('the time zone of the machine', () => {
  const zones = ['America/New_York', 'Asia/Tokyo', 'Pacific/Auckland']
  // Around midnight, New Year and the hours that zones skip and repeat.
  const instants = [
    '2018-11-04T05:30:00.001Z',
    '2018-12-31T23:59:59.999Z',
    '2019-01-01T00:00:00.000Z',
    '2019-03-10T07:30:00Z',
  ]
  const objects = [
    ...smallSource,
    logObject(
      'zones.json',
      instants.map((at, item) => event({ sessionId: 99, itemInSession: item, ts: Date.parse(at) })),
    ),
  ]
  const statement =
    'select p.*, t.hour, t.day, t.week, t.month, t.year, t.weekday from songplays p join time t on t.start_time = p.start_time order by songplay_id'
  const withoutLoad = (json: string) => (JSON.parse(json) as Row[]).map(({ load_id, ...row }) => row)

  test('changes no row and no answer, on either engine', async () => {
    const cloud = await TestCloud.start()
    const duck = await new TestWarehouse().create()
    cloud.write(objects)
    duck.write(objects)
    const answers: Row[][] = []
    try {
      for (const TZ of zones) {
        for (const [configFile, reset] of [
          [cloud.cloud.configFile, () => cloud.createTables({ reset: true })],
          [duck.configFile, () => duck.create()],
        ] as const) {
          await reset()
          const options = { environment: { ...cloud.cloud.environment, TZ } }
          const loaded = await runScript('etl', ['--config', configFile, '--json'], options)
          expect(loaded.code, loaded.stderr).toBe(0)
          const asked = await runScript('query', ['--config', configFile, '--json', statement], options)
          answers.push(withoutLoad(asked.stdout))
        }
      }
    } finally {
      duck.remove()
      await cloud.close()
    }
    expect(answers).toHaveLength(6)
    for (const answer of answers) expect(answer).toEqual(answers[0])
    const starts = answers[0]?.map(({ start_time }) => start_time) ?? []
    for (const at of instants) expect(starts).toContain(new Date(at).toISOString())
  })
})
