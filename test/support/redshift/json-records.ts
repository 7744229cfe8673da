/** JSON as COPY reads it: objects one after the other with white space between them, values kept as they are written. */

export interface JsonRecord {
  /** Texts, and what else there is as it is written: numbers, true, false, objects, arrays. */
  readonly fields: ReadonlyMap<string, string | null>
  /** Line of the closing brace, from 1. */
  readonly line: number
}

export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

const maximumRecordBytes = 4 * 1024 * 1024

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
      const isValid = length > 0 && slice.length === length && !char.includes('\ufffd')
      text += isValid ? char : String.fromCharCode(0xdc00 + first)
      at += isValid ? length : 1
    }
    return text
  }
}

const blanks = /[ \t\r\n]*/y
const bare = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

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
    const first = this.#peek()
    if (first === undefined) return undefined
    if (first === '[') throw this.#error('Invalid JSONPath format: Member is not an object.')
    if (first !== '{') throw this.#error()
    const start = this.#at
    const fields = new Map<string, string | null>()
    this.#list('}', () => this.#field(fields))
    if (Buffer.byteLength(this.#text.slice(start, this.#at)) > maximumRecordBytes)
      throw this.#error(`JSON object exceeds the maximum size of ${maximumRecordBytes} bytes.`)
    return { fields, line: this.#lineHere() }
  }

  /** Goes on after the end of the line an error was in. */
  skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at)
    this.#at = end === -1 ? this.#text.length : end + 1
  }

  #error(message = 'Invalid value.'): JsonError {
    return new JsonError(message, this.#lineHere())
  }

  #lineHere(): number {
    for (let found = this.#text.indexOf('\n', this.#counted); found !== -1 && found < this.#at; ) {
      this.#line += 1
      this.#counted = found + 1
      found = this.#text.indexOf('\n', this.#counted)
    }
    return this.#line
  }

  /** The next character that is not blank; undefined at the end. */
  #peek(): string | undefined {
    blanks.lastIndex = this.#at
    blanks.exec(this.#text)
    this.#at = blanks.lastIndex
    return this.#text[this.#at]
  }

  /** Items with commas between them, from the opening bracket to the closing one. */
  #list(close: '}' | ']', readItem: () => void): void {
    this.#at += 1
    if (this.#peek() === close) {
      this.#at += 1
      return
    }
    for (;;) {
      readItem()
      const char = this.#peek()
      if (char !== close && char !== ',') throw this.#error()
      this.#at += 1
      if (char === close) return
    }
  }

  #field(fields: Map<string, string | null>): void {
    if (this.#peek() !== '"') throw this.#error()
    const key = this.#string()
    if (this.#peek() !== ':') throw this.#error()
    this.#at += 1
    fields.set(key, this.#value())
  }

  #value(): string | null {
    const char = this.#peek()
    const start = this.#at
    if (char === '"') return this.#string()
    if (char === '{') this.#list('}', () => this.#field(new Map()))
    else if (char === '[') this.#list(']', () => this.#value())
    else {
      bare.lastIndex = start
      const text = bare.exec(this.#text)?.[0]
      if (text === undefined) throw this.#error()
      this.#at += text.length
      if (text === 'null') return null
    }
    return this.#text.slice(start, this.#at)
  }

  #string(): string {
    const start = this.#at
    let end = start + 1
    for (let code = this.#text.charCodeAt(end); code !== 34; code = this.#text.charCodeAt(end)) {
      // JSON has no control characters in a text unless they are escaped.
      if (Number.isNaN(code) || code < 32) throw this.#error()
      end += code === 92 ? 2 : 1
    }
    try {
      const text = JSON.parse(this.#text.slice(start, end + 1))
      this.#at = end + 1
      return text
    } catch {
      throw this.#error()
    }
  }
}
