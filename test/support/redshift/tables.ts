/** CREATE, ALTER and DROP TABLE as this project uses them. Redshift's attributes of tables are checked and left out. */
import {
  closing,
  isAt,
  isName,
  isWord,
  quoteName,
  quoteText,
  readNames,
  splitAtCommas,
  syntaxError,
  type Token,
  unknown,
} from './lexer.ts'
import { SqlError } from './messages.ts'
import { refuseQuery, reserved } from './refusals.ts'
import { translate } from './translate.ts'

/** Statements for PostgreSQL, all or nothing; the client sees what `main` answers. */
export interface Script {
  readonly kind: 'script'
  readonly before: readonly string[]
  readonly main: string
  readonly after: readonly string[]
}

export const script = (main: string, after: readonly string[] = [], before: readonly string[] = []): Script => ({
  kind: 'script',
  before,
  main,
  after,
})

const finish = (target: string) => `select redshift.finish_table(${quoteText(target)}::regclass)`
const limits = { varchar: 65535, decimal: 38 }

/** The column of `name type [not null]`, in PostgreSQL's words. */
function readColumn(tokens: readonly Token[]): { readonly name: string; readonly sql: string } {
  const [first] = tokens
  if (!isName(first) || (first.kind === 'word' && reserved.has(first.value))) throw syntaxError(first)
  const text = tokens
    .slice(1)
    .map(({ value }) => value)
    .join(' ')
  const found =
    /^(integer|bigint|double precision|timestamp|date|boolean|(?<sized>varchar|decimal) \( (?<length>\d+)(?: , \d+)? \))(?: not null)?$/.exec(
      text,
    )
  if (found === null) throw unknown(`the column type ${text}`)
  const { sized, length } = found.groups ?? {}
  if (sized !== undefined && Number(length) > limits[sized as keyof typeof limits])
    throw new SqlError('22023', `length for type ${sized} cannot exceed ${limits[sized as keyof typeof limits]}`)
  return { name: first.value, sql: `${quoteName(first.value)} ${text}` }
}

/** DISTSTYLE and SORTKEY from `at` to the end. */
function checkAttributes(tokens: readonly Token[], from: number, columns: readonly string[]): void {
  let at = from
  if (isWord(tokens[at], 'diststyle')) {
    if (!isWord(tokens[at + 1], 'auto', 'even', 'all')) throw syntaxError(tokens[at + 1])
    at += 2
  }
  if (isWord(tokens[at], 'sortkey')) {
    const { names, next } = readNames(tokens, at + 1)
    const stray = names.find((name) => !columns.includes(name))
    if (stray !== undefined) throw new SqlError('42703', `sortkey column "${stray}" not found`)
    at = next
  }
  if (tokens[at] !== undefined) throw syntaxError(tokens[at])
}

/** CREATE [TEMP] TABLE t (columns) …, or AS query. A session keeps its temporary tables in a schema of its own. */
export function planCreate(text: string, tokens: readonly Token[], temporarySchema: string): Script {
  const isTemporary = isWord(tokens[1], 'temp')
  const at = isTemporary ? 2 : 1
  const [name, next] = [tokens[at + 1], tokens[at + 2]]
  if (isWord(tokens[1], 'view') && isName(name) && isWord(next, 'as')) {
    refuseQuery(tokens.slice(4))
    return script(`create view public.${quoteName(name.value)} as ${translate(text, tokens.slice(4))}`)
  }
  if (!isWord(tokens[at], 'table')) throw unknown(`CREATE ${tokens[1]?.text}`)
  if (!isName(name) || (name.kind === 'word' && reserved.has(name.value))) throw syntaxError(name)
  const target = `${quoteName(isTemporary ? temporarySchema : 'public')}.${quoteName(name.value)}`
  const before = isTemporary ? [`create schema if not exists ${quoteName(temporarySchema)}`] : []
  if (isWord(next, 'as')) {
    const query = tokens.slice(at + 3)
    refuseQuery(query)
    return script(`create table ${target} as ${translate(text, query)}`, [finish(target)], before)
  }
  if (next?.text !== '(') throw unknown(`CREATE TABLE … ${next?.text}`)
  const close = closing(tokens, at + 2)
  const columns = splitAtCommas(tokens.slice(at + 3, close)).map(readColumn)
  checkAttributes(
    tokens,
    close + 1,
    columns.map(({ name }) => name),
  )
  return script(`create table ${target} (${columns.map(({ sql }) => sql).join(', ')})`, [finish(target)], before)
}

/** ALTER TABLE t ADD COLUMN, DROP COLUMN or ALTER COLUMN … TYPE varchar(n): one change a statement. */
export function planAlter(tokens: readonly Token[], { inTransaction }: { readonly inTransaction: boolean }): Script {
  const [, , table, verb, , column, ...rest] = tokens
  if (!isAt(tokens, 1, 'table') || !isName(table) || !isAt(tokens, 4, 'column') || !isName(column))
    throw unknown('this form of ALTER')
  const target = `public.${quoteName(table.value)}`
  if (isWord(verb, 'drop') && rest.length === 0)
    return script(`alter table ${target} drop column ${quoteName(column.value)}`)
  if (isWord(verb, 'add')) {
    const { sql } = readColumn([column, ...rest])
    if (sql.endsWith('not null'))
      throw new SqlError('0A000', 'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression')
    return script(`alter table ${target} add column ${sql}`, [finish(target)])
  }
  if (!isWord(verb, 'alter') || !isWord(rest[0], 'type')) throw unknown('this form of ALTER TABLE')
  if (inTransaction) throw new SqlError('25001', 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block')
  const { sql } = readColumn([column, ...rest.slice(1)])
  if (!isWord(rest[1], 'varchar')) throw new SqlError('0A000', `cannot alter type of a column to ${rest[1]?.text}`)
  const alter = `alter table ${target} alter column ${sql.replace(' varchar', ' type varchar')}`
  return script(alter, [
    `select redshift.forget_length(${quoteText(target)}::regclass, ${quoteText(column.value)})`,
    finish(target),
  ])
}

/** DROP TABLE [IF EXISTS] t. */
export function planDrop(text: string, tokens: readonly Token[]): Script {
  const at = isAt(tokens, 2, 'if', 'exists') ? 4 : 2
  if (!isWord(tokens[1], 'table', 'view')) throw unknown(`DROP ${tokens[1]?.text}`)
  if (!isName(tokens[at]) || tokens[at + 1] !== undefined) throw syntaxError(tokens[at + 1])
  return script(translate(text, tokens))
}
