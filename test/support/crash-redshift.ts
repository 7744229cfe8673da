import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tables } from '../../src/schema/index.ts'
import { TestCloud } from './cloud-run.ts'
import { firstDifference } from './compare-star.ts'
import { asTold, CrashHistory, ledgerQuery, quarantineQuery } from './crash-history.ts'
import { startScript } from './process.ts'

/** Statements that change something: the others are reads, and the settings of a session. */
const change = /^(?!\s*(select|begin|set)\b)/i

/** Where a process is killed: when the double has received its nth statement that changes something, when that statement ran, or when its nth object arrived in S3. */
interface Moment {
  readonly when: 'before' | 'after' | 'stored'
  readonly nth: number
  readonly name: string
}

const said = ({ when, nth, name }: Moment) => `${when} ${nth}: ${name}`
const nameOf = (statement: string) => statement.replace(/\s+/g, ' ').slice(0, 60)

let cloud: TestCloud

const run = ([name = '', ...args]: readonly string[], onStart?: (child: ChildProcess) => void) =>
  startScript(name, ['--config', cloud.cloud.configFile, ...args], {
    environment: cloud.cloud.environment,
    ...(onStart && { onStart }),
  })

/** Runs a command to its end and returns the moments at which it can be killed. */
async function momentsOf(command: readonly string[]): Promise<Moment[]> {
  const stored = cloud.cloud.aws.calls.length
  const statements = await cloud.statementsOf(() => run(command))
  const objects = cloud.cloud.aws.calls.slice(stored).filter(({ action }) => action === 'PutObject')
  const changes = statements.filter(({ text }) => change.test(text))
  // One that is refused has no end of its own.
  const done = changes.filter(({ outcome }) => outcome === 'ok')
  return [
    ...changes.map(({ text }, index) => ({ when: 'before', nth: index + 1, name: nameOf(text) }) as const),
    ...done
      .map(({ text }, index) => ({ when: 'after', nth: index + 1, name: nameOf(text) }) as const)
      .filter(({ name }) => /^(copy|commit|rollback|lock)/.test(name)),
    ...objects.map((_, index): Moment => ({ when: 'stored', nth: index + 1, name: 'PutObject' })),
  ]
}

/** The first of the moments at each of these. */
const firstOf = (moments: readonly Moment[], ...wanted: RegExp[]) =>
  wanted.flatMap((pattern) => moments.find(({ when, name }) => pattern.test(`${when} ${name}`)) ?? [])

/** Kills a command there; the server does with the statement what servers do: goes on to its end, and rolls back what is not committed. */
async function kill(command: readonly string[], moment: Moment): Promise<void> {
  const { when, nth } = moment
  const { redshift, aws } = cloud.cloud
  let child: ChildProcess | undefined
  const die = async () => {
    child?.kill('SIGKILL')
    if (child) await once(child, 'exit')
  }
  if (when === 'stored') aws.faults.inject({ service: 's3', action: 'PutObject', nth, kind: 'kill', onFire: die })
  else redshift.faults.call(change, die, { when, nth })
  const finished = await run(command, (started) => {
    child = started
  })
  redshift.faults.clear()
  aws.faults.clear()
  expect(finished, said(moment)).toMatchObject({ signal: 'SIGKILL', code: null, stdout: '' })
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
async function expectNothingHalfDone(history: CrashHistory, about: string): Promise<void> {
  await expect.poll(() => cloud.cloud.redshift.sessions.size, { timeout: 10_000 }).toBe(0)
  const [before, after] = [history.expected({ missing: 1 }), history.expected()]
  const isAfter = (await cloud.query(ledgerQuery)).length === after.ledger.length
  const expected = isAfter ? after : before
  expect(firstDifference(expected.star, await cloud.star()), about).toBeUndefined()
  expect(asTold(await cloud.query(quarantineQuery)), about).toEqual(expected.quarantine)
}

/** An empty warehouse that then takes so many loads of a new history; one more waits at the source. */
async function begin(loads: number): Promise<CrashHistory> {
  await cloud.reset()
  const history = new CrashHistory()
  for (let load = 0; load < loads; load += 1) {
    cloud.write(history.grow())
    await cloud.etl()
  }
  cloud.write(history.grow())
  return history
}

/** Tests that kill commands on the Redshift double: at a handful of their statements, or at all of those that matter. */
export function testCrashesOnRedshift(extent: 'sample' | 'all'): void {
  beforeAll(async () => {
    // The session of a killed command lives 1.5 seconds then.
    cloud = await TestCloud.start({ redshift: { secondMs: 5 } })
  })
  afterAll(() => cloud.close())

  test('SIGKILL at the statements and manifests of an incremental load: the next etl converges', async () => {
    const history = await begin(1)
    const moments = await momentsOf(['etl'])
    await expectConvergence(history, 'without a crash')
    const wanted = [
      /^stored/,
      /^before copy staging_songs/,
      /^before insert into loads/,
      /^before commit/,
      /^after commit/,
    ]
    const sample = firstOf(moments, ...wanted)
    expect(sample).toHaveLength(wanted.length)
    const names = moments.filter(({ when }) => when === 'before').map(({ name }) => name)
    for (const step of ['lock', 'copy staging_events', 'insert into songplays', 'copy load_ledger'])
      expect(names.filter((name) => name.startsWith(step))).not.toEqual([])
    // The record that can't be loaded ends the first attempt.
    expect(names.filter((name) => /^(rollback|commit)/.test(name))).toEqual(['rollback', 'commit'])
    for (const moment of extent === 'all' ? moments : sample) {
      cloud.write(history.grow())
      await kill(['etl'], moment)
      await expectNothingHalfDone(history, said(moment))
      await expectConvergence(history, said(moment))
    }
  })

  const rebuilt = /^(delete from (users|songplays|load_ledger)|insert into loads|commit)/
  const others: [scenario: string, options: { loads: number; command: string[]; tried: RegExp }][] = [
    ['first load', { loads: 0, command: ['etl'], tried: /^(copy|commit)/ }],
    ['etl --full', { loads: 2, command: ['etl', '--full'], tried: rebuilt }],
  ]
  for (const [scenario, { loads, command, tried }] of extent === 'all' ? others : [])
    test(`SIGKILL at the statements of ${scenario}: the next plain etl converges`, async () => {
      const complete = await begin(loads)
      const moments = await momentsOf(command)
      await expectConvergence(complete, 'without a crash')
      for (const moment of moments.filter(
        ({ when, name }) => tried.test(name) && (when !== 'after' || name === 'commit'),
      )) {
        const history = await begin(loads)
        await kill(command, moment)
        await expectConvergence(history, said(moment))
      }
    })

  test('SIGKILL at the statements of create-tables: the next one makes all tables', async () => {
    const drops = ['drop view plays', ...tables.map(({ name }) => `drop table ${name}`)]
    await cloud.execute(...drops)
    const moments = await momentsOf(['create-tables'])
    // Comments are many and alike.
    const all = moments.filter(
      ({ when, nth, name }) => (when === 'before' || name === 'commit') && (!/^comment/.test(name) || nth % 40 === 0),
    )
    for (const moment of extent === 'all' ? all : firstOf(moments, /^before commit/)) {
      await cloud.createTables({ reset: true })
      await cloud.execute(...drops)
      await kill(['create-tables'], moment)
      const { created, existing, drift } = await cloud.createTables()
      expect([...created, ...existing].sort(), said(moment)).toEqual(
        [...tables.map(({ name }) => name), 'plays'].sort(),
      )
      expect(drift).toEqual([])
      expect((await cloud.createTables()).created).toEqual([])
    }
  })
}
