/** Says in PostgreSQL what an accepted statement says in Redshift's SQL. Only what differs is touched. */
import { isAt, isWord, quoteName, syntaxError, type Token } from './lexer.ts'

const parts = ['hour', 'day', 'week', 'month', 'year', 'dow', 'epoch']

/** What to write instead of the token at `at`, or undefined: quoted names fold, and EXTRACT gives whole numbers. */
function replacement(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at]
  if (token?.kind === 'quoted') return quoteName(token.value)
  if (isAt(tokens, at, 'extract', '(')) {
    if (!isWord(tokens[at + 2], ...parts)) throw syntaxError(tokens[at + 2])
    return `redshift_${isWord(tokens[at + 2], 'epoch') ? 'epoch' : 'extract'}.date_part`
  }
  if (isAt(tokens, at - 2, 'extract', '(')) return `'${token?.value}'`
  return isAt(tokens, at - 3, 'extract', '(') && isWord(token, 'from') ? ',' : undefined
}

/** The text from the first to the last of these tokens, for PostgreSQL. */
export function translate(sql: string, tokens: readonly Token[]): string {
  let result = ''
  let from = tokens[0]?.start ?? 0
  for (const [at, token] of tokens.entries()) {
    const text = replacement(tokens, at)
    if (text === undefined) continue
    result += sql.slice(from, token.start) + text
    from = token.end
  }
  return result + sql.slice(from, tokens.at(-1)?.end)
}
