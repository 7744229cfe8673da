import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tables } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { firstDifference } from '../support/compare-star.ts'
import { asTold, CrashHistory, ledgerQuery, quarantineQuery } from '../support/crash-history.ts'
import { runScript } from '../support/process.ts'

let cloud: TestCloud
const boundaries: Record<string, number> = {}
beforeAll(async () => {
  cloud = await TestCloud.start()
})
afterAll(async () => {
  await cloud.close()
  console.log(`Killed on the Redshift double at: ${JSON.stringify(boundaries)}`)
})

/** CRASHES=all: both sides of every statement in every scenario. */
const isThorough = process.env.CRASHES === 'all'
const limit = { timeout: isThorough ? 3_600_000 : 600_000 }

/** Statements that change something: the others are reads, and the settings of a session. */
const deed = /^(?!\s*(select|begin|set)\b)/i

/** Where a process is killed: when the double has received its nth statement that changes something, when that statement ran, or when its nth object arrived in S3. */
interface Moment {
  readonly when: 'before' | 'after' | 'stored'
  readonly nth: number
  readonly name: string
}

const nameOf = (statement: string) => statement.replace(/\s+/g, ' ').slice(0, 60)

/** Runs a command to its end and answers with the moments at which it can be killed. */
async function momentsOf(command: readonly string[]): Promise<Moment[]> {
  const stored = cloud.cloud.aws.calls.length
  const statements = await cloud.statementsOf(() => run(command))
  const objects = cloud.cloud.aws.calls.slice(stored).filter(({ action }) => action === 'PutObject')
  const deeds = statements.filter(({ text }) => deed.test(text))
  // One that is refused has no end of its own.
  const done = deeds.filter(({ outcome }) => outcome === 'ok')
  return [
    ...deeds.map(({ text }, index) => ({ when: 'before', nth: index + 1, name: nameOf(text) }) as const),
    ...done
      .map(({ text }, index) => ({ when: 'after', nth: index + 1, name: nameOf(text) }) as const)
      .filter(({ name }) => isThorough || /^(copy|commit|rollback|lock)/.test(name)),
    ...objects.map((_, index): Moment => ({ when: 'stored', nth: index + 1, name: 'PutObject' })),
  ]
}

const run = ([name = '', ...args]: readonly string[], onStart?: (child: ChildProcess) => void) =>
  runScript(name, ['--config', cloud.cloud.configFile, ...args], {
    environment: cloud.cloud.environment,
    ...(onStart && { onStart }),
  })

/** Kills a command there; the server does with the statement what servers do: goes on to its end, and rolls back what is not committed. */
async function kill(scenario: string, command: readonly string[], moment: Moment): Promise<void> {
  const { when, nth } = moment
  const { redshift, aws } = cloud.cloud
  let child: ChildProcess | undefined
  const die = async () => {
    child?.kill('SIGKILL')
    if (child) await once(child, 'exit')
  }
  if (when === 'stored') aws.faults.inject({ service: 's3', action: 'PutObject', nth, kind: 'kill', onFire: die })
  else redshift.faults.call(deed, die, { when, nth })
  const finished = await run(command, (started) => {
    child = started
  })
  redshift.faults.clear()
  aws.faults.clear()
  expect(finished, said(moment)).toMatchObject({ signal: 'SIGKILL', code: null, stdout: '' })
  boundaries[scenario] = (boundaries[scenario] ?? 0) + 1
}

/** The next plain run takes what is missing. */
async function expectConvergence(history: CrashHistory, about: string): Promise<void> {
  await cloud.etl()
  const ledger = asTold(await cloud.query(ledgerQuery))
  const rebuilt = ledger.length < history.expected().ledger.length
  const expected = history.expected({ rebuilt })
  expect(ledger, about).toEqual(expected.ledger)
  expect(firstDifference(expected.star, await cloud.star()), about).toBeUndefined()
  expect(asTold(await cloud.query(quarantineQuery)), about).toEqual(expected.quarantine)
}

/** Until then a reader finds the star as it was, or complete. */
async function expectNothingHalf(history: CrashHistory, about: string): Promise<void> {
  await expect.poll(() => cloud.cloud.redshift.sessions.size).toBe(0)
  const [before, after] = [history.expected({ missing: 1 }), history.expected()]
  const isAfter = (await cloud.query(ledgerQuery)).length === after.ledger.length
  const expected = isAfter ? after : before
  expect(firstDifference(expected.star, await cloud.star()), about).toBeUndefined()
  expect(asTold(await cloud.query(quarantineQuery)), about).toEqual(expected.quarantine)
}

/** An empty warehouse that then takes so many loads of a new history; one more waits at the source. */
async function begin(loads: number): Promise<CrashHistory> {
  const bucket = cloud.cloud.aws.state.buckets.get('source')
  for (const key of bucket?.keys() ?? []) bucket?.remove(key)
  await change(tables.filter(({ name }) => name !== 'schema_versions').map(({ name }) => `delete from ${name}`))
  const history = new CrashHistory()
  for (let load = 0; load < loads; load += 1) {
    cloud.write(history.grow())
    await cloud.etl()
  }
  cloud.write(history.grow())
  return history
}

async function change(statements: readonly string[]): Promise<void> {
  const warehouse = await cloud.context.openWarehouse('write')
  for (const statement of statements) await warehouse.execute(statement as Sql)
  await warehouse.close()
}

const said = ({ when, nth, name }: Moment) => `${when} ${nth}: ${name}`

test('SIGKILL at every statement and manifest of an incremental load: the next etl converges', limit, async () => {
  const history = await begin(1)
  const moments = await momentsOf(['etl'])
  await expectConvergence(history, 'without a crash')
  const names = moments.filter(({ when }) => when === 'before').map(({ name }) => name)
  for (const step of [
    'lock',
    'copy staging_events',
    'copy staging_songs',
    'insert into songplays',
    'insert into time',
    'insert into quarantine',
    'insert into load_ledger',
    'insert into loads',
  ])
    expect(
      names.some((name) => name.startsWith(step)),
      step,
    ).toBe(true)
  // The record that can't be loaded ends the first attempt.
  expect(names.filter((name) => /^(rollback|commit)/.test(name))).toEqual(['rollback', 'commit'])
  expect(moments.filter(({ when }) => when === 'stored').length).toBeGreaterThan(4)
  for (const moment of moments) {
    cloud.write(history.grow())
    await kill('incremental load', ['etl'], moment)
    await expectNothingHalf(history, said(moment))
    await expectConvergence(history, said(moment))
  }
})

test.each<[scenario: string, options: { loads: number; command: string[]; inShort: RegExp }]>([
  ['first load', { loads: 0, command: ['etl'], inShort: /^(copy|commit)/ }],
  [
    'etl --full',
    {
      loads: 2,
      command: ['etl', '--full'],
      inShort: /^(delete from (users|songplays|load_ledger)|insert into loads|commit)/,
    },
  ],
])(
  'SIGKILL at the statements of %s: the next plain etl converges',
  limit,
  async (scenario, { loads, command, inShort }) => {
    const complete = await begin(loads)
    const moments = await momentsOf(command)
    await expectConvergence(complete, 'without a crash')
    const inCi = ({ when, name }: Moment) => inShort.test(name) && (when !== 'after' || name === 'commit')
    for (const moment of moments.filter((moment) => isThorough || inCi(moment))) {
      const history = await begin(loads)
      await kill(scenario, command, moment)
      await expectConvergence(history, said(moment))
    }
  },
)

/** The quarantine as version 1 of the schema had it. */
const olderSchema = [
  'drop table quarantine',
  `create table quarantine (
    object_key varchar(4096), line_number bigint, reason varchar(1024) not null, column_name varchar(128),
    raw_text varchar(65535), load_id varchar(64) not null
  ) diststyle even sortkey (load_id)`,
  "insert into quarantine values ('a.json', 7, 'is another play', 'songplay_id', '{}', '20181130T000000000Z-0a1b2c')",
  'delete from schema_versions',
  "insert into schema_versions values (1, timestamp '2018-11-30 00:00:00', '0.1.0')",
]

test.each<[scenario: string, before: readonly string[]]>([
  ['that makes the tables', tables.map(({ name }) => `drop table ${name}`)],
  ['that brings a warehouse up to date', olderSchema],
])('SIGKILL at the statements of create-tables %s: the next one does all of it', limit, async (scenario, before) => {
  const isMigration = before === olderSchema
  const complete = async () => {
    const result = await cloud.createTables()
    expect(result.drift).toEqual([])
    const quarantine = await cloud.query('select line_number, raw_encoding, part from quarantine')
    expect(quarantine).toEqual(isMigration ? [{ line_number: 7, raw_encoding: 'utf-8', part: 1 }] : [])
    const versions = await cloud.query('select version from schema_versions order by 1')
    expect(versions).toEqual((isMigration ? [1, 2] : [2]).map((version) => ({ version })))
    return result
  }
  await change(before)
  const moments = await momentsOf(['create-tables'])
  expect(await complete()).toMatchObject({ created: [], migrated: [] })
  // Comments are many and alike.
  const inCi = ({ when, nth, name }: Moment) =>
    (when === 'before' || name === 'commit') && (!/^comment/.test(name) || nth % 40 === 0)
  for (const moment of moments.filter((moment) => isThorough || inCi(moment))) {
    await cloud.reset()
    await change(before)
    await kill(`create-tables ${scenario}`, ['create-tables'], moment)
    await complete()
  }
  await cloud.reset()
})
