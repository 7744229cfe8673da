/** What Redshift refuses although PostgreSQL would take it, in statements that read or change rows. */
import {
  framedFunctions,
  functions,
  keywords,
  leaderFunctions,
  missingFunctions,
  reserved,
  unframedFunctions,
} from './functions.ts'
import { closing, isAt, isName, isWord, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'
import { namesRelation, relations } from './relations.ts'
import { notInDouble } from './types.ts'

type Refuse = (tokens: readonly Token[], at: number) => SqlError | undefined

/** A phrase at which Redshift's parser stops, and at which of its words. */
const phrase = (words: string, stop = 0): Refuse => {
  const wanted = words.split(' ')
  return (tokens, at) => (isAt(tokens, at, ...wanted) ? syntaxError(tokens[at + stop]) : undefined)
}

const unsupported = (words: string, told: string): Refuse => {
  const wanted = words.split(' ')
  return (tokens, at) => (isAt(tokens, at, ...wanted) ? new SqlError('0A000', told) : undefined)
}

const unimplemented = (words: string): Refuse => {
  const wanted = words.split(' ')
  return (tokens, at) => (isAt(tokens, at, ...wanted) ? notInDouble(words.toUpperCase()) : undefined)
}

const phrases: readonly Refuse[] = [
  phrase('on conflict', 1),
  phrase('returning'),
  unsupported('distinct on (', 'SELECT DISTINCT ON is not supported'),
  phrase('filter (', 1),
  phrase('lateral'),
  phrase('is distinct from', 1),
  phrase('is not distinct from', 2),
  unsupported('except all', 'EXCEPT ALL is not supported'),
  unsupported('intersect all', 'INTERSECT ALL is not supported'),
  unsupported('minus all', 'MINUS ALL is not supported'),
  phrase('['),
  phrase('tablesample'),
  phrase('with ordinality', 1),
  phrase('fetch first'),
  phrase('fetch next'),
  phrase('overriding'),
  phrase('group by distinct', 2),
  phrase('group by all', 2),
  unsupported('for update', 'SELECT FOR UPDATE is not supported'),
  unsupported('for share', 'SELECT FOR SHARE is not supported'),
  unsupported('for no key', 'SELECT FOR UPDATE is not supported'),
  unimplemented('qualify'),
  unimplemented('select top'),
  unimplemented('pivot ('),
  unimplemented('unpivot ('),
  unimplemented('remove duplicates'),
]

const foreignOperators = ['->', '->>', '#>', '#>>', '@>', '<@', '&&', '=>']

const operator: Refuse = (tokens, at) => {
  const token = tokens[at]
  return token?.kind === 'symbol' && foreignOperators.includes(token.text) ? syntaxError(token) : undefined
}

const valuesAsTable: Refuse = (tokens, at) => {
  if (!isAt(tokens, at, '(', 'values')) return undefined
  return isWord(tokens[at - 1], 'from', 'join', 'as', 'using') || tokens[at - 1]?.text === ','
    ? syntaxError(tokens[at + 1])
    : undefined
}

/** INSERT, UPDATE or DELETE inside WITH, and WITH before INSERT. */
const writingWith: Refuse = (tokens, at) => {
  if (tokens[at]?.text === '(' && isWord(tokens[at + 1], 'insert', 'update', 'delete', 'merge')) {
    return isWord(tokens[at - 1], 'as') ? syntaxError(tokens[at + 1]) : undefined
  }
  const endsWith = tokens[at]?.text === ')' && isWord(tokens[0], 'with') && isWord(tokens[at + 1], 'insert', 'merge')
  return endsWith ? syntaxError(tokens[at + 1]) : undefined
}

/** Is the bracket at `at` that of a function call? Then the name is the token before it. */
function isCall(tokens: readonly Token[], at: number): boolean {
  const name = tokens[at - 1]
  if (tokens[at]?.text !== '(' || name?.kind !== 'word' || keywords.has(name.value)) return false
  const before = tokens[at - 2]
  if (before === undefined || before.text === ')') return false
  if (
    before.text === '::' ||
    isWord(before, 'as', 'into', 'table', 'exists', 'references', 'copy', 'recursive', 'update')
  )
    return false
  if (isAt(tokens, closing(tokens, at) + 1, 'as', '(') && isWord(tokens[0], 'with', 'create', 'insert')) return false
  if (before.text === '.') return isWord(tokens[at - 3], 'pg_catalog')
  return before.kind === 'symbol' || before.kind === 'string' || (before.kind === 'word' && keywords.has(before.value))
}

const typesWithLength = [
  'varchar',
  'nvarchar',
  'char',
  'character',
  'nchar',
  'decimal',
  'numeric',
  'float',
  'varbyte',
  'varbinary',
]

const call: Refuse = (tokens, at) => {
  const name = tokens[at - 1]?.value ?? ''
  if (!isCall(tokens, at) || typesWithLength.includes(name)) return undefined
  if ((name === 'concat' || name === 'to_timestamp') && argumentCount(tokens, at) !== 2) {
    return new SqlError('42883', `function ${name} with other than two arguments does not exist`, {
      hint: 'No function matches the given name and argument types.',
    })
  }
  if (functions.has(name)) return undefined
  if (missingFunctions.has(name)) return notInDouble(`function ${name}`)
  return new SqlError('42883', `function ${name}(${tokens[at + 1]?.text === ')' ? '' : '"unknown"'}) does not exist`, {
    hint: 'No function matches the given name and argument types. You may need to add explicit type casts.',
  })
}

function argumentCount(tokens: readonly Token[], open: number): number {
  const end = closing(tokens, open)
  if (end === open + 1) return 0
  let count = 1
  for (let at = open + 1; at < end; at += 1) {
    if (tokens[at]?.text === '(') at = closing(tokens, at)
    else if (tokens[at]?.text === ',') count += 1
  }
  return count
}

/** The name of the function whose call ends with the bracket at `at`. */
function nameOfCallEndingAt(tokens: readonly Token[], at: number): string {
  for (let open = at - 1, depth = 1; open > 0; open -= 1) {
    if (tokens[open]?.text === ')') depth += 1
    if (tokens[open]?.text === '(') depth -= 1
    if (depth === 0) return tokens[open - 1]?.value ?? ''
  }
  return ''
}

const window: Refuse = (tokens, at) => {
  if (!isWord(tokens[at], 'over')) return undefined
  if (tokens[at + 1]?.text !== '(') return isName(tokens[at + 1]) ? syntaxError(tokens[at + 1]) : undefined
  const name = nameOfCallEndingAt(tokens, at - 1)
  const inside = tokens.slice(at + 2, closing(tokens, at + 1))
  const frame = inside.find(
    (token, index) => isWord(token, 'range', 'groups') && isWord(inside[index + 1], 'between', 'unbounded', 'current'),
  )
  if (frame !== undefined) return syntaxError(frame)
  const isOrdered = inside.some((token) => isWord(token, 'order'))
  const isFramed = inside.some(
    (token, index) =>
      isWord(token, 'rows') &&
      (isWord(inside[index + 1], 'between', 'unbounded', 'current') || inside[index + 1]?.kind === 'number'),
  )
  if (framedFunctions.has(name) && isOrdered && !isFramed) {
    return new SqlError('42601', 'Aggregate window functions with an ORDER BY clause require a frame clause')
  }
  if (unframedFunctions.has(name) && isFramed) {
    return new SqlError('42601', `window specification should not contain frame clause for window function ${name}`)
  }
  return undefined
}

const reservedName: Refuse = (tokens, at) => {
  const token = tokens[at]
  const isLabel = isWord(tokens[at - 1], 'as') || tokens[at - 1]?.text === '.'
  return token?.kind === 'word' && reserved.has(token.value) && !isLabel ? syntaxError(token) : undefined
}

const parts =
  `century cent centuries c d day days dayofweek dow dw weekday dayofyear doy dy yearday decade decades dec epoch h hr hour hours
  microsecond microseconds us microsec millennium mil millisecond milliseconds ms msec minute minutes m min mi mins month months mon mons
  quarter quarters q qtr second seconds s sec timezone timezone_hour timezone_minute week weeks w year years y yr yrs`.split(
    /\s+/,
  )

const datePart: Refuse = (tokens, at) => {
  if (!isAt(tokens, at, 'extract', '(') && !isAt(tokens, at, 'date_part', '(')) return undefined
  const part = tokens[at + 2]
  if (part === undefined || parts.includes(part.value.toLowerCase()) || part.kind === 'parameter') return undefined
  return new SqlError('22023', `timestamp units "${part.value}" not recognized`)
}

/** DELETE takes no alias. */
function deleteAlias(tokens: readonly Token[]): SqlError | undefined {
  if (!isWord(tokens[0], 'delete')) return undefined
  let at = isWord(tokens[1], 'from') ? 2 : 1
  while (tokens[at + 1]?.text === '.') at += 2
  const token = tokens[at + 1]
  return token === undefined || isWord(token, 'using', 'where') ? undefined : syntaxError(token)
}

/** Nor does INSERT. */
function insertAlias(tokens: readonly Token[]): SqlError | undefined {
  if (!isAt(tokens, 0, 'insert', 'into')) return undefined
  let at = 3
  while (tokens[at]?.text === '.') at += 2
  const token = tokens[at]
  return isName(token) && !isWord(token, 'values', 'select', 'with', 'default') ? syntaxError(token) : undefined
}

function mergeShape(tokens: readonly Token[]): SqlError | undefined {
  if (!isWord(tokens[0], 'merge')) return undefined
  const using = tokens.findIndex((token) => isWord(token, 'using'))
  if (!isWord(tokens[1], 'into') || using === -1) return syntaxError(tokens[1])
  if (tokens.slice(2, using).some((token, index) => index % 2 === 1 && token.text !== '.')) {
    return syntaxError(tokens[using - 1])
  }
  if (tokens[using + 1]?.text === '(') {
    return new SqlError(
      '0A000',
      'MERGE source must be a table: a subquery, view or common table expression is not supported',
    )
  }
  const when = tokens.flatMap((token, at) =>
    isWord(token, 'when') && isWord(tokens[at + 1], 'matched', 'not') ? [at] : [],
  )
  const [matched = -1, notMatched = -1] = when
  if (isAt(tokens, matched, 'when', 'matched', 'and')) return syntaxError(tokens[matched + 2])
  if (isAt(tokens, notMatched, 'when', 'not', 'matched') && !isWord(tokens[notMatched + 3], 'then'))
    return syntaxError(tokens[notMatched + 3])
  if (
    !isAt(tokens, matched, 'when', 'matched', 'then') ||
    !isAt(tokens, notMatched, 'when', 'not', 'matched', 'then')
  ) {
    return new SqlError('42601', 'MERGE needs WHEN MATCHED and WHEN NOT MATCHED, once each and in this order')
  }
  return when.length === 2 ? undefined : syntaxError(tokens[when[2] ?? 0])
}

/** What only the leader node knows can't be mixed with the rows of user tables. */
function leaderNodeOnly(tokens: readonly Token[]): SqlError | undefined {
  const found = relations(tokens)
  const isLeader = ([schema, name]: readonly [string, string]) =>
    schema === 'information_schema' || schema === 'pg_catalog' || name.startsWith('pg_') || name.startsWith('svv_')
  const common = tokens.flatMap(({ value }, at) => (isAt(tokens, at + 1, 'as', '(') ? [value] : []))
  const users = found.filter(
    (relation) => !isLeader(relation) && namesRelation(relation) && !common.includes(relation[1]),
  )
  const called = tokens.some(
    ({ kind, value }, at) =>
      kind === 'word' && (value === 'current_timestamp' || (leaderFunctions.has(value) && isCall(tokens, at + 1))),
  )
  return users.length > 0 && (called || found.some(isLeader))
    ? new SqlError('0A000', 'Specified types or functions (one per INFO message) not supported on Redshift tables.')
    : undefined
}

const anywhere = [...phrases, operator, valuesAsTable, writingWith, call, window, datePart, reservedName]

/** Throws what Redshift would answer if it does not take this SELECT, INSERT, UPDATE, DELETE or MERGE. */
export function refuseQuery(tokens: readonly Token[]): void {
  for (let at = 0; at < tokens.length; at += 1) {
    for (const refuse of anywhere) {
      const refusal = refuse(tokens, at)
      if (refusal !== undefined) throw refusal
    }
  }
  for (const refuse of [deleteAlias, insertAlias, mergeShape, leaderNodeOnly]) {
    const refusal = refuse(tokens)
    if (refusal !== undefined) throw refusal
  }
}
