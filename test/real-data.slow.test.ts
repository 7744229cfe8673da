import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { builtInQuestions } from '../src/commands/find-questions.ts'
import type { EtlSummary } from '../src/etl/results.ts'
import { projectFolder } from '../src/folders.ts'
import type { Row } from '../src/schema/index.ts'
import type { Sql } from '../src/sql-queries/index.ts'
import { startAwsDouble } from './support/aws/index.ts'
import { type ActualStar, firstDifference } from './support/compare-star.ts'
import { expectedStar, readObjects } from './support/oracle.ts'
import { runScript } from './support/process.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const analyses = builtInQuestions()
const sqlOf = (name: string) => analyses.find((analysis) => analysis.name === name)?.sql as Sql

/** The real logs and songs, which are not part of this project. */
const data = join(projectFolder, '..', 'shared', 'data')
const logData = join(data, 'log_data')
const songData = join(data, 'song_data')
const isThere = existsSync(logData)
const about = isThere ? 'the real data' : 'the real data (skipped: there is no folder ../shared/data)'

const warehouses: TestWarehouse[] = []
async function newWarehouse(...options: ConstructorParameters<typeof TestWarehouse>): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse(...options).create()
  warehouses.push(warehouse)
  return warehouse
}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

interface Expected {
  readonly staging_events: number
  readonly next_song: number
  readonly users: number
  readonly songs: number
  readonly artists: number
  readonly songplays: number
  readonly time: number
  readonly plays_with_song: number
  readonly plays_with_artist: number
  readonly levels: Record<string, number>
  readonly hours: number[]
  readonly top_artists: [string, number][]
  readonly top_catalog_artists: [string, number][]
  readonly top_catalog_songs: [string, number][]
}

const expectedOf = (set: string): Expected =>
  JSON.parse(readFileSync(join(data, 'expected', `${set}.repaired.json`), 'utf8'))

const pairs = (rows: readonly Row[]) => rows.map((row) => Object.values(row))

/** The ten most frequent, ties in order of the name. */
const top = (column: string, from: string) =>
  `select ${column} as name, count(*) as n from ${from} where ${column} is not null group by 1 order by n desc, name limit 10`

let complete: Promise<ActualStar> | undefined
/** The star of all logs and all songs in one load, which every other history must give too. */
function completeStar(): Promise<ActualStar> {
  complete ??= newWarehouse({ logData, songData }).then(async (warehouse) => {
    await warehouse.etl()
    return warehouse.star()
  })
  return complete
}

const difference = async (warehouse: TestWarehouse) =>
  firstDifference({ ...(await completeStar()), conflicts: 0 }, await warehouse.star())

const days = isThere ? readdirSync(join(logData, '2018', '11')).sort() : []
function copyDays(warehouse: TestWarehouse, from: number, to: number): void {
  const folder = join(warehouse.folder, 'log_data', '2018', '11')
  mkdirSync(folder, { recursive: true })
  for (const day of days.slice(from - 1, to)) cpSync(join(logData, '2018', '11', day), join(folder, day))
}

describe.skipIf(!isThere)(about, () => {
  test.each(['song_data', 'song_sample'])('gives with %s what is known about it', async (set) => {
    const expected = expectedOf(set)
    const warehouse = await newWarehouse({ logData, songData: join(data, set) })
    const { summary, exitCode } = await warehouse.etl()
    expect(exitCode).toBe(0)
    expect(summary.objects).toMatchObject({ log_data: { listed: 30, new: 30 }, song_data: { new: expected.songs } })
    expect(summary.reconciliation).toEqual({
      events: expected.staging_events,
      not_a_play: expected.staging_events - expected.next_song,
      plays: expected.next_song,
      already_loaded: 0,
      duplicates: 0,
      conflicts: 0,
      quarantined: 0,
      inserted: expected.songplays,
      with_song: expected.plays_with_song,
      with_artist: expected.plays_with_artist,
    })
    for (const table of ['users', 'songs', 'artists', 'time', 'songplays'] as const) {
      const rows = expected[table]
      expect(summary.tables[table], table).toEqual({ inserted: rows, updated: 0, rows })
    }
    expect(summary.checks.filter(({ offenders }) => offenders > 0)).toEqual([])

    const inOrder = 'select level, count(*) as n from songplays group by 1 order by 1'
    expect(Object.fromEntries(pairs(await warehouse.query(inOrder)))).toEqual(expected.levels)
    const hours = 'select t.hour, count(*) as n from songplays join time t using (start_time) group by 1 order by 1'
    expect((await warehouse.query(hours)).map(({ n }) => n)).toEqual(expected.hours)
    const artistsOfCatalog = 'songplays p join artists a on a.artist_id = p.artist_id'
    const songsOfCatalog = 'songplays p join songs s on s.song_id = p.song_id'
    expect(pairs(await warehouse.query(top('artist_name', 'songplays')))).toEqual(expected.top_artists)
    expect(pairs(await warehouse.query(top('p.artist_name', artistsOfCatalog)))).toEqual(expected.top_catalog_artists)
    const songs = pairs(await warehouse.query(top('s.title', songsOfCatalog)))
    expect(songs.slice(0, expected.top_catalog_songs.length)).toEqual(expected.top_catalog_songs)

    const objects = readObjects(logData, join(data, set))
    expect(firstDifference(expectedStar([objects]), await warehouse.star())).toBeUndefined()
  })

  test('has the operating systems and browsers that were counted by hand', async () => {
    const warehouse = await newWarehouse({ logData })
    await warehouse.etl()
    expect(pairs(await warehouse.query(sqlOf('operating-systems'))).map(([name, plays]) => [name, plays])).toEqual([
      ['macOS', 3000],
      ['Windows', 2428],
      ['Linux', 1153],
      ['iPhone', 239],
    ])
    expect(pairs(await warehouse.query(sqlOf('browsers'))).map(([name, plays]) => [name, plays])).toEqual([
      ['Chrome', 3319],
      ['Firefox', 1589],
      ['Safari', 1307],
      ['Chromium', 577],
      ['Internet Explorer', 28],
    ])
  })

  test('gives the same star loaded as days 1 to 10, then 1 to 20, then 1 to 30', async () => {
    const warehouse = await newWarehouse({ songData })
    const found: EtlSummary['objects']['log_data'][] = []
    for (const last of [10, 20, 30]) {
      copyDays(warehouse, last - 9, last)
      found.push((await warehouse.etl()).summary.objects.log_data)
    }
    expect(found).toMatchObject([
      { new: 10, changed: 0, unchanged: 0 },
      { new: 10, changed: 0, unchanged: 10 },
      { new: 10, changed: 0, unchanged: 20 },
    ])
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('gives the same star loaded in reverse, the last days first', async () => {
    const warehouse = await newWarehouse({ songData })
    for (const [from, to] of [
      [29, 30],
      [21, 28],
      [11, 20],
      [1, 10],
    ] as const) {
      copyDays(warehouse, from, to)
      await warehouse.etl()
    }
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('gives the same star when the songs come after the plays', async () => {
    const warehouse = await newWarehouse({ logData })
    expect((await warehouse.etl()).summary.reconciliation).toMatchObject({
      inserted: 6820,
      with_song: 0,
      with_artist: 0,
    })
    cpSync(songData, join(warehouse.folder, 'song_data'), { recursive: true })
    const { summary } = await warehouse.etl()
    expect(summary.tables.songplays).toEqual({ inserted: 0, updated: 1106, rows: 6820 })
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('gives the same star when songs come in two halves, and only some of the days between them', async () => {
    const warehouse = await newWarehouse()
    const folders = readdirSync(join(songData, 'A')).sort()
    const copySongs = (names: string[]) => {
      for (const name of names)
        cpSync(join(songData, 'A', name), join(warehouse.folder, 'song_data', 'A', name), { recursive: true })
    }
    const half = Math.ceil(folders.length / 2)
    copyDays(warehouse, 15, 30)
    copySongs(folders.slice(half))
    await warehouse.etl()
    copyDays(warehouse, 1, 14)
    await warehouse.etl()
    copySongs(folders.slice(0, half))
    await warehouse.etl()
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('is loaded once: again there is nothing new, and a touched file changes nothing', async () => {
    const warehouse = await newWarehouse({ songData })
    copyDays(warehouse, 1, 30)
    await warehouse.etl()
    const { summary } = await warehouse.etl()
    expect(summary).toMatchObject({
      loads: [],
      objects: { log_data: { new: 0, changed: 0, unchanged: 30 }, song_data: { new: 0, changed: 0, unchanged: 1943 } },
    })
    expect(await difference(warehouse)).toBeUndefined()

    const [day = ''] = days
    utimesSync(join(warehouse.folder, 'log_data', '2018', '11', day), new Date(), new Date(Date.UTC(2030, 0)))
    const touched = (await warehouse.etl()).summary
    expect(touched.objects.log_data).toMatchObject({ new: 0, changed: 1, unchanged: 29 })
    expect(touched.reconciliation.already_loaded).toBe(touched.reconciliation.plays)
    expect(touched.reconciliation.plays).toBeGreaterThan(0)
    expect(touched.tables.songplays).toEqual({ inserted: 0, updated: 0, rows: 6820 })
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('gives the same star when a file that was loaded in part is complete the next time', async () => {
    const warehouse = await newWarehouse({ songData })
    copyDays(warehouse, 1, 30)
    const key = `log_data/2018/11/${days[14]}`
    const text = readFileSync(join(warehouse.folder, key), 'utf8')
    const part = text.split('\n').slice(0, 200).join('\n')
    warehouse.write([{ source: 'log_data', key, text: part }])
    await warehouse.etl()
    warehouse.write([{ source: 'log_data', key, text }])
    const { summary } = await warehouse.etl()
    expect(summary.objects.log_data).toMatchObject({ new: 0, changed: 1, unchanged: 29 })
    expect(summary.reconciliation.already_loaded).toBeGreaterThan(0)
    expect(await difference(warehouse)).toBeUndefined()
  })

  test('gives the same star from S3 while a tenth of all requests fails', async () => {
    const double = await startAwsDouble()
    double.seedBucket('source', { folder: data })
    const kinds = ['throttle', 'reset-before', 'reset-after', 'short-body', 'cut-body', 'garbled-body'] as const
    double.faults.random({ service: 's3', action: 'GetObject', rate: 0.1, seed: 3, kinds })
    const warehouse = await newWarehouse({
      logData: 's3://source/log_data',
      songData: 's3://source/song_data',
      settings: '[AWS]\nREGION = us-west-2\n',
    })
    const finished = await runScript('etl', ['--config', warehouse.configFile], { environment: double.environment })
    expect(finished.code, finished.stderr).toBe(0)
    expect(double.faults.count).toBeGreaterThan(150)
    expect(await difference(warehouse)).toBeUndefined()
    await double.close()
  })
})
