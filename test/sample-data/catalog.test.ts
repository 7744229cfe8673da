import { describe, expect, test } from 'vitest'
import { makeCatalog } from '../../src/sample-data/catalog.ts'
import type { SongRecord } from '../../src/sample-data/records.ts'
import { eventsOf, groupBy } from './sample.ts'

const { songs } = makeCatalog(1, 15_000)

function part(isOne: (song: SongRecord) => boolean): number {
  return songs.filter(isOne).length / songs.length
}

describe('the catalog', () => {
  test('has no id twice, and no title twice of the same artist name', () => {
    expect(new Set(songs.map(({ song_id }) => song_id)).size).toBe(songs.length)
    expect(new Set(songs.map(({ artist_name, title }) => `${artist_name}\n${title}`)).size).toBe(songs.length)
  })

  test('has one artist for three songs or fewer, and no artist with very many', () => {
    const byArtist = [...groupBy(songs, ({ artist_id }) => artist_id).values()]
    expect(byArtist.length / songs.length).toBeGreaterThan(0.6)
    expect(byArtist.length / songs.length).toBeLessThan(0.7)
    expect(Math.max(...byArtist.map((list) => list.length))).toBeLessThan(25)
  })

  test('has artists with several spellings, homes or coordinates', () => {
    const byArtist = [...groupBy(songs, ({ artist_id }) => artist_id).values()]
    const several = (partOf: (song: SongRecord) => unknown) =>
      byArtist.filter((list) => new Set(list.map(partOf)).size > 1).length
    expect(several(({ artist_name }) => artist_name)).toBeGreaterThan(100)
    expect(several(({ artist_location }) => artist_location)).toBeGreaterThan(50)
    expect(several(({ artist_latitude }) => artist_latitude)).toBeGreaterThan(50)
  })

  test('has a few names that several artists have', () => {
    const byName = [...groupBy(songs, ({ artist_name }) => artist_name).values()]
    const shared = byName.filter((list) => new Set(list.map(({ artist_id }) => artist_id)).size > 1).length
    expect(shared).toBeGreaterThan(0)
    expect(shared).toBeLessThan(100)
  })

  test('knows the year of seven songs in ten, a location for half of them, coordinates for a third', () => {
    expect(part(({ year }) => year === 0)).toBeCloseTo(0.3, 1)
    expect(part(({ artist_location }) => artist_location === '')).toBeCloseTo(0.45, 1)
    expect(part(({ artist_latitude }) => artist_latitude === null)).toBeCloseTo(0.65, 1)
    for (const { artist_latitude, artist_longitude, artist_location } of songs) {
      expect(artist_latitude === null).toBe(artist_longitude === null)
      if (artist_location === '') expect(artist_latitude).toBe(null)
    }
  })

  test('has lengths of three to five decimals, nine in ten with five', () => {
    const decimals = (length: number) => String(length).split('.')[1]?.length ?? 0
    for (const { duration } of songs) expect([3, 4, 5]).toContain(decimals(duration))
    expect(part(({ duration }) => decimals(duration) === 5)).toBeCloseTo(0.9, 1)
    expect(Math.max(...songs.map(({ duration }) => duration))).toBeGreaterThan(1_000)
  })
})

describe.each([1, 2, 3])('the plays of seed %i', (seed) => {
  const catalog = makeCatalog(seed, 2_000).songs
  const plays = eventsOf({ events: 8_000, songs: 2_000, seed }).filter(({ page }) => page === 'NextSong')
  const repaired = (value: string | null) => {
    const once = Buffer.from(value ?? '', 'latin1').toString('utf8')
    return Buffer.from(once, 'latin1').toString('utf8')
  }
  /** The part of the plays which a key of the catalog explains. */
  function matched(keyOf: (artist: string, title: string, length: number | null) => string): number {
    const keys = new Set(catalog.map(({ artist_name, title, duration }) => keyOf(artist_name, title, duration)))
    return (
      plays.filter(({ artist, song, length }) => keys.has(keyOf(repaired(artist), repaired(song), length))).length /
      plays.length
    )
  }
  const exactly = matched((artist, title, length) => `${artist}\n${title}\n${length}`)
  const butForLength = matched((artist, title) => `${artist}\n${title}`)
  const byArtist = matched((artist) => artist)

  test('match a song of the catalog in a tenth to a seventh of all cases', () => {
    expect(exactly).toBeGreaterThan(0.1)
    expect(exactly).toBeLessThan(0.15)
  })

  test('match but for the length a little more often', () => {
    expect(butForLength - exactly).toBeGreaterThan(0)
    expect(butForLength - exactly).toBeLessThan(0.02)
  })

  test('match an artist in less than half of all cases', () => {
    expect(byArtist).toBeGreaterThan(0.3)
    expect(byArtist).toBeLessThan(0.55)
  })
})
