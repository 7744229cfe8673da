/** CREATE TABLE: Redshift's column and table attributes are checked, kept in the double's catalog and taken out of the statement. */
import { reservedForColumns } from './functions.ts'
import { closing, isAt, isName, isWord, quoteName, quoteText, splitAtCommas, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'
import { refuseQuery } from './refusals.ts'
import { translate } from './translate.ts'
import { readType } from './types.ts'

interface Attributes {
  diststyle?: string
  distkey?: string
  sortkeys: string[]
  readonly encodings: Map<string, string>
}

const styles = ['auto', 'even', 'key', 'all']
const encodings =
  `auto raw az64 bytedict delta delta32k lzo mostly8 mostly16 mostly32 runlength text255 text32k zstd`.split(' ')

function checkEncoding(token: Token | undefined): string {
  if (!isName(token) || !encodings.includes(token.value)) throw syntaxError(token)
  return token.value
}

/** Reads `(name, …)` at `at`. */
function readNames(tokens: readonly Token[], at: number): { readonly names: string[]; readonly next: number } {
  if (tokens[at]?.text !== '(') throw syntaxError(tokens[at])
  const close = closing(tokens, at)
  const names = splitAtCommas(tokens.slice(at + 1, close)).map((part) => {
    if (part.length !== 1 || !isName(part[0])) throw syntaxError(part[1] ?? tokens[close])
    return part[0].value
  })
  return { names, next: close + 1 }
}

const columnAttributes = [
  'default',
  'identity',
  'generated',
  'encode',
  'distkey',
  'sortkey',
  'collate',
  'not',
  'null',
  'unique',
  'primary',
  'references',
]

interface Column {
  readonly name: string
  readonly sql: string
}

function readIdentity(
  tokens: readonly Token[],
  at: number,
): { readonly start: number; readonly step: number; readonly next: number } {
  const close = closing(tokens, at)
  const [start, step] = splitAtCommas(tokens.slice(at + 1, close)).map((part) =>
    Number(part.map(({ text }) => text).join('')),
  )
  if (!Number.isInteger(start) || !Number.isInteger(step)) throw syntaxError(tokens[at])
  return { start: start ?? 0, step: step ?? 1, next: close + 1 }
}

function identity(kind: 'always' | 'by default', { start, step }: { start: number; step: number }): string {
  const bounds = step > 0 ? `minvalue ${Math.min(start, 1)}` : `maxvalue ${Math.max(start, -1)}`
  return `generated ${kind} as identity (start with ${start} increment by ${step} ${bounds})`
}

function readColumn(sql: string, tokens: readonly Token[], table: string, attributes: Attributes): Column {
  const [first] = tokens
  if (!isName(first) || (first.kind === 'word' && reservedForColumns.has(first.value))) throw syntaxError(first)
  const name = first.value
  const type = readType(tokens, 1, `${table}.${name}`)
  const rest: string[] = []
  for (let at = type.next; at < tokens.length; ) {
    const token = tokens[at]
    if (isWord(token, 'default')) {
      let end = at + 1
      while (end < tokens.length && !isWord(tokens[end], ...columnAttributes.filter((word) => word !== 'null')))
        end += 1
      const value = tokens.slice(at + 1, end)
      refuseQuery(value)
      rest.push(`default ${translate(sql, value)}`)
      at = end
    } else if (isAt(tokens, at, 'identity', '(')) {
      const found = readIdentity(tokens, at + 1)
      rest.push(identity('always', found), 'not null')
      at = found.next
    } else if (isAt(tokens, at, 'generated', 'by', 'default', 'as', 'identity', '(')) {
      const found = readIdentity(tokens, at + 5)
      rest.push(identity('by default', found), 'not null')
      at = found.next
    } else if (isWord(token, 'encode')) {
      attributes.encodings.set(name, checkEncoding(tokens[at + 1]))
      at += 2
    } else if (isWord(token, 'distkey')) {
      attributes.distkey = name
      at += 1
    } else if (isWord(token, 'sortkey')) {
      attributes.sortkeys.push(name)
      at += 1
    } else if (isWord(token, 'collate')) at += 2
    else if (isAt(tokens, at, 'not', 'null')) {
      rest.push('not null')
      at += 2
    } else if (isWord(token, 'null') || isWord(token, 'unique')) at += 1
    else if (isAt(tokens, at, 'primary', 'key')) {
      rest.push('not null')
      at += 2
    } else if (isWord(token, 'references')) {
      at += 2
      while (tokens[at]?.text === '.') at += 2
      if (tokens[at]?.text === '(') at = readNames(tokens, at).next
    } else if (isWord(token, 'check')) throw new SqlError('0A000', 'CHECK constraints are not supported')
    else throw syntaxError(token)
  }
  return { name, sql: `${quoteName(name)} ${type.sql}${[...new Set(rest)].map((part) => ` ${part}`).join('')}` }
}

/** PRIMARY KEY, UNIQUE and FOREIGN KEY: believed, not enforced. Gives the columns that are NOT NULL because of it. */
function readConstraint(tokens: readonly Token[]): readonly string[] | undefined {
  const at = isWord(tokens[0], 'constraint') ? 2 : 0
  if (isAt(tokens, at, 'primary', 'key', '(')) return readNames(tokens, at + 2).names
  if (isAt(tokens, at, 'unique', '(')) return readNames(tokens, at + 1).names.slice(0, 0)
  if (isAt(tokens, at, 'foreign', 'key', '(')) {
    const { next } = readNames(tokens, at + 2)
    if (!isWord(tokens[next], 'references')) throw syntaxError(tokens[next])
    return []
  }
  if (isWord(tokens[at], 'check')) throw new SqlError('0A000', 'CHECK constraints are not supported')
  if (isWord(tokens[at], 'exclude')) throw syntaxError(tokens[at])
  if (at > 0) throw syntaxError(tokens[at])
  return undefined
}

/** DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO, BACKUP from `at` on. */
function readTableAttributes(tokens: readonly Token[], from: number, attributes: Attributes): number {
  let at = from
  for (;;) {
    const token = tokens[at]
    if (isWord(token, 'backup') && isWord(tokens[at + 1], 'yes', 'no')) at += 2
    else if (isWord(token, 'diststyle')) {
      const style = tokens[at + 1]
      if (!isName(style) || !styles.includes(style.value)) throw syntaxError(style)
      attributes.diststyle = style.value.toUpperCase()
      at += 2
    } else if (isWord(token, 'distkey')) {
      const { names, next } = readNames(tokens, at + 1)
      if (names.length !== 1) throw syntaxError(tokens[at + 3])
      attributes.distkey = names[0] ?? ''
      at = next
    } else if (isAt(tokens, at, 'sortkey', 'auto')) at += 2
    else if (
      isWord(token, 'sortkey') ||
      isAt(tokens, at, 'compound', 'sortkey') ||
      isAt(tokens, at, 'interleaved', 'sortkey')
    ) {
      const { names, next } = readNames(tokens, isWord(token, 'sortkey') ? at + 1 : at + 2)
      attributes.sortkeys.push(...names)
      at = next
    } else if (isAt(tokens, at, 'encode', 'auto')) at += 2
    else return at
  }
}

function checkAttributes({ diststyle, distkey, sortkeys }: Attributes, columns: readonly string[] | undefined): void {
  if (distkey !== undefined && diststyle !== undefined && diststyle !== 'KEY') {
    throw new SqlError('42601', `Cannot specify DISTKEY for table with DISTSTYLE ${diststyle}`)
  }
  if (diststyle === 'KEY' && distkey === undefined)
    throw new SqlError('42601', 'DISTSTYLE KEY requires a DISTKEY column')
  for (const [kind, name] of [['distkey', distkey] as const, ...sortkeys.map((key) => ['sortkey', key] as const)]) {
    if (name !== undefined && columns?.includes(name) === false) {
      throw new SqlError('42703', `${kind} column "${name}" not found`)
    }
  }
  if (new Set(sortkeys).size !== sortkeys.length)
    throw new SqlError('42701', 'column name specified more than once in sortkey')
}

function remember(target: string, { diststyle, distkey, sortkeys, encodings: given }: Attributes): readonly string[] {
  const relation = `${quoteText(target)}::regclass`
  const style = diststyle ?? (distkey === undefined ? undefined : 'KEY')
  const value = (text: string | undefined) => (text === undefined ? 'null' : quoteText(text))
  const keys = sortkeys.map(quoteText).join(', ')
  return [
    `insert into redshift.table_attributes (relation, diststyle, distkey, sortkeys) select ${relation}, ${value(style)}, ${value(distkey)}, array[${keys}]::text[] where not exists (select 1 from redshift.table_attributes where relation = ${relation})`,
    ...[...given].map(
      ([name, encoding]) =>
        `insert into redshift.column_encodings values (${relation}, ${quoteText(name)}, ${quoteText(encoding)})`,
    ),
    `select redshift.finish_table(${relation})`,
  ]
}

export interface Place {
  /** Schema of unqualified tables. */
  readonly schema: string
  /** Schema that holds the session's temporary tables. */
  readonly temporarySchema: string
}

export interface CreateTable {
  readonly before: readonly string[]
  readonly sql: string
  readonly after: readonly string[]
}

/** `at` is the index of the word TABLE. */
export function createTable(
  sql: string,
  tokens: readonly Token[],
  at: number,
  { schema, temporarySchema }: Place,
): CreateTable {
  const unless = isAt(tokens, at + 1, 'if', 'not', 'exists')
  let next = at + (unless ? 4 : 1)
  const [first, second] = [tokens[next], tokens[next + 2]]
  if (!isName(first) || (first.kind === 'word' && reservedForColumns.has(first.value))) throw syntaxError(first)
  const isQualified = tokens[next + 1]?.text === '.' && isName(second)
  const table = isQualified ? second.value : first.value
  const isTemporary =
    isWord(tokens[1], 'temp', 'temporary') || isWord(tokens[2], 'temp', 'temporary') || table.startsWith('#')
  if (isTemporary && isQualified) throw new SqlError('42P16', 'temporary tables may not specify a schema name')
  next += isQualified ? 3 : 1
  const target = `${quoteName(isTemporary ? temporarySchema : isQualified ? first.value : schema)}.${quoteName(table)}`
  const before = isTemporary ? [`create schema if not exists ${quoteName(temporarySchema)}`] : []
  const attributes: Attributes = { sortkeys: [], encodings: new Map() }
  const head = `create table ${unless ? 'if not exists ' : ''}${target}`
  const body =
    tokens[next]?.text === '(' && !isAt(tokens, closing(tokens, next) + 1, 'as')
      ? definitions(sql, tokens, next, table, attributes)
      : asQuery(sql, tokens, next, unless, attributes)
  return { before, sql: `${head} ${body}`, after: remember(target, attributes) }
}

function definitions(
  sql: string,
  tokens: readonly Token[],
  open: number,
  table: string,
  attributes: Attributes,
): string {
  const close = closing(tokens, open)
  const columns: Column[] = []
  const notNull: string[] = []
  const likes: string[] = []
  for (const part of splitAtCommas(tokens.slice(open + 1, close))) {
    const constraint = readConstraint(part)
    if (constraint !== undefined) notNull.push(...constraint)
    else if (isWord(part[0], 'like')) likes.push(translate(sql, part))
    else columns.push(readColumn(sql, part, table, attributes))
  }
  const end = readTableAttributes(tokens, close + 1, attributes)
  if (isAt(tokens, end, 'as')) throw syntaxError(tokens[end])
  if (tokens[end] !== undefined) throw syntaxError(tokens[end])
  checkAttributes(attributes, likes.length > 0 ? undefined : columns.map(({ name }) => name))
  const lines = columns.map((column) =>
    notNull.includes(column.name) && !column.sql.endsWith(' not null') ? `${column.sql} not null` : column.sql,
  )
  return `(${[...lines, ...likes].join(', ')})`
}

/** [(columns)] [attributes] AS query. */
function asQuery(sql: string, tokens: readonly Token[], from: number, unless: boolean, attributes: Attributes): string {
  const names = tokens[from]?.text === '(' ? readNames(tokens, from) : undefined
  const as = readTableAttributes(tokens, names?.next ?? from, attributes)
  if (!isWord(tokens[as], 'as') || unless) throw syntaxError(tokens[as])
  const query = tokens.slice(as + 1)
  refuseQuery(query)
  checkAttributes(attributes, undefined)
  const columns = names === undefined ? '' : `(${names.names.map(quoteName).join(', ')}) `
  return `${columns}as ${translate(sql, query)}`
}
