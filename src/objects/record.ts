import { type Column, itemsPerSession, maxSessionId, type StagingTable } from '../schema/index.ts'
import type { Line } from './lines.ts'

export interface RecordProblem {
  /** Name in the staging table; undefined if the record as a whole is at fault. */
  readonly column: string | undefined
  readonly reason: string
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Why a line can't become a row of the staging table; undefined if it can. Only asked when the engine has refused one. */
export function problemOf(table: StagingTable, { text, isUtf8 }: Omit<Line, 'number'>): RecordProblem | undefined {
  if (!isUtf8) return { column: undefined, reason: 'is not valid UTF-8' }
  let record: Json
  try {
    record = JSON.parse(text)
  } catch (error) {
    return { column: undefined, reason: `is not JSON (${error instanceof Error ? error.message : error})` }
  }
  if (record === null || typeof record !== 'object' || Array.isArray(record))
    return { column: undefined, reason: 'is not a JSON object' }
  const repeated = repeatedKey(text)
  if (repeated !== undefined) return { column: undefined, reason: `has ${repeated} twice` }
  for (const column of table.columns) {
    const reason = problemOfValue(column, record[column.sourceKey ?? ''])
    if (reason) return { column: column.name, reason }
  }
  return undefined
}

/** A key that stands twice in a record, of which JSON.parse takes the last in silence. The text is valid JSON. */
function repeatedKey(text: string): string | undefined {
  const keys = new Set<string>()
  let depth = 0
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    else if (depth === 1 && string && colon) {
      const key: string = JSON.parse(string)
      if (keys.has(key)) return key
      keys.add(key)
    }
  }
  return undefined
}

function problemOfValue({ name, type, required, sourceKey }: Column, value: Json | undefined): string | undefined {
  if (value === undefined || value === null)
    return required ? `has no ${sourceKey}, which every record needs` : undefined
  const bytes = /^text\((\d+)\)$/.exec(type)?.[1]
  if (bytes) {
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) return `has ${sourceKey} with half a character`
    const needed = Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value))
    return needed > Number(bytes) ? `has ${sourceKey} of ${needed} bytes, ${bytes} at most` : undefined
  }
  const shown = (typeof value === 'number' ? String(value) : JSON.stringify(value)).slice(0, 80)
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return `has ${sourceKey} ${shown}, which is not a number`
  if (/^(integer|bigint|timestamp)$/.test(type) && !Number.isInteger(number))
    return `has ${sourceKey} ${shown}, which is not a whole number`
  const [least, most] = range(name, type)
  return number < least || number > most ? `has ${sourceKey} ${shown}, ${least} to ${most} at most` : undefined
}

function range(name: string, type: string): [least: number, most: number] {
  if (name === 'item_in_session') return [0, itemsPerSession - 1]
  if (name === 'session_id') return [0, maxSessionId]
  if (type === 'integer') return [-2_147_483_648, 2_147_483_647]
  if (type === 'timestamp') return [-62_135_596_800_000, 253_402_300_799_999]
  if (type.startsWith('decimal')) return [-99_999.99999, 99_999.99999]
  return [-1e300, 1e300]
}
