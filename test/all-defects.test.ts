import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DefectAccount } from '../src/sample-data/defects/inject.ts'
import { dialNames } from '../src/sample-data/defects/parse.ts'
import { generateSampleData } from '../src/sample-data/generate.ts'
import type { Row } from '../src/schema/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar, readObjects } from './support/oracle.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const size = { events: 3000, songs: 300, seed: 7 }
const folder = mkdtempSync(join(tmpdir(), 'sparkify-defects-'))
const plain = join(folder, 'plain')
const spoiled = join(folder, 'spoiled')
let account: DefectAccount
beforeAll(async () => {
  await generateSampleData({ ...size, out: plain })
  const defects = Object.fromEntries(dialNames.map((name) => [name, name === 'long-line' ? 2 : 12]))
  const { injected } = await generateSampleData({ ...size, out: spoiled, defects })
  if (!injected) throw new Error('Nothing was injected.')
  account = injected
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What COPY takes, and nobody can tell from the table: of a key that stands twice one value. */
const unseenByCopy = ['repeated-key']

interface Engine {
  readonly name: string
  /** Loads the spoiled source and answers with what the tests look at. */
  load(): Promise<{
    readonly exitCode: number
    readonly summary: Awaited<ReturnType<TestWarehouse['etl']>>['summary']
    readonly warehouse: Pick<TestWarehouse, 'query' | 'star'>
    readonly source: string
    end(): Promise<void>
  }>
  readonly unseen: readonly string[]
}

const engines: readonly Engine[] = [
  {
    name: 'DuckDB',
    unseen: [],
    async load() {
      const places = { logData: join(spoiled, 'log_data'), songData: join(spoiled, 'song_data') }
      const warehouse = await new TestWarehouse(places).create()
      const { summary, exitCode } = await warehouse.etl()
      return { summary, exitCode, warehouse, source: `${spoiled}/`, end: async () => warehouse.remove() }
    },
  },
  {
    name: 'the Redshift double',
    unseen: unseenByCopy,
    async load() {
      const cloud = await TestCloud.start()
      const bucket = cloud.cloud.aws.state.buckets.get('source')
      const isUnseen = account.defects.filter(({ dial }) => unseenByCopy.includes(dial))
      for (const path of readdirSync(spoiled, { recursive: true, encoding: 'utf8' })) {
        if (!/\.json(\.gz)?$/.test(path) || path === 'defects.json') continue
        const lines = new Set(isUnseen.filter(({ object }) => object === path).map(({ line }) => line))
        const content = readFileSync(join(spoiled, path))
        // Blanked, so that the lines below keep their numbers.
        bucket?.put(path, lines.size > 0 ? withoutLines(path, content, lines) : content)
      }
      const { summary, exitCode } = await cloud.etl()
      return { summary, exitCode, warehouse: cloud, source: 's3://source/', end: () => cloud.close() }
    },
  },
]

function withoutLines(path: string, content: Buffer, numbers: ReadonlySet<number | null>): Buffer {
  const isGzip = path.endsWith('.gz')
  const lines = (isGzip ? gunzipSync(content) : content).toString('latin1').split('\n')
  const left = Buffer.from(lines.map((line, index) => (numbers.has(index + 1) ? '' : line)).join('\n'), 'latin1')
  return isGzip ? gzipSync(left) : left
}

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

describe.each(engines)('every defect there is a dial for, on $name', (engine) => {
  let loaded: Awaited<ReturnType<Engine['load']>>
  const injected = () => account.defects.filter(({ dial }) => !engine.unseen.includes(dial))
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
      const sha256 = whole ? 'whole' : createHash('sha256').update(bytesOf(parts)).digest('hex')
      return {
        object: String(row.object_key).slice(loaded.source.length),
        line: row.line_number,
        column: row.column_name,
        sha256,
      }
    })
    const expected = injected().map((defect) => (defect.line === null ? { ...defect, sha256: 'whole' } : defect))
    expect(shown(found)).toEqual(shown(expected))
  })

  test('is counted: the run, the load and the quarantine say the same, to the row', async () => {
    expect(loaded.exitCode).toBe(3)
    const count = injected().length
    expect(count).toBeGreaterThan(200)
    expect(loaded.summary.quarantine.records).toBe(count)
    expect(loaded.summary.reconciliation.quarantined).toBe(count)
    expect(loaded.summary.reconciliation.conflicts).toBe(12)
    expect(loaded.summary.objects.log_data.refused).toBe(36)
    expect(await loaded.warehouse.query('select sum(quarantined) as n from loads')).toEqual([{ n: count }])
    const { events, plays, not_a_play, already_loaded, duplicates, conflicts, inserted } = loaded.summary.reconciliation
    const variations = account.variations.reduce((sum, { records }) => sum + records, 0)
    expect(events).toBe(size.events + variations + 12)
    expect([events, plays]).toEqual([plays + not_a_play, already_loaded + duplicates + conflicts + inserted])
  })

  test('leaves every good record in the star', async () => {
    const objects = readObjects(join(plain, 'log_data'), join(plain, 'song_data'))
    const { conflicts, ...star } = expectedStar([objects])
    expect(firstDifference({ ...star, conflicts: 0 }, await loaded.warehouse.star())).toBeUndefined()
  })
})
