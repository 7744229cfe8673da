/** Splits SQL into tokens the way Redshift does: backslash escapes in strings, nested comments, `#temporary` names. */
import { SqlError } from './messages.ts'

export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol'
  /** As written. */
  readonly text: string
  /** Words and quoted names in lower case, as Redshift folds both; the content of a string; else as written. */
  readonly value: string
  readonly start: number
  readonly end: number
}

const operators = [
  '::',
  '<=',
  '>=',
  '<>',
  '!=',
  '||',
  '->>',
  '->',
  '#>>',
  '#>',
  '@>',
  '<@',
  '&&',
  '!~*',
  '!~',
  '~*',
  '=>',
]
const longestFirst = [...operators].sort((a, b) => b.length - a.length)
const wordStart = /[\p{L}_]/u
const wordPart = /[\p{L}\p{N}_$]/u

function endOfString(sql: string, from: number): number {
  for (let at = from + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1
      at += 1
    }
  }
  throw new SqlError('42601', `unterminated quoted string at or near "${sql.slice(from, from + 60)}"`, {
    position: from + 1,
  })
}

function endOfComment(sql: string, from: number): number {
  let depth = 1
  for (let at = from + 2; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 1
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      if (depth === 0) return at + 2
      at += 1
    }
  }
  throw new SqlError('42601', 'unterminated /* comment', { position: from + 1 })
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** What a string literal stands for: doubled quotes and backslash escapes undone. */
const stringValue = (literal: string) =>
  literal.slice(1, -1).replace(/''|\\(.)/gs, (whole, escaped) => (whole === "''" ? "'" : (escapes[escaped] ?? escaped)))

function endOf(sql: string, at: number, pattern: RegExp): number {
  let end = at
  for (let char = sql[end]; char !== undefined && pattern.test(char); char = sql[end]) end += 1
  return end
}

function next(sql: string, at: number, previous: Token | undefined): Token {
  const char = sql[at] ?? ''
  const token = (kind: Token['kind'], end: number, value = sql.slice(at, end)): Token => ({
    kind,
    text: sql.slice(at, end),
    value,
    start: at,
    end,
  })
  if (char === "'") {
    const end = endOfString(sql, at)
    return token('string', end, stringValue(sql.slice(at, end)))
  }
  if (char === '"') {
    const end = sql.indexOf('"', at + 1) + 1
    if (end === 0) throw new SqlError('42601', 'unterminated quoted identifier', { position: at + 1 })
    return token('quoted', end, sql.slice(at + 1, end - 1).toLowerCase())
  }
  const dollars = char === '$' ? /^\$(\w*)\$/.exec(sql.slice(at, at + 70))?.[0] : undefined
  if (dollars !== undefined) {
    const close = sql.indexOf(dollars, at + dollars.length)
    if (close === -1) throw new SqlError('42601', 'unterminated dollar-quoted string', { position: at + 1 })
    return token('string', close + dollars.length, sql.slice(at + dollars.length, close))
  }
  if (char === '$' && /\d/.test(sql[at + 1] ?? '')) return token('parameter', endOf(sql, at + 1, /\d/))
  const temporary = char === '#' && wordStart.test(sql[at + 1] ?? '') && previous?.kind === 'word'
  if (temporary || wordStart.test(char)) {
    const end = endOf(sql, at + 1, wordPart)
    return token('word', end, sql.slice(at, end).toLowerCase())
  }
  if (/\d/.test(char) || (char === '.' && /\d/.test(sql[at + 1] ?? ''))) {
    const number = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(sql.slice(at, at + 400))?.[0] ?? char
    return token('number', at + number.length)
  }
  const operator = longestFirst.find((candidate) => sql.startsWith(candidate, at))
  return token('symbol', at + (operator ?? char).length)
}

export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < sql.length; ) {
    if (/\s/.test(sql[at] ?? '')) at += 1
    else if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at)
      at = end === -1 ? sql.length : end + 1
    } else if (sql.startsWith('/*', at)) at = endOfComment(sql, at)
    else {
      const token = next(sql, at, tokens.at(-1))
      tokens.push(token)
      at = token.end
    }
  }
  return tokens
}

/** The statements of a text, each as it was written, without its semicolon. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let from = 0
  let empty = true
  for (const token of tokenize(sql)) {
    if (token.text === ';') {
      if (!empty) statements.push(sql.slice(from, token.start).trim())
      from = token.end
      empty = true
    } else empty = false
  }
  if (!empty) statements.push(sql.slice(from).trim())
  return statements
}

export const isName = (token: Token | undefined): token is Token => token?.kind === 'word' || token?.kind === 'quoted'

/** Is this token that keyword (not a quoted name)? */
export const isWord = (token: Token | undefined, ...words: readonly string[]) =>
  token?.kind === 'word' && words.includes(token.value)

/** Do these keywords or symbols stand at `at`, in this order? */
export const isAt = (tokens: readonly Token[], at: number, ...words: readonly string[]) =>
  words.every((word, offset) => {
    const token = tokens[at + offset]
    return token !== undefined && (token.kind === 'word' || token.kind === 'symbol') && token.value === word
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

export function syntaxError(token: Token | undefined): SqlError {
  return token === undefined
    ? new SqlError('42601', 'syntax error at end of input')
    : new SqlError('42601', `syntax error at or near "${token.text}"`, { position: token.start + 1 })
}

export const quoteName = (name: string) => `"${name.replaceAll('"', '""')}"`
export const quoteText = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
