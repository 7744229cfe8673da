import { isUtf8 } from 'node:buffer'
import { type Column, itemsPerSession, maxSessionId, type StagingTable } from '../schema/index.ts'
import { type Line, linesOf, maxRecordBytes } from './lines.ts'
import type { ObjectStore, SourceObject } from './object-store.ts'

/** Why a record can't become a row. Doesn't mention values, so that records with the same problem have the same reason. */
interface RecordProblem {
  /** Name in the staging table; null if the record as a whole is wrong. */
  readonly column: string | null
  readonly reason: string
}

/** The values of a row of a staging table by column name, as text: numbers as JSON writes them, null where there is none. */
export type RecordValues = Readonly<Record<string, string | null>>

/** A record that can be loaded. */
interface ValidRecord {
  readonly values: RecordValues
  /** Its keys in order; a repeated one comes again. */
  readonly keys: readonly string[]
}

/**
 * Reads a record as a row of the staging table, or returns why it can't be one. These are the rules that every path into both engines
 * keeps: what one of them would reject is rejected here, and `cleanLine` writes the rest in a form that both read alike.
 *
 * A text column takes a text, or any other value as it is written. A number column takes a number, also as text; blank text is null.
 * Decimals are rounded half away from zero. Of a repeated key the last value counts.
 */
export function validateRecord(
  table: Pick<StagingTable, 'columns'>,
  { bytes, length }: Pick<Line, 'bytes' | 'length'>,
): ValidRecord | { readonly problem: RecordProblem } {
  if (length > maxRecordBytes)
    return { problem: { column: null, reason: `is longer than ${maxRecordBytes.toLocaleString('en-US')} bytes` } }
  const isText = isUtf8(bytes)
  const text = isText ? bytes.toString('utf8') : decoded(bytes)
  const whole = (reason: string) => ({ problem: { column: null, reason } })
  let record: unknown
  try {
    record = JSON.parse(text)
  } catch {
    if (bytes.includes(0)) return whole('contains a NUL character')
    return whole(isText ? 'is not JSON' : 'is not valid UTF-8')
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return whole('is not a JSON object')
  const values: Record<string, string | null> = {}
  const fields = fieldsOf(text)
  const written = new Map(fields)
  for (const column of table.columns) {
    const value = readValue(column, written.get(column.sourceKey ?? ''), isText)
    if (value !== null && typeof value !== 'string')
      return { problem: { column: column.name, reason: `has ${column.sourceKey} ${value.reason}` } }
    if (column.required && (value === null || /^ *$/.test(value)))
      return { problem: { column: column.name, reason: `has no ${column.sourceKey}, which every record needs` } }
    values[column.name] = value
  }
  return { values, keys: fields.map(([key]) => key) }
}

/**
 * The records of a line with their bytes, usually one. Of a line that is not a sequence of JSON objects and lists, the whole line is
 * one.
 */
export function validateLine(table: Pick<StagingTable, 'columns'>, { bytes, length }: Pick<Line, 'bytes' | 'length'>) {
  const whole = { bytes, ...validateRecord(table, { bytes, length }) }
  const mayBeSeveral = 'problem' in whole && whole.problem.column === null && length === bytes.length
  const records = mayBeSeveral ? (splitRecords(bytes) ?? []) : []
  if (records.length < 2) return [whole]
  return records.map((bytes) => ({ bytes, ...validateRecord(table, { bytes, length: bytes.length }) }))
}

/** The records of objects that can be loaded, with their lines. Their bytes are only valid until the next one is read. */
export async function* validRecords(
  store: Pick<ObjectStore, 'stream'>,
  table: Pick<StagingTable, 'columns'>,
  objects: readonly SourceObject[],
) {
  for (const object of objects)
    for await (const line of linesOf(store, object))
      for (const { bytes, ...record } of validateLine(table, line))
        if (!('problem' in record)) yield { object, line: line.number, bytes, values: record.values }
}

/** A line with just the values, each written in a form that both engines read alike. */
export function cleanLine(table: Pick<StagingTable, 'columns'>, values: RecordValues): string {
  const fields = table.columns.flatMap(({ name, type, sourceKey }) => {
    const value = values[name]
    if (value === null || value === undefined) return []
    return [`${JSON.stringify(sourceKey)}:${type.startsWith('text') ? JSON.stringify(value) : value}`]
  })
  return `{${fields.join(',')}}\n`
}

/** The key of each field of a JSON object, and its value as it is written. The text is valid JSON. */
function fieldsOf(text: string): [key: string, written: string][] {
  const fields: [string, string][] = []
  let depth = 0
  let key: string | undefined
  let start = 0
  for (const { 0: token, index } of text.matchAll(jsonToken)) {
    const isEnd = depth === 1 && (token === ',' || token === '}')
    if (isEnd && key !== undefined) {
      fields.push([key, text.slice(start, index).trim()])
      key = undefined
    } else if (depth === 1 && key === undefined && token.startsWith('"')) key = JSON.parse(token)
    else if (depth === 1 && token === ':') start = index + 1
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
  }
  return fields
}

const jsonToken = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/gs

/** That of JSON. `trim` would take a form feed and a byte of a no-break space too. */
const whiteSpace = /^[ \t\r\n]*$/

/** Lists and objects one after the other with white space between them, as the bytes of each; undefined if that isn't all. */
export function splitRecords(bytes: Buffer): Buffer[] | undefined {
  // A character for each byte: what gives JSON its structure is ASCII.
  const text = bytes.toString('latin1')
  const records: Buffer[] = []
  let depth = 0
  let start = 0
  let end = 0
  for (const { 0: token, index } of text.matchAll(jsonToken)) {
    if (token === '{' || token === '[') {
      if (depth === 0) {
        if (!whiteSpace.test(text.slice(end, index))) return undefined
        start = index
      }
      depth += 1
    } else if (depth === 0) return undefined
    else if (token === '}' || token === ']') depth -= 1
    if (depth > 0) continue
    if (!isJson(text.slice(start, index + 1))) return undefined
    records.push(bytes.subarray(start, index + 1))
    end = index + 1
  }
  return whiteSpace.test(text.slice(end)) && records.length > 0 ? records : undefined
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Decodes bytes that aren't all UTF-8. An invalid byte becomes the lone surrogate U+DC00 + byte, which valid UTF-8 never contains. */
function decoded(bytes: Buffer): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
    const character = bytes.subarray(at, at + length)
    const isCharacter = length > 0 && character.length === length && isUtf8(character)
    text += isCharacter ? character.toString('utf8') : String.fromCharCode(0xdc00 + first)
    at += isCharacter ? length : 1
  }
  return text
}

type Value = string | null | { readonly reason: string }

function readValue({ name, type }: Column, written: string | undefined, isUtf8: boolean): Value {
  if (written === undefined || written === 'null') return null
  const text: string = written.startsWith('"') ? JSON.parse(written) : written
  if (!type.startsWith('text')) return readNumber(name, type, text.trim())
  if (!isUtf8 && /[\udc80-\udcff]/u.test(text)) return { reason: 'that is not valid UTF-8' }
  return readText(text, Number(/\d+/.exec(type)?.[0]))
}

function readText(text: string, bytes: number): Value {
  if (text.includes('\0')) return { reason: 'with a NUL character' }
  if (/\p{Surrogate}/u.test(text)) return { reason: 'with half a character' }
  return Buffer.byteLength(text) > bytes ? { reason: `longer than ${bytes} bytes` } : text
}

function readNumber(name: string, type: Column['type'], text: string): Value {
  if (text === '') return null
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return { reason: 'that is not a number' }
  const number = Number(text)
  const [least, most] = range(name, type)
  const outside = { reason: `outside ${least} to ${most}` }
  // The margin is for decimals, which are rounded.
  if (number < least - 1 || number > most + 1) return outside
  if (type === 'double') return number < least || number > most ? outside : String(number)
  const places = type.startsWith('decimal') ? 5 : 0
  const isTiny = Math.abs(number) < 1e-9
  const [before, after] = isTiny ? ['0', whole + fraction] : positional(whole, fraction, Number(exponent))
  if (places === 0 && !/^0*$/.test(after)) return { reason: 'that is not a whole number' }
  const kept = isTiny ? '' : after.slice(0, places)
  const roundsUp = !isTiny && (after[places] ?? '0') >= '5'
  const scaled = BigInt(before.replace(/^0+/, '') + kept.padEnd(places, '0')) + (roundsUp ? 1n : 0n)
  const digits = String(scaled).padStart(places + 1, '0')
  const rounded = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`
  const stored = sign === '-' && scaled !== 0n ? `-${rounded}` : rounded
  return Number(stored) < least || Number(stored) > most ? outside : stored
}

/** The digits before and behind the point of a number with an exponent. */
function positional(whole: string, fraction: string, exponent: number): [before: string, after: string] {
  const digits = `${whole}${fraction}`
  const point = whole.length + exponent
  if (point <= 0) return ['0', '0'.repeat(-point) + digits]
  return [digits.slice(0, point).padEnd(point, '0'), digits.slice(point)]
}

export function range(name: string, type: Column['type']): [least: number, most: number] {
  if (name === 'item_in_session') return [0, itemsPerSession - 1]
  if (name === 'session_id') return [0, maxSessionId]
  if (type === 'integer') return [-2_147_483_648, 2_147_483_647]
  if (type === 'timestamp') return [-62_135_596_800_000, 253_402_300_799_999]
  if (type.startsWith('decimal')) return [-99_999.99999, 99_999.99999]
  return [-1e300, 1e300]
}
