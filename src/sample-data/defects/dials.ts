import {
  type Column,
  itemsPerSession,
  maxSessionId,
  type SourceName,
  stagingEvents,
  stagingTables,
} from '../../schema/index.ts'
import { membersOf, utf8, withMember, without, withValue } from './spoiling.ts'

/** One way to spoil a record. */
export interface Spoiling {
  /** Only records of this source are spoiled so; of any, if absent. */
  readonly source?: SourceName
  /** The column at fault; null if it is the record as a whole. */
  readonly column: string | null
  /** Only plays are spoiled so. */
  readonly ofPlay?: true
  /** The spoiled copy of a record, as bytes in Latin-1 without a line feed. `ordinal` counts the copies of the dial from 1. */
  spoil(record: string, ordinal: number): string
}

/** A defect whose number can be set: so many extra lines, which take turns in how they are spoiled. */
export interface LineDial {
  readonly name: string
  /** What is wrong with the line. */
  readonly sentence: string
  readonly spoilings: readonly Spoiling[]
}

/** The most bytes a line may have; the loader has the same limit, of its own. */
export const maxLineBytes = 4_194_304

type Place = Required<Pick<Spoiling, 'source'>> & { readonly column: Column; readonly key: string }

const places: readonly Place[] = stagingTables.flatMap(({ source, columns }) =>
  columns.map((column) => ({ source, column, key: column.sourceKey as string })),
)
const texts = places.filter(({ column }) => column.type.startsWith('text'))
const numbers = places.filter(({ column }) => !column.type.startsWith('text'))
const wholeNumbers = numbers.filter(({ column }) => /^(integer|bigint|timestamp)$/.test(column.type))
const required = places.filter(({ column }) => column.required)

/** One way a column, in which a value takes the place of what the record has. */
function valued(of: readonly Place[], value: (place: Place, index: number) => string): Spoiling[] {
  return of.map((place, index) => ({
    source: place.source,
    column: place.column.name,
    spoil: (record) => withValue(record, place.key, value(place, index)),
  }))
}

/** Ways to spoil the record as a whole. */
const whole = (...spoilings: Spoiling['spoil'][]): Spoiling[] => spoilings.map((spoil) => ({ column: null, spoil }))

/** A text column of each source that no check depends on: the song and its title. */
const titles = texts.filter(({ key }) => key === 'song' || key === 'title')
const inTitle = (bytes: string): Spoiling[] => valued(titles, () => `"Caf${bytes}"`)

const tooLarge: Readonly<Record<string, number>> = {
  item_in_session: itemsPerSession,
  session_id: maxSessionId + 1,
  ts: 253_402_300_800_000,
  integer: 2_147_483_648,
  'decimal(10,5)': 100_000,
}
const ranged = numbers.filter(({ column }) => column.name in tooLarge || column.type in tooLarge)

function overItsBytes({ column }: Place): string {
  const limit = Number(/\d+/.exec(column.type)?.[0])
  return `"${utf8('é'.repeat(Math.floor(limit / 2) + 1))}"`
}

export const lineDials: readonly LineDial[] = [
  {
    name: 'not-json',
    sentence: 'no JSON at all',
    spoilings: whole((_, ordinal) => `ERROR ${ordinal}: connection reset by peer`),
  },
  {
    name: 'cut-off',
    sentence: 'cut off in the middle',
    spoilings: whole((record) => record.slice(0, Math.floor(record.length / 2))),
  },
  { name: 'array', sentence: 'an array', spoilings: whole((record) => `[${record}]`) },
  {
    name: 'scalar',
    sentence: 'a JSON value that is no object',
    spoilings: whole(...['null', '7', '"Muse"', 'true'].map((value) => () => value)),
  },
  {
    name: 'wrong-type',
    sentence: 'an object, a boolean or words where a number belongs',
    spoilings: valued(numbers, (_, index) => ['{"a":1}', 'true', '"noon"'][index % 3] as string),
  },
  {
    name: 'fraction',
    sentence: 'a fraction where a whole number belongs',
    spoilings: valued(wholeNumbers, () => '200.5'),
  },
  {
    name: 'out-of-range',
    sentence: 'a number out of range',
    spoilings: valued(ranged, ({ column }) => String(tooLarge[column.name] ?? tooLarge[column.type])),
  },
  {
    name: 'missing-key',
    sentence: 'no key that every record needs',
    spoilings: required.map(({ source, column, key }) => ({
      source,
      column: column.name,
      spoil: (record) => without(record, key),
    })),
  },
  { name: 'null-key', sentence: 'null at such a key', spoilings: valued(required, () => 'null') },
  {
    name: 'long-text',
    sentence: 'fewer characters than the limit, more bytes',
    spoilings: valued(texts, overItsBytes),
  },
  {
    name: 'invalid-utf8',
    sentence: 'a Latin-1 byte, an overlong form, half a sequence',
    spoilings: ['\xe9', '\xc0\xaf', '\x80'].flatMap(inTitle),
  },
  {
    name: 'nul-byte',
    sentence: 'a NUL byte',
    spoilings: inTitle('\0').map((spoiling) => ({ ...spoiling, column: null })),
  },
  { name: 'nul-escape', sentence: String.raw`\u0000`, spoilings: valued(titles, () => String.raw`"a\u0000b"`) },
  {
    name: 'half-surrogate',
    sentence: 'half a character',
    spoilings: valued(titles, () => String.raw`"a\ud83c"`),
  },
  {
    name: 'trailing-comma',
    sentence: 'a comma before the closing bracket',
    spoilings: whole((record) => `${record.slice(0, -1)},}`),
  },
  {
    name: 'repeated-key',
    sentence: 'a known key twice',
    spoilings: places.map(({ source, column, key }) => ({
      source,
      column: column.name,
      spoil: (record) => withMember(record, membersOf(record).find((text) => text.startsWith(`"${key}":`)) as string),
    })),
  },
  {
    name: 'long-line',
    sentence: 'a line over the limit',
    spoilings: whole((record) => withMember(record, `"padding":"${'x'.repeat(maxLineBytes)}"`)),
  },
  {
    name: 'conflict',
    sentence: 'another play with the id of one',
    spoilings: [
      {
        source: stagingEvents.source,
        column: 'songplay_id',
        ofPlay: true,
        // Later in every order that matters, and nobody's, so that it is nobody's latest event either.
        spoil: (record, ordinal) => {
          const ts = Number(/"ts":(\d+)/.exec(record)?.[1])
          return withValue(withValue(record, 'ts', String(ts + ordinal)), 'userId', '""')
        },
      },
    ],
  },
]
