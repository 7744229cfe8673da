/** What COPY makes of one JSON value for one column, and the errors it reports where it can't. */
import type { CopyStatement } from './copy-statement.ts'
import type { JsonValue } from './json-records.ts'

export interface CopyColumn {
  readonly name: string
  /** PostgreSQL's name: int4, varchar … */
  readonly type: string
  /** Bytes of a VARCHAR or CHAR. */
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly isRequired: boolean
  readonly isIdentity: boolean
}

/** An error of one field, as SYS_LOAD_ERROR_DETAIL shows it. */
export class FieldError extends Error {
  override readonly name = 'FieldError'
  readonly code: number
  readonly position: number

  constructor(code: number, message: string, position = 0) {
    super(message)
    this.code = code
    this.position = position
  }
}

const integers: Readonly<Record<string, { readonly label: string; readonly bits: bigint }>> = {
  int2: { label: 'Short', bits: 15n },
  int4: { label: 'Integer', bits: 31n },
  int8: { label: 'Long', bits: 63n },
}

function invalidDigit(text: string, valid: RegExp, label: string): FieldError {
  const position = Math.max(0, text.search(valid))
  return new FieldError(
    1207,
    `Invalid digit, Value '${text[position] ?? ''}', Pos ${position}, Type: ${label}`,
    position,
  )
}

function toInteger(text: string, type: string): string {
  const { label, bits } = integers[type] ?? { label: 'Integer', bits: 31n }
  if (!/^[+-]?\d+$/.test(text)) throw invalidDigit(text, /(?!^)[^\d]|^[^\d+-]/, label)
  const value = BigInt(text.replace('+', ''))
  const limit = 1n << bits
  if (value >= limit || value < -limit) {
    throw new FieldError(1204, `Overflow (${label} valid range -${limit} to ${limit - 1n})`)
  }
  return String(value)
}

/** Decimals are cut off at the scale, or rounded with ROUNDEC. */
export function toDecimal(text: string, precision: number, scale: number, rounds: boolean): string {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found ?? []
  if (found === null || whole + fraction === '') throw invalidDigit(text, /[^\d.+-]/, 'Decimal')
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + scale
  const divisor = shift < 0 ? 10n ** BigInt(Math.min(-shift, 10_000)) : 1n
  let unscaled = shift < 0 ? digits / divisor : digits * 10n ** BigInt(shift)
  if (rounds && shift < 0 && (digits % divisor) * 2n >= divisor) unscaled += 1n
  if (unscaled >= 10n ** BigInt(precision)) throw new FieldError(1204, 'Numeric data overflow (result precision)')
  const padded = unscaled.toString().padStart(scale + 1, '0')
  const result = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
  return sign === '-' && unscaled !== 0n ? `-${result}` : result
}

function toDouble(text: string): string {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw new FieldError(1208, 'Invalid float format or value')
  if (!Number.isFinite(Number(text))) throw new FieldError(1204, 'Overflow (Double)')
  return text
}

const surrogate = /\p{Surrogate}/gu

/** The bytes of what is not a character: an undecodable byte of the file, or half a surrogate pair. */
const badBytes = (char: string) => {
  const code = char.charCodeAt(0)
  if (code === 0) return '0'
  return code >= 0xdc80 && code <= 0xdcff
    ? (code - 0xdc00).toString(16)
    : Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)]).toString('hex')
}

function toText(given: string, { type, length }: CopyColumn, options: CopyStatement): string | null {
  let text = given
  if ((options.emptyAsNull && text === '') || (options.blanksAsNull && /^\s*$/.test(text))) return null
  const bad = /[\0\p{Surrogate}]/u.exec(text)
  if (bad !== null) {
    if (options.replacement === undefined || bad[0] === '\0') {
      const told = `String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ${badBytes(bad[0])} (error 3)`
      throw new FieldError(1220, told, bad.index)
    }
    text = text.replace(surrogate, (char) => (options.replacement ?? '?').repeat(badBytes(char).length / 2))
  }
  const multibyte = type === 'bpchar' ? /[^\0-\x7f]/u.exec(text) : null
  if (multibyte !== null) {
    const bytes = [...Buffer.from(multibyte[0])].map((byte) => byte.toString(16)).join(' ')
    throw new FieldError(
      1220,
      `Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: ${bytes}`,
      multibyte.index,
    )
  }
  if (Buffer.byteLength(text) <= length) return text
  if (!options.truncateColumns) throw new FieldError(1204, 'String length exceeds DDL length')
  let bytes = Buffer.from(text).subarray(0, length)
  // Not in the middle of a character.
  const next = Buffer.from(text)[length] ?? 0
  if ((next & 0xc0) === 0x80) {
    let end = bytes.length
    while (end > 0 && ((bytes[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1
    bytes = bytes.subarray(0, end - 1)
  }
  return bytes.toString('utf8')
}

const isDate = (year: number, month: number, day: number) => {
  const date = new Date(Date.UTC(2000, month - 1, day))
  date.setUTCFullYear(year)
  return month >= 1 && month <= 12 && date.getUTCDate() === day && date.getUTCMonth() === month - 1
}

const fromEpoch = (text: string, unit: number, told: string) => {
  if (!/^-?\d{1,16}$/.test(text)) throw new FieldError(1206, told)
  const date = new Date(Number(text) * unit)
  if (Number.isNaN(date.getTime())) throw new FieldError(1206, told)
  const year = date.getUTCFullYear()
  const rest = date
    .toISOString()
    .replace(/^[+-]?\d+/, '')
    .replace('T', ' ')
    .replace('Z', '')
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

const iso =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([ T])(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/

function toTimestamp(text: string, format: string | undefined, hasZone: boolean): string {
  const told = `Invalid timestamp format or value [${format ?? 'YYYY-MM-DD HH24:MI:SS'}]`
  if (format === 'epochmillisecs') return fromEpoch(text, 1, told)
  if (format === 'epochsecs') return fromEpoch(text, 1000, told)
  if (format !== undefined && format !== 'auto' && !/^YYYY-MM-DD[ T]HH(24)?:MI:SS(\.(MS|US))?$/.test(format)) {
    throw new FieldError(1206, `TIMEFORMAT '${format}' is not implemented by the test double`)
  }
  const found = iso.exec(text)
  const [, year, month, day, separator, hour = '0', minute = '0', second = '0', , zone] = found ?? []
  const isValid =
    found !== null &&
    isDate(Number(year), Number(month), Number(day)) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60
  const isPlain =
    format !== undefined || ((separator === ' ' || separator === undefined) && (zone === undefined || hasZone))
  if (!isValid || !isPlain) throw new FieldError(1206, told)
  return hasZone ? text : text.replace(/\s*(Z|[+-]\d{2}(:?\d{2})?)$/, zone === undefined ? '$&' : '').replace('T', ' ')
}

function toDate(text: string, format: string | undefined): string {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})([ T].*)?$/.exec(text)
  if (text.length < 8) throw new FieldError(1205, 'Invalid Date Format - length must be 10 or more')
  if (found === null || !isDate(Number(found[1]), Number(found[2]), Number(found[3]))) {
    throw new FieldError(1205, `Invalid date format or value [${format ?? 'YYYY-MM-DD'}]`)
  }
  return `${found[1]}-${found[2]}-${found[3]}`
}

const booleans: Readonly<Record<string, string>> = {
  t: 't',
  true: 't',
  y: 't',
  yes: 't',
  '1': 't',
  f: 'f',
  false: 'f',
  n: 'f',
  no: 'f',
  '0': 'f',
}

/** The value as text for PostgreSQL, or null. Throws a FieldError. */
export function convert(value: JsonValue | undefined, column: CopyColumn, options: CopyStatement): string | null {
  const { type } = column
  if (value === undefined || value.kind === 'null') return null
  if (type === 'varchar' || type === 'bpchar' || type === 'text') return toText(value.text, column, options)
  // Outside CHAR and VARCHAR an empty or blank field is always NULL.
  const text = value.text.trim()
  if (text === '') return null
  if (type in integers) return toInteger(text, type)
  if (type === 'numeric') return toDecimal(text, column.precision, column.scale, options.roundDecimals)
  if (type === 'float8' || type === 'float4') return toDouble(text)
  if (type === 'timestamp') return toTimestamp(text, options.timeFormat, false)
  if (type === 'timestamptz') return toTimestamp(text, options.timeFormat, true)
  if (type === 'date') return toDate(text, options.dateFormat)
  if (type === 'bool') {
    const found = booleans[text.toLowerCase()]
    if (found === undefined) throw new FieldError(1210, 'Unknown boolean format')
    return found
  }
  return text
}
