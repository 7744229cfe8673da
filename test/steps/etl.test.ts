import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar, type OracleObject } from '../support/oracle.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
const newWarehouse = async (...options: ConstructorParameters<typeof TestWarehouse>) => {
  const warehouse = await new TestWarehouse(...options).create()
  warehouses.push(warehouse)
  return warehouse
}
afterEach(() => {
  for (const warehouse of warehouses.splice(0)) warehouse.remove()
})

/** A small vocabulary, so that random events collide: few users, sessions, songs, artists and instants. */
const artist = fc.constantFrom(
  'Muse',
  'Muse ',
  'BjÃ\u0083Â¶rk',
  'Björk',
  'Ã¶',
  'Guns N\' "Roses"',
  '',
  '112',
  '日本',
  '\\',
)
const title = fc.constantFrom('Undo', 'Revelry', "It's\\ fine", 'SehrÂ\u00a0kosmisch', 'A', '')
const length = fc.constantFrom(1.5, 246.30812, 100, 99.99999)
const event = fc.record({
  artist,
  auth: fc.constant('Logged In'),
  firstName: fc.constantFrom('Ava', 'Zoë', '', null),
  gender: fc.constantFrom('F', 'M', null),
  itemInSession: fc.integer({ min: 0, max: 3 }),
  lastName: fc.constantFrom('Robinson', "O'Neil", null),
  length,
  level: fc.constantFrom('free', 'paid'),
  location: fc.constantFrom('Marinette, WI-MI', '', null),
  method: fc.constant('PUT'),
  page: fc.constantFrom('NextSong', 'NextSong', 'NextSong', 'Home', 'Logout'),
  registration: fc.constantFrom(1540919166796.0, null),
  sessionId: fc.integer({ min: 1, max: 4 }),
  song: title,
  status: fc.constant(200),
  ts: fc.integer({ min: 0, max: 3 }).map((hours) => 1541105830796 + hours * 3_600_000),
  userAgent: fc.constantFrom('"Mozilla/5.0 (Windows NT 6.1)"', 'Mozilla/5.0 (Macintosh)', null),
  userId: fc.constantFrom('8', '39', '101', ''),
})
const songId = fc.constantFrom('SOA', 'SOB', 'SOC', 'SOD')
/** One version of each song, because of different versions the latest load wins, whatever the order. */
const catalog = fc.uniqueArray(
  fc.record({
    artist_id: fc.constantFrom('ARA', 'ARB', 'ARC'),
    artist_latitude: fc.constantFrom(null, 35.14968),
    artist_location: fc.constantFrom('', 'Memphis, TN'),
    artist_longitude: fc.constantFrom(null, -90.04892),
    artist_name: fc.oneof(fc.constantFrom('Muse', 'Björk', '日本', 'ö', '\\'), fc.constant(112)),
    duration: length,
    num_songs: fc.constant(1),
    song_id: songId,
    title: fc.constantFrom('Undo', 'Revelry', "It's\\ fine", 'A'),
    year: fc.constantFrom(0, 2009),
  }),
  { selector: (song) => song.song_id, maxLength: 4 },
)

const logObject = (events: object[], name: string): OracleObject => ({
  source: 'log_data',
  key: `log_data/${name}.json`,
  text: events.map((record) => JSON.stringify(record)).join('\n'),
})
const songObjects = (songs: { song_id: string }[]): OracleObject[] =>
  songs.map((song) => ({ source: 'song_data', key: `song_data/${song.song_id}.json`, text: JSON.stringify(song) }))

/** Objects and the load that each arrives in, from 0. */
const history = fc
  .tuple(fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { maxLength: 5 }), catalog)
  .map(([files, songs]) => [
    ...files.map((events, index) => logObject(events, `events-${index}`)),
    ...songObjects(songs),
  ])
  .chain((objects) =>
    fc.tuple(
      fc.constant(objects),
      fc.array(fc.integer({ min: 0, max: 2 }), { minLength: objects.length, maxLength: objects.length }),
    ),
  )

describe('etl', () => {
  test('any history of loads gives the star that the oracle computes', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.boolean(), async ([objects, arrivals], rebuild) => {
        const warehouse = await newWarehouse()
        const loads = [0, 1, 2].map((load) => objects.filter((_, index) => arrivals[index] === load))
        for (const load of loads) {
          warehouse.write(load)
          const { summary } = await warehouse.etl()
          const { events, not_a_play, plays, already_loaded, duplicates, conflicts, inserted } = summary.reconciliation
          expect(events).toBe(not_a_play + plays)
          expect(plays).toBe(already_loaded + duplicates + conflicts + inserted)
        }
        if (rebuild) await warehouse.etl({ full: true })
        expect(firstDifference(expectedStar(rebuild ? [objects] : loads), await warehouse.star())).toBeUndefined()
        warehouse.remove()
      }),
      { numRuns: Number(process.env.HISTORIES ?? 40) },
    )
  })
})
