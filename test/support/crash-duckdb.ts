import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createTables } from '../../src/tables/create-tables.ts'
import { firstDifference } from './compare-star.ts'
import { asTold, CrashHistory, ledgerQuery, quarantineQuery } from './crash-history.ts'
import { expectedStar } from './oracle.ts'
import { startScript } from './process.ts'
import { largeSource, smallSource } from './source.ts'
import { TestWarehouse } from './warehouse-run.ts'

/** What a command does that can be half done, in order, as kill-at.cjs numbers it. */
interface Step {
  readonly step: number
  readonly name: string
  /** Size of the database and its log when the step was done. */
  readonly bytes: number
}

const warehouses: TestWarehouse[] = []

async function newWarehouse(): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse().create()
  warehouses.push(warehouse)
  return warehouse
}

const preload = { NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, 'kill-at.cjs'))}` }

const run = (warehouse: TestWarehouse, [name = '', ...args]: readonly string[], environment: Record<string, string>) =>
  startScript(name, ['--config', 'dwh.cfg', ...args], {
    cwd: warehouse.folder,
    environment: { ...preload, ...environment },
  })

/** Runs a command to its end and returns its steps. */
async function stepsOf(warehouse: TestWarehouse, command: readonly string[]): Promise<Step[]> {
  const log = join(warehouse.folder, 'steps')
  expect((await run(warehouse, command, { KILL_LOG: log })).stderr).not.toMatch(/bug/)
  const steps = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Step)
  rmSync(log)
  return steps
}

async function kill(warehouse: TestWarehouse, command: readonly string[], at: string): Promise<void> {
  expect(await run(warehouse, command, { KILL_AT: at }), at).toMatchObject({ signal: 'SIGKILL', code: null })
}

/** Before each of these steps and after the last. Between a step and the next a command only reads. */
const momentsOf = (steps: readonly Step[]) => [
  ...steps.map(({ step }) => `${step} before`),
  ...steps.slice(-1).map(({ step }) => `${step} after`),
]

const named = (steps: readonly Step[], at: string) => `${at}: ${steps[Number.parseInt(at, 10) - 1]?.name}`

/** The first step of each of these names. */
const firstOf = (steps: readonly Step[], ...names: RegExp[]) =>
  names.flatMap((name) => steps.find((step) => name.test(step.name)) ?? [])

/** The next plain run takes what is missing, and nothing is left over. */
async function expectConvergence(warehouse: TestWarehouse, history: CrashHistory, about: string): Promise<void> {
  await warehouse.etl()
  const ledger = asTold(await warehouse.query(ledgerQuery))
  const rebuilt = ledger.length < history.expected().ledger.length
  const expected = history.expected({ rebuilt })
  expect(ledger, about).toEqual(expected.ledger)
  expect(firstDifference(expected.star, await warehouse.star()), about).toBeUndefined()
  expect(asTold(await warehouse.query(quarantineQuery)), about).toEqual(expected.quarantine)
  expectNothingLeftOver(warehouse, about)
}

function expectNothingLeftOver({ database }: TestWarehouse, about: string): void {
  const files = readdirSync(dirname(database)).filter((name) => name.startsWith(basename(database)))
  expect(files, about).toEqual([basename(database)])
}

/** Until then a reader finds the star as it was, or complete. */
async function expectNothingHalfDone(warehouse: TestWarehouse, history: CrashHistory, about: string): Promise<void> {
  const [before, after] = [history.expected({ missing: 1 }), history.expected()]
  const isAfter = (await warehouse.query(ledgerQuery)).length === after.ledger.length
  const expected = isAfter ? after : before
  expect(firstDifference(expected.star, await warehouse.star()), about).toBeUndefined()
  expect(asTold(await warehouse.query(quarantineQuery)), about).toEqual(expected.quarantine)
}

/** A warehouse after so many loads of a history, whose next load waits at the source. */
async function begun(loads: number): Promise<{ warehouse: TestWarehouse; history: CrashHistory; content: Buffer }> {
  const warehouse = await newWarehouse()
  const history = new CrashHistory()
  for (let load = 0; load < loads; load += 1) {
    warehouse.write(history.grow())
    await warehouse.etl()
  }
  const content = readFileSync(warehouse.database)
  warehouse.write(history.grow())
  return { warehouse, history, content }
}

/** Puts a database back as it was, and takes away what lies beside it. */
function restore({ database }: TestWarehouse, content: Buffer | undefined): void {
  for (const name of readdirSync(dirname(database)))
    if (name.startsWith(basename(database))) rmSync(join(dirname(database), name), { recursive: true })
  if (content) writeFileSync(database, content)
}

/** Tests that kill commands on DuckDB: at a handful of their steps, or at all of those that matter. */
export function testCrashesOnDuckdb(extent: 'sample' | 'all'): void {
  afterAll(() => {
    for (const warehouse of warehouses) warehouse.remove()
  })

  test('SIGKILL at the steps of an incremental load: the next etl converges', async () => {
    const { warehouse, history } = await begun(1)
    const steps = await stepsOf(warehouse, ['etl'])
    await expectConvergence(warehouse, history, 'without a crash')
    const commit = steps.filter(({ name }) => name === 'commit').slice(-1)
    const tried = [...firstOf(steps, /spool/, /joined/, /append/, /quarantine/, /insert into loads/), ...commit]
    expect(tried).toHaveLength(6)
    for (const step of ['staging_events', 'staging_songs', 'songplays', 'time'])
      expect(steps.filter(({ name }) => name.includes(step))).not.toEqual([])
    for (const at of momentsOf(extent === 'all' ? steps : tried)) {
      warehouse.write(history.grow())
      await kill(warehouse, ['etl'], at)
      await expectNothingHalfDone(warehouse, history, named(steps, at))
      await expectConvergence(warehouse, history, named(steps, at))
    }
  })

  const others: [scenario: string, options: { loads: number; command: string[]; tried: RegExp }][] = [
    ['first load', { loads: 0, command: ['etl'], tried: /database|spool|joined|append|commit/ }],
    ['etl --full', { loads: 3, command: ['etl', '--full'], tried: /database|delete from|append|commit/ }],
  ]
  for (const [scenario, { loads, command, tried }] of extent === 'all' ? others : [])
    test(`SIGKILL at the steps of ${scenario}: the next plain etl converges`, async () => {
      const { warehouse, history, content } = await begun(loads)
      const steps = await stepsOf(warehouse, command)
      await expectConvergence(warehouse, history, 'without a crash')
      for (const at of momentsOf(steps.filter(({ name }) => tried.test(name)))) {
        restore(warehouse, content)
        await kill(warehouse, command, at)
        await expectConvergence(warehouse, history, named(steps, at))
      }
    })

  test('SIGKILL while a large load is being written to the disk: the next etl converges', async () => {
    const source = largeSource(extent === 'all' ? 20_000 : 6_000, 1300)
    const star = expectedStar([source])
    const warehouse = await newWarehouse()
    const content = readFileSync(warehouse.database)
    warehouse.write(source)
    const steps = await stepsOf(warehouse, ['etl'])
    const largest = Math.max(...steps.map(({ bytes }) => bytes))
    expect(largest).toBeGreaterThan(content.length + 500_000)
    for (const part of extent === 'all' ? [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99] : [0.5]) {
      const at = `${Math.round(content.length + part * (largest - content.length))} bytes`
      restore(warehouse, content)
      await kill(warehouse, ['etl'], at)
      await warehouse.etl()
      expect(firstDifference(star, await warehouse.star()), at).toBeUndefined()
      expect(await warehouse.query('select count(*) as n from load_ledger'), at).toEqual([{ n: source.length }])
      expectNothingLeftOver(warehouse, at)
    }
  })

  test('SIGKILL at the steps of create-tables: the next one makes the tables', async () => {
    const warehouse = await newWarehouse()
    warehouse.write(smallSource)
    restore(warehouse, undefined)
    const steps = await stepsOf(warehouse, ['create-tables'])
    // Comments are many and alike.
    const all = steps.filter(({ name, step }) => !name.startsWith('comment') || step % 40 === 0)
    const opening = [1, 4096, 8192].map((bytes) => `${bytes} bytes`)
    for (const at of extent === 'all' ? [...opening, ...momentsOf(all)] : momentsOf(firstOf(steps, /^commit/))) {
      restore(warehouse, undefined)
      await kill(warehouse, ['create-tables'], at)
      await createTables(warehouse.context, { reset: false, yes: false })
      await warehouse.etl()
      expect(firstDifference(expectedStar([smallSource]), await warehouse.star()), named(steps, at)).toBeUndefined()
      expectNothingLeftOver(warehouse, named(steps, at))
    }
  })
}
