import { beforeAll, describe, expect, test } from 'vitest'
import { doubleEncoded, eventLine, type LogEvent, type SongRecord, songLine } from '../../src/sample-data/records.ts'
import { userAgents } from '../../src/sample-data/user-agents.ts'
import { linesOf, type Sample, sample } from './sample.ts'

let made: Sample
let lines: string[]
let events: LogEvent[]
let songTexts: string[]
let songs: SongRecord[]

beforeAll(async () => {
  made = await sample({ events: 8_000, songs: 4_000, seed: 3 })
  lines = linesOf(made)
  events = lines.map((line) => JSON.parse(line))
  songTexts = [...made.songs.values()]
  songs = songTexts.map((text) => JSON.parse(text))
})

/** A JSON string in the style of the source: ASCII, and what has to be escaped is, in lower case. */
const text = String.raw`"(?:[ !#-.0-[\]-~]|\\["\\/]|\\u00(?:[01][0-9a-f]|[89a-f][0-9a-f])|\\u0[1-9a-f][0-9a-f]{2}|\\u[1-9a-f][0-9a-f]{3})*"`

describe('a log file', () => {
  test('has these lines and nothing around them', () => {
    const user = `(?:null|${text})`
    const line = new RegExp(
      String.raw`^\{"artist":${user},"auth":"Logged (?:In|Out)","firstName":${user},"gender":(?:null|"[FM]"),"itemInSession":\d+,` +
        String.raw`"lastName":${user},"length":(?:null|\d+\.\d{3,5}),"level":"(?:free|paid)","location":${user},"method":"(?:GET|PUT)",` +
        String.raw`"page":"[A-Za-z ]+","registration":(?:null|\d{13}\.0),"sessionId":\d+,"song":${user},"status":(?:200|307|404),` +
        String.raw`"ts":\d{10}796,"userAgent":${user},"userId":"\d*"\}$`,
    )
    for (const one of lines) expect(one).toMatch(line)
    for (const file of made.logs.values()) expect(file.endsWith('}')).toBe(true)
  })

  test('is what the source would write for the same values', () => {
    expect(events.map(eventLine)).toEqual(lines)
    expect(lines.map((line) => JSON.stringify(JSON.parse(line)))).toEqual(
      lines.map((line) => unescaped(line).replace(/("registration":\d+)\.0/, '$1')),
    )
  })

  test('has artist, song and length where a song is played and nowhere else', () => {
    for (const { page, artist, song, length } of events) {
      expect([artist, song, length].map((value) => value !== null)).toEqual(Array(3).fill(page === 'NextSong'))
    }
  })

  test('says nothing about who is logged out, except the level', () => {
    const out = events.filter(({ auth }) => auth === 'Logged Out')
    expect(out.length).toBeGreaterThan(100)
    for (const { userId, firstName, lastName, gender, location, registration, userAgent } of out) {
      expect([userId, firstName, lastName, gender, location, registration, userAgent]).toEqual([
        '',
        ...Array(6).fill(null),
      ])
    }
    for (const event of events) expect(event.userId === '').toBe(event.auth === 'Logged Out')
  })

  test('wraps the user agents that have a comma in quotes', () => {
    for (const { userAgent } of events) {
      if (userAgent === null) continue
      const bare = userAgent.replace(/^"(.*)"$/, '$1')
      expect(userAgents).toContain(bare)
      expect(userAgent !== bare).toBe(bare.includes(','))
    }
  })

  test('has text beyond ASCII double-encoded twice in artists and songs, and right in names', () => {
    const known = new Set(songs.flatMap(({ artist_name, title }) => [String(artist_name), title]))
    const played = events.flatMap(({ artist, song }) => [artist, song]).filter((value) => value !== null)
    const strange = played.filter((value) => /[^\0-\x7f]/.test(value))
    expect(strange.length).toBeGreaterThan(100)
    for (const value of strange) expect(doubleEncoded(repaired(value))).toBe(value)
    expect(strange.map(repaired).filter((value) => known.has(value)).length).toBeGreaterThan(20)
    const names = events.map(({ firstName, lastName, location }) => `${firstName} ${lastName} ${location}`)
    expect(names.some((name) => /[éñöøš]/.test(name))).toBe(true)
    expect(names.filter((name) => wasDoubleEncoded(name))).toEqual([])
    expect(doubleEncoded('Zoë')).toBe('Zo\u00c3\u0083\u00c2\u00ab')
  })

  test('has damaged text, quotes, apostrophes, solidi and names that are all digits', () => {
    const played = events.flatMap(({ artist, song }) => [artist ?? '', song ?? ''])
    for (const sign of [/\u0019/, /"/, /'/, /\//, /_ /, /^ |\S $/, /^\d+$/]) {
      expect(
        played.some((value) => sign.test(value)),
        String(sign),
      ).toBe(true)
    }
  })
})

describe('a song file', () => {
  test('has one record and nothing around it', () => {
    const name = `(?:[1-9]\\d*|${text})`
    const degrees = String.raw`(?:null|-?\d{1,3}\.\d{3,5})`
    const record = new RegExp(
      String.raw`^\{"artist_id":"AR[0-9A-Z]{16}","artist_latitude":${degrees},"artist_location":${name},"artist_longitude":${degrees},` +
        String.raw`"artist_name":${name},"duration":\d+\.\d{3,5},"num_songs":1,"song_id":"SO[0-9A-Z]{16}","title":${name},` +
        String.raw`"year":(?:0|19\d\d|20[01]\d)\}$`,
    )
    for (const one of songTexts) expect(one).toMatch(record)
  })

  test('has text that is all digits as a number, as the event has not', () => {
    const numbers = songs.filter(({ artist_name }) => typeof artist_name === 'number')
    expect(numbers.length).toBeGreaterThan(0)
    expect(
      songs.some(({ artist_name }) => /^[1-9]\d*$/.test(String(artist_name)) && typeof artist_name === 'string'),
    ).toBe(false)
    const asText = { artist_name: '404', artist_location: '4077', title: '12' }
    const record = { ...(songs[0] as SongRecord), ...asText }
    expect(songLine(record)).toContain('"artist_location":4077,')
    expect(songLine({ ...record, artist_name: '007' })).toContain('"artist_name":"007",')
  })

  test('has the text right', () => {
    const names = songs.flatMap(({ artist_name, artist_location, title }) =>
      [artist_name, artist_location, title].map(String),
    )
    for (const letter of ['é', 'ñ', 'ö', 'Ł', '夜', 'Τ', 'й'])
      expect(
        names.some((name) => name.includes(letter)),
        letter,
      ).toBe(true)
    expect(names.filter((name) => wasDoubleEncoded(name))).toEqual([])
  })
})

/** The line with the escapes that JSON.stringify would not write resolved. */
function unescaped(line: string): string {
  return line.replaceAll('\\/', '/').replace(/\\u[0-9a-f]{4}/g, (found) => {
    const character = String.fromCharCode(Number.parseInt(found.slice(2), 16))
    return character < ' ' ? found : character
  })
}

function wasDoubleEncoded(value: string): boolean {
  return /Ã\u0083|Â[\u0080-\u00bf]/.test(value)
}

function repaired(value: string): string {
  const once = Buffer.from(value, 'latin1').toString('utf8')
  return Buffer.from(once, 'latin1').toString('utf8')
}
