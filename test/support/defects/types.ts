import { gzipSync } from 'node:zlib'
import type { Random } from '../../../src/sample-data/random.ts'
import {
  type Column,
  itemsPerSession,
  maxSessionId,
  type SourceName,
  stagingEvents,
  stagingTables,
} from '../../../src/schema/index.ts'

/**
 * One way to break a record. Records are as the generator writes them, in ASCII. What comes out is Latin-1, in which a
 * character is a byte, so that it can have bytes that are not UTF-8.
 */
export interface Mutator {
  /** Only records of this source; of any, if absent. */
  readonly source?: SourceName
  /** Only plays. */
  readonly ofPlay?: true
  /** The staging column at fault, of a conflict songplay_id; null if it is the record as a whole. */
  readonly column: string | null
  /** The broken copy of a record, on one line. `ordinal` counts the copies of this type of defect from 1. */
  mutate(record: string, ordinal: number): string
}

/** A type of line that must be refused. Its lines take turns at the mutators. */
export interface LineDefect {
  readonly name: string
  readonly mutators: readonly Mutator[]
}

/** A type of object with copies of records that are elsewhere too. */
export interface ObjectType {
  readonly name: string
  /** True if it can't be read; false if it must load like any other. */
  readonly isDefect: boolean
  readonly suffix: '.json' | '.json.gz'
  make(records: readonly string[], random: Random): Buffer
}

const member = /"(\w+)":("(?:[^"\\]|\\.)*"|[^,}]*)/g

/** The members of a record, such as `"page":"Home"`. */
const membersOf = (record: string) => [...record.matchAll(member)].map(([text]) => text)
const isMemberOf = (key: string) => (text: string) => text.startsWith(`"${key}":`)
const withMember = (record: string, text: string) => `${record.slice(0, -1)},${text}}`

function withValue(record: string, key: string, value: string): string {
  return record.replace(member, (text, name) => (name === key ? `"${key}":${value}` : text))
}

type Field = Required<Pick<Mutator, 'source'>> & { readonly column: Column; readonly key: string }

const fields: readonly Field[] = stagingTables.flatMap(({ source, columns }) =>
  columns.map((column) => ({ source, column, key: column.sourceKey as string })),
)
const texts = fields.filter(({ column }) => column.type.startsWith('text'))
const numbers = fields.filter(({ column }) => !column.type.startsWith('text'))
const wholeNumbers = numbers.filter(({ column }) => /^(integer|bigint|timestamp)$/.test(column.type))
const required = fields.filter(({ column }) => column.required)
/** A text of each source that no check depends on. */
const titles = texts.filter(({ key }) => key === 'song' || key === 'title')

/** A mutator per field. */
function perField(of: readonly Field[], mutate: (record: string, field: Field, index: number) => string): Mutator[] {
  return of.map((field, index) => ({
    source: field.source,
    column: field.column.name,
    mutate: (record) => mutate(record, field, index),
  }))
}

/** A mutator per field, which puts another value there. */
function perValue(of: readonly Field[], value: (field: Field, index: number) => string): Mutator[] {
  return perField(of, (record, field, index) => withValue(record, field.key, value(field, index)))
}

const whole = (...mutators: Mutator['mutate'][]): Mutator[] => mutators.map((mutate) => ({ column: null, mutate }))
const inTitle = (bytes: string) => perValue(titles, () => `"Caf${bytes}"`)

const tooLarge: Readonly<Record<string, number>> = {
  item_in_session: itemsPerSession,
  session_id: maxSessionId + 1,
  ts: 253_402_300_800_000,
  integer: 2_147_483_648,
  'decimal(10,5)': 100_000,
}
const limited = numbers.filter(({ column }) => column.name in tooLarge || column.type in tooLarge)

/** Fewer characters than the limit of the column, but more bytes. */
function tooManyBytes({ column }: Field): string {
  const limit = Number(/\d+/.exec(column.type)?.[0])
  return `"${Buffer.from('é'.repeat(Math.floor(limit / 2) + 1)).toString('latin1')}"`
}

/** Another play with the id of a play: later, so that it loses, and nobody's, so that it is nobody's latest event. */
function conflict(record: string, ordinal: number): string {
  const ts = Number(/"ts":(\d+)/.exec(record)?.[1])
  return withValue(withValue(record, 'ts', String(ts + ordinal)), 'userId', '""')
}

export const lineDefects: readonly LineDefect[] = [
  { name: 'not-json', mutators: whole((_, ordinal) => `ERROR ${ordinal}: connection reset by peer`) },
  { name: 'cut-off', mutators: whole((record) => record.slice(0, Math.floor(record.length / 2))) },
  { name: 'array', mutators: whole((record) => `[${record}]`) },
  { name: 'scalar', mutators: whole(...['null', '7', '"Muse"', 'true'].map((value) => () => value)) },
  { name: 'wrong-type', mutators: perValue(numbers, (_, index) => ['{"a":1}', 'true', '"noon"'][index % 3] as string) },
  { name: 'fraction', mutators: perValue(wholeNumbers, () => '200.5') },
  {
    name: 'out-of-range',
    mutators: perValue(limited, ({ column }) => String(tooLarge[column.name] ?? tooLarge[column.type])),
  },
  {
    name: 'missing-key',
    mutators: perField(required, (record, { key }) => {
      const members = membersOf(record)
      return `{${members.filter((text) => !isMemberOf(key)(text)).join(',')}}`
    }),
  },
  { name: 'null-key', mutators: perValue(required, () => 'null') },
  { name: 'long-text', mutators: perValue(texts, tooManyBytes) },
  // A byte of Latin-1, an overlong form, half a sequence.
  { name: 'invalid-utf8', mutators: ['\xe9', '\xc0\xaf', '\x80'].flatMap(inTitle) },
  { name: 'nul-byte', mutators: inTitle('\0').map((mutator) => ({ ...mutator, column: null })) },
  { name: 'nul-escape', mutators: inTitle(String.raw`\u0000`) },
  { name: 'half-surrogate', mutators: inTitle(String.raw`\ud83c`) },
  { name: 'trailing-comma', mutators: whole((record) => `${record.slice(0, -1)},}`) },
  // Over 4 MiB, the loader's limit.
  { name: 'long-line', mutators: whole((record) => withMember(record, `"padding":"${'x'.repeat(4_194_304)}"`)) },
  {
    name: 'conflict',
    mutators: [{ source: stagingEvents.source, ofPlay: true, column: 'songplay_id', mutate: conflict }],
  },
]

const lines = (records: readonly string[], end = '\n') => Buffer.from(records.map((record) => record + end).join(''))

function shuffledKeys(record: string, random: Random): string {
  const order = membersOf(record).map((text) => ({ text, at: random.fraction() }))
  return `{${order
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => text)
    .join(',')}}`
}

const unknownKeys = '"device":{"kind":"phone","page":["Home"]},"abTest":7'

export const objectTypes: readonly ObjectType[] = [
  {
    name: 'gzip-cut-off',
    isDefect: true,
    suffix: '.json.gz',
    make: (records) => gzipSync(lines(records)).subarray(0, -40),
  },
  { name: 'not-gzip', isDefect: true, suffix: '.json.gz', make: (records) => lines(records) },
  {
    name: 'utf-16',
    isDefect: true,
    suffix: '.json',
    make: (records) => Buffer.from(`\ufeff${lines(records)}`, 'utf16le'),
  },
  { name: 'gzip', isDefect: false, suffix: '.json.gz', make: (records) => gzipSync(records.join('\n')) },
  {
    name: 'byte-order-mark',
    isDefect: false,
    suffix: '.json',
    make: (records) => Buffer.from(`\ufeff${lines(records)}`),
  },
  { name: 'crlf', isDefect: false, suffix: '.json', make: (records) => lines(records, '\r\n') },
  {
    name: 'blank-lines',
    isDefect: false,
    suffix: '.json',
    make: (records) => Buffer.from(`\n${lines(records, '\n\n')} \t\n`),
  },
  { name: 'no-final-newline', isDefect: false, suffix: '.json', make: (records) => Buffer.from(records.join('\n')) },
  {
    name: 'unknown-keys',
    isDefect: false,
    suffix: '.json',
    make: (records) => lines(records.map((record) => withMember(record, unknownKeys))),
  },
  {
    name: 'shuffled-keys',
    isDefect: false,
    suffix: '.json',
    make: (records, random) => lines(records.map((record) => shuffledKeys(record, random))),
  },
]
