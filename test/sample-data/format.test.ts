import { describe, expect, test } from 'vitest'
import type { SongRecord } from '../../src/sample-data/catalog.ts'
import { doubleEncoded, songLine } from '../../src/sample-data/format.ts'
import { repaired, type SampleEvent, sample } from './sample.ts'

const oneLine = (text: string) => text.replace(/\n\s*/g, '')

/** Records as the source has them, but for the names. */
const play =
  oneLine(String.raw`{"artist":"Bj\u00c3\u0083\u00c2\u00b6rn \/ Fj\u00c3\u0083\u00c2\u00b6rd","auth":"Logged In",
  "firstName":"Zo\u00eb","gender":"F","itemInSession":3,"lastName":"O'Dell","length":655.77751,"level":"free",
  "location":"Two Forks--Badger Prairie, WI","method":"PUT","page":"NextSong","registration":1541016707796.0,
  "sessionId":583,"song":"Say \"Hi\"","status":200,"ts":1542241826796,"userAgent":"\"Mozilla\/5.0 (X11; Linux x86_64)
   AppleWebKit\/537.36 (KHTML, like Gecko) Chrome\/36.0.1985.125 Safari\/537.36\"","userId":"26"}`)
const login = oneLine(`{"artist":null,"auth":"Logged Out","firstName":null,"gender":null,"itemInSession":0,
  "lastName":null,"length":null,"level":"paid","location":null,"method":"PUT","page":"Login","registration":null,
  "sessionId":52,"song":null,"status":307,"ts":1541207073796,"userAgent":null,"userId":""}`)
const song = oneLine(String.raw`{"artist_id":"ARJNIUY12298900C91","artist_latitude":35.14968,
  "artist_location":"S\u00f8rv\u00e5g \/ Norway","artist_longitude":-90.04892,"artist_name":404,"duration":213.9424,
  "num_songs":1,"song_id":"SOBLFFE12AF72AA5BA","title":"007","year":2009}`)

const { logs, songs: songFiles } = await sample({ events: 8_000, songs: 4_000, seed: 3 })
const lines: string[] = [...logs.values()].flatMap((text) => text.split('\n'))
const events: SampleEvent[] = lines.map((line) => JSON.parse(line))
const songs: SongRecord[] = [...songFiles.values()].map((text) => JSON.parse(text))

/** A JSON string as in the source: ASCII, with escapes in lower case where needed. */
const text = String.raw`"(?:[ !#-.0-[\]-~]|\\["\\/]|\\u(?!00[2-7])[0-9a-f]{4})*"`
const textOrNull = `(?:null|${text})`

/** The pattern of a record with these keys and patterns of values. */
function recordOf(values: Readonly<Record<string, string>>): RegExp {
  const members = Object.entries(values).map(([key, pattern]) => `"${key}":${pattern}`)
  return new RegExp(`^\\{${members.join(',')}\\}$`)
}

describe('a log file', () => {
  test('has only events like those of the source, and nothing around them', () => {
    const pattern = recordOf({
      ...{ artist: textOrNull, auth: '"Logged (?:In|Out)"', firstName: textOrNull, gender: '(?:null|"[FM]")' },
      ...{ itemInSession: '\\d+', lastName: textOrNull, length: '(?:null|\\d+\\.\\d{3,5})', level: '"(?:free|paid)"' },
      ...{ location: textOrNull, method: '"(?:GET|PUT)"', page: '"[A-Za-z ]+"', registration: '(?:null|\\d{13}\\.0)' },
      ...{ sessionId: '\\d+', song: textOrNull, status: '(?:200|307|404)', ts: '\\d{10}796' },
      ...{ userAgent: textOrNull, userId: '"\\d*"' },
    })
    expect([play, login, ...lines].filter((line) => !pattern.test(line))).toEqual([])
  })

  test('has null where no song is played, and where a visitor is logged out', () => {
    for (const { page, artist, song, length } of events)
      expect([artist, song, length].map((value) => value !== null)).toEqual(Array(3).fill(page === 'NextSong'))
    expect(events.filter(({ userId }) => userId === '').length).toBeGreaterThan(100)
    for (const { auth, userId, firstName, lastName, gender, location, registration, userAgent } of events)
      expect([firstName, lastName, gender, location, registration, userAgent, userId || null].map(Boolean)).toEqual(
        Array(7).fill(auth === 'Logged In'),
      )
  })

  test('has quotes around user agents with a comma, which are most', () => {
    const agents = events.flatMap(({ userAgent }) => userAgent ?? [])
    const quoted = agents.filter((agent) => /^".*"$/.test(agent))
    expect(quoted).toEqual(agents.filter((agent) => agent.includes(',')))
    expect(quoted.length / agents.length).toBeGreaterThan(0.5)
    expect(quoted.length).toBeLessThan(agents.length)
  })

  test('has double-encoded artists and songs, while names of people and the catalog are right', () => {
    const known = new Set(songs.flatMap(({ artist_name, title }) => [String(artist_name), String(title)]))
    const played = events.flatMap(({ artist, song }) => [artist ?? '', song ?? ''])
    const nonAscii = played.filter((value) => /[^\0-\x7f]/.test(value))
    expect(nonAscii.map(repaired).map(doubleEncoded)).toEqual(nonAscii)
    expect(doubleEncoded('Björn / Fjörd')).toBe(JSON.parse(play).artist)
    expect(nonAscii.filter((value) => known.has(repaired(value))).length).toBeGreaterThan(20)
    const people = events.map(({ firstName, lastName, location }) => `${firstName} ${lastName} ${location}`)
    for (const texts of [[...known], people]) {
      expect(texts.join()).toMatch(/é.*ö|ö.*é/)
      expect(texts.filter((value) => /Ã\u0083|Â[\u0080-\u00bf]/.test(value))).toEqual([])
    }
  })

  test.each([/\u0019/, /"/, /'/, /\//, /_ /, /\S $/, /^\d+$/])('has an artist or a song that matches %s', (sign) => {
    expect(events.some(({ artist, song }) => sign.test(artist ?? '') || sign.test(song ?? ''))).toBe(true)
  })
})

describe('a song file', () => {
  test('has only a record like those of the source, in which text that is all digits is a number', () => {
    const name = `(?:[1-9]\\d*|(?!"[1-9]\\d*")${text})`
    const degrees = String.raw`(?:null|-?\d{1,3}\.\d{3,5})`
    const pattern = recordOf({
      ...{ artist_id: '"AR[0-9A-Z]{16}"', artist_latitude: degrees, artist_location: name, artist_longitude: degrees },
      ...{ artist_name: name, duration: '\\d+\\.\\d{3,5}', num_songs: '1', song_id: '"SO[0-9A-Z]{16}"', title: name },
      ...{ year: String.raw`(?:0|19\d\d|20[01]\d)` },
    })
    expect(songLine({ ...JSON.parse(song), artist_name: '404' })).toBe(song)
    expect([song, ...songFiles.values()].filter((line) => !pattern.test(line))).toEqual([])
    expect(songs.some(({ title }) => typeof title === 'number')).toBe(true)
  })
})
