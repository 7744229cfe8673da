import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { type ActualStar, firstDifference } from '../support/compare-star.ts'
import { expectedStar, type OracleObject } from '../support/oracle.ts'
import { asExpected, generated, testWholeSequence } from '../support/parity.ts'
import { event, logObject, song, songObject } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'sparkify-parity-'))
afterAll(() => rmSync(folder, { recursive: true }))

testWholeSequence('redshift-serverless', 'generated data', async () => {
  rmSync(folder, { recursive: true })
  await generateSampleData({ events: 600, songs: 150, seed: 1, out: folder })
  return folder
})

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
      expect(firstDifference(asExpected(await duck.star()), star)).toBeUndefined()
      if (!full) expect(firstDifference(expectedStar(history), star)).toBeUndefined()
      const quarantined = 'select reason, line_number, column_name, raw_text from quarantine'
      const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
      expect(sorted(await cloud.query(quarantined))).toEqual(sorted(await duck.query(quarantined)))
    } finally {
      duck.remove()
    }
  }

  const logs = (objects: readonly OracleObject[]) => objects.filter(({ source }) => source === 'log_data')
  const songs = (objects: readonly OracleObject[]) => objects.filter(({ source }) => source === 'song_data')

  test('in the order of the days, backwards and with the catalog in two halves, give one star', async () => {
    const objects = await generated(7, { events: 400, songs: 80 })
    const days = logs(objects).map((object) => [object])
    const half = Math.floor(songs(objects).length / 2)
    const [first, second] = [songs(objects).slice(0, half), songs(objects).slice(half)]
    const orders = [
      [first, second, ...days],
      [...days.toReversed(), second, first],
    ]
    const stars: ActualStar[] = []
    for (const order of orders) {
      await verifyHistory(order)
      stars.push(await cloud.star())
    }
    for (const other of stars.slice(1))
      expect(firstDifference(asExpected(stars[0] as ActualStar), other)).toBeUndefined()
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

  test('take ids and names for the same that differ only in blanks at the ends', async () => {
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
    expect(await cloud.query('select user_id from users')).toEqual([{ user_id: '8' }])
  })

  test('repair double-encoded texts that differ only in blanks at the ends', async () => {
    const spellings = ['BjÃ\u0083Â¶rk', 'BjÃ\u0083Â¶rk ', '  BjÃ\u0083Â¶rk']
    const plays = spellings.flatMap((text, index) => [
      event({ sessionId: 1, itemInSession: index, artist: text }),
      event({ sessionId: 2, itemInSession: index, song: text }),
    ])
    await verifyHistory([[logObject('a.json', plays)]])
    const repaired = await cloud.query(
      'select artist_name from songplays where session_id = 1 order by item_in_session',
    )
    expect(repaired.map(({ artist_name }) => artist_name)).toEqual(['Björk', 'Björk', 'Björk'])
  })

  test('rebuilt with --full give the star that DuckDB rebuilds', async () => {
    const objects = await generated(5, { events: 500, songs: 80 })
    await verifyHistory([logs(objects).slice(0, 2), [...logs(objects).slice(2), ...songs(objects)]], { full: true })
  })
})
