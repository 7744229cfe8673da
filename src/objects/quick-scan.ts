import type { StagingTable } from '../schema/index.ts'
import { byteOrderMark, isBlank, maxRecordBytes } from './lines.ts'

/** Bytes before a suspicious place that are enough to judge it. */
const context = 64

/**
 * Counts the records of content that comes in pieces, and finds content that an engine would silently accept although it is invalid:
 * a comma before a closing bracket, NaN and Infinity, true and false in place of a number, an escaped NUL, a byte order mark, a line
 * over the limit. It never misses any of these. A false alarm only costs a validation of the object.
 *
 * It searches for bytes with native code, which takes about a second per GB; parsing every record would take several.
 */
export class QuickScan {
  private readonly numberKeys: ReadonlySet<string>
  private count = 0
  private suspicious = false
  private isBlank = true
  private lineLength = 0
  private before = Buffer.alloc(0)
  private isFirst = true

  constructor({ columns }: Pick<StagingTable, 'columns'>) {
    this.numberKeys = new Set(
      columns.filter(({ type }) => !type.startsWith('text')).map(({ sourceKey }) => sourceKey ?? ''),
    )
  }

  /** Records so far: lines that aren't blank. */
  get records(): number {
    return this.count
  }

  get isSuspicious(): boolean {
    return this.suspicious
  }

  add(piece: Buffer): void {
    if (this.isFirst && piece.length > 0) {
      this.isFirst = false
      this.suspicious ||= piece[0] === byteOrderMark[0]
    }
    this.countLines(piece)
    if (this.suspicious) return
    // The seam covers what is cut in two by the end of a piece.
    const seam = Buffer.concat([this.before, piece.subarray(0, context)])
    this.suspicious = this.findsIn(piece) || this.findsIn(seam)
    this.before = Buffer.concat([this.before, piece.subarray(-context)]).subarray(-context)
  }

  finish(): this {
    this.endLine()
    return this
  }

  private countLines(piece: Buffer): void {
    for (let start = 0; start < piece.length; ) {
      const found = piece.indexOf(10, start)
      const end = found === -1 ? piece.length : found
      this.isBlank &&= isBlank(piece, start, end)
      this.lineLength += end - start
      start = end + 1
      if (found !== -1) this.endLine()
    }
  }

  private endLine(): void {
    if (!this.isBlank) this.count += 1
    this.suspicious ||= this.lineLength > maxRecordBytes
    this.isBlank = true
    this.lineLength = 0
  }

  private findsIn(bytes: Buffer): boolean {
    const isAfterComma = (place: number) => bytes[lastInk(bytes, place)] === comma
    const isLiteral = (place: number) => isValueStart(bytes, place)
    const isNumberKey = (place: number) => this.isValueOfNumber(bytes, place)
    return (
      bytes.includes('\\u0000') ||
      someAt(bytes, closingBrace, isAfterComma) ||
      someAt(bytes, closingBracket, isAfterComma) ||
      someAt(bytes, 'NaN', isLiteral) ||
      // Not all of Infinity: Node finds six letters several times as fast as eight.
      someAt(bytes, 'Infini', isLiteral) ||
      someAt(bytes, 'true', isNumberKey) ||
      someAt(bytes, 'false', isNumberKey)
    )
  }

  /** True if the value at `place` belongs to a number column, or to a key with escapes, which could be one. */
  private isValueOfNumber(bytes: Buffer, place: number): boolean {
    const colonAt = lastInk(bytes, place)
    if (bytes[colonAt] !== colon) return false
    const end = lastInk(bytes, colonAt)
    if (bytes[end] !== quote) return false
    const start = bytes.lastIndexOf(quote, end - 1)
    const key = bytes.toString('latin1', start + 1, end)
    return this.numberKeys.has(key) || key.includes('\\')
  }
}

/** Scans content that is complete in memory. */
export function scanned(table: Pick<StagingTable, 'columns'>, content: Buffer): QuickScan {
  const scan = new QuickScan(table)
  scan.add(content)
  return scan.finish()
}

const comma = 0x2c
const colon = 0x3a
const quote = 0x22
const openingBracket = 0x5b
const closingBracket = 0x5d
const closingBrace = 0x7d
const minus = 0x2d

function someAt(bytes: Buffer, what: string | number, holds: (place: number) => boolean): boolean {
  for (let place = bytes.indexOf(what); place !== -1; place = bytes.indexOf(what, place + 1)) {
    if (holds(place)) return true
  }
  return false
}

/** Index of the last byte before `place` that isn't white space; -1 if there is none. */
function lastInk(bytes: Buffer, place: number): number {
  let at = place - 1
  while (at >= 0 && isBlank(bytes, at, at + 1)) at -= 1
  return at
}

/** True where a JSON value may start: after a colon, a comma or an opening bracket, and optionally a minus. */
function isValueStart(bytes: Buffer, place: number): boolean {
  let at = lastInk(bytes, place)
  if (bytes[at] === minus) at = lastInk(bytes, at)
  const byte = bytes[at]
  return byte === colon || byte === comma || byte === openingBracket
}
