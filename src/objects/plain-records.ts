import type { Column, StagingTable } from '../schema/index.ts'
import { range } from './validate-record.ts'

/** The most different orders of keys that are learned; records with others are validated one by one. */
const maxShapes = 16

/** A text of a record can't be longer than the record: texts that may have this many bytes needn't be measured in a short record. */
const shortRecord = 1024

/** Matches the records with the same keys in the same order. */
interface Shape {
  readonly pattern: RegExp
  /** The longest record, in bytes, for which a match means anything. */
  readonly longest: number
}

/**
 * Finds plain records: lines that every engine loads with exactly the values that `validateRecord` gives. A line that it can't judge is
 * no plain record, which only costs the validation of that line.
 *
 * Regular expressions read 1 GB in about two seconds; to parse the records takes several times as long.
 */
export class PlainRecords {
  private readonly table: Pick<StagingTable, 'columns'>
  /** The last one that matched comes first. */
  private readonly shapes: Shape[] = []
  private readonly learned = new Set<string>()

  constructor(table: Pick<StagingTable, 'columns'>) {
    this.table = table
  }

  /** Index of the line after the plain record that begins at `start`; -1 if it isn't plain. `text` has a character for each byte of UTF-8. */
  endOf(text: string, start: number): number {
    for (const shape of this.shapes) {
      const { pattern, longest } = shape
      pattern.lastIndex = start
      if (!pattern.test(text) || pattern.lastIndex - start > longest) continue
      if (shape !== this.shapes[0]) this.shapes.unshift(...this.shapes.splice(this.shapes.indexOf(shape), 1))
      return pattern.lastIndex
    }
    return -1
  }

  /** Learns the keys of a valid record. Returns true if they were new. */
  learn(keys: readonly string[]): boolean {
    if (keys.length > 100 || this.learned.size >= maxShapes) return false
    const name = keys.join('\n')
    const canBePlain = keys.every((key) => /^[\w .-]+$/.test(key)) && new Set(keys).size === keys.length
    if (!canBePlain || this.learned.has(name)) return false
    this.learned.add(name)
    for (const longest of [Number.POSITIVE_INFINITY, shortRecord])
      this.shapes.unshift(shapeOf(this.table, keys, longest))
    return true
  }
}

function shapeOf({ columns }: Pick<StagingTable, 'columns'>, keys: readonly string[], longest: number): Shape {
  const fields = keys.map((key) => {
    const column = columns.find(({ sourceKey }) => sourceKey === key)
    return `"${key.replace(/[.]/g, '\\.')}"${colon}${column ? columnValue(column, longest) : anyValue(2, longest)}`
  })
  return { pattern: new RegExp(`\\{${fields.join(comma)}\\}\\r?(?:\\n|$)`, 'y'), longest }
}

// Only one way leads through each pattern: otherwise a line that fails late is tried again by all of them.
const colon = ' ?: ?'
const comma = ' ?, ?'
const character = '[^"\\\\\\x00-\\x1f]'
/** Neither NUL nor half of a surrogate pair. */
const escaped = '\\\\(?:["\\\\/bfnrt]|u(?!0000|[dD][89a-fA-F])[0-9a-fA-F]{4})'

/** A text of at most `bytes` bytes, in a record of at most `longest`. An escape stands for up to three. */
function textOf(bytes: number, longest: number, start = ''): string {
  // To count characters takes twice as long as to skip them.
  if (bytes >= longest) return `"${start}${character}*(?:${escaped}${character}*)*"`
  const withEscapes = `(?=${character}*\\\\)(?:${character}|${escaped}){0,${Math.floor(bytes / 3)}}`
  return `"${start}(?:${character}{0,${bytes}}"|${withEscapes}")`
}

/** A number with at most so many digits before the point, and behind it. */
function numberOf(digits: number, fraction: number, zero = '0'): string {
  const whole = `(?:${zero}|-?[1-9][0-9]{0,${digits - 1}})`
  return fraction === 0 ? whole : `${whole}(?:\\.[0-9]{1,${fraction}})?`
}

/** What a column takes: numbers that no engine rounds or writes in another way, and none near the limits of the column. */
function columnValue({ name, type, required }: Column, longest: number): string {
  const [least, most] = range(name, type)
  const isText = type.startsWith('text')
  const values = []
  // A text that a record must have isn't blank.
  if (isText)
    values.push(textOf(Number(/\d+/.exec(type)?.[0]), longest, required ? '(?=[^ \\\\"])' : ''), numberOf(15, 0))
  else if (type === 'double') values.push(numberOf(15, 2))
  else if (type.startsWith('decimal')) values.push(numberOf(5, 5, '-?0'))
  else if (least < 0) values.push(numberOf(Math.min(String(-least).length, String(most).length) - 1, 0))
  else values.push(numberOf(String(most).length - 1, 0).replace('-?', ''))
  if (isText) values.push('true', 'false')
  if (!required) values.push('null')
  return `(?:${values.join('|')})`
}

/** Any value with at most so many lists and objects in each other. */
function anyValue(depth: number, longest: number): string {
  const values = [textOf(100_000, longest), numberOf(15, 5), 'true', 'false', 'null']
  if (depth > 0) {
    const inner = anyValue(depth - 1, longest)
    const field = `${textOf(100_000, longest)}${colon}${inner}`
    for (const [open, item, close] of [
      ['\\[', inner, '\\]'],
      ['\\{', field, '\\}'],
    ])
      values.push(`${open}(?:${item}(?:${comma}${item})*)?${close}`)
  }
  return `(?:${values.join('|')})`
}
