/** ALTER and DROP: one change a statement, and only those Redshift has. */
import { reservedForColumns } from './functions.ts'
import { isAt, isName, isWord, quoteName, quoteText, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'
import { type Context, notInTransaction, type Plan, script } from './plan.ts'
import { translate } from './translate.ts'
import { notInDouble, readType } from './types.ts'

const outside = (inTransaction: boolean, command: string): void => {
  if (inTransaction) throw notInTransaction(command)
}

function addColumn(text: string, tokens: readonly Token[], from: number, table: string, head: string): Plan {
  const at = isWord(tokens[from], 'column') ? from + 1 : from
  const name = tokens[at]
  if (!isName(name) || (name.kind === 'word' && reservedForColumns.has(name.value))) throw syntaxError(name)
  if (isAt(tokens, at, 'if', 'not')) throw syntaxError(tokens[at])
  const type = readType(tokens, at + 1, `${table}.${name.value}`)
  const rest = tokens.slice(type.next)
  const comma = rest.find((token) => token.text === ',')
  if (comma !== undefined) throw syntaxError(comma)
  const kept = rest.filter((token, index) => !isWord(token, 'encode') && !isWord(rest[index - 1], 'encode'))
  const isRequired = kept.some((_, index) => isAt(kept, index, 'not', 'null'))
  if (isRequired && !kept.some((token) => isWord(token, 'default'))) {
    throw new SqlError('0A000', 'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression')
  }
  if (kept.some((token) => isWord(token, 'unique', 'primary', 'references', 'check', 'identity', 'generated'))) {
    throw new SqlError('0A000', 'ALTER TABLE ADD COLUMN does not take this attribute')
  }
  const attributes = kept.map((token) => ` ${translate(text, [token])}`).join('')
  return script(
    `${head} add column ${quoteName(name.value)} ${type.sql}${attributes}`,
    [table],
    [`select redshift.finish_table(${quoteText(head.slice('alter table '.length))}::regclass)`],
  )
}

/** ALTER COLUMN c TYPE varchar(n): the only change of type there is. */
function alterColumn(
  tokens: readonly Token[],
  from: number,
  head: string,
  table: string,
  { inTransaction }: Context,
): Plan {
  const at = isWord(tokens[from], 'column') ? from + 1 : from
  const name = tokens[at]
  if (!isName(name)) throw syntaxError(name)
  if (isWord(tokens[at + 1], 'encode'))
    return script(`${head} alter ${quoteName(name.value)} set statistics -1`, [table])
  if (!isWord(tokens[at + 1], 'type')) throw syntaxError(tokens[at + 1])
  outside(inTransaction, 'ALTER TABLE ALTER COLUMN')
  const type = readType(tokens, at + 2, `${table}.${name.value}`)
  if (!type.sql.startsWith('varchar')) throw new SqlError('0A000', `cannot alter type of a column to ${type.sql}`)
  const target = quoteText(head.slice('alter table '.length))
  const dropCheck = `do $d$ declare found record; begin for found in select conname from pg_constraint where conrelid = ${target}::regclass and conname like 'bytes:%:${name.value.replaceAll("'", "''")}' loop execute format('${head} drop constraint %I', found.conname); end loop; end $d$`
  return script(
    `${head} alter column ${quoteName(name.value)} type ${type.sql}`,
    [table],
    [dropCheck, `select redshift.finish_table(${target}::regclass)`],
  )
}

export function planAlter(text: string, tokens: readonly Token[], context: Context): Plan {
  if (isWord(tokens[1], 'user', 'group', 'role', 'default'))
    return { kind: 'nothing', tag: `ALTER ${tokens[1]?.value.toUpperCase()}` }
  if (isWord(tokens[1], 'database')) {
    outside(context.inTransaction, 'ALTER DATABASE')
    return { kind: 'nothing', tag: 'ALTER DATABASE' }
  }
  if (!isWord(tokens[1], 'table')) throw syntaxError(tokens[1])
  const isQualified = tokens[3]?.text === '.'
  const at = isQualified ? 5 : 3
  const table = tokens[at - 1]?.value ?? ''
  const head = `alter table ${translate(text, tokens.slice(2, at))}`
  if (isWord(tokens[at], 'append')) {
    outside(context.inTransaction, 'ALTER TABLE APPEND')
    throw notInDouble('ALTER TABLE APPEND')
  }
  const isKey = isWord(tokens[at + 1], 'constraint', 'primary', 'foreign', 'unique')
  if (isWord(tokens[at], 'add') && isKey) return { kind: 'nothing', tag: 'ALTER TABLE' }
  if (isWord(tokens[at], 'add')) return addColumn(text, tokens, at + 1, table, head)
  if (isAt(tokens, at, 'drop', 'constraint')) return { kind: 'nothing', tag: 'ALTER TABLE' }
  if (isWord(tokens[at], 'drop')) {
    const column = tokens.slice(isWord(tokens[at + 1], 'column') ? at + 2 : at + 1)
    const stray = column.slice(1).find((token) => !isWord(token, 'cascade', 'restrict'))
    if (!isName(column[0]) || stray !== undefined) throw syntaxError(stray ?? column[0])
    return script(`${head} drop column ${translate(text, column)}`, [table])
  }
  if (isWord(tokens[at], 'rename')) return script(`${head} ${translate(text, tokens.slice(at))}`, [table])
  if (isWord(tokens[at], 'owner')) return { kind: 'nothing', tag: 'ALTER TABLE' }
  const isAttribute = isWord(tokens[at + 1], 'distkey', 'diststyle', 'sortkey', 'compound', 'encode')
  if (isWord(tokens[at], 'alter') && isAttribute) return { kind: 'nothing', tag: 'ALTER TABLE' }
  if (isWord(tokens[at], 'alter')) return alterColumn(tokens, at + 1, head, table, context)
  throw syntaxError(tokens[at])
}

export function planDrop(text: string, tokens: readonly Token[], { inTransaction }: Context): Plan {
  const what = tokens[1]?.value ?? ''
  if (what === 'database' || what === 'external') outside(inTransaction, `DROP ${what.toUpperCase()}`)
  if (['user', 'group', 'role'].includes(what)) return { kind: 'nothing', tag: `DROP ${what.toUpperCase()}` }
  if (['table', 'view', 'schema'].includes(what)) {
    const names = tokens
      .slice(2)
      .filter((token) => isName(token) && !isWord(token, 'if', 'exists', 'cascade', 'restrict'))
    return script(
      translate(text, tokens),
      names.map(({ value }) => value),
    )
  }
  if (
    ['database', 'external', 'function', 'procedure', 'materialized', 'model', 'datashare', 'library'].includes(what)
  ) {
    throw notInDouble(`DROP ${what.toUpperCase()}`)
  }
  throw new SqlError('0A000', `SQL command "${text.slice(0, 60)}" not supported on Redshift tables.`)
}
