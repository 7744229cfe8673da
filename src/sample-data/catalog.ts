import { asciiJson, doubleEncoded, type LogEvent } from './format.ts'
import { Random } from './random.ts'
import { homeTowns, vocabulary } from './vocabulary.ts'

/** A song of the catalog, its keys in the order of the source. */
export type SongRecord = ReturnType<typeof makeCatalog>[number]

/** Invents songs. */
export function makeCatalog(seed: number, count: number) {
  const random = new Random(seed, 1)
  const names = new Set<string>()
  const artists = Array.from({ length: count }, (_, index) => newArtist(random, index, names))
  return Array.from({ length: count }, (_, index) => {
    const artist = random.pick(artists)
    const spelling = random.pickEarly(artist.spellings)
    return {
      artist_id: artist.id,
      ...spelling,
      duration: duration(random),
      num_songs: 1,
      song_id: identifier(random, 'SO', index),
      title: songTitle(random),
      year: random.chance(0.3) ? 0 : 2010 - random.lowBelow(56),
    }
  })
}

/** The songs that people listen to, favorites first. The catalog has an eighth of them and the artists of a third. */
export function makePlaylist(seed: number, size: number, catalog: readonly SongRecord[]): LogEvent['track'][] {
  const random = new Random(seed, 2)
  const names = new Set(catalog.map(({ artist_name }) => artist_name))
  const strangers = Array.from({ length: Math.ceil(size / 4) }, () => newName(random, names))
  return Array.from({ length: size }, () => {
    const kind = random.fraction()
    const known = kind < 0.45 && catalog.length > 0 ? random.pick(catalog) : undefined
    return {
      artist: asciiJson(doubleEncoded(known?.artist_name ?? random.pickEarly(strangers))),
      length: known && kind < 0.125 ? known.duration : duration(random),
      song: asciiJson(doubleEncoded(known && kind < 0.131 ? known.title : songTitle(random))),
    }
  })
}

/** An id as the source has it; `start` has its first letters. No two of different `index` are the same. */
export function identifier(random: Random, start: string, index: number): string {
  const letters = start + '<letter>'.repeat(7 - start.length)
  return fill(random, `${letters}128${index.toString(16).toUpperCase().padStart(8, '0')}`)
}

/** An artist has one spelling or two, which need not agree on the place. */
function newArtist(random: Random, index: number, taken: Set<string>) {
  const name = newName(random, taken)
  const capitals = name
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toUpperCase()
  const otherName = random.pick([fill(random, `${name} feat. <man> <surname>`), `The ${name}`, capitals])
  const names = random.chance(0.25) ? [name, otherName] : [name]
  const spellings = names.map((artist_name) => {
    const [town, latitude, longitude] = random.pick(homeTowns)
    const isOnMap = random.chance(0.35)
    return {
      artist_latitude: isOnMap ? latitude : null,
      artist_location: isOnMap || random.chance(0.3) ? town : '',
      artist_longitude: isOnMap ? longitude : null,
      artist_name,
    }
  })
  return { id: identifier(random, 'AR', index), spellings }
}

/** Seconds. Most songs have two to six minutes, very few have twenty. */
function duration(random: Random): number {
  const minutes = random.chance(0.002) ? 20 : 1 + 2 * (random.fraction() + random.fraction() + random.fraction())
  return (Math.floor(minutes * 600_000) * 10 + 1 + random.below(9)) / 100_000
}

/** A name for an artist. That another one has it too is rare, as in the source. */
function newName(random: Random, taken: Set<string>): string {
  let name = ''
  do name = fill(random, random.chance(0.02) ? '<oddArtist>' : '<artist>')
  while (taken.has(name) && random.chance(0.95))
  taken.add(name)
  return name
}

/** Some titles have lost an apostrophe to a control character and end in a blank. */
function songTitle(random: Random): string {
  const title = fill(random, random.chance(0.03) ? '<oddTitle>' : '<title>')
  if (random.chance(0.01)) return `${title.replace("'", '\u0019')} `
  return random.chance(0.1) ? `${title} (Album Version)` : title
}

function fill(random: Random, text: string): string {
  return text.replace(/<(\w+)>/g, (_, list: keyof typeof vocabulary) => fill(random, random.pick(vocabulary[list])))
}
