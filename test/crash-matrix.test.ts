import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Sql } from '../src/sql-queries/index.ts'
import { createTables } from '../src/tables/create-tables.ts'
import { firstDifference } from './support/compare-star.ts'
import { asTold, CrashHistory, ledgerQuery, quarantineQuery } from './support/crash-history.ts'
import { expectedStar } from './support/oracle.ts'
import { runScript } from './support/process.ts'
import { largeSource, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** What a command does that can be half-done, in order, as kill-at.cjs numbers it. */
interface Deed {
  readonly deed: number
  readonly name: string
  readonly milliseconds: number
}

const warehouses: TestWarehouse[] = []
const boundaries: Record<string, number> = {}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
  console.log(`Killed on DuckDB at: ${JSON.stringify(boundaries)}`)
})

async function newWarehouse(): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse().create()
  warehouses.push(warehouse)
  return warehouse
}

const preload = { NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, 'support', 'kill-at.cjs'))}` }

const run = (warehouse: TestWarehouse, [name = '', ...args]: readonly string[], environment: Record<string, string>) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], {
    cwd: warehouse.folder,
    environment: { ...preload, ...environment },
  })

/** Runs a command to its end and answers with its deeds. */
async function deedsOf(warehouse: TestWarehouse, command: readonly string[]): Promise<Deed[]> {
  const log = join(warehouse.folder, 'deeds')
  rmSync(log, { force: true })
  expect((await run(warehouse, command, { KILL_LOG: log })).stderr).not.toMatch(/bug/)
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** Kills a command there. Nothing is lost by a deed that went faster this time and ended before it could be killed in its middle. */
async function kill(scenario: string, warehouse: TestWarehouse, command: readonly string[], at: string): Promise<void> {
  const { signal, code, stderr } = await run(warehouse, command, { KILL_AT: at })
  if (!at.includes('during')) expect({ signal, code, stderr }).toMatchObject({ signal: 'SIGKILL', code: null })
  if (signal === 'SIGKILL') boundaries[scenario] = (boundaries[scenario] ?? 0) + 1
}

/** CRASHES=all: both sides and the middle of every deed in every scenario. */
const isThorough = process.env.CRASHES === 'all'

/** The moments at which a command is killed. Between a deed and the next it only reads: after the one is before the other. */
function momentsOf(deeds: readonly Deed[]): string[] {
  return deeds.flatMap(({ deed, milliseconds }) => [
    `${deed} before`,
    ...(isThorough ? [`${deed} during ${(milliseconds / 2).toFixed(1)}`] : []),
    ...(isThorough || deed === deeds.at(-1)?.deed ? [`${deed} after`] : []),
  ])
}

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
async function expectNothingHalf(warehouse: TestWarehouse, history: CrashHistory, about: string): Promise<void> {
  const [before, after] = [history.expected({ missing: 1 }), history.expected()]
  const isAfter = (await warehouse.query(ledgerQuery)).length === after.ledger.length
  const expected = isAfter ? after : before
  expect(firstDifference(expected.star, await warehouse.star()), about).toBeUndefined()
  expect(asTold(await warehouse.query(quarantineQuery)), about).toEqual(expected.quarantine)
}

/** A warehouse that has taken the first load of a history. */
async function begun(): Promise<{ warehouse: TestWarehouse; history: CrashHistory }> {
  const warehouse = await newWarehouse()
  const history = new CrashHistory()
  warehouse.write(history.grow())
  await warehouse.etl()
  return { warehouse, history }
}

/** Runs `work` for each item, two at a time, each of the two with a warehouse of its own. */
async function inLanes<Item, Place>(
  items: readonly Item[],
  open: () => Promise<Place>,
  work: (place: Place, item: Item) => Promise<void>,
) {
  const lane = async (own: readonly Item[]) => {
    const place = await open()
    for (const item of own) await work(place, item)
  }
  await Promise.all([0, 1].map((number) => lane(items.filter((_, index) => index % 2 === number))))
}

const named = (deeds: readonly Deed[], at: string) => `${at}: ${deeds[Number.parseInt(at, 10) - 1]?.name}`

/** Puts a database back as it was, and takes away what lies beside it. */
function restore({ database }: TestWarehouse, content: Buffer | undefined): void {
  for (const name of readdirSync(dirname(database)))
    if (name.startsWith(basename(database))) rmSync(join(dirname(database), name), { recursive: true })
  if (content) writeFileSync(database, content)
}

const limit = isThorough ? 3_600_000 : 600_000

test('SIGKILL around every deed of an incremental load: the next etl converges', { timeout: limit }, async () => {
  const first = await begun()
  first.warehouse.write(first.history.grow())
  const deeds = await deedsOf(first.warehouse, ['etl'])
  await expectConvergence(first.warehouse, first.history, 'without a crash')
  const names = deeds.map(({ name }) => name)
  for (const step of [
    'spool',
    'staging_events',
    'staging_songs',
    'songplays',
    'time',
    'append rows',
    'quarantine',
    'insert into loads',
  ])
    expect(
      names.some((name) => name.includes(step)),
      step,
    ).toBe(true)
  // The record that can't be loaded ends the first attempt to fill staging.
  expect(names.filter((name) => /^(begin|rollback|commit)/.test(name))).toEqual([
    ...['begin', 'rollback'],
    ...['begin', 'commit'],
    ...['begin', 'commit'],
  ])
  await inLanes(momentsOf(deeds), begun, async ({ warehouse, history }, at) => {
    warehouse.write(history.grow())
    await kill('incremental load', warehouse, ['etl'], at)
    await expectNothingHalf(warehouse, history, named(deeds, at))
    await expectConvergence(warehouse, history, named(deeds, at))
  })
})

test.each<[scenario: string, options: { loadedBefore: number; command: string[]; inShort: RegExp }]>([
  ['first load', { loadedBefore: 0, command: ['etl'], inShort: /database|spool|joined|append|commit/ }],
  ['etl --full', { loadedBefore: 3, command: ['etl', '--full'], inShort: /database|delete from|append|commit/ }],
])(
  'SIGKILL around the deeds of %s: the next plain etl converges',
  { timeout: limit },
  async (scenario, { loadedBefore, command, inShort }) => {
    const open = async () => {
      const warehouse = await newWarehouse()
      const history = new CrashHistory()
      for (let load = 0; load < loadedBefore; load += 1) {
        warehouse.write(history.grow())
        await warehouse.etl()
      }
      const content = readFileSync(warehouse.database)
      warehouse.write(history.grow())
      return { warehouse, history, content }
    }
    const { warehouse, history } = await open()
    const deeds = await deedsOf(warehouse, command)
    await expectConvergence(warehouse, history, 'without a crash')
    const tried = isThorough ? deeds : deeds.filter(({ name }) => inShort.test(name))
    await inLanes(momentsOf(tried), open, async ({ warehouse, history, content }, at) => {
      restore(warehouse, content)
      await kill(scenario, warehouse, command, at)
      await expectConvergence(warehouse, history, named(deeds, at))
    })
  },
)

test('SIGKILL in the middle of what lasts in a large load: the next etl converges', { timeout: limit }, async () => {
  const source = largeSource(20_000, 1300)
  const star = expectedStar([source])
  const open = async () => {
    const warehouse = await newWarehouse()
    const content = readFileSync(warehouse.database)
    warehouse.write(source)
    return { warehouse, content }
  }
  const { warehouse } = await open()
  const deeds = await deedsOf(warehouse, ['etl'])
  const longest = [...deeds].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, isThorough ? 30 : 8)
  const parts = isThorough ? [0.1, 0.3, 0.5, 0.7, 0.9] : [0.5]
  const moments = longest.flatMap(({ deed, milliseconds }) =>
    parts.map((part) => `${deed} during ${(milliseconds * part).toFixed(1)}`),
  )
  await inLanes(moments, open, async ({ warehouse, content }, at) => {
    restore(warehouse, content)
    await kill('middle of a large load', warehouse, ['etl'], at)
    await warehouse.etl()
    expect(firstDifference(star, await warehouse.star()), named(deeds, at)).toBeUndefined()
    expect(await warehouse.query('select count(*) as n from load_ledger'), named(deeds, at)).toEqual([
      { n: source.length },
    ])
    expectNothingLeftOver(warehouse, named(deeds, at))
  })
})

describe('SIGKILL around the deeds of create-tables', () => {
  /** Comments are many and alike. */
  const tried = (deeds: readonly Deed[]) =>
    isThorough ? deeds : deeds.filter(({ name, deed }) => !name.startsWith('comment') || deed % 40 === 0)

  test('that makes a new warehouse: the next one makes it', { timeout: limit }, async () => {
    const open = async () => {
      const warehouse = await newWarehouse()
      warehouse.write(smallSource)
      restore(warehouse, undefined)
      return warehouse
    }
    const deeds = await deedsOf(await open(), ['create-tables'])
    const opening = [1, 2, 3, 5, 8].map((milliseconds) => `1 during ${milliseconds}`)
    await inLanes([...opening, ...momentsOf(tried(deeds))], open, async (warehouse, at) => {
      restore(warehouse, undefined)
      await kill('create-tables', warehouse, ['create-tables'], at)
      await createTables(warehouse.context, { reset: false, yes: false })
      await warehouse.etl()
      expect(firstDifference(expectedStar([smallSource]), await warehouse.star()), named(deeds, at)).toBeUndefined()
      expectNothingLeftOver(warehouse, named(deeds, at))
    })
  })

  test('that brings a warehouse up to date: the next one does', { timeout: limit }, async () => {
    const open = async () => {
      const { warehouse, history } = await begun()
      const session = await warehouse.context.openWarehouse('write')
      for (const statement of olderSchema) await session.execute(statement as Sql)
      await session.close()
      return { warehouse, history, content: readFileSync(warehouse.database) }
    }
    const { warehouse, history, content } = await open()
    const quarantine = history.expected().quarantine
    const deeds = await deedsOf(warehouse, ['create-tables'])
    expect(content.equals(readFileSync(warehouse.database))).toBe(false)
    await inLanes(momentsOf(tried(deeds)), open, async ({ warehouse, content }, at) => {
      restore(warehouse, content)
      await kill('migration', warehouse, ['create-tables'], at)
      const result = await createTables(warehouse.context, { reset: false, yes: false })
      expect(result.drift, named(deeds, at)).toEqual([])
      expect(asTold(await warehouse.query(quarantineQuery)), named(deeds, at)).toEqual(quarantine)
      expect(await warehouse.query('select version from schema_versions order by 1')).toEqual([
        { version: 1 },
        { version: 2 },
      ])
      expect((await warehouse.etl()).summary.loads, named(deeds, at)).toEqual([])
      expectNothingLeftOver(warehouse, named(deeds, at))
    })
  })
})

/** Takes the quarantine back to version 1 of the schema, with its records. */
const olderSchema = [
  'alter table quarantine drop column raw_encoding',
  'alter table quarantine drop column part',
  'update schema_versions set version = 1',
]
