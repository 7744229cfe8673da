import { artistId, songId } from './identifiers.ts'
import { newArtistName, otherSpelling, songTitle } from './naming.ts'
import { Random } from './random.ts'
import type { SongRecord } from './records.ts'
import { songLength } from './song-length.ts'
import { homeTowns, vaguePlaces } from './vocabulary/places.ts'

export interface Catalog {
  readonly songs: readonly SongRecord[]
  /** The names of all its artists. */
  readonly artistNames: ReadonlySet<string>
}

type Home = Pick<SongRecord, 'artist_latitude' | 'artist_location' | 'artist_longitude'>

interface Artist {
  readonly id: string
  /** How song records describe the artist; they need not agree. */
  readonly spellings: readonly (Home & { readonly artist_name: string })[]
}

/** Invents songs. No two have the same id, nor the same artist name and title. */
export function makeCatalog(seed: number, count: number): Catalog {
  const random = new Random(seed, 1)
  const artistNames = new Set<string>()
  const titles = new Set<string>()
  const artists: Artist[] = []
  const songs = Array.from({ length: count }, (_, index): SongRecord => {
    const isNew = index === 0 || random.chance(0.64)
    const artist = isNew ? makeArtist(random, index, artistNames) : random.pick(artists)
    if (isNew) artists.push(artist)
    const { artist_name, artist_latitude, artist_location, artist_longitude } = random.pickEarly(artist.spellings)
    let title = songTitle(random)
    while (titles.has(`${artist_name}\n${title}`)) title = `${title} (Reprise)`
    titles.add(`${artist_name}\n${title}`)
    return {
      artist_id: artist.id,
      artist_latitude,
      artist_location,
      artist_longitude,
      artist_name,
      duration: songLength(random),
      num_songs: 1,
      song_id: songId(random, index),
      title,
      year: random.chance(0.3) ? 0 : 2010 - random.below(random.below(56) + 1),
    }
  })
  return { songs, artistNames }
}

function makeArtist(random: Random, index: number, taken: Set<string>): Artist {
  const name = newArtistName(random, taken)
  const home = homeTown(random)
  const spellings = [{ artist_name: name, ...home }]
  if (random.chance(0.25)) {
    const otherName = random.chance(0.8) ? otherSpelling(random, name) : name
    const otherHome = otherName !== name && random.chance(0.8) ? home : homeTown(random)
    spellings.push({ artist_name: otherName, ...otherHome })
    taken.add(otherName)
  }
  return { id: artistId(random, index), spellings }
}

function homeTown(random: Random): Home {
  const nowhere = { artist_latitude: null, artist_longitude: null }
  if (random.chance(0.45)) return { artist_location: '', ...nowhere }
  if (random.chance(0.02)) return { artist_location: random.pick(vaguePlaces), ...nowhere }
  const [town, latitude, longitude] = random.pickEarly(homeTowns)
  const artist_location = random.chance(0.004) ? ` ${town} ` : town
  if (random.chance(0.36)) return { artist_location, ...nowhere }
  return { artist_location, artist_latitude: latitude, artist_longitude: longitude }
}
