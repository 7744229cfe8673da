/** JSON as COPY reads it: objects one after the other with white space between them, values kept as they are written. */

export type JsonValue =
  | { readonly kind: 'string'; readonly text: string }
  /** A number, true or false, as written. */
  | { readonly kind: 'bare'; readonly text: string }
  | { readonly kind: 'null' }
  /** An object or array, as written. */
  | { readonly kind: 'nested'; readonly text: string }

export interface JsonRecord {
  readonly fields: ReadonlyMap<string, JsonValue>
  /** Line of the closing brace, from 1. */
  readonly line: number
}

export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly line: number
  readonly position: number

  constructor(message: string, line: number, position: number) {
    super(message)
    this.line = line
    this.position = position
  }
}

export const maximumRecordBytes = 4 * 1024 * 1024

/** Bytes that are not UTF-8 become lone surrogates U+DC00 + byte, so that the field they are in can be told. */
export function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    let text = ''
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at] ?? 0
      const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
      const slice = bytes.subarray(at, at + length)
      const char = slice.toString('utf8')
      if (length === 0 || slice.length < length || char.includes('\ufffd')) {
        text += String.fromCharCode(0xdc00 + first)
        at += 1
      } else {
        text += char
        at += length
      }
    }
    return text
  }
}

const blank = /[ \t\r\n]/
const bare = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y

/** Reads one text; remembers where it is. */
export class JsonReader {
  readonly #text: string
  #at = 0
  #line = 1
  #counted = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next record, or undefined at the end. Throws a JsonError. */
  next(): JsonRecord | undefined {
    this.#skipBlanks()
    if (this.#at >= this.#text.length) return undefined
    if (this.#text[this.#at] === '[') throw this.#error('Invalid JSONPath format: Member is not an object.')
    if (this.#text[this.#at] !== '{') throw this.#error('Invalid value.')
    const start = this.#at
    const fields = this.#object()
    const length = this.#at - start
    const isTooLarge =
      length > maximumRecordBytes / 4 && Buffer.byteLength(this.#text.slice(start, this.#at)) > maximumRecordBytes
    if (isTooLarge) throw this.#error(`JSON object exceeds the maximum size of ${maximumRecordBytes} bytes.`)
    return { fields, line: this.#lineAt(this.#at) }
  }

  /** Goes on after the end of the line an error was in. */
  skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#text.length : end + 1
  }

  #error(message: string): JsonError {
    return new JsonError(message, this.#lineAt(this.#at), this.#at)
  }

  #lineAt(at: number): number {
    for (let found = this.#text.indexOf('\n', this.#counted); found !== -1 && found < at; ) {
      this.#line += 1
      this.#counted = found + 1
      found = this.#text.indexOf('\n', this.#counted)
    }
    return this.#line
  }

  #skipBlanks(): void {
    while (this.#at < this.#text.length && blank.test(this.#text[this.#at] ?? '')) this.#at += 1
  }

  #object(): Map<string, JsonValue> {
    const fields = new Map<string, JsonValue>()
    this.#at += 1
    this.#skipBlanks()
    if (this.#text[this.#at] === '}') {
      this.#at += 1
      return fields
    }
    for (;;) {
      this.#skipBlanks()
      if (this.#text[this.#at] !== '"') throw this.#error('Invalid value.')
      const key = this.#string()
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') throw this.#error('Invalid value.')
      this.#at += 1
      this.#skipBlanks()
      fields.set(key, this.#value())
      this.#skipBlanks()
      const char = this.#text[this.#at]
      this.#at += 1
      if (char === '}') return fields
      if (char !== ',') {
        this.#at -= 1
        throw this.#error('Invalid value.')
      }
    }
  }

  #value(): JsonValue {
    const char = this.#text[this.#at]
    if (char === '"') return { kind: 'string', text: this.#string() }
    const start = this.#at
    if (char === '{') {
      this.#object()
      return { kind: 'nested', text: this.#text.slice(start, this.#at) }
    }
    if (char === '[') {
      this.#array()
      return { kind: 'nested', text: this.#text.slice(start, this.#at) }
    }
    bare.lastIndex = start
    const text = bare.exec(this.#text)?.[0]
    if (text === undefined) throw this.#error('Invalid value.')
    this.#at += text.length
    return text === 'null' ? { kind: 'null' } : { kind: 'bare', text }
  }

  #array(): void {
    this.#at += 1
    this.#skipBlanks()
    if (this.#text[this.#at] === ']') {
      this.#at += 1
      return
    }
    for (;;) {
      this.#skipBlanks()
      this.#value()
      this.#skipBlanks()
      const char = this.#text[this.#at]
      this.#at += 1
      if (char === ']') return
      if (char !== ',') throw this.#error('Invalid value.')
    }
  }

  #string(): string {
    const start = this.#at
    let end = start + 1
    let isEscaped = false
    for (;;) {
      const code = this.#text.charCodeAt(end)
      if (code === 34) break
      // JSON has no control characters in a text unless they are escaped.
      if (Number.isNaN(code) || code < 32) throw this.#error('Invalid value.')
      if (code === 92) {
        isEscaped = true
        end += 1
      }
      end += 1
    }
    this.#at = end + 1
    if (!isEscaped) return this.#text.slice(start + 1, end)
    try {
      return JSON.parse(this.#text.slice(start, end + 1))
    } catch {
      this.#at = start
      throw this.#error('Invalid value.')
    }
  }
}
