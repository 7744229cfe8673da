import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSampleData } from '../src/sample-data/generate.ts'
import type { Row } from '../src/schema/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { injectDefects } from './support/defects/inject.ts'
import { lineDefects, objectTypes } from './support/defects/types.ts'
import { expectedStar, readObjects } from './support/oracle.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const size = { events: 3000, songs: 300, seed: 7 }
/** How often each type of defect comes, at least. */
const least = 12
const folder = mkdtempSync(join(tmpdir(), 'sparkify-defects-'))
const plain = join(folder, 'plain')
const broken = join(folder, 'broken')
let account: ReturnType<typeof injectDefects>
beforeAll(async () => {
  await generateSampleData({ ...size, out: plain })
  cpSync(plain, broken, { recursive: true })
  account = injectDefects(broken, { seed: 7, least })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Engine {
  readonly name: string
  /** Loads the broken source and answers with what the tests look at. */
  load(): Promise<{
    readonly exitCode: number
    readonly summary: Awaited<ReturnType<TestWarehouse['etl']>>['summary']
    readonly warehouse: Pick<TestWarehouse, 'query' | 'star'>
    readonly source: string
    end(): Promise<void>
  }>
}

const engines: readonly Engine[] = [
  {
    name: 'DuckDB',
    async load() {
      const places = { logData: join(broken, 'log_data'), songData: join(broken, 'song_data') }
      const warehouse = await new TestWarehouse(places).create()
      const { summary, exitCode } = await warehouse.etl()
      return { summary, exitCode, warehouse, source: `${broken}/`, end: async () => warehouse.remove() }
    },
  },
  {
    name: 'the Redshift double',
    async load() {
      const cloud = await TestCloud.start()
      const bucket = cloud.cloud.aws.state.buckets.get('source')
      for (const path of readdirSync(broken, { recursive: true, encoding: 'utf8' }))
        if (/\.json(\.gz)?$/.test(path)) bucket?.put(path, readFileSync(join(broken, path)))
      const { summary, exitCode } = await cloud.etl()
      return { summary, exitCode, warehouse: cloud, source: 's3://source/', end: () => cloud.close() }
    },
  },
]

/** What of each refused record the account knows too. */
const shown = (entries: readonly { object: unknown; line: unknown; column: unknown; sha256: unknown }[]) =>
  entries.map(({ object, line, column, sha256 }) => [object, line, column, sha256].join(' ')).sort()

function bytesOf(parts: readonly Row[]): Buffer {
  return Buffer.concat(
    parts.map(({ raw_text, raw_encoding }) =>
      Buffer.from(String(raw_text), raw_encoding === 'base64' ? 'base64' : 'utf8'),
    ),
  )
}

describe.each(engines)('every type of defect, on $name', (engine) => {
  let loaded: Awaited<ReturnType<Engine['load']>>
  beforeAll(async () => {
    loaded = await engine.load()
  }, 120_000)
  afterAll(() => loaded?.end())

  test('is in quarantine with its object, line, column and exact bytes, and nothing else is', async () => {
    const rows = await loaded.warehouse.query('select * from quarantine order by object_key, line_number, part')
    const first = rows.filter(({ part }) => part === 1)
    const found = first.map((row) => {
      const parts = rows.filter(
        ({ object_key, line_number }) => object_key === row.object_key && line_number === row.line_number,
      )
      const whole = row.line_number === null
      const sha256 = whole ? null : createHash('sha256').update(bytesOf(parts)).digest('hex')
      return {
        object: String(row.object_key).slice(loaded.source.length),
        line: row.line_number,
        column: row.column_name,
        sha256,
      }
    })
    expect(shown(found)).toEqual(shown(account.defects))
  })

  test('is counted: the run, the load and the quarantine say the same, to the row', async () => {
    expect(loaded.exitCode).toBe(3)
    const count = account.defects.length
    expect(new Set(account.defects.map(({ type }) => type)).size).toBe(
      lineDefects.length + objectTypes.filter(({ isDefect }) => isDefect).length,
    )
    expect(loaded.summary.quarantine.records).toBe(count)
    expect(loaded.summary.reconciliation.quarantined).toBe(count)
    expect(loaded.summary.reconciliation.conflicts).toBe(least)
    expect(loaded.summary.objects.log_data.refused).toBe(3 * least)
    expect(await loaded.warehouse.query('select sum(quarantined) as n from loads')).toEqual([{ n: count }])
    const { events, plays, not_a_play, already_loaded, duplicates, conflicts, inserted } = loaded.summary.reconciliation
    const variations = account.variations.reduce((sum, { records }) => sum + records, 0)
    expect(events).toBe(size.events + variations + least)
    expect([events, plays]).toEqual([plays + not_a_play, already_loaded + duplicates + conflicts + inserted])
  })

  test('leaves every good record in the star', async () => {
    const objects = readObjects(join(plain, 'log_data'), join(plain, 'song_data'))
    const { conflicts, ...star } = expectedStar([objects])
    expect(firstDifference({ ...star, conflicts: 0 }, await loaded.warehouse.star())).toBeUndefined()
  })
})
