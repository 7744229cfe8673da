import type { Random } from './random.ts'
import { adjectives, editions, foreignTitles, nouns, oddArtists, phrases } from './vocabulary/music.ts'
import { firstNames, lastNames } from './vocabulary/people.ts'

type Naming = (random: Random) => string

const adjective: Naming = (random) => random.pick(adjectives)
const noun: Naming = (random) => random.pick(nouns)
const things: Naming = (random) => plural(noun(random))
const person: Naming = (random) =>
  `${mostlyPlain(random, random.chance(0.5) ? firstNames.F : firstNames.M)} ${mostlyPlain(random, lastNames)}`

const artistNamings: readonly Naming[] = [
  person,
  person,
  (random) => `The ${adjective(random)} ${things(random)}`,
  (random) => `The ${noun(random)} ${things(random)}`,
  (random) => `${adjective(random)} ${noun(random)}`,
  (random) => `${noun(random)} ${noun(random)}`,
  (random) => `${person(random)} & The ${things(random)}`,
  (random) => `${noun(random)} Of The ${adjective(random)} ${noun(random)}`,
  (random) => `DJ ${noun(random)} ${mostlyPlain(random, lastNames)}`,
]

const titleNamings: readonly Naming[] = [
  (random) => `${adjective(random)} ${noun(random)}`,
  (random) => `The ${noun(random)} And The ${noun(random)}`,
  (random) => `${noun(random)} Of ${things(random)}`,
  (random) => `${random.pick(phrases)} (${adjective(random)} ${noun(random)})`,
  (random) => `My ${adjective(random)} ${noun(random)}`,
  (random) => `The ${noun(random)}'s ${noun(random)}`,
  (random) => `${noun(random)}_ ${noun(random)} and ${noun(random)}`,
  (random) => `In The ${noun(random)}`,
  (random) => `${noun(random)} / ${noun(random)}`,
  (random) => `${adjective(random)} ${adjective(random)} ${noun(random)}`,
]

/** One of a list; of names with letters beyond ASCII only some. */
export function mostlyPlain(random: Random, names: readonly string[]): string {
  let name = random.pick(names)
  for (let attempts = 0; attempts < 2 && /[^ -~]/.test(name); attempts++) name = random.pick(names)
  return name
}

function plural(word: string): string {
  if (/[^aeo]y$/.test(word)) return `${word.slice(0, -1)}ies`
  if (/f$/.test(word)) return `${word.slice(0, -1)}ves`
  return /(s|x|ch)$/.test(word) ? `${word}es` : `${word}s`
}

/** A name for a new artist. That another one has it, too, is seldom, as in the source. */
export function newArtistName(random: Random, taken: Set<string>): string {
  const name = artistName(random)
  const chosen = taken.has(name) ? artistName(random) : name
  taken.add(chosen)
  return chosen
}

/** A name for an artist. Where a comma would be there is '_', as in both sources. */
function artistName(random: Random): string {
  if (random.chance(0.025))
    return random.chance(0.5) ? random.pick(oddArtists) : `${random.pick(oddArtists)} ${noun(random)}`
  if (random.chance(0.03)) return `${person(random)} feat. ${person(random)}`
  if (random.chance(0.01)) return `${person(random)} / ${person(random)} / ${person(random)}`
  if (random.chance(0.01)) return `${random.pick(lastNames)} "${noun(random)}" ${random.pick(lastNames)}`
  if (random.chance(0.002)) return `${Array.from({ length: 9 }, () => person(random)).join('_ ')} & ${person(random)}`
  return damaged(random, random.pick(artistNamings)(random), 0.002)
}

/** Another way to write an artist's name. */
export function otherSpelling(random: Random, name: string): string {
  const bare = name.normalize('NFD').replace(/\p{Mn}/gu, '')
  const spellings = [
    `${name} feat. ${person(random)}`,
    `${name} / ${person(random)}`,
    `${name}_ ${name}`,
    name.startsWith('The ') ? name.slice(4) : `The ${name}`,
    name.toUpperCase(),
    bare === name ? name.replace(' & ', ' And ') : bare.normalize('NFC'),
  ]
  return random.pick(spellings)
}

/** A title for a song. */
export function songTitle(random: Random): string {
  if (random.chance(0.002)) return String(1 + random.below(2100))
  if (random.chance(0.001)) return `${Array.from({ length: 6 }, () => songTitle(random)).join('/')} (Medley)`
  const title = random.chance(0.03) ? random.pick(foreignTitles) : random.pick(titleNamings)(random)
  return damaged(random, random.chance(0.12) ? `${title} ${random.pick(editions)}` : title, 0.004)
}

/** Some text has lost its apostrophe to a control character or has a blank at an end. */
function damaged(random: Random, text: string, probability: number): string {
  const whole = random.chance(0.02) ? text.replace("'", '\u0019') : text
  if (!random.chance(probability)) return whole
  return random.chance(0.25) ? ` ${whole}` : `${whole} `
}
