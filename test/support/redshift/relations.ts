/** Which relations a statement names. */
import { isName, isWord, type Token } from './lexer.ts'

/** Schema (or '') and name. */
export type Relation = readonly [string, string]

const notAfterFrom = ['select', 'lateral', 'only', 'values']

/** Is the FROM at `at` part of EXTRACT, SUBSTRING, TRIM … rather than of a query? */
function isPartOfCall(tokens: readonly Token[], from: number): boolean {
  for (let at = from - 1, depth = 0; at > 0; at -= 1) {
    if (tokens[at]?.text === ')') depth += 1
    if (tokens[at]?.text === '(') {
      if (depth === 0) return isWord(tokens[at - 1], 'extract', 'substring', 'trim', 'btrim', 'overlay', 'position')
      depth -= 1
    }
    if (depth === 0 && isWord(tokens[at], 'select', 'delete')) return false
  }
  return false
}

function readRelation(tokens: readonly Token[], at: number): { relation: Relation; next: number } | undefined {
  const first = tokens[at]
  if (!isName(first) || (first.kind === 'word' && notAfterFrom.includes(first.value))) return undefined
  const second = tokens[at + 2]
  if (tokens[at + 1]?.text === '.' && isName(second)) return { relation: [first.value, second.value], next: at + 3 }
  return { relation: ['', first.value], next: at + 1 }
}

/** Every relation after FROM, JOIN, INTO, UPDATE, USING and the commas of a FROM list; common table expressions too. */
export function relations(tokens: readonly Token[]): readonly Relation[] {
  const found: Relation[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    if (!isWord(tokens[at], 'from', 'join', 'into', 'update', 'using') || isPartOfCall(tokens, at)) continue
    for (let next = at + 1; ; ) {
      const read = readRelation(tokens, next)
      if (read === undefined) break
      found.push(read.relation)
      next = read.next
      if (isWord(tokens[next], 'as')) next += 1
      if (isName(tokens[next]) && tokens[next + 1]?.text === ',') next += 1
      if (tokens[next]?.text !== ',') break
      next += 1
    }
  }
  return found
}

/** Is it a table or view of a user, as far as its name tells? */
export const namesRelation = ([schema, name]: Relation) =>
  schema !== 'redshift' && !/^(sys_|stv_|stl_|svl_|svv_)/.test(name)
