import { isUtf8 } from 'node:buffer'
import { type Column, itemsPerSession, maxSessionId, type StagingTable } from '../schema/index.ts'
import { type Line, maxRecordBytes } from './lines.ts'

/** Why a record can't become a row. Doesn't mention values, so that records with the same problem have the same reason. */
interface RecordProblem {
  /** Name in the staging table; null if the record as a whole is wrong. */
  readonly column: string | null
  readonly reason: string
}

/** The values of a row of a staging table by column name, as text: numbers as JSON writes them, null where there is none. */
export type RecordValues = Readonly<Record<string, string | null>>

/**
 * Reads a line as a row of the staging table, or returns why it can't be one. Applies the rules of both engines, so that both load
 * the same rows: what one of them rejects is rejected here, and `cleanLine` writes the rest in a form that both accept. Blank text
 * in place of a number is null, as for COPY.
 */
export function validateRecord(
  table: StagingTable,
  { bytes, length }: Pick<Line, 'bytes' | 'length'>,
): { readonly values: RecordValues } | { readonly problem: RecordProblem } {
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
  for (const column of table.columns) {
    const found = fields.get(column.sourceKey ?? '')
    const value = found?.isRepeated ? { reason: 'twice' } : readValue(column, found?.written, isText)
    if (value !== null && typeof value !== 'string')
      return { problem: { column: column.name, reason: `has ${column.sourceKey} ${value.reason}` } }
    if (value === null && column.required)
      return { problem: { column: column.name, reason: `has no ${column.sourceKey}, which every record needs` } }
    values[column.name] = value
  }
  return { values }
}

/** A line with just the values, each written in a form that both engines accept. */
export function cleanLine(table: StagingTable, values: RecordValues): string {
  const fields = table.columns.flatMap(({ name, type, sourceKey }) => {
    const value = values[name]
    if (value === null || value === undefined) return []
    return [`${JSON.stringify(sourceKey)}:${type.startsWith('text') ? JSON.stringify(value) : value}`]
  })
  return `{${fields.join(',')}}\n`
}

interface Field {
  /** The value as it is written; if the key is repeated, its last value. */
  readonly written: string
  readonly isRepeated: boolean
}

/** The fields of a JSON object by their keys. The text is valid JSON. */
function fieldsOf(text: string): Map<string, Field> {
  const fields = new Map<string, Field>()
  let depth = 0
  let key: string | undefined
  let start = 0
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/gs)) {
    const isEnd = depth === 1 && (token === ',' || token === '}')
    if (isEnd && key !== undefined) {
      fields.set(key, { written: text.slice(start, index).trim(), isRepeated: fields.has(key) })
      key = undefined
    } else if (depth === 1 && key === undefined && token.startsWith('"')) key = JSON.parse(token)
    else if (depth === 1 && token === ':') start = index + 1
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
  }
  return fields
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
  const [, sign, digits, fraction, exponent] = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const number = Number(text)
  if (digits === undefined || Number.isNaN(number)) return { reason: 'that is not a number' }
  const isWhole = /^(integer|bigint|timestamp)$/.test(type)
  const isDecimal = type.startsWith('decimal')
  if (isWhole && Number.isFinite(number) && !Number.isInteger(number)) return { reason: 'that is not a whole number' }
  const [least, most] = range(name, type)
  const stored = isDecimal ? Math.round(number * 1e5) / 1e5 : number
  if (stored < least || stored > most) return { reason: `outside ${least} to ${most}` }
  if (isWhole) return String(BigInt(number))
  if (exponent !== undefined) return isDecimal ? number.toFixed(5) : String(number)
  return `${sign === '-' ? '-' : ''}${digits.replace(/^0+/, '') || '0'}${fraction ? `.${fraction}` : ''}`
}

function range(name: string, type: Column['type']): [least: number, most: number] {
  if (name === 'item_in_session') return [0, itemsPerSession - 1]
  if (name === 'session_id') return [0, maxSessionId]
  if (type === 'integer') return [-2_147_483_648, 2_147_483_647]
  if (type === 'timestamp') return [-62_135_596_800_000, 253_402_300_799_999]
  if (type.startsWith('decimal')) return [-99_999.99999, 99_999.99999]
  return [-1e300, 1e300]
}
