/** What COPY makes of one JSON value for one column, and the errors it reports where it can't. */
import { unknown } from './lexer.ts'

export interface CopyColumn {
  readonly name: string
  /** PostgreSQL's name: int4, varchar … */
  readonly type: string
  /** Bytes of a VARCHAR. */
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly isRequired: boolean
}

/** An error of one field, as SYS_LOAD_ERROR_DETAIL shows it. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const integers: Readonly<Record<string, { readonly label: string; readonly limit: bigint }>> = {
  int4: { label: 'Integer', limit: 1n << 31n },
  int8: { label: 'Long', limit: 1n << 63n },
}

function invalidDigit(text: string, valid: RegExp, label: string): FieldError {
  const position = Math.max(0, text.search(valid))
  return new FieldError(1207, `Invalid digit, Value '${text[position] ?? ''}', Pos ${position}, Type: ${label}`)
}

function toInteger(text: string, { label, limit }: { readonly label: string; readonly limit: bigint }): string {
  if (!/^[+-]?\d+$/.test(text)) throw invalidDigit(text, /(?!^)[^\d]|^[^\d+-]/, label)
  const value = BigInt(text.replace('+', ''))
  if (value >= limit || value < -limit)
    throw new FieldError(1204, `Overflow (${label} valid range -${limit} to ${limit - 1n})`)
  return String(value)
}

/** Decimals are cut off at the scale, or rounded with ROUNDEC. */
function toDecimal(text: string, precision: number, scale: number, rounds: boolean): string {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found ?? []
  if (found === null || whole + fraction === '') throw invalidDigit(text, /[^\d.+-]/, 'Decimal')
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + scale
  const divisor = shift < 0 ? 10n ** BigInt(-shift) : 1n
  let unscaled = shift < 0 ? digits / divisor : digits * 10n ** BigInt(shift)
  if (rounds && shift < 0 && (digits % divisor) * 2n >= divisor) unscaled += 1n
  if (unscaled >= 10n ** BigInt(precision)) throw new FieldError(1204, 'Numeric data overflow (result precision)')
  return `${sign}${unscaled}e-${scale}`
}

function toDouble(text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new FieldError(1208, 'Invalid float format or value')
  if (!Number.isFinite(Number(text))) throw new FieldError(1204, 'Overflow (Double)')
  return text
}

function toText(text: string, length: number): string {
  // Half a surrogate pair, or what an undecodable byte of the file became.
  if (/[\0\p{Surrogate}]/u.test(text))
    throw new FieldError(1220, 'String contains invalid or unsupported UTF8 codepoints.')
  if (Buffer.byteLength(text) > length) throw new FieldError(1204, 'String length exceeds DDL length')
  return text
}

/** From milliseconds since 1970. */
function toTimestamp(text: string): string {
  const date = new Date(/^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN)
  if (Number.isNaN(date.getTime())) throw new FieldError(1206, 'Invalid timestamp format or value [epochmillisecs]')
  const year = date.getUTCFullYear()
  const rest = date
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .replace('T', ' ')
    .replace('Z', '')
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

/** The value as text for PostgreSQL, or null. Throws a FieldError. */
export function convert(
  value: string | null,
  { type, length, precision, scale }: CopyColumn,
  { roundDecimals }: { readonly roundDecimals: boolean },
): string | null {
  if (value === null) return null
  if (type === 'varchar') return toText(value, length)
  // Outside CHAR and VARCHAR an empty or blank field is always NULL.
  const text = value.trim()
  if (text === '') return null
  const integer = integers[type]
  if (integer !== undefined) return toInteger(text, integer)
  if (type === 'numeric') return toDecimal(text, precision, scale, roundDecimals)
  if (type === 'float8') return toDouble(text)
  if (type === 'timestamp') return toTimestamp(text)
  throw unknown(`COPY into a column of type ${type}`)
}
