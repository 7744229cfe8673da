/** Source objects made by hand, in the formats of the real ones. */
import type { OracleObject } from './oracle.ts'

type Fields = Readonly<Record<string, unknown>>

/** An event as the app logs it: a play, unless `fields` say otherwise. */
export function event(fields: Fields = {}): Fields {
  return {
    artist: 'Muse',
    auth: 'Logged In',
    firstName: 'Ava',
    gender: 'F',
    itemInSession: 0,
    lastName: 'Robinson',
    length: 209.34485,
    level: 'free',
    location: 'New Haven-Milford, CT',
    method: 'PUT',
    page: 'NextSong',
    registration: 1540931983796,
    sessionId: 1,
    song: 'Supermassive Black Hole',
    status: 200,
    ts: 1541105830796,
    userAgent:
      '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.94 Safari/537.36"',
    userId: '50',
    ...fields,
  }
}

export function song(fields: Fields = {}): Fields {
  return {
    num_songs: 1,
    artist_id: 'ARR3ONV1187B9A2F59',
    artist_latitude: null,
    artist_longitude: null,
    artist_location: '',
    artist_name: 'Muse',
    song_id: 'SOKWRMV12AB0183200',
    title: 'Supermassive Black Hole',
    duration: 209.34485,
    year: 2006,
    ...fields,
  }
}

/** Records as the content of an object: one a line, no newline at the end. */
export const lines = (records: readonly Fields[]) => records.map((record) => JSON.stringify(record)).join('\n')

export const logObject = (name: string, records: readonly Fields[]): OracleObject => ({
  source: 'log_data',
  key: `log_data/${name}`,
  text: lines(records),
})

export const songObject = (name: string, record: Fields): OracleObject => ({
  source: 'song_data',
  key: `song_data/${name}`,
  text: lines([record]),
})

/** Nine events, seven of them plays, of which a catalog of two songs knows the song of two and the artist of four. */
export const smallSource: readonly OracleObject[] = [
  logObject('2018/11/2018-11-01-events.json', [
    event({ itemInSession: 0, page: 'Home', artist: null, song: null, length: null, method: 'GET' }),
    event({ itemInSession: 1 }),
    event({ itemInSession: 2, song: 'Starlight', length: 240.14322, ts: 1541106040796 }),
    event({ itemInSession: 3, artist: 'BjÃ\u0083Â¶rk', song: 'Undo', length: 348.57751, ts: 1541106280796 }),
    event({ itemInSession: 4, artist: 'Guns N\' "Roses"', song: "It's So Easy", ts: 1541106628796 }),
  ]),
  logObject('2018/11/2018-11-02-events.json', [
    event({ sessionId: 2, userId: '8', level: 'paid', ts: 1541121934796 }),
    event({
      sessionId: 2,
      itemInSession: 1,
      userId: '8',
      level: 'paid',
      artist: '112',
      song: 'Hot',
      ts: 1541122134796,
    }),
    event({ sessionId: 2, itemInSession: 2, userId: '8', level: 'paid', artist: '日本', song: 'A', ts: 1541122334796 }),
    event({ sessionId: 3, userId: '', page: 'Login', artist: null, song: null, length: null, ts: 1541122534796 }),
  ]),
  songObject('A/A/TRAAAAW128F429D538.json', song()),
  songObject(
    'A/B/TRABBAM128F429D223.json',
    song({ song_id: 'SOB', artist_id: 'ARB', artist_name: 112, title: 'Cold' }),
  ),
]

/** A source of `count` events in objects of `inEach`, a tenth of them no plays, and a catalog of 300 songs. */
export function largeSource(count: number, inEach: number): OracleObject[] {
  const events = Array.from({ length: count }, (_, index) =>
    event({
      artist: `Artist ${index % 400}`,
      song: `Song ${index % 1000}`,
      length: 100 + (index % 1000) / 10,
      page: index % 10 === 9 ? 'Home' : 'NextSong',
      sessionId: 1 + Math.floor(index / 40),
      itemInSession: index % 40,
      ts: 1541105830796 + index * 1000,
      userId: String(index % 97),
    }),
  )
  const catalog = Array.from({ length: 300 }, (_, index) =>
    songObject(
      `${index}.json`,
      song({ song_id: `SO${index}`, artist_id: `AR${index}`, artist_name: `Artist ${index}`, title: `Song ${index}` }),
    ),
  )
  const objects = Array.from({ length: Math.ceil(count / inEach) }, (_, index) =>
    logObject(`${String(index).padStart(3, '0')}.json`, events.slice(index * inEach, (index + 1) * inEach)),
  )
  return [...objects, ...catalog]
}
