/** Says in PostgreSQL what an accepted statement says in Redshift's SQL. Only what differs is touched. */
import { closing, isAt, isWord, quoteName, splitAtCommas, type Token } from './lexer.ts'
import { readType } from './types.ts'

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

type Rule = (tokens: readonly Token[], at: number) => readonly Edit[]

const replace = (token: Token | undefined, text: string): readonly Edit[] =>
  token === undefined ? [] : [{ start: token.start, end: token.end, text }]

const after = (token: Token | undefined, text: string): readonly Edit[] =>
  token === undefined ? [] : [{ start: token.end, end: token.end, text }]

const before = (token: Token | undefined, text: string): readonly Edit[] =>
  token === undefined ? [] : [{ start: token.start, end: token.start, text }]

/** Quoted names fold to lower case; `#name` is a name. */
const name: Rule = (tokens, at) => {
  const token = tokens[at]
  if (token?.kind === 'quoted') return replace(token, quoteName(token.value))
  return token?.kind === 'word' && token.value.startsWith('#') ? replace(token, quoteName(token.value)) : []
}

const withoutBrackets = ['sysdate', 'current_user', 'session_user', 'user']

const plainNames: Rule = (tokens, at) => {
  const token = tokens[at]
  if (token?.kind !== 'word' || isWord(tokens[at - 1], 'as') || tokens[at - 1]?.text === '.') return []
  if (token.value === 'nvl' && tokens[at + 1]?.text === '(') return replace(token, 'coalesce')
  if (token.value === 'textlen' && tokens[at + 1]?.text === '(') return replace(token, 'len')
  if (token.value === 'minus') return replace(token, 'except')
  if (token.value === 'approximate') return replace(token, '')
  return withoutBrackets.includes(token.value) && tokens[at + 1]?.text !== '('
    ? replace(token, `redshift."${token.value}"()`)
    : []
}

const partSynonyms: Readonly<Record<string, string>> = {
  dayofweek: 'dow',
  dw: 'dow',
  weekday: 'dow',
  dayofyear: 'doy',
  dy: 'doy',
  yearday: 'doy',
  m: 'minute',
  mi: 'minute',
  qtr: 'quarter',
  q: 'quarter',
  hr: 'hour',
  h: 'hour',
  yr: 'year',
  y: 'year',
  d: 'day',
  w: 'week',
  s: 'second',
}

/** EXTRACT gives an integer, DATE_PART a double; both know more names for the parts. */
const extract: Rule = (tokens, at) => {
  if (!isAt(tokens, at, 'extract', '(') || !isWord(tokens[at + 3], 'from')) return []
  const value = tokens[at + 2]?.value.toLowerCase() ?? ''
  return [
    ...replace(tokens[at], value === 'epoch' ? 'redshift_epoch.date_part' : 'redshift_extract.date_part'),
    ...replace(tokens[at + 2], `'${partSynonyms[value] ?? value}'`),
    ...replace(tokens[at + 3], ','),
  ]
}

const datePart: Rule = (tokens, at) => {
  const part = tokens[at + 2]
  if (!isWord(tokens[at], 'dateadd', 'datediff', 'date_part') || tokens[at + 1]?.text !== '(') return []
  if (part?.kind !== 'word' && part?.kind !== 'string') return []
  const value = part.value.toLowerCase()
  return replace(part, `'${isWord(tokens[at], 'date_part') ? (partSynonyms[value] ?? value) : value}'`)
}

/** LISTAGG(x, y) WITHIN GROUP (ORDER BY z) is an aggregate of (x, y ORDER BY z). */
const listagg: Rule = (tokens, at) => {
  if (!isAt(tokens, at, 'listagg', '(')) return []
  const close = closing(tokens, at + 1)
  const [first = [], separator] = splitAtCommas(tokens.slice(at + 2, close))
  const value = isWord(first[0], 'distinct') ? first.slice(1) : first
  const edits = [...before(value[0], '('), ...after(value.at(-1), ')::text')]
  if (separator === undefined) edits.push(...after(first.at(-1), ", ''"))
  const isOrdered = isAt(tokens, close + 1, 'within', 'group', '(')
  return isOrdered ? [...edits, ...[0, 1, 2, 3].flatMap((offset) => replace(tokens[close + offset], ' '))] : edits
}

/** Type names in CAST and after `::`. */
const cast: Rule = (tokens, at) => {
  let from = -1
  if (tokens[at]?.text === '::') from = at + 1
  if (isWord(tokens[at], 'as') && isInCast(tokens, at)) from = at + 1
  if (from === -1) return []
  const type = readType(tokens, from)
  const [first, last] = [tokens[from], tokens[type.next - 1]]
  return first === undefined || last === undefined ? [] : [{ start: first.start, end: last.end, text: type.sql }]
}

function isInCast(tokens: readonly Token[], as: number): boolean {
  for (let at = as - 1, depth = 0; at > 0; at -= 1) {
    if (tokens[at]?.text === ')') depth += 1
    if (tokens[at]?.text === '(') {
      if (depth === 0) return isWord(tokens[at - 1], 'cast')
      depth -= 1
    }
  }
  return false
}

/** DELETE t is DELETE FROM t. */
const deleteFrom: Rule = (tokens, at) =>
  at === 0 && isWord(tokens[0], 'delete') && !isWord(tokens[1], 'from') ? after(tokens[0], ' from') : []

const rules = [name, plainNames, extract, datePart, listagg, cast, deleteFrom]

/** The text from the first to the last of these tokens, for PostgreSQL. */
export function translate(sql: string, tokens: readonly Token[]): string {
  const edits = tokens.flatMap((_, at) => rules.flatMap((rule) => rule(tokens, at)))
  edits.sort((a, b) => a.start - b.start || a.end - b.end)
  let result = ''
  let from = tokens[0]?.start ?? 0
  for (const { start, end, text } of edits) {
    if (start < from) continue
    result += sql.slice(from, start) + text
    from = end
  }
  return result + sql.slice(from, tokens.at(-1)?.end)
}
