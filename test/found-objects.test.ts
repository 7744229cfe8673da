import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../src/context.ts'
import { planLoad } from '../src/etl/plan.ts'
import type { SourceObject } from '../src/objects/object-store.ts'
import { TestCloud } from './support/cloud-run.ts'
import { runEtl } from './support/run-etl.ts'
import { event, lines, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

interface Place {
  readonly warehouse: TestWarehouse | TestCloud
  put(name: string, content: string | Buffer): void
  remove(name: string): void
  end(): Promise<void>
}

async function onFolder(): Promise<Place> {
  const warehouse = await new TestWarehouse().create()
  const path = (name: string) => join(warehouse.folder, name)
  return {
    warehouse,
    put(name, content) {
      mkdirSync(dirname(path(name)), { recursive: true })
      writeFileSync(path(name), content)
    },
    remove: (name) => rmSync(path(name)),
    end: async () => warehouse.remove(),
  }
}

/** One for all tests: to start it takes longer than most of them. */
let cloud: TestCloud | undefined
afterAll(() => cloud?.close())

async function onS3(): Promise<Place> {
  cloud ??= await TestCloud.start()
  const warehouse = cloud
  await warehouse.reset()
  const bucket = warehouse.cloud.aws.state.buckets.get('source')
  return {
    warehouse,
    put: (name, content) => void bucket?.put(name, content),
    remove: (name) => void bucket?.remove(name),
    end: async () => {},
  }
}

const play = (sessionId: number) => JSON.stringify(event({ sessionId }))

describe.each([
  ['a folder', onFolder],
  ['S3', onS3],
] as const)('in %s', (_, open) => {
  let place: Place
  beforeEach(async () => {
    place = await open()
  })
  afterEach(() => place.end())

  async function etl() {
    const warnings: string[] = []
    const { context } = place.warehouse
    const log = { ...context.log, warn: (line: string) => void warnings.push(line) }
    const { summary, exitCode } = await runEtl({ ...context, log }, { full: false })
    return { ...summary, exitCode, warnings: warnings.join('\n') }
  }

  test.each([
    ...['a.json', 'a.JSON', 'a.jsonl', 'a.NdJson', 'deep/er/a.ndjson'],
    ...['a.json.gz', 'a.jsonl.GZ', 'a.NDJSON.Gz'],
  ])('%s is read, small and large', async (name) => {
    place.put('song_data/1.json', JSON.stringify(song()))
    const large = lines(Array.from({ length: 2500 }, (_, item) => event({ sessionId: 2, itemInSession: item })))
    const content = (text: string) => (/gz$/i.test(name) ? gzipSync(text, { level: 0 }) : text)
    place.put(`log_data/small-${name}`, content(play(1)))
    place.put(`log_data/large-${name}`, content(large))
    expect(await etl()).toMatchObject({ exitCode: 0, reconciliation: { events: 2501 }, warnings: '' })
  })

  test('other names are counted and named, hidden ones are not', async () => {
    place.put('song_data/1.json', JSON.stringify(song()))
    for (const name of ['a.json', 'b.log', 'part-00000', 'c.csv', 'd.parquet', '_SUCCESS', '.e.json', '_tmp/f.json'])
      place.put(`log_data/${name}`, play(1))
    const found = await etl()
    expect(found.objects.log_data).toMatchObject({ listed: 1, new: 1, skipped: 4, left_out: 0 })
    expect(found.warnings).toMatch(/^log_data: 4 other objects \(b\.log, c\.csv, d\.parquet …\) not read\./)
    expect(found.exitCode).toBe(0)
  })

  test('sources without a single object are an error that says what lies there', async () => {
    await expect(etl()).rejects.toMatchObject({
      message: expect.stringMatching(/^LOG_DATA: .*log_data\/? has no .json, .*, and nothing else\.\nSONG_DATA: /),
      exitCode: 2,
    })
    place.put('song_data/1.json', JSON.stringify(song()))
    place.put('log_data/part-00000', play(1))
    await expect(etl()).rejects.toMatchObject({
      message: expect.stringMatching(/^LOG_DATA: .*, but 1 other object \(part-00000\)\.\nNothing was loaded\.$/),
      exitCode: 2,
    })
    expect(await place.warehouse.query('select count(*) as n from songs')).toEqual([{ n: 0 }])
  })

  test('one empty source is a warning, whether or not it had objects before', async () => {
    place.put('log_data/a.json', play(1))
    expect(await etl()).toMatchObject({
      exitCode: 0,
      warnings: expect.stringMatching(/^SONG_DATA: .* nothing else\.$/),
    })
    place.remove('log_data/a.json')
    place.put('song_data/1.json', JSON.stringify(song()))
    expect(await etl()).toMatchObject({
      exitCode: 0,
      reconciliation: { inserted: 0 },
      warnings: expect.stringMatching(/^LOG_DATA: .* Earlier loads found objects there\.$/),
    })
  })
})

describe('a local file', () => {
  let place: Place & { readonly warehouse: TestWarehouse }
  beforeEach(async () => {
    place = (await onFolder()) as typeof place
    place.put('song_data/1.json', JSON.stringify(song()))
    place.put('log_data/a.json', play(1))
  })
  afterEach(() => place.end())
  const path = (name: string) => join(place.warehouse.folder, 'log_data', name)

  test('that leads nowhere is left out with its path; the rest is loaded', async () => {
    symlinkSync('nowhere', path('gone.json'))
    symlinkSync('round.json', path('round.json'))
    const warnings: string[] = []
    const { context } = place.warehouse
    const { summary, exitCode } = await runEtl(
      { ...context, log: { ...context.log, warn: (line) => void warnings.push(line) } },
      { full: false },
    )
    expect(exitCode).toBe(4)
    expect(summary.objects.log_data).toMatchObject({ listed: 1, left_out: 2 })
    expect(summary.reconciliation.inserted).toBe(1)
    expect(warnings).toEqual([
      `${path('gone.json')} is a link to a file that does not exist. It is left out; the next etl tries again.`,
      `${path('round.json')} is a link to itself. It is left out; the next etl tries again.`,
    ])
  })

  test.each(['small', 'large'])('that is always being written is left out, however %s it is', async (size) => {
    const records = Array.from({ length: size === 'small' ? 2 : 2500 }, (_, item) =>
      event({ sessionId: 2, itemInSession: item }),
    )
    place.put('log_data/growing.json', `${lines(records)}\n`)
    const { context } = place.warehouse
    // Another line at every step of the run.
    const grow = (step: string) =>
      void (step.startsWith('list') || appendFileSync(path('growing.json'), `${play(3)}\n`))
    const { summary, exitCode } = await runEtl({ ...context, log: { ...context.log, progress: grow } }, { full: false })
    expect(exitCode).toBe(4)
    expect(summary.objects.log_data.left_out).toBe(1)
    expect(await place.warehouse.query('select distinct session_id from songplays')).toEqual([{ session_id: 1 }])
    expect((await place.warehouse.etl()).summary.reconciliation.inserted).toBe(records.length + 1)
  })
})

test('several hundred thousand objects fit into one plan', async () => {
  const warehouse = await new TestWarehouse().create()
  const { context } = warehouse
  const objects = Array.from({ length: 300_000 }, (_, index): SourceObject => {
    return { source: 'log_data', key: `s3://source/${index}.json`, etag: 'a', bytes: 100, modifiedAt: '2018-11-30' }
  })
  const objectStore: Context['objectStore'] = async (source) => {
    const store = await context.objectStore(source)
    return { ...store, list: async () => ({ objects: source === 'log_data' ? objects : [], skipped: [] }) }
  }
  const plan = await planLoad({ ...context, objectStore }, { full: false })
  expect(plan.waiting).toMatchObject({ objects: 300_000, bytes: 30_000_000 })
  warehouse.remove()
})
