/** CREATE: tables, views and schemas; users and groups are believed; the rest is refused. */
import { createTable } from './create-table.ts'
import { isAt, isWord, quoteName, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'
import { type Context, notInTransaction, type Plan } from './plan.ts'
import { refuseQuery } from './refusals.ts'
import { translate } from './translate.ts'
import { notInDouble } from './types.ts'

export function planCreate(text: string, tokens: readonly Token[], context: Context): Plan {
  const at = tokens.findIndex((token) =>
    isWord(
      token,
      'table',
      'view',
      'schema',
      'user',
      'group',
      'role',
      'database',
      'function',
      'procedure',
      'materialized',
      'index',
      'unique',
      'sequence',
      'trigger',
      'extension',
      'type',
      'domain',
      'rule',
      'external',
      'model',
      'library',
      'datashare',
      'unlogged',
      'foreign',
      'aggregate',
      'operator',
      'cast',
      'language',
      'tablespace',
      'policy',
      'rls',
      'masking',
      'identity',
    ),
  )
  const word = tokens[at]?.value
  if (word === 'table' && at < 4) {
    if (tokens.slice(1, at).some((token) => !isWord(token, 'temp', 'temporary', 'local'))) throw syntaxError(tokens[1])
    const { before, sql, after } = createTable(text, tokens, at, context)
    return { kind: 'script', before, main: sql, after, writes: [] }
  }
  if (word === 'view' && (at === 1 || isAt(tokens, 1, 'or', 'replace', 'view')))
    return planView(text, tokens, at, context)
  if (word === 'schema' && at === 1) {
    const owner = tokens.findIndex((token) => isWord(token, 'authorization', 'quota'))
    const main = translate(text, tokens.slice(0, owner === -1 ? undefined : owner))
    return { kind: 'script', before: [], main, after: [], writes: [] }
  }
  if (word === 'user' || word === 'group' || word === 'role')
    return { kind: 'nothing', tag: `CREATE ${word.toUpperCase()}` }
  if (word === 'database' || word === 'external') {
    if (context.inTransaction) throw notInTransaction(`CREATE ${word.toUpperCase()}`)
    throw notInDouble(`CREATE ${word.toUpperCase()}`)
  }
  if (
    ['function', 'procedure', 'materialized', 'model', 'library', 'datashare', 'rls', 'masking', 'identity'].includes(
      word ?? '',
    )
  ) {
    throw notInDouble(`CREATE ${tokens[at]?.text.toUpperCase()}`)
  }
  if (word === undefined) throw syntaxError(tokens[1])
  throw new SqlError('0A000', `SQL command "${text.slice(0, 60)}" not supported on Redshift tables.`)
}

function planView(text: string, tokens: readonly Token[], at: number, { schema }: Context): Plan {
  const as = tokens.findIndex((token) => isWord(token, 'as'))
  if (as === -1) throw syntaxError(undefined)
  const unbound = tokens.findIndex((_, index) => isAt(tokens, index, 'with', 'no', 'schema', 'binding'))
  const query = tokens.slice(as + 1, unbound === -1 ? undefined : unbound)
  refuseQuery(query)
  const isQualified = tokens[at + 2]?.text === '.'
  const name = `${isQualified ? '' : `${quoteName(schema)}.`}${translate(text, tokens.slice(at + 1, as))}`
  const head = at === 1 ? 'create view' : 'create or replace view'
  return { kind: 'script', before: [], main: `${head} ${name} as ${translate(text, query)}`, after: [], writes: [] }
}
