/** One statement in Redshift's SQL: refused, or turned into a plan of what the double does for it. */
import { planAlter, planDrop } from './alter-table.ts'
import { parseCopy } from './copy-statement.ts'
import { planCreate } from './create.ts'
import { isAt, isName, isWord, quoteName, syntaxError, type Token, tokenize } from './lexer.ts'
import { SqlError } from './messages.ts'
import { parameters, unknownParameter } from './parameters.ts'
import { type Context, notInTransaction, type Plan } from './plan.ts'
import { refuseQuery } from './refusals.ts'
import { relations } from './relations.ts'
import { systemTables } from './system-tables.ts'
import { translate } from './translate.ts'
import { notInDouble } from './types.ts'

const maximumLength = 16 * 1024 * 1024

const systemTablesIn = (tokens: readonly Token[]) =>
  systemTables.map(({ name }) => name).filter((name) => tokens.some((token) => isName(token) && token.value === name))

function planQuery(text: string, tokens: readonly Token[]): Plan {
  refuseQuery(tokens)
  if (isAt(tokens, 0, 'explain', 'analyze')) throw syntaxError(tokens[1])
  const isExplain = isWord(tokens[0], 'explain')
  const isSelect = isWord(tokens[0], 'select', 'with', 'explain') || tokens[0]?.text === '('
  const into = tokens.findIndex((token) => isWord(token, 'into'))
  const writesAfterWith =
    isWord(tokens[0], 'with') &&
    tokens.some((token, at) => tokens[at - 1]?.text === ')' && isWord(token, 'update', 'delete'))
  if (isSelect && !isExplain && into !== -1 && !writesAfterWith) throw notInDouble('SELECT INTO')
  const reads = isSelect && (isExplain || (into === -1 && !writesAfterWith))
  const writes = reads
    ? []
    : relations(tokens)
        .slice(0, 1)
        .map(([, name]) => name)
  const cancels = readCancel(tokens)
  return {
    kind: 'query',
    sql: cancels === undefined ? translate(text, tokens) : `select 1 as ${tokens[1]?.value}`,
    reads,
    systemTables: systemTablesIn(tokens),
    writes,
    ...(cancels === undefined ? {} : { cancels }),
  }
}

/** `select pg_cancel_backend(1)`, `select pg_terminate_backend(1)`. */
function readCancel(tokens: readonly Token[]): { process: number; terminate: boolean } | undefined {
  const at = tokens.findIndex((token) => isWord(token, 'pg_cancel_backend', 'pg_terminate_backend'))
  if (at === -1) return undefined
  const process = tokens[at + 2]
  if (at !== 1 || process?.kind !== 'number') throw notInDouble(`${tokens[at]?.value} of anything but a number`)
  return { process: Number(process.text), terminate: tokens[at]?.value === 'pg_terminate_backend' }
}

const parameterName = (tokens: readonly Token[], at: number) =>
  isAt(tokens, at, 'time', 'zone')
    ? { name: 'timezone', next: at + 2 }
    : { name: tokens[at]?.value ?? '', next: at + 1 }

function planSet(tokens: readonly Token[]): Plan {
  const { name, next } = parameterName(tokens, isWord(tokens[1], 'session', 'local') ? 2 : 1)
  if (name === 'client_min_messages')
    throw new SqlError('42501', 'permission denied to set parameter "client_min_messages"')
  if (!(name in parameters)) throw unknownParameter(name)
  const from = tokens[next]?.text === '=' || isWord(tokens[next], 'to') ? next + 1 : next
  const values = tokens.slice(from)
  if (values.length === 0) throw syntaxError(undefined)
  const isDefault = values.length === 1 && isWord(values[0], 'default')
  const value = values
    .map((token) => (token.text === ',' ? ', ' : token.kind === 'quoted' ? token.text : token.value))
    .join('')
  return { kind: 'set', name, value: isDefault ? undefined : value, tag: 'SET' }
}

const shown = (name: string, value: string): Plan => ({
  kind: 'query',
  sql: `select '${value.replaceAll("'", "''")}'::text as ${quoteName(name)}`,
  reads: true,
  systemTables: [],
  writes: [],
})

function planTruncate(text: string, tokens: readonly Token[]): Plan {
  const from = isWord(tokens[1], 'table') ? 2 : 1
  const stray = tokens.slice(from).findIndex((token, index) => (index % 2 === 0 ? !isName(token) : token.text !== '.'))
  if (stray !== -1) throw syntaxError(tokens[from + stray])
  const name = tokens.at(-1)?.value ?? ''
  return {
    kind: 'script',
    before: [],
    main: `truncate table ${translate(text, tokens.slice(from))}`,
    after: [],
    writes: [name],
    commits: true,
  }
}

/** LOCK [TABLE] a, b: access exclusive, and only inside a transaction. */
function planLock(text: string, tokens: readonly Token[], { inTransaction }: Context): Plan {
  if (!inTransaction) throw new SqlError('25P01', 'LOCK TABLE may only be used in transaction blocks')
  const from = isWord(tokens[1], 'table') ? 2 : 1
  const mode = tokens.findIndex((token) => isWord(token, 'in'))
  if (mode !== -1 || tokens.some((token) => isWord(token, 'nowait')))
    throw syntaxError(tokens[Math.max(mode, from + 1)])
  const writes = tokens
    .slice(from)
    .filter(isName)
    .map(({ value }) => value)
  return {
    kind: 'script',
    before: [],
    main: `lock table ${translate(text, tokens.slice(from))}`,
    after: [],
    writes,
    tag: 'LOCK TABLE',
  }
}

const transactions: Readonly<Record<string, { readonly kind: 'begin' | 'commit' | 'rollback'; readonly tag: string }>> =
  {
    begin: { kind: 'begin', tag: 'BEGIN' },
    start: { kind: 'begin', tag: 'START TRANSACTION' },
    commit: { kind: 'commit', tag: 'COMMIT' },
    end: { kind: 'commit', tag: 'COMMIT' },
    rollback: { kind: 'rollback', tag: 'ROLLBACK' },
    abort: { kind: 'rollback', tag: 'ROLLBACK' },
  }

const transactionWords = [
  'transaction',
  'work',
  'isolation',
  'level',
  'serializable',
  'snapshot',
  'read',
  'committed',
  'uncommitted',
  'repeatable',
  'write',
  'only',
]

/** What to do for `text`, which holds one statement. Throws a SqlError if Redshift would refuse it. */
export function plan(text: string, context: Context): Plan {
  if (Buffer.byteLength(text) > maximumLength) {
    throw new SqlError('54000', 'Statement is too large.', {
      detail: `Statement Size: ${Buffer.byteLength(text)} bytes. Maximum Allowed: ${maximumLength} bytes.`,
    })
  }
  const tokens = tokenize(text).filter((token) => token.text !== ';')
  const [first, second] = tokens
  const word = first?.kind === 'word' ? first.value : first?.text
  const transaction = transactions[word ?? '']
  if (transaction !== undefined) {
    const stray = tokens.slice(1).find((token) => token.text !== ',' && !isWord(token, ...transactionWords))
    if (isWord(stray, 'to')) throw new SqlError('0A000', 'SQL command "ROLLBACK TO" not supported.')
    if (stray !== undefined) throw syntaxError(stray)
    return transaction
  }
  switch (word) {
    case 'select':
    case 'with':
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
    case 'explain':
    case '(':
      return planQuery(text, tokens)
    case 'copy':
      return { kind: 'copy', copy: parseCopy(tokens) }
    case 'create':
      return planCreate(text, tokens, context)
    case 'alter':
      return planAlter(text, tokens, context)
    case 'drop':
      return planDrop(text, tokens, context)
    case 'truncate':
      return planTruncate(text, tokens)
    case 'lock':
      return planLock(text, tokens, context)
    case 'set':
      return planSet(tokens)
    case 'reset':
      return planSet([...tokens, ...tokenize('to default')])
    case 'show': {
      const { name } = parameterName(tokens, 1)
      if (['tables', 'columns', 'schemas', 'databases', 'table', 'view', 'grants'].includes(name))
        throw notInDouble(`SHOW ${name.toUpperCase()}`)
      if (!(name in parameters)) throw unknownParameter(name)
      return shown(name, context.parameter(name))
    }
    case 'analyze':
      return { kind: 'nothing', tag: 'ANALYZE' }
    case 'vacuum':
      if (context.inTransaction) throw notInTransaction('VACUUM')
      return { kind: 'nothing', tag: 'VACUUM' }
    case 'comment':
      return { kind: 'script', before: [], main: translate(text, tokens), after: [], writes: [] }
    case 'grant':
    case 'revoke':
      return { kind: 'nothing', tag: word.toUpperCase() }
    case 'cancel':
      if (second?.kind !== 'number') throw syntaxError(second)
      return {
        kind: 'query',
        sql: 'select 1 as cancel',
        reads: true,
        systemTables: [],
        writes: [],
        cancels: { process: Number(second.text), terminate: false },
      }
    case 'savepoint':
    case 'release':
    case 'listen':
    case 'notify':
    case 'unlisten':
    case 'cluster':
    case 'reindex':
      throw new SqlError('0A000', `SQL command "${text.slice(0, 60)}" not supported.`)
    case 'unload':
    case 'call':
    case 'declare':
    case 'fetch':
    case 'close':
    case 'prepare':
    case 'execute':
    case 'deallocate':
    case 'refresh':
    case 'use':
    case 'attach':
    case 'detach':
      throw notInDouble(word.toUpperCase())
    default:
      throw syntaxError(first)
  }
}
