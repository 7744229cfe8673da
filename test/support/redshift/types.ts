/** Column types: what Redshift takes and refuses, and what stands for each in PostgreSQL. */
import { isAt, isName, isWord, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'

export interface SqlType {
  /** For PostgreSQL. */
  readonly sql: string
  /** Index of the first token after the type. */
  readonly next: number
}

const simple: Readonly<Record<string, string>> = {
  smallint: 'smallint',
  int2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  real: 'real',
  float4: 'real',
  float8: 'double precision',
  boolean: 'boolean',
  bool: 'boolean',
  date: 'date',
  timestamptz: 'timestamptz',
  timetz: 'timetz',
  interval: 'interval',
}

const missing = ['super', 'geometry', 'geography', 'hllsketch']

export const notInDouble = (what: string) =>
  new SqlError('0A000', `${what} is valid on Redshift but not implemented by the test double`)

/** Reads `(a, b)` of numbers at `at`; `max` counts as `maximum`. */
function lengths(tokens: readonly Token[], at: number, maximum = 65535): { values: readonly number[]; next: number } {
  if (tokens[at]?.text !== '(') return { values: [], next: at }
  const values: number[] = []
  let next = at + 1
  for (; tokens[next]?.text !== ')'; next += 1) {
    const token = tokens[next]
    if (isWord(token, 'max')) values.push(maximum)
    else if (token?.kind === 'number') values.push(Number(token.text))
    else if (token?.text !== ',') throw syntaxError(token)
  }
  return { values, next: next + 1 }
}

function sized(type: 'varchar' | 'char', given: number | undefined, fallback: number, limit: number): string {
  const length = given ?? fallback
  if (length < 1 || length > limit) {
    throw new SqlError('22023', `length for type ${type} cannot exceed ${limit}`)
  }
  return `${type}(${length})`
}

function decimal([precision = 18, scale = 0]: readonly number[]): string {
  if (precision < 1 || precision > 38)
    throw new SqlError('22023', `DECIMAL precision ${precision} must be between 1 and 38`)
  if (scale > precision)
    throw new SqlError('22023', `DECIMAL scale ${scale} must be between 0 and precision ${precision}`)
  return `numeric(${precision},${scale})`
}

/** `with time zone` or `without time zone` after a time type. Redshift's times take no precision. */
function zoned(tokens: readonly Token[], at: number, type: 'time' | 'timestamp'): SqlType {
  if (tokens[at]?.text === '(') throw syntaxError(tokens[at])
  if (isAt(tokens, at, 'with', 'time', 'zone')) return { sql: `${type}tz`, next: at + 3 }
  if (isAt(tokens, at, 'without', 'time', 'zone')) return { sql: type, next: at + 3 }
  return { sql: type, next: at }
}

/**
 * Reads the type that starts at `at`. `of` is the column it is for: there a type has its default length; in an expression
 * VARCHAR without a length is as long as it needs to be.
 */
export function readType(tokens: readonly Token[], at: number, of?: string): SqlType {
  const first = tokens[at]
  if (!isName(first)) throw syntaxError(first)
  const isVarying = isAt(tokens, at + 1, 'varying')
  const type = readBareType(tokens, at, first.value, isVarying, of)
  if (tokens[type.next]?.text === '[' || isWord(tokens[type.next], 'array')) throw syntaxError(tokens[type.next])
  return type
}

function readBareType(tokens: readonly Token[], at: number, name: string, isVarying: boolean, of?: string): SqlType {
  const after = isVarying ? at + 2 : at + 1
  if (['varchar', 'nvarchar', 'text'].includes(name) || (isVarying && ['character', 'char', 'nchar'].includes(name))) {
    const { values, next } = lengths(tokens, after)
    if (name === 'text') return { sql: of === undefined ? 'text' : 'varchar(256)', next }
    const isUnbounded = values.length === 0 && of === undefined
    return { sql: isUnbounded ? 'varchar' : sized('varchar', values[0], 256, 65535), next }
  }
  if (['char', 'character', 'nchar', 'bpchar'].includes(name)) {
    const { values, next } = lengths(tokens, after, 4096)
    return { sql: sized('char', values[0], name === 'bpchar' ? 256 : 1, 4096), next }
  }
  if (['decimal', 'numeric'].includes(name)) {
    const { values, next } = lengths(tokens, after)
    return { sql: decimal(values), next }
  }
  if (name === 'double' && isAt(tokens, at + 1, 'precision')) return { sql: 'double precision', next: at + 2 }
  if (name === 'float') {
    const { values, next } = lengths(tokens, after)
    return { sql: (values[0] ?? 53) < 25 ? 'real' : 'double precision', next }
  }
  if (name === 'timestamp' || name === 'time') return zoned(tokens, after, name)
  if (['varbyte', 'varbinary'].includes(name) || (name === 'binary' && isVarying)) {
    return { sql: 'bytea', next: lengths(tokens, after).next }
  }
  const found = simple[name]
  if (found !== undefined) return { sql: found, next: after }
  if (missing.includes(name)) throw notInDouble(`type ${name.toUpperCase()}`)
  if (of !== undefined) throw new SqlError('0A000', `Column "${of}" has unsupported type "${name}".`)
  if (['name', 'oid', 'regclass'].includes(name)) return { sql: name, next: after }
  throw new SqlError('42704', `type "${name}" does not exist`)
}
