import type { Catalog } from './catalog.ts'
import { Lottery } from './lottery.ts'
import { newArtistName, songTitle } from './naming.ts'
import { evenly, Random } from './random.ts'
import { doubleEncoded, type SongRecord } from './records.ts'
import { longerLength, songLength } from './song-length.ts'

/** A song as the app reports that it was played. */
export interface PlayedSong {
  readonly artist: string
  readonly length: number
  readonly song: string
}

/** Of all plays: this part is of songs in the catalog, of another release of such a song, of other songs of its artists. */
const inCatalog = 0.125
const otherRelease = 0.006
const artistInCatalog = 0.32

/**
 * The songs that people listen to: few hits and a long tail. The catalog knows only some of them. What kind a song is goes
 * by its rank, so the parts hold for plays as well, whatever the hits are.
 */
export function makeRepertoire(seed: number, size: number, catalog: Catalog): Lottery<PlayedSong> {
  const random = new Random(seed, 2)
  const strangers: string[] = []
  const taken = new Set(catalog.artistNames)
  const songs = Array.from({ length: size }, (_, rank): PlayedSong => {
    const known = catalog.songs.length > 0 ? random.pick(catalog.songs) : undefined
    const kind = evenly(rank + 1)
    if (known && kind < inCatalog) return played(known)
    if (known && kind < inCatalog + otherRelease) {
      return played({ ...known, duration: longerLength(random, known.duration) })
    }
    const isKnownArtist = kind < inCatalog + otherRelease + artistInCatalog
    const artist_name = known && isKnownArtist ? known.artist_name : stranger(random, strangers, taken)
    return played({ artist_name, title: songTitle(random), duration: songLength(random) })
  })
  return new Lottery(songs, (_, rank) => 1 / (rank + 15) + 1 / 5_000)
}

function played(song: Pick<SongRecord, 'artist_name' | 'duration' | 'title'>): PlayedSong {
  return { artist: doubleEncoded(song.artist_name), length: song.duration, song: doubleEncoded(song.title) }
}

/** An artist the catalog does not have: half of the time one that has been heard before. */
function stranger(random: Random, strangers: string[], taken: Set<string>): string {
  if (strangers.length > 0 && random.chance(0.5)) return random.pick(strangers)
  const artist = newArtistName(random, taken)
  strangers.push(artist)
  return artist
}
