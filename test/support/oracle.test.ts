import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { starTables } from '../../src/schema/index.ts'
import { type ActualStar, firstDifference } from './compare-star.ts'
import { repaired } from './oracle/records.ts'
import { compareCells, decimal, formatDecimal, integer } from './oracle/values.ts'
import { expectedStar, type OracleObject, type Row, readObjects } from './oracle.ts'

const play = {
  page: 'NextSong',
  ts: 1541105830796,
  sessionId: 38,
  itemInSession: 2,
  userId: '39',
  firstName: 'Walter',
  lastName: 'Frye',
  gender: 'M',
  level: 'free',
  location: 'Napa, CA',
  userAgent: '"Mozilla/5.0"',
  song: 'Elena',
  artist: 'Setanta',
  length: 269.58322,
}
const record = {
  song_id: 'S1',
  title: 'Elena',
  artist_id: 'A1',
  artist_name: 'Setanta',
  year: 1999,
  duration: 269.58322,
  num_songs: 1,
  artist_location: 'Madrid',
  artist_latitude: 40.41955,
  artist_longitude: -3.69196,
}

/** One object of these lines; a record is written as JSON, text stays as it is. */
function object(source: OracleObject['source'], lines: readonly (object | string)[]): OracleObject {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  return { source, key: `${source}/test.json`, text }
}
const logs = (...changes: readonly Partial<Record<keyof typeof play, unknown>>[]) =>
  object(
    'log_data',
    changes.map((change) => ({ ...play, ...change })),
  )
const songs = (...changes: readonly Partial<Record<keyof typeof record, unknown>>[]) =>
  object(
    'song_data',
    changes.map((change) => ({ ...record, ...change })),
  )

/** `text` in the double encoding of the events. */
const broken = (text: string, times = 2): string =>
  times === 0 ? text : broken(Buffer.from(text, 'utf8').toString('latin1'), times - 1)

const column = (rows: readonly Row[], name: string) => rows.map((row) => row[name])
const withColumn = (rows: readonly Row[], name: string) => rows.filter((row) => row[name] !== null).length

describe('a play with its song', () => {
  const star = expectedStar([[logs({}), songs({})]])

  it('fills every table', () => {
    expect(star).toEqual({
      users: [
        {
          user_id: '39',
          first_name: 'Walter',
          last_name: 'Frye',
          gender: 'M',
          level: 'free',
          last_event_at: '2018-11-01T20:57:10.796Z',
          last_session_id: 38,
          last_item_in_session: 2,
        },
      ],
      songs: [
        { song_id: 'S1', title: 'Elena', artist_id: 'A1', artist_name: 'Setanta', year: 1999, duration: '269.58322' },
      ],
      artists: [{ artist_id: 'A1', name: 'Setanta', location: 'Madrid', latitude: '40.41955', longitude: '-3.69196' }],
      time: [{ start_time: '2018-11-01T20:57:10.796Z', hour: 20, day: 1, week: 44, month: 11, year: 2018, weekday: 4 }],
      songplays: [
        {
          songplay_id: 38 * 1048576 + 2,
          start_time: '2018-11-01T20:57:10.796Z',
          user_id: '39',
          level: 'free',
          song_id: 'S1',
          artist_id: 'A1',
          session_id: 38,
          item_in_session: 2,
          location: 'Napa, CA',
          user_agent: 'Mozilla/5.0',
          song_title: 'Elena',
          artist_name: 'Setanta',
          length: '269.58322',
        },
      ],
      conflicts: 0,
    })
  })

  it('has the columns of the schema', () => {
    for (const table of starTables) {
      const names = table.columns.map((column) => column.name).filter((name) => name !== 'load_id')
      expect(Object.keys(star[table.name as 'users'][0] ?? {})).toEqual(names)
    }
  })

  it('is the same star whichever comes first', () => {
    expect(expectedStar([[logs({})], [songs({})]])).toEqual(star)
    expect(expectedStar([[songs({})], [logs({})], [logs({}, {})]])).toEqual(star)
  })
})

describe('values', () => {
  it.each([
    ['246.30812', '246.30812'],
    ['246.308125', '246.30813'],
    ['-246.308125', '-246.30813'],
    ['246.3081249999999999999999', '246.30812'],
    ['0.000005', '0.00001'],
    ['-0.000004', '0.00000'],
    ['-0.5', '-0.50000'],
    ['1.5e2', '150.00000'],
    ['15E-6', '0.00002'],
    ['99999.999994', '99999.99999'],
  ])('decimal %s is %s', (text, expected) => {
    expect(formatDecimal(decimal(text))).toBe(expected)
  })

  it('refuses decimals that do not fit and integers that are none', () => {
    expect(() => decimal('99999.999995')).toThrow('does not fit')
    expect(() => decimal('')).toThrow('not a number')
    expect(() => integer('1.5')).toThrow('not an integer')
    expect(integer('1540919166796.0')).toBe(1540919166796)
  })

  it('orders text by code point, nulls last', () => {
    const sorted = [null, '\u{1F600}', '\uFF5E', 'a', 'B', ''].sort(compareCells)
    expect(sorted).toEqual(['', 'B', 'a', '\uFF5E', '\u{1F600}', null])
  })

  it('reads numbers from their text', () => {
    const line = JSON.stringify(record).replace('"Setanta"', '112').replace('269.58322', '269.583225000000000000001')
    const [song] = expectedStar([[object('song_data', [line])]]).songs
    expect(song).toMatchObject({ artist_name: '112', duration: '269.58323' })
  })

  it('leaves digits inside of text alone', () => {
    const title = 'say "7", \\ 1e5 -3'
    expect(column(expectedStar([[songs({ title })]]).songs, 'title')).toEqual([title])
  })

  it("makes '' and year 0 null and strips quotes from user agents", () => {
    const star = expectedStar([
      [
        logs({ userAgent: '""Mozilla "x" ""', level: '', userId: '' }, { itemInSession: 3, userAgent: '""' }),
        songs({ title: '', year: 0, artist_location: '' }),
      ],
    ])
    expect(star.songplays[0]).toMatchObject({ user_agent: 'Mozilla "x" ', level: null, user_id: null })
    expect(star.songplays[1]).toMatchObject({ user_agent: null })
    expect(star.songs[0]).toMatchObject({ title: null, year: null })
    expect(star.artists[0]).toMatchObject({ location: null })
  })

  it('writes a songplay_id that no double holds as text', () => {
    const [row] = expectedStar([[logs({ sessionId: 8_796_093_022_206, itemInSession: 1 })]]).songplays
    expect(row?.songplay_id).toBe('9223372036852678657')
  })

  it('names the object and line of a record that it can not take', () => {
    const bad = object('log_data', [play, { ...play, sessionId: null }])
    expect(() => expectedStar([[bad]])).toThrow('log_data/test.json, line 2: sessionId is missing')
  })
})

describe('repair of double-encoded text', () => {
  it.each([
    ['BjÃ\u0083Â¶rk', 'Björk'],
    [broken('Björk', 1), 'Björk'],
    [broken('Björk', 3), broken('Björk', 1)],
    [broken('夜曲 \u{1F600}'), '夜曲 \u{1F600}'],
    ['Björk', 'Björk'],
    ['plain', 'plain'],
    ['Ã¶ and 夜', 'Ã¶ and 夜'],
    ['\u00c0\u00af', '\u00c0\u00af'],
    ['\u00ed\u00a0\u0080', '\u00ed\u00a0\u0080'],
    [broken('\uFEFFx', 1), '\uFEFFx'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(repaired(text)).toBe(expected)
  })

  it('is done to the events, not to the catalog', () => {
    const star = expectedStar([
      [
        logs(
          { artist: broken('Björk'), song: broken('Jóga') },
          { itemInSession: 3, firstName: broken('Zoë'), artist: 'Ã¶' },
        ),
        songs({ artist_name: 'Björk', title: 'Jóga' }, { song_id: 'S2', artist_name: 'Ã¶' }),
      ],
    ])
    expect(column(star.songplays, 'song_id')).toEqual(['S1', null])
    expect(column(star.songplays, 'artist_name')).toEqual(['Björk', 'ö'])
    expect(column(star.songs, 'artist_name')).toEqual(['Björk', 'Ã¶'])
    expect(column(star.users, 'first_name')).toEqual([broken('Zoë')])
  })
})

describe('songplays', () => {
  it('keep one of the same play, and the first of different plays with one id', () => {
    const first = logs({ level: 'free' }, { level: null })
    const second = logs({ level: 'paid' }, { level: 'free' }, { ts: play.ts + 1, level: 'a' })
    for (const history of [[[first], [second]], [[second], [first]], [[first, second]]]) {
      const star = expectedStar(history)
      expect(column(star.songplays, 'level')).toEqual(['free'])
      expect(star.conflicts).toBe(3)
      expect(star.time).toHaveLength(1)
    }
  })

  it('compare plays after cleaning', () => {
    const star = expectedStar([
      [
        logs(
          { artist: 'Björk', userAgent: 'x', level: '' },
          { artist: broken('Björk'), userAgent: '"x"', level: null },
        ),
      ],
    ])
    expect(star.songplays).toHaveLength(1)
    expect(star.conflicts).toBe(0)
  })

  it('are NextSong events only, in the order of their ids', () => {
    const star = expectedStar([[logs({ page: 'Home' }, { itemInSession: 10 }, { itemInSession: 9 })]])
    expect(column(star.songplays, 'item_in_session')).toEqual([9, 10])
  })
})

describe('users', () => {
  it('are as in their latest event: of any page, of a lost conflict too', () => {
    const star = expectedStar([
      [logs({ ts: 5, level: 'paid' }, { ts: 4 }), logs({ ts: 9, page: 'Home', userId: '' })],
      [logs({ ts: 2, userId: 7, page: 'Home' })],
    ])
    expect(star.users).toMatchObject([
      { user_id: '39', level: 'paid', last_event_at: '1970-01-01T00:00:00.005Z' },
      { user_id: '7', level: 'free', last_event_at: '1970-01-01T00:00:00.002Z' },
    ])
    expect(column(star.songplays, 'level')).toEqual(['free'])
  })

  it('settle ties by session, item, then the first in order with nulls last', () => {
    const events = [
      { sessionId: 37, itemInSession: 9 },
      { itemInSession: 1 },
      { firstName: '' },
      { firstName: 'B', level: 'a' },
      { firstName: 'B', lastName: 'A' },
    ]
    for (const history of [events, [...events].reverse()]) {
      const { users } = expectedStar(history.map((event) => [logs(event)]))
      expect(users).toMatchObject([{ first_name: 'B', last_name: 'A', last_session_id: 38, last_item_in_session: 2 }])
    }
  })
})

describe('songs and artists', () => {
  it('keep the song of the latest load, the first in order within a load', () => {
    const star = expectedStar([
      [songs({ title: 'A' })],
      [songs({ title: 'D', year: 0 }, { title: null }), songs({ title: 'D', year: 2000 })],
      [songs({ song_id: 'S0', title: 'Z' })],
    ])
    expect(star.songs).toMatchObject([
      { song_id: 'S0', title: 'Z' },
      { song_id: 'S1', title: 'D', year: 2000 },
    ])
  })

  it.each([
    ['coordinates', { artist_name: 'Z', artist_location: '' }, { artist_name: 'A', artist_latitude: null }],
    ['a location', { artist_name: 'Z' }, { artist_name: 'A', artist_location: '' }],
    ['the first name', { artist_name: 'A', artist_location: 'Z' }, { artist_name: 'B', artist_location: 'A' }],
    ['the first location', { artist_location: 'A' }, { artist_location: 'B' }],
    ['the lesser latitude', { artist_latitude: 9.5 }, { artist_latitude: 10 }],
    ['the lesser longitude', { artist_longitude: -10 }, { artist_longitude: -9.5 }],
  ])('choose the artist with %s, also from replaced records', (_, winner, loser) => {
    const expected = expectedStar([[songs(winner)]]).artists
    expect(expectedStar([[songs(winner)], [songs(loser)]]).artists).toEqual(expected)
    expect(expectedStar([[songs(loser)], [songs(winner)]]).artists).toEqual(expected)
  })
})

describe('matching', () => {
  const match = (event: object, ...catalog: object[]) => {
    const [row] = expectedStar([[logs(event)], [songs(...catalog)]]).songplays
    return [row?.song_id, row?.artist_id]
  }

  it.each([
    ['the smallest song id', {}, [{ song_id: 'S2', artist_id: 'A0' }, { artist_id: 'A9' }], ['S1', 'A9']],
    ['five decimals', { length: 269.583216 }, [{}], ['S1', 'A1']],
    ['another duration: the artist', { length: 269.58323 }, [{}], [null, 'A1']],
    ['another title: the artist', { song: 'elena' }, [{}], [null, 'A1']],
    ['the smallest artist id', { song: 'x' }, [{ artist_id: 'A2' }, { song_id: 'S2' }], [null, 'A1']],
    ['a blank at the end counts', { artist: 'Setanta ' }, [{}], [null, null]],
    ['null title', { song: null }, [{ title: null }], [null, 'A1']],
    ['null length', { length: null }, [{ duration: null }], [null, 'A1']],
    ['null artist', { artist: '' }, [{ artist_name: '' }], [null, null]],
  ])('%s', (_, event, catalog, expected) => {
    expect(match(event, ...catalog)).toEqual(expected)
  })

  it('uses the final songs', () => {
    const star = expectedStar([[logs({}), songs({})], [songs({ artist_name: 'Other' })]])
    expect(star.songplays[0]).toMatchObject({ song_id: null, artist_id: null })
  })
})

it.each([
  ['2018-12-31T23:59:59.999Z', { hour: 23, day: 31, week: 1, month: 12, year: 2018, weekday: 1 }],
  ['2021-01-03T00:00:00.000Z', { hour: 0, day: 3, week: 53, month: 1, year: 2021, weekday: 7 }],
  ['2016-01-04T12:00:00.001Z', { hour: 12, day: 4, week: 1, month: 1, year: 2016, weekday: 1 }],
  ['2020-02-29T05:00:00.000Z', { hour: 5, day: 29, week: 9, month: 2, year: 2020, weekday: 6 }],
])('time of %s', (instant, expected) => {
  const { time } = expectedStar([[logs({ ts: Date.parse(instant) })]])
  expect(time).toEqual([{ start_time: instant, ...expected }])
})

describe('firstDifference', () => {
  const star = expectedStar([[logs({}, { itemInSession: 3 }), songs({})]])
  const [play1 = {}, play2 = {}] = star.songplays
  const id = play1.songplay_id

  it('is undefined for equal stars, in any order and with load_id', () => {
    const actual = { ...star, songplays: [play2, play1].map((row) => ({ ...row, load_id: 'x' })) }
    expect(firstDifference(star, actual)).toBeUndefined()
  })

  it.each<[string, Partial<ActualStar>]>([
    ['users: row user_id = "39" is missing (1 rows expected, 0 found)', { users: [] }],
    [
      `songplays: row songplay_id = ${id} is there more than once (2 rows expected, 3 found)`,
      { songplays: [play1, play1, play2] },
    ],
    [
      'songplays: row songplay_id = 7 should not be there (2 rows expected, 3 found)',
      { songplays: [...star.songplays, { ...play1, songplay_id: 7 }] },
    ],
    [
      `songplays: row songplay_id = ${id}, column level: expected "free", got null`,
      { songplays: [{ ...play1, level: null }, play2] },
    ],
    [
      `songplays: row songplay_id = ${id}, column session_id: expected 38, got "38"`,
      { songplays: [{ ...play1, session_id: '38' }, play2] },
    ],
    [
      `songplays: row songplay_id = ${id}, column mood should not be there`,
      { songplays: [{ ...play1, mood: null }, play2] },
    ],
    ['conflicts: expected 0, got 1', { conflicts: 1 }],
  ])('%s', (message, change) => {
    expect(firstDifference(star, { ...star, ...change })).toBe(message)
  })
})

const data = join(import.meta.dirname, '../../../shared/data')
const hasData = existsSync(data)

describe.skipIf(!hasData)(`the real data${hasData ? '' : ' (skipped: no folder ../shared/data)'}`, () => {
  const logFolder = join(data, 'log_data')
  const counts = (values: readonly unknown[]) => {
    const result = new Map<string, number>()
    for (const value of values) result.set(String(value), (result.get(String(value)) ?? 0) + 1)
    return result
  }
  const top = (length: number, values: readonly unknown[]) =>
    [...counts(values)].sort(([a, m], [b, n]) => n - m || compareCells(a, b)).slice(0, length)

  it.each(['song_data', 'song_sample'])('gives what is known about the logs with %s', (set) => {
    const known = JSON.parse(readFileSync(join(data, 'expected', `${set}.repaired.json`), 'utf8'))
    const objects = readObjects(logFolder, join(data, set))
    const star = expectedStar([objects])
    const { songplays } = star
    const artistName = new Map(star.artists.map((row) => [row.artist_id, row.name]))
    const title = new Map(star.songs.map((row) => [row.song_id, row.title]))
    const byHour = counts(column(songplays, 'start_time').map((start) => new Date(String(start)).getUTCHours()))
    const withArtist = songplays.filter((row) => row.artist_id !== null)
    const withSong = songplays.filter((row) => row.song_id !== null)

    expect({
      ...known, // staging_events and ambiguous_plays are not of the star
      next_song: songplays.length,
      users: star.users.length,
      songs: star.songs.length,
      artists: star.artists.length,
      songplays: songplays.length,
      time: star.time.length,
      plays_with_song: withSong.length,
      plays_with_artist: withArtist.length,
      levels: Object.fromEntries(counts(column(songplays, 'level'))),
      hours: Array.from({ length: 24 }, (_, hour) => byHour.get(String(hour)) ?? 0),
      top_artists: top(10, column(songplays, 'artist_name')),
      top_catalog_artists: top(
        10,
        withArtist.map((row) => artistName.get(row.artist_id ?? null)),
      ),
      top_catalog_songs: top(
        5,
        withSong.map((row) => title.get(row.song_id ?? null)),
      ),
    }).toEqual(known)
    expect(star.conflicts).toBe(0)
  })

  it('gives the same star for another split, order and repeats', () => {
    const objects = readObjects(logFolder, join(data, 'song_data'))
    const reversed = [...objects].reverse()
    const split = [reversed.slice(0, 900), objects.slice(0, 10), reversed.slice(900)]
    expect(firstDifference(expectedStar([objects]), expectedStar(split))).toBeUndefined()
  })

  it('has the numbers that are known about plays, users and catalog', () => {
    const { songplays, users, time, songs, artists } = expectedStar([readObjects(logFolder, join(data, 'song_data'))])
    const weekday = new Map(time.map((row) => [row.start_time, row.weekday]))
    const byWeekday = counts(songplays.map((row) => weekday.get(row.start_time ?? null)))
    expect([1, 2, 3, 4, 5, 6, 7].map((day) => byWeekday.get(String(day)))).toEqual([
      1014, 1071, 1364, 1052, 1295, 628, 396,
    ])
    expect(top(4, column(songplays, 'song_title'))).toEqual([
      ["You're The One", 37],
      ['Undo', 28],
      ['Revelry', 27],
      ['Sehr kosmisch', 21],
    ])
    expect(new Set(column(songplays, 'user_id')).size).toBe(96)
    expect(new Set(column(songplays, 'user_agent')).size).toBe(40)
    expect(songplays.some((row) => String(row.user_agent).includes('"'))).toBe(false)
    expect(users.filter((row) => row.first_name === 'Ava' && row.last_name === 'Robinson')).toHaveLength(2)
    expect(songs.length - withColumn(songs, 'year')).toBe(580)
    expect(withColumn(artists, 'latitude')).toBe(withColumn(artists, 'longitude'))
  })

  it('finds the one play of the sample', () => {
    const { songplays } = expectedStar([readObjects(logFolder, join(data, 'song_sample'))])
    expect(songplays.filter((row) => row.song_id !== null)).toMatchObject([
      { song_title: 'Setanta matins', artist_name: 'Elena', user_id: '15', start_time: '2018-11-21T21:56:47.796Z' },
    ])
  })
})
