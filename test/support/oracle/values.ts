/** Values as the oracle holds them, how they are written, and their order. Nothing here goes through a double or a locale. */

/** A value of an expected star: text, decimals (exactly 5 digits) and timestamps (ISO 8601, ms, UTC) are strings. */
export type Value = string | number | null
export type Row = Record<string, Value>

/** A value inside the oracle: a bigint is a decimal in units of 0.00001, instants are numbers of milliseconds. */
export type Cell = string | number | bigint | null

const decimalLimit = 10n ** 10n

/** The decimal(10,5) that a JSON number's text stands for, rounded half away from zero. */
export function decimal(text: string): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text)
  if (!parts) throw new Error(`not a number: ${text}`)
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  const digits = BigInt(whole + fraction)
  const shift = Number(exponent) - fraction.length + 5
  const divisor = 10n ** BigInt(Math.max(0, -shift))
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : (2n * digits + divisor) / (2n * divisor)
  if (units >= decimalLimit) throw new Error(`does not fit decimal(10,5): ${text}`)
  return sign === '-' ? -units : units
}

/** The integer that a JSON number's text stands for: 7, 7.0 and 70e-1 are all 7. */
export function integer(text: string): number {
  const number = Number(text)
  const isNumber = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)
  if (!isNumber || !Number.isSafeInteger(number)) throw new Error(`not an integer: ${text}`)
  return number + 0 // -0 is 0
}

/** A decimal as the star shows it: 24630812n is '246.30812'. */
export function formatDecimal(units: bigint | null): string | null {
  if (units === null) return null
  const digits = (units < 0n ? -units : units).toString().padStart(6, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -5)}.${digits.slice(-5)}`
}

export function formatTimestamp(ms: number): string {
  return new Date(ms).toISOString()
}

/** Ascending, nulls last. Text by code point: UTF-8 bytes sort so, UTF-16 code units (JavaScript's `<`) don't. */
export function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** Compares lists cell by cell; the first difference decides. */
export function compareLists(a: readonly Cell[], b: readonly Cell[]): number {
  for (const [index, cell] of a.entries()) {
    const order = compareCells(cell, b[index] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** The items in the order of the cells that `by` reads from each. */
export function sortedBy<T>(items: Iterable<T>, by: (item: T) => readonly Cell[]): T[] {
  return [...items].sort((a, b) => compareLists(by(a), by(b)))
}

/** One item for every distinct `key`: the first in the order of `by`. */
export function firstOfEach<T>(items: Iterable<T>, key: (item: T) => Cell, by: (item: T) => readonly Cell[]): T[] {
  const firsts = new Map<Cell, T>()
  for (const item of items) {
    const first = firsts.get(key(item))
    if (first === undefined || compareLists(by(item), by(first)) < 0) firsts.set(key(item), item)
  }
  return [...firsts.values()]
}
