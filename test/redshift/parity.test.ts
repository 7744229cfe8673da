import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { Cloud } from '../support/cloud.ts'
import { starOf, TestCloud } from '../support/cloud-run.ts'
import { type ActualStar, firstDifference } from '../support/compare-star.ts'
import { expectedStar, type OracleObject, readObjects } from '../support/oracle.ts'
import { runScript } from '../support/process.ts'
import { event, logObject, song, songObject } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const real = join(projectFolder, '..', 'shared', 'data')
const hasReal = existsSync(join(real, 'log_data')) && existsSync(join(real, 'song_data'))
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** The real logs and songs where they are at hand, else as much of the generator. */
async function sourceFolder(): Promise<string> {
  if (hasReal) return real
  const out = mkdtempSync(join(tmpdir(), 'sparkify-generated-'))
  folders.push(out)
  await generateSampleData({ events: 8000, songs: 1943, seed: 1, out })
  return out
}

/** A star as the expected one: a warehouse counts no conflicts. */
const expected = (star: ActualStar) => ({ ...star, conflicts: 0 })

/** What etl says that must be the same on both engines. */
function comparable(json: string) {
  const { loads, seconds, engine, ...rest } = JSON.parse(json)
  return rest
}

describe.each(['redshift', 'redshift-serverless'] as const)(
  `the whole sequence on %s with ${hasReal ? 'the real data' : 'generated data (there is no ../shared/data)'}`,
  (engine) => {
    let source: string
    let duck: TestWarehouse
    let cloud: Cloud
    const outputs: string[] = []

    const run = async (configFile: string, name: string, ...args: string[]) => {
      const finished = await runScript(name, ['--config', configFile, '--json', ...args], {
        environment: cloud.environment,
      })
      outputs.push(finished.stdout, finished.stderr)
      expect(finished.code, `${name}: ${finished.stderr}`).toBe(0)
      return finished.stdout
    }

    beforeAll(async () => {
      source = await sourceFolder()
      duck = await new TestWarehouse({
        logData: join(source, 'log_data'),
        songData: join(source, 'song_data'),
      }).create()
      // The double has one database; the suite makes its own on both kinds.
      cloud = await Cloud.start({ engine, redshift: { database: 'dwh' } })
      cloud.aws.seedBucket('source', { folder: source })
    })
    afterAll(async () => {
      duck.remove()
      await cloud.close()
    })

    test('gives DuckDB’s rows and answers, value for value, and leaves nothing behind', async () => {
      const infrastructure = JSON.parse(await run(cloud.configFile, 'create-infrastructure', '--yes'))
      expect(infrastructure.endpoint.port).toBe(cloud.redshift.port)
      expect(JSON.parse(await run(cloud.configFile, 'create-tables')).created).toHaveLength(11)

      const ofRedshift = comparable(await run(cloud.configFile, 'etl'))
      const ofDuckdb = comparable(await run(duck.configFile, 'etl'))
      expect(ofRedshift).toEqual(ofDuckdb)
      expect(ofRedshift.checks.filter(({ offenders }: { offenders: number }) => offenders > 0)).toEqual([])

      const star = await cloudStar(cloud)
      expect(firstDifference(expected(await duck.star()), star)).toBeUndefined()
      const objects = readObjects(join(source, 'log_data'), join(source, 'song_data'))
      expect(firstDifference(expectedStar([objects]), star)).toBeUndefined()
      if (hasReal) expect([star.songplays.length, star.users.length]).toEqual([6820, 97])

      const again = JSON.parse(await run(cloud.configFile, 'etl'))
      expect(again.loads).toEqual([])

      const [redshiftReport, duckdbReport] = [join(cloud.folder, 'report'), join(duck.folder, 'report')]
      const answers = (json: string) => JSON.parse(json).analyses
      const ofAnalyze = answers(await run(cloud.configFile, 'analyze', '--out', redshiftReport))
      expect(ofAnalyze).toEqual(answers(await run(duck.configFile, 'analyze', '--out', duckdbReport)))
      expect(ofAnalyze.length).toBeGreaterThan(5)
      expect(readdirSync(redshiftReport)).toEqual(readdirSync(duckdbReport))
      for (const file of readdirSync(redshiftReport).filter((name) => name.endsWith('.csv')))
        expect(readFileSync(join(redshiftReport, file)), file).toEqual(readFileSync(join(duckdbReport, file)))

      const statement =
        'select level, count(*) as n, min(length) as shortest from songplays group by level order by level'
      expect(await run(cloud.configFile, 'query', statement)).toBe(await run(duck.configFile, 'query', statement))
      expect(JSON.parse(await run(cloud.configFile, 'status'))).toMatchObject({ engine, exists: true, next: null })

      expect(JSON.parse(await run(cloud.configFile, 'destroy-infrastructure', '--yes')).exitCode).toBe(0)
      expect(cloud.aws.remaining()).toEqual([])
      for (const secret of cloud.aws.state.canaries)
        expect(outputs.filter((output) => output.includes(secret))).toHaveLength(0)
    })
  },
)

async function cloudStar(cloud: Cloud): Promise<ActualStar> {
  Object.assign(process.env, cloud.environment)
  const { openContext } = await import('../../src/context.ts')
  const warehouse = await openContext(cloud.configFile, new AbortController().signal).openWarehouse('read')
  try {
    return await starOf(warehouse)
  } finally {
    await warehouse.close()
  }
}

describe('incremental loads', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
  })
  afterAll(() => cloud.close())

  /** Runs the history on both engines; the stars must be each other's and the oracle's. */
  async function verifyHistory(history: readonly (readonly OracleObject[])[], { full = false } = {}) {
    await cloud.reset()
    const duck = await new TestWarehouse().create()
    try {
      for (const objects of history) {
        cloud.write(objects)
        duck.write(objects)
        const [redshift, duckdb] = [await cloud.etl(), await duck.etl()]
        expect(redshift.summary.reconciliation).toEqual(duckdb.summary.reconciliation)
        expect(redshift.summary.tables).toEqual(duckdb.summary.tables)
        expect(redshift.exitCode).toBe(duckdb.exitCode)
      }
      if (full) {
        await cloud.etl({ full })
        await duck.etl({ full })
      }
      const star = await cloud.star()
      expect(firstDifference(expected(await duck.star()), star)).toBeUndefined()
      if (!full) expect(firstDifference(expectedStar(history), star)).toBeUndefined()
      const quarantined = 'select reason, line_number, column_name, raw_text from quarantine'
      const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
      expect(sorted(await cloud.query(quarantined))).toEqual(sorted(await duck.query(quarantined)))
    } finally {
      duck.remove()
    }
  }

  async function generated(seed: number, sizes: { events: number; songs: number }): Promise<OracleObject[]> {
    const out = mkdtempSync(join(tmpdir(), 'sparkify-generated-'))
    try {
      await generateSampleData({ ...sizes, seed, out, days: 4 })
      return readObjects(join(out, 'log_data'), join(out, 'song_data'))
    } finally {
      rmSync(out, { recursive: true })
    }
  }

  const logs = (objects: readonly OracleObject[]) => objects.filter(({ source }) => source === 'log_data')
  const songs = (objects: readonly OracleObject[]) => objects.filter(({ source }) => source === 'song_data')

  test.each([1, 20, 300, 4000])('of generated data with seed %i, all at once, give one star', async (seed) => {
    await verifyHistory([await generated(seed, { events: 900, songs: 150 })])
  })

  test('in the order of the days, backwards and with the catalog in two halves, give one star', async () => {
    const objects = await generated(7, { events: 400, songs: 80 })
    const days = logs(objects).map((object) => [object])
    const half = Math.floor(songs(objects).length / 2)
    const [first, second] = [songs(objects).slice(0, half), songs(objects).slice(half)]
    const orders = [
      [first, second, ...days],
      [...days.toReversed(), second, first],
      [...days.slice(0, 2), first, ...days.slice(2).toReversed(), second],
    ]
    const stars: ActualStar[] = []
    for (const order of orders) {
      await verifyHistory(order)
      stars.push(await cloud.star())
    }
    for (const other of stars.slice(1)) expect(firstDifference(expected(stars[0] as ActualStar), other)).toBeUndefined()
  })

  test('find the ids of plays whose catalog comes late', async () => {
    const objects = await generated(11, { events: 700, songs: 200 })
    await verifyHistory([logs(objects), songs(objects)])
    const [row] = await cloud.query('select count(artist_id) as n from songplays')
    expect(Number(row?.n)).toBeGreaterThan(0)
  })

  test('take changed objects: a log that grew, a log that was rewritten, a song that changed name and artist', async () => {
    const play = (item: number, fields = {}) =>
      event({ itemInSession: item, ts: 1541105830796 + item * 1000, ...fields })
    await verifyHistory([
      [logObject('a.json', [play(0), play(1, { song: 'Starlight' })]), songObject('a.json', song())],
      [logObject('a.json', [play(0), play(1, { song: 'Starlight' }), play(2, { userId: '9', level: 'paid' })])],
      [songObject('a.json', song({ title: 'Starlight', artist_name: 'Muse ', artist_id: 'ARNEW' }))],
      [logObject('a.json', [play(0, { song: 'Another' }), play(3)]), logObject('b.json.gz', [play(0), play(4)])],
      [songObject('b.json', song({ song_id: 'SOB', title: 'Another', artist_location: 'Teignmouth' }))],
    ])
  })

  test('tell ids and names apart that differ only in blanks at the end, which Redshift ignores', async () => {
    const plays = [
      event({ userId: '8' }),
      event({ userId: '8 ', itemInSession: 1, artist: 'Muse ', level: 'paid' }),
      event({ userId: '8 ', itemInSession: 2, song: 'Supermassive Black Hole ', ts: 1541105830797 }),
    ]
    const catalog = [
      songObject('a.json', song({ song_id: 'SOB', artist_id: 'ARB' })),
      songObject('b.json', song({ song_id: 'SOB ', artist_id: 'ARB ', artist_name: 'Muse ' })),
    ]
    await verifyHistory([[logObject('a.json', plays), ...catalog]])
    await verifyHistory([[logObject('a.json', plays)], catalog.slice(0, 1), catalog.slice(1)])
    await verifyHistory([
      [logObject('a.json', plays), ...catalog],
      [songObject('a.json', song({ song_id: 'SOB', artist_id: 'ARB', title: 'Supermassive Black Hole ' }))],
      [logObject('b.json', [event({ userId: '8 ', itemInSession: 9, firstName: 'Ava ', ts: 1541205830796 })])],
    ])
    expect(await cloud.query('select user_id from users order by length(user_id)')).toEqual([
      { user_id: '8' },
      { user_id: '8 ' },
    ])
  })

  test('repair double-encoded texts that differ only in blanks at the end, which Redshift ignores', async () => {
    const spellings = ['BjÃ\u0083Â¶rk', 'BjÃ\u0083Â¶rk ', 'BjÃ\u0083Â¶rk  ']
    const plays = spellings.flatMap((text, index) => [
      event({ sessionId: 1, itemInSession: index, artist: text }),
      event({ sessionId: 2, itemInSession: index, song: text }),
    ])
    await verifyHistory([[logObject('a.json', plays)]])
    const repaired = await cloud.query(
      'select artist_name from songplays where session_id = 1 order by item_in_session',
    )
    expect(repaired.map(({ artist_name }) => artist_name)).toEqual(['Björk', 'Björk ', 'Björk  '])
  })

  test('rebuilt with --full give the star that DuckDB rebuilds', async () => {
    const objects = await generated(5, { events: 500, songs: 80 })
    await verifyHistory([logs(objects).slice(0, 2), [...logs(objects).slice(2), ...songs(objects)]], { full: true })
  })

  test('of colliding plays, users, songs and artists, in any order, give the oracle’s star', async () => {
    await fc.assert(
      fc.asyncProperty(histories, (history) => verifyHistory(history)),
      { numRuns: Number(process.env.HISTORIES ?? 40) / 4 },
    )
  })
})

/** Few users, sessions, songs and artists, so that random events collide; ids and names that differ only in what Redshift ignores. */
const names = [
  'Muse',
  'Muse ',
  'BjÃ\u0083Â¶rk',
  'Björk',
  'Guns N\' "Roses"',
  '',
  ' ',
  '112',
  '日本',
  '\\',
  'a\nb',
  '🎸',
]
const collidingEvent = fc.record({
  artist: fc.constantFrom(...names),
  firstName: fc.constantFrom('Ava', 'Ava ', 'Zoë', '', null),
  gender: fc.constantFrom('F', 'M', null),
  itemInSession: fc.integer({ min: 0, max: 3 }),
  lastName: fc.constantFrom('Robinson', "O'Neil", null),
  length: fc.constantFrom(1.5, 246.30812, 100, 99.99999, 0.000005),
  level: fc.constantFrom('free', 'paid'),
  location: fc.constantFrom('Marinette, WI-MI', 'Marinette, WI-MI ', '', null),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong', 'Home'),
  sessionId: fc.constantFrom(1, 2, 3, 8_796_093_022_206),
  song: fc.constantFrom('Undo', 'Undo ', "It's\\ fine", 'A', ''),
  ts: fc.integer({ min: 0, max: 3 }).map((hours) => 1541105830796 + hours * 3_600_001),
  userAgent: fc.constantFrom('"Mozilla/5.0 (Windows NT 6.1)"', 'Mozilla/5.0 (Macintosh) ', null),
  userId: fc.constantFrom('8', '8 ', '39', '101', ''),
})
/** One version of each song, because of different versions the latest load wins, whatever the order. */
const collidingSongs = fc.uniqueArray(
  fc.record({
    artist_id: fc.constantFrom('ARA', 'ARB', 'ARC'),
    artist_latitude: fc.constantFrom(null, 35.14968),
    artist_location: fc.constantFrom('', ' ', 'Memphis, TN'),
    artist_longitude: fc.constantFrom(null, -90.04892),
    artist_name: fc.oneof(fc.constantFrom(...names), fc.constant(112)),
    duration: fc.constantFrom(1.5, 246.30812, 100, 99.99999),
    song_id: fc.constantFrom('SOA', 'SOB', 'SOC', 'SOD'),
    title: fc.constantFrom('Undo', 'Undo ', "It's\\ fine", 'A'),
    year: fc.constantFrom(0, 2009),
  }),
  { selector: ({ song_id }) => song_id, maxLength: 4 },
)
const histories = fc
  .tuple(fc.array(fc.array(collidingEvent, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), collidingSongs)
  .map(([files, catalog]) => [
    ...files.map((events, index) => logObject(`${index}.json`, events.map(event))),
    ...catalog.map((fields, index) => songObject(`${index}.json`, song(fields))),
  ])
  .chain((objects) =>
    fc
      .array(fc.integer({ min: 0, max: 2 }), { minLength: objects.length, maxLength: objects.length })
      .map((arrivals) => [0, 1, 2].map((load) => objects.filter((_, index) => arrivals[index] === load))),
  )

/** As test/cases.test.ts has it, with objects in a bucket instead of files in a folder. */
describe('cases', () => {
  const folder = join(projectFolder, 'test', 'cases')
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
  })
  afterAll(() => cloud.close())

  for (const name of readdirSync(folder)) {
    const { about, queries } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as {
      about: string
      queries: Record<string, unknown[]>
    }
    test(`${name}: ${about}`, async () => {
      await cloud.reset()
      const history: OracleObject[][] = []
      const loads = readdirSync(join(folder, name)).filter((entry) => entry.startsWith('load-'))
      for (const load of loads.sort()) {
        const arrived = join(folder, name, load)
        cloud.cloud.aws.state.buckets.set('source', bucketWith(cloud, arrived))
        history.push(readObjects(join(arrived, 'log_data'), join(arrived, 'song_data')))
        await cloud.etl()
      }
      for (const [query, rows] of Object.entries(queries)) {
        // What COPY tells of an object is its lines, blank ones too: rows of the ledger may be more than the records.
        if (!query.includes('load_ledger')) expect(await cloud.query(query), query).toEqual(rows)
      }
      expect(firstDifference(expectedStar(history), await cloud.star())).toBeUndefined()
    })
  }
})

/** The source bucket with the files of a folder added, as they are: empty ones and compressed ones too. */
function bucketWith({ cloud }: TestCloud, folder: string) {
  const bucket = cloud.aws.state.buckets.get('source') ?? cloud.aws.seedBucket('source')
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    bucket.put(path.slice(folder.length + 1), readFileSync(path))
  }
  return bucket
}
