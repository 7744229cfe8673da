/** One statement in Redshift's SQL: refused, or turned into a plan of what the double does for it. */
import { type CopyStatement, parseCopy } from './copy-statement.ts'
import { systemTables } from './history.ts'
import { isAt, isName, isWord, syntaxError, type Token, tokenize, unknown } from './lexer.ts'
import { SqlError } from './messages.ts'
import { refuseQuery } from './refusals.ts'
import { planAlter, planCreate, planDrop, type Script, script } from './tables.ts'
import { translate } from './translate.ts'

export interface Context {
  readonly inTransaction: boolean
  /** Schema that holds the session's temporary tables. */
  readonly temporarySchema: string
}

export interface Query {
  readonly kind: 'query'
  readonly sql: string
  readonly reads: boolean
  /** System tables to fill before it runs. */
  readonly systemTables: readonly string[]
  /** Process id of a session to cancel, as a side effect. */
  readonly cancels?: number
}

export type Plan =
  | Query
  | Script
  | { readonly kind: 'begin'; readonly isReadOnly: boolean }
  | { readonly kind: 'commit' | 'rollback' }
  | { readonly kind: 'timeout'; readonly milliseconds: number }
  | { readonly kind: 'copy'; readonly copy: CopyStatement }

const maximumLength = 16 * 1024 * 1024

function planQuery(text: string, tokens: readonly Token[]): Query {
  refuseQuery(tokens)
  const used = Object.keys(systemTables).filter((name) => tokens.some((token) => isName(token) && token.value === name))
  const reads = isWord(tokens[0], 'select', 'with')
  if (isAt(tokens, 1, 'pg_cancel_backend', '('))
    return {
      kind: 'query',
      sql: 'select 1 as pg_cancel_backend',
      reads,
      systemTables: [],
      cancels: Number(tokens[3]?.text),
    }
  return { kind: 'query', sql: translate(text, tokens), reads, systemTables: used }
}

/** LOCK t: access exclusive, and only inside a transaction. */
function planLock(tokens: readonly Token[], { inTransaction }: Context): Plan {
  if (!inTransaction) throw new SqlError('25P01', 'LOCK TABLE may only be used in transaction blocks')
  if (!isName(tokens[1]) || tokens.length > 2) throw unknown('this form of LOCK')
  return script(`lock table "${tokens[1].value}"`)
}

/** What to do for `text`, one statement. Throws a SqlError if Redshift would refuse it, or the double doesn't know it. */
export function plan(text: string, context: Context): Plan {
  const length = Buffer.byteLength(text)
  if (length > maximumLength) {
    const detail = `Statement Size: ${length} bytes. Maximum Allowed: ${maximumLength} bytes.`
    throw new SqlError('54000', 'Statement is too large.', { detail })
  }
  const given = tokenize(text)
  const tokens = given.at(-1)?.text === ';' ? given.slice(0, -1) : given
  if (tokens.some((token) => token.text === ';'))
    throw new SqlError('42601', 'cannot insert multiple commands into a prepared statement')
  const [first] = tokens
  switch (first?.text.toLowerCase()) {
    case 'select':
    case 'with':
    case 'insert':
    case 'update':
    case 'delete':
      return planQuery(text, tokens)
    case 'copy':
      return { kind: 'copy', copy: parseCopy(tokens) }
    case 'create':
      return planCreate(text, tokens, context.temporarySchema)
    case 'alter':
      return planAlter(tokens, context)
    case 'drop':
      return planDrop(text, tokens)
    case 'lock':
      return planLock(tokens, context)
    case 'comment':
      return script(translate(text, tokens))
    case 'begin':
      if (tokens.length > 1 && !(isAt(tokens, 1, 'read', 'only') && tokens.length === 3))
        throw unknown('this form of BEGIN')
      return { kind: 'begin', isReadOnly: tokens.length > 1 }
    case 'commit':
    case 'rollback':
      if (tokens.length > 1) throw unknown(`this form of ${first?.text}`)
      return { kind: first?.text.toLowerCase() as 'commit' | 'rollback' }
    case 'set':
      if (!isAt(tokens, 1, 'statement_timeout', 'to') || tokens[3]?.kind !== 'number') throw unknown('this form of SET')
      return { kind: 'timeout', milliseconds: Number(tokens[3].text) }
    case 'truncate':
    case 'merge':
    case 'unload':
    case 'show':
    case 'explain':
    case 'analyze':
    case 'vacuum':
    case 'grant':
    case 'call':
      throw unknown(first?.text.toUpperCase() ?? '')
    default:
      throw syntaxError(first)
  }
}
