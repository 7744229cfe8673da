/** What the double refuses in statements that read or change rows, because Redshift refuses it or because nothing here needs it. */
import { closing, isAt, isName, isWord, syntaxError, type Token, unknown } from './lexer.ts'
import { SqlError } from './messages.ts'

const split = (text: string) => text.trim().split(/\s+/)

/** PostgreSQL takes these and Redshift doesn't, or takes them differently. */
const phrases = [
  'on conflict',
  'returning',
  'distinct on',
  'filter (',
  'lateral',
  'is distinct',
  'is not distinct',
  'except all',
  'intersect all',
  '[',
  'tablesample',
  'with ordinality',
  'fetch',
  'overriding',
  'group by distinct',
  'for update',
  'for share',
  'from ( values',
  'join ( values',
  'as ( insert',
  'as ( update',
  'as ( delete',
  ') insert',
  'into',
].map(split)

/** Redshift reserves these words and PostgreSQL doesn't: as names they must be quoted. */
export const reserved = new Set(
  split(`
  allowoverwrite az64 backup bytedict credentials defrag deflate delta delta32k encode explicit gzip ignore lun luns lzo lzop
  new off offline oid old open parallel percent permissions raw readratio recover rejectlog resort respect restore
  snapshot sysdate system tag tdes text255 text32k top truncatecolumns wallet without
`),
)

const functions = new Set(
  split(`
  abs cast ceil chr coalesce count current_schema dense_rank extract floor from_varbyte getdate has_database_privilege
  has_schema_privilege has_table_privilege lag length lower max min nullif ntile octet_length pg_backend_pid pg_cancel_backend
  pg_last_copy_count pg_last_copy_id rank regexp_replace replace round row_number substring sum to_hex to_varbyte trim trunc upper
`),
)
const leaderFunctions = ['current_schema', 'has_database_privilege', 'has_schema_privilege', 'has_table_privilege']

/** Words that may stand before a bracket without being a function. */
const keywords = new Set(
  split(`
  all and any as between by case distinct else except exists from group having in inner intersect interval into is join left like not
  on or order over select set some then union using values when where with
`),
)

/** Types that a cast can name; with their digits, as DECIMAL without them means something else than in PostgreSQL. */
const types = split('smallint integer int bigint double real boolean date timestamp varchar char decimal numeric')

function refuseCall(tokens: readonly Token[], at: number): void {
  const [name, before] = [tokens[at - 1], tokens[at - 2]]
  if (tokens[at]?.text !== '(' || name?.kind !== 'word' || keywords.has(name.value) || types.includes(name.value))
    return
  // A common table expression with column names, and the columns of INSERT INTO table (…).
  if (isWord(before, 'into', 'with') || functions.has(name.value)) return
  throw new SqlError('42883', `function ${name.value} does not exist, or the double doesn't know it`)
}

function refuseCast(tokens: readonly Token[], at: number): void {
  let type = tokens[at]?.text === '::' ? at + 1 : -1
  if (isAt(tokens, at, 'cast', '(')) {
    const close = closing(tokens, at + 1)
    type = at + 2 + tokens.slice(at + 2, close).findLastIndex((token) => isWord(token, 'as')) + 1
  }
  if (type === -1) return
  const name = tokens[type]?.value ?? ''
  if (!types.includes(name)) throw unknown(`the type ${name}`)
  if (isWord(tokens[type], 'decimal', 'numeric', 'char') && tokens[type + 1]?.text !== '(')
    throw unknown(`${name} without a length`)
}

/** An ordered window needs a frame for aggregates, which no statement here has. */
function refuseWindow(tokens: readonly Token[], at: number): void {
  if (!isWord(tokens[at], 'over')) return
  if (tokens[at + 1]?.text !== '(') throw syntaxError(tokens[at + 1])
  const inside = tokens.slice(at + 1, closing(tokens, at + 1))
  if (inside.some((token) => isWord(token, 'rows', 'range', 'groups'))) throw unknown('frames of windows')
  let open = at - 1
  for (let depth = 0; open > 0; open -= 1) {
    if (tokens[open]?.text === ')') depth += 1
    if (tokens[open]?.text === '(') depth -= 1
    if (depth === 0) break
  }
  if (isWord(tokens[open - 1], 'count', 'sum', 'min', 'max') && inside.some((token) => isWord(token, 'order')))
    throw new SqlError('42601', 'Aggregate window functions with an ORDER BY clause require a frame clause')
}

function refuseReserved(tokens: readonly Token[], at: number): void {
  const token = tokens[at]
  if (token?.kind !== 'word' || !reserved.has(token.value)) return
  if (!isWord(tokens[at - 1], 'as') && tokens[at - 1]?.text !== '.') throw syntaxError(token)
}

/** Only the leader node knows its catalog and some functions: they don't work in a statement over tables of users. */
function refuseLeader(tokens: readonly Token[]): void {
  const isLeader = (token: Token | undefined) => isWord(token, 'information_schema', 'pg_catalog')
  const asks = tokens.some((token) => isLeader(token) || isWord(token, 'current_timestamp', ...leaderFunctions))
  const reads = tokens.some(
    (token, at) => isWord(token, 'from', 'join') && isName(tokens[at + 1]) && !isLeader(tokens[at + 1]),
  )
  if (asks && reads)
    throw new SqlError('0A000', 'Specified types or functions (one per INFO message) not supported on Redshift tables.')
}

/** Throws a SqlError if the double doesn't take this SELECT, INSERT, UPDATE or DELETE, or part of one. */
export function refuseQuery(tokens: readonly Token[]): void {
  for (const [at, { kind }] of tokens.entries()) {
    if (kind === 'string' || kind === 'number') continue
    const phrase = phrases.find((words) => isAt(tokens, at, ...words))
    const isInsert = at === 1 && isWord(tokens[0], 'insert')
    if (phrase !== undefined && !isInsert) throw syntaxError(tokens[at])
    for (const refuse of [refuseCall, refuseCast, refuseWindow, refuseReserved]) refuse(tokens, at)
  }
  refuseLeader(tokens)
}
