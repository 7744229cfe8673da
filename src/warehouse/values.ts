import type { Value } from '../schema/index.ts'

/** A decimal as a number if a double has the same digits, else as text. */
export function exactNumber(text: string): Value {
  const digits = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return String(Number(digits)) === digits ? Number(digits) : text
}

/** A timestamp of Redshift as ISO 8601, to the microsecond; one without a time zone is in UTC. Infinity and years BC are as they are. */
function instantOf(text: string): string {
  const iso = text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
  const date = new Date(/[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`)
  if (Number.isNaN(date.getTime())) return text
  const [, finer = ''] = /\.\d{3}(\d{1,3})/.exec(text) ?? []
  return Number(finer) === 0 ? date.toISOString() : date.toISOString().replace('Z', `${finer.padEnd(3, '0')}Z`)
}

const whole = (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text)
const real = (text: string) => (Number.isFinite(Number(text)) ? Number(text) : text)

/** Redshift's types: as DuckDB calls them, and the value that their text stands for. Every other one is text. */
const types: Readonly<Record<string, readonly [duckdb: string, parse?: (text: string) => Value]>> = {
  bool: ['BOOLEAN', (text) => text === 't'],
  int2: ['SMALLINT', whole],
  int4: ['INTEGER', whole],
  int8: ['BIGINT', whole],
  float4: ['DOUBLE', real],
  float8: ['DOUBLE', real],
  numeric: ['DECIMAL', exactNumber],
  date: ['DATE'],
  timestamp: ['TIMESTAMP', instantOf],
  timestamptz: ['TIMESTAMP WITH TIME ZONE', instantOf],
}

/** A type of Redshift, as its catalog names it, as DuckDB calls it. */
export const duckdbType = (name: string) => types[name]?.[0] ?? 'VARCHAR'

/** The value that a text of such a type stands for. */
export const parsedValue = (name: string, text: string) => types[name]?.[1]?.(text) ?? text
