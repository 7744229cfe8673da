/** Splits SQL into tokens as Redshift does: a backslash in a string escapes, quoted names fold to lower case. */
import { SqlError } from './messages.ts'

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol'
  /** As written. */
  readonly text: string
  /** Words and quoted names in lower case; the content of a string; else as written. */
  readonly value: string
  readonly start: number
  readonly end: number
}

const pattern =
  /(?<blank>\s+|--[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:[^'\\]+|\\[\s\S]|'')*')|(?<quoted>"[^"]+")|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<symbol>::|.)/iuy

const escapes: Readonly<Record<string, string>> = {
  "''": "'",
  '\\b': '\b',
  '\\f': '\f',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
}
const unescaped = (found: string) => escapes[found] ?? found.slice(1)

/** Throws a SqlError if a string or a quoted name has no end. */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = []
  pattern.lastIndex = 0
  for (let start = 0; start < sql.length; start = pattern.lastIndex) {
    const { blank, ...kinds } = pattern.exec(sql)?.groups ?? {}
    if (blank !== undefined) continue
    const [kind, text] = Object.entries(kinds).find(([, found]) => found !== undefined) ?? ['symbol', "'"]
    if (text === "'" || text === '"') throw new SqlError('42601', `unterminated quoted string at or near "${text}"`)
    let value = text
    if (kind === 'string') value = text.slice(1, -1).replace(/''|\\./gs, unescaped)
    if (kind === 'quoted') value = text.slice(1, -1).toLowerCase()
    if (kind === 'word') value = text.toLowerCase()
    tokens.push({ kind: kind as Token['kind'], text, value, start, end: start + text.length })
  }
  return tokens
}

export const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted'

/** Is this token one of these keywords (not a quoted name)? */
export const isWord = (token: Token | undefined, ...words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.value)

/** Do these keywords, symbols or numbers stand at `at`, in this order? */
export const isAt = (tokens: readonly Token[], at: number, ...words: readonly string[]) =>
  words.every((word, offset) => {
    const token = tokens[at + offset]
    return token !== undefined && token.kind !== 'string' && token.kind !== 'quoted' && token.value === word
  })

/** Index of the bracket that closes the one at `open`. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.text === '(') depth += 1
    if (tokens[at]?.text === ')') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  throw syntaxError(undefined)
}

/** Splits tokens at the commas that stand in no bracket. */
export function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (token.text === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

/** Reads `(name, …)` at `at`. */
export function readNames(tokens: readonly Token[], at: number): { readonly names: string[]; readonly next: number } {
  if (tokens[at]?.text !== '(') throw syntaxError(tokens[at])
  const close = closing(tokens, at)
  const names = splitAtCommas(tokens.slice(at + 1, close)).map(([name, extra]) => {
    if (!isName(name) || extra !== undefined) throw syntaxError(extra ?? name)
    return name.value
  })
  return { names, next: close + 1 }
}

export const syntaxError = (token: Token | undefined) =>
  new SqlError(
    '42601',
    token === undefined ? 'syntax error at end of input' : `syntax error at or near "${token.text}"`,
  )

/** Redshift may well take it; no statement of this project needs it. */
export const unknown = (what: string) => new SqlError('0A000', `the double doesn't know ${what}`)

export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`
export const quoteText = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
