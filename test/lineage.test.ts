import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineage, type Row, stagingEvents, stagingSongs, starTables } from '../src/schema/index.ts'
import { event, logObject, song, songObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const origins = Object.entries(lineage).flatMap(([table, columns]) =>
  Object.entries(columns).flatMap(([column, from]) => from.map((origin) => ({ origin, target: `${table}.${column}` }))),
)

test('says of every column of the star where it comes from, and of no other', () => {
  const named = Object.entries(lineage).map(([table, columns]) => [table, Object.keys(columns)])
  expect(Object.fromEntries(named)).toEqual(
    Object.fromEntries(starTables.map(({ name, columns }) => [name, columns.map((column) => column.name)])),
  )
  const unknown = Object.entries(lineage).flatMap(([table, columns]) =>
    Object.entries(columns).filter(
      ([column, from]) => from.length === 0 && `${table}.${column}` !== 'songplays.load_id',
    ),
  )
  expect(unknown).toEqual([])
})

/** Another value for each key of the two kinds of record, different in every part that a column is made of. */
const otherEvent: Record<string, unknown> = {
  artist: 'Björk',
  auth: 'Logged Out',
  firstName: 'Eva',
  gender: 'M',
  itemInSession: 7,
  lastName: 'Smith',
  length: 100.5,
  level: 'paid',
  location: 'Boston, MA',
  method: 'GET',
  page: 'Home',
  registration: 1540931983797,
  sessionId: 2,
  song: 'Undo',
  status: 404,
  // 2020-02-07T14:25:25.123Z: another hour, day, ISO week, month, year and weekday.
  ts: 1581085525123,
  userAgent: 'curl/8.0',
  userId: '51',
}
const otherSong: Record<string, unknown> = {
  artist_id: 'AROTHER',
  artist_latitude: 1.5,
  artist_location: 'Elsewhere',
  artist_longitude: 2.5,
  artist_name: 'Björk',
  duration: 100.5,
  num_songs: 2,
  song_id: 'SOOTHER',
  title: 'Undo',
  year: 1999,
}
const plainSong = { artist_latitude: 50.5, artist_longitude: -3.5, artist_location: 'Teignmouth, England' }

describe('a load of one event and one song, of which one key has another value', () => {
  const warehouses: TestWarehouse[] = []
  afterAll(() => {
    for (const warehouse of warehouses) warehouse.remove()
  })

  /** The one row of each table. */
  async function starOf(eventFields: object, songFields: object): Promise<Record<string, Row | undefined>> {
    const warehouse = await new TestWarehouse().create()
    warehouses.push(warehouse)
    warehouse.write([
      logObject('a.json', [event({ ...eventFields })]),
      songObject('a.json', song({ ...plainSong, ...songFields })),
    ])
    await warehouse.etl()
    const rows = await Promise.all(
      starTables.map(async ({ name }) => [name, (await warehouse.query(`select * from ${name}`))[0]] as const),
    )
    return Object.fromEntries(rows)
  }

  let plain: Record<string, Row | undefined>
  beforeAll(async () => {
    plain = await starOf({}, {})
  })

  /** The columns whose values are others now: not those without a value because the play or its song is no longer found. */
  const changed = (star: Record<string, Row | undefined>) =>
    Object.entries(star).flatMap(([table, row]) =>
      Object.entries(row ?? {}).flatMap(([column, value]) =>
        value !== null && value !== plain[table]?.[column] && column !== 'load_id' ? [`${table}.${column}`] : [],
      ),
    )

  const targetsOf = (origin: string) => origins.filter((entry) => entry.origin === origin).map(({ target }) => target)

  test('plainly loaded has a value in every column', () => {
    const empty = Object.entries(plain).flatMap(([table, row]) =>
      Object.entries(row ?? {}).flatMap(([column, value]) => (value === null ? [`${table}.${column}`] : [])),
    )
    expect(empty).toEqual([])
  })

  test.each(stagingEvents.columns.map(({ name, sourceKey = '' }) => [sourceKey, name]))(
    '%s of the event: what changes in the star is what the lineage says',
    async (key, column) => {
      const star = await starOf({ [key]: otherEvent[key] }, {})
      expect(changed(star).sort()).toEqual(targetsOf(`staging_events.${column}`).sort())
    },
  )

  test.each(stagingSongs.columns.map(({ name, sourceKey = '' }) => [sourceKey, name]))(
    '%s of the song: what changes in the star is what the lineage says',
    async (key, column) => {
      const star = await starOf({}, { [key]: otherSong[key] })
      expect(changed(star).sort()).toEqual(targetsOf(`staging_songs.${column}`).sort())
    },
  )
})
