import { gzipSync } from 'node:zlib'
import type { Random } from '../random.ts'
import { membersOf, withMember } from './spoiling.ts'

/** A kind of object whose number can be set. Each is an object of its own, with copies of events that stand elsewhere too. */
export interface ObjectDial {
  readonly name: string
  /** What is wrong, or only unusual, with the object. */
  readonly sentence: string
  /** True if it can't be read; false if it must load as any other. */
  readonly isDefect: boolean
  readonly suffix: '.json' | '.json.gz'
  /** The content of the object, of at least one record. */
  make(records: readonly string[], random: Random): Buffer
}

const text = (records: readonly string[], end = '\n') => Buffer.from(records.map((record) => record + end).join(''))

/** The same records with each written otherwise. */
const rewritten =
  (rewrite: (record: string, random: Random) => string) => (records: readonly string[], random: Random) =>
    text(records.map((record) => rewrite(record, random)))

function shuffled(record: string, random: Random): string {
  const members = membersOf(record)
  for (let last = members.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const moved = members[last] as string
    members[last] = members[other] as string
    members[other] = moved
  }
  return `{${members.join(',')}}`
}

export const objectDials: readonly ObjectDial[] = [
  {
    name: 'gzip-cut-off',
    sentence: 'a compressed object without its end',
    isDefect: true,
    suffix: '.json.gz',
    make: (records) => {
      const content = gzipSync(text(records))
      return content.subarray(0, Math.floor(content.length / 2))
    },
  },
  {
    name: 'not-gzip',
    sentence: 'an object that is not compressed but called .gz',
    isDefect: true,
    suffix: '.json.gz',
    make: (records) => text(records),
  },
  {
    name: 'utf-16',
    sentence: 'an object in UTF-16',
    isDefect: true,
    suffix: '.json',
    make: (records) => Buffer.from(`\ufeff${text(records)}`, 'utf16le'),
  },
  {
    name: 'gzip',
    sentence: 'a compressed object',
    isDefect: false,
    suffix: '.json.gz',
    make: (records) => gzipSync(records.join('\n')),
  },
  {
    name: 'byte-order-mark',
    sentence: 'a UTF-8 byte order mark at the start',
    isDefect: false,
    suffix: '.json',
    make: (records) => Buffer.concat([Buffer.from('\ufeff'), text(records)]),
  },
  {
    name: 'crlf',
    sentence: 'lines that end in CR LF',
    isDefect: false,
    suffix: '.json',
    make: (records) => text(records, '\r\n'),
  },
  {
    name: 'blank-lines',
    sentence: 'blank lines at the start, between and at the end',
    isDefect: false,
    suffix: '.json',
    make: (records) => Buffer.from(`\n${text(records, '\n\n')} \t\n`),
  },
  {
    name: 'no-final-newline',
    sentence: 'no line feed after the last record',
    isDefect: false,
    suffix: '.json',
    make: (records) => Buffer.from(records.join('\n')),
  },
  {
    name: 'unknown-keys',
    sentence: 'keys that no column knows',
    isDefect: false,
    suffix: '.json',
    make: rewritten((record) => withMember(record, '"device":{"kind":"phone","page":["Home"]},"abTest":7')),
  },
  { name: 'shuffled-keys', sentence: 'keys in any order', isDefect: false, suffix: '.json', make: rewritten(shuffled) },
]
