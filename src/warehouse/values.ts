import type { Value } from '../schema/index.ts'

/** A decimal as a number if a double has the same digits, else as text. */
export function exactNumber(text: string): Value {
  const digits = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  return String(Number(digits)) === digits ? Number(digits) : text
}

/** A timestamp of Redshift as ISO 8601, to the microsecond; one without a time zone is in UTC. Infinity and years BC are as they are. */
export function instantOf(text: string): string {
  const iso = text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
  const date = new Date(/[+-]\d\d:\d\d$/.test(iso) ? iso : `${iso}Z`)
  if (Number.isNaN(date.getTime())) return text
  const [, finer = ''] = /\.\d{3}(\d{1,3})/.exec(text) ?? []
  return Number(finer) === 0 ? date.toISOString() : date.toISOString().replace('Z', `${finer.padEnd(3, '0')}Z`)
}

/** Redshift's types as DuckDB calls them; every other one is text. */
const types: Readonly<Record<string, string>> = {
  bool: 'BOOLEAN',
  int2: 'SMALLINT',
  int4: 'INTEGER',
  int8: 'BIGINT',
  float4: 'DOUBLE',
  float8: 'DOUBLE',
  numeric: 'DECIMAL',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
}

/** A type of Redshift, as its catalog names it, as DuckDB calls it. */
export function duckdbType(name: string): string {
  return types[name] ?? 'VARCHAR'
}
