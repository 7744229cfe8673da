import { describe, expect, test } from 'vitest'
import { makeCatalog, makePlaylist } from '../../src/sample-data/catalog.ts'
import { simulate } from '../../src/sample-data/simulation.ts'
import { repaired, type SampleEvent } from './sample.ts'

const songs = makeCatalog(5, 4_000)
const chunks = simulate({ seed: 5, events: 120_000, days: 14 }, makePlaylist(5, 5_000, songs))
const events: SampleEvent[] = [...chunks].flatMap(({ lines }) => lines.map((line) => JSON.parse(line)))
const plays = events.filter(({ page }) => page === 'NextSong')
const sessions = groupBy(events, ({ sessionId }) => sessionId)
const end = Date.UTC(2018, 10, 15) - 204

function groupBy<T>(things: readonly T[], keyOf: (thing: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>()
  for (const thing of things) groups.set(keyOf(thing), groups.get(keyOf(thing)) ?? [])
  for (const thing of things) groups.get(keyOf(thing))?.push(thing)
  return [...groups.values()]
}

const share = <T>(things: readonly T[], isOne: (thing: T) => boolean) => things.filter(isOne).length / things.length

/** Each thing with the next one. */
const pairs = <T>(list: readonly T[]) => list.slice(1).map((after, index) => ({ before: list[index] as T, after }))

describe('a session', () => {
  test('counts its events from 0, in the order of time', () => {
    for (const session of sessions)
      expect(session.map(({ itemInSession }) => itemInSession)).toEqual(session.map((_, item) => item))
    expect(pairs(events).filter(({ before, after }) => after.ts < before.ts)).toEqual([])
  })

  test('is of one user, who has no other session at the same time', () => {
    const ofUsers = sessions.flatMap((session) => {
      const users = new Set(session.map(({ userId }) => userId).filter((id) => id !== ''))
      return [...users].map((user) => ({ user, from: session[0]?.ts ?? 0, to: session.at(-1)?.ts ?? 0, users }))
    })
    expect(ofUsers.filter(({ users }) => users.size > 1)).toEqual([])
    for (const ofUser of groupBy(ofUsers, ({ user }) => user)) {
      const sorted = ofUser.toSorted((a, b) => a.from - b.from)
      expect(pairs(sorted).filter(({ before, after }) => after.from <= before.to)).toEqual([])
    }
  })

  test('plays the next song when the last one is over, and shows other pages while it plays', () => {
    const afterPlays = sessions.flatMap(pairs).filter(({ before, after }) => before.length !== null && after.ts < end)
    const isWrong = ({ before, after }: (typeof afterPlays)[0]) => {
      const [seconds, length] = [(after.ts - before.ts) / 1000, before.length ?? 0]
      return after.length === null ? seconds >= length : seconds !== Math.floor(length)
    }
    expect(afterPlays.filter(isWrong)).toEqual([])
  })

  test('logs in and out on the pages for it', () => {
    const changes = sessions.flatMap(pairs).filter(({ before, after }) => before.auth !== after.auth)
    expect(new Set(changes.map(({ before, after }) => `${before.page}, ${after.auth}`))).toEqual(
      new Set(['Login, Logged In', 'Logout, Logged Out']),
    )
  })
})

test('a level changes by Submit Upgrade and Submit Downgrade only, from the next event on', () => {
  const ofUsers = groupBy(events, ({ userId }) => userId).filter(([first]) => first?.userId !== '')
  const isSubmit = ({ before }: { before: SampleEvent }) => /^Submit/.test(before.page)
  const changes = ofUsers.flatMap(pairs).filter(({ before, after }) => before.level !== after.level)
  expect(changes).toEqual(ofUsers.flatMap(pairs).filter(isSubmit))
  expect(changes.length).toBeGreaterThan(20)
  for (const { page, level } of events)
    if (/grade$/.test(page)) expect(level).toBe(page.endsWith('Upgrade') ? 'free' : 'paid')
})

test('all 13 pages are seen about as often as in the real logs, at least half and at most twice as often', () => {
  const real = {
    ...{ NextSong: 0.847, Home: 0.1, Login: 0.0114, Logout: 0.0112, Downgrade: 0.0074, Settings: 0.007, Help: 0.0058 },
    ...{ About: 0.0045, Upgrade: 0.0026, 'Save Settings': 0.0012, Error: 0.0011, 'Submit Upgrade': 0.001 },
  }
  for (const [page, expected] of Object.entries(real)) {
    const found = share(events, (event) => event.page === page)
    expect(found / expected, page).toBeGreaterThan(0.5)
    expect(found / expected, page).toBeLessThan(2)
  }
  expect(new Set(events.map(({ page }) => page)).size).toBe(13)
})

describe('plays', () => {
  test('are most in the afternoon UTC, and fewer on the four days of weekends', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => share(plays, ({ ts }) => new Date(ts).getUTCHours() === hour))
    expect([14, 15, 16, 17]).toContain(hours.indexOf(Math.max(...hours)))
    expect(Math.max(...hours) / Math.min(...hours)).toBeGreaterThan(2.5)
    const weekend = share(plays, ({ ts }) => new Date(ts).getUTCDay() % 6 === 0)
    expect(Math.abs(weekend / 4 / ((1 - weekend) / 10) - 0.6)).toBeLessThan(0.12)
  })

  test('are of paid users for the most part, of busy users, and of hits', () => {
    const paid = share(plays, ({ level }) => level === 'paid')
    expect([paid > 0.7, paid < 0.92]).toEqual([true, true])
    expect(new Set(plays.map(({ userId }) => userId)).size).toBeLessThan(1_500)
    for (const key of ['userId', 'artist', 'song'] as const) {
      const counts = groupBy(plays, (play) => play[key]).map(({ length }) => length)
      const most = counts.sort((a, b) => b - a).slice(0, Math.ceil(counts.length / 10))
      expect(most.reduce((sum, count) => sum + count, 0) / plays.length, key).toBeGreaterThan(0.3)
    }
  })

  test('match some songs of the catalog, a few but for the length, and more artists', () => {
    const matched = (keyOf: (artist: string, title: string, length: number | null) => string) => {
      const keys = new Set(songs.map(({ artist_name, title, duration }) => keyOf(artist_name, title, duration)))
      return share(plays, ({ artist, song, length }) => keys.has(keyOf(repaired(artist), repaired(song), length)))
    }
    const exactly = matched((...parts) => parts.join('\n'))
    const butForLength = matched((artist, title) => `${artist}\n${title}`)
    const byArtist = matched((artist) => artist)
    expect([exactly > 0.08, butForLength > exactly, byArtist > 2 * butForLength]).toEqual([true, true, true])
    expect(byArtist).toBeLessThan(0.6)
  })

  test('come from several browsers and systems', () => {
    for (const part of ['Macintosh', 'Windows NT', 'X11; Linux', 'iPhone', 'Firefox', 'Chrome', 'Chromium', 'Trident'])
      expect(
        share(plays, ({ userAgent }) => userAgent?.includes(part) ?? false),
        part,
      ).toBeGreaterThan(0.01)
  })
})

test('the catalog has artists with several spellings and homes, places unknown, coordinates in pairs', () => {
  const artists = groupBy(songs, ({ artist_id }) => artist_id)
  const several = (of: (song: (typeof songs)[0]) => unknown) =>
    artists.filter((list) => new Set(list.map(of)).size > 1).length
  expect(several(({ artist_name }) => artist_name)).toBeGreaterThan(50)
  expect(several(({ artist_location }) => artist_location)).toBeGreaterThan(20)
  expect(share(songs, ({ year }) => year === 0)).toBeCloseTo(0.3, 1)
  expect(share(songs, ({ artist_location }) => artist_location === '')).toBeCloseTo(0.45, 1)
  expect(share(songs, ({ artist_latitude }) => artist_latitude === null)).toBeCloseTo(0.65, 1)
  for (const { artist_latitude, artist_longitude, artist_location } of songs)
    expect(artist_longitude === null).toBe(artist_location === '' || artist_latitude === null)
})

test('a sample ends with its last day, however long songs are', () => {
  const track = { artist: '"Muse"', length: 5_000, song: '"Starlight"' }
  const lines = [...simulate({ seed: 1, events: 300, days: 1 }, [track])].flatMap(({ lines }) => lines)
  expect(lines.length).toBe(300)
  expect(JSON.parse(lines.at(-1) ?? '').ts).toBeLessThan(Date.UTC(2018, 10, 2))
  expect(events.filter(({ ts }) => ts === end).length).toBeLessThan(10)
})

test('however many events there are, at most 500 lines and those of the next minute are held', () => {
  const track = { artist: '"Muse"', length: 200, song: '"Starlight"' }
  const many = simulate({ seed: 1, events: 20_000_000, days: 10 }, [track])
  for (let chunk = 1; chunk <= 50; chunk++) {
    const minutes = (many.next().value?.lines ?? []).map((line: string) => Math.floor(JSON.parse(line).ts / 60_000))
    expect(minutes.length).toBeGreaterThan(499)
    expect(minutes.indexOf(minutes.at(-1))).toBeLessThan(500)
  }
})
