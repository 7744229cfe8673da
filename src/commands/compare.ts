import { resolve } from 'node:path'
import { command, text } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'
import { callersFolder } from '../folders.ts'
import { answered } from '../reports/analysis.ts'
import { type Row, starTables, type Table, type Value } from '../schema/index.ts'
import { type Sql, starPage } from '../sql-queries/index.ts'
import { verifySchema } from '../tables/schema-version.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { builtInQuestions } from './find-questions.ts'

/** `npm run compare` */
export const compare = command({
  name: 'compare',
  summary:
    'Compares two warehouses, row for row. Shows the first difference of each table, and the answers that differ.',
  options: { with: text('FILE', 'settings of the other warehouse') },
  async run(context, values) {
    if (values.with === undefined)
      throw refusal('There is nothing to compare with.', 'Add --with FILE, the other config.')
    const other = context.openOther(resolve(callersFolder(), values.with))
    const differences = await compareWarehouses(context, other)
    const { terminalTable } = await import('./terminal.ts')
    return {
      json: { equal: differences.length === 0, differences },
      text: differences.length === 0 ? 'Both have the same rows and answers.' : terminalTable(differences),
      exitCode: differences.length === 0 ? exitCodes.done : exitCodes.failed,
    }
  },
})

/** The first difference of a table or an answer. A row that one side lacks has no column. */
type Difference = {
  readonly in: string
  readonly key: Value
  readonly column: string | null
  readonly here: Value
  readonly there: Value
}

/** Rows read at a time from each side. */
const pageRows = 50_000

async function compareWarehouses(context: Context, other: Context): Promise<Difference[]> {
  const here = await context.openWarehouse('read')
  const there = await other.openWarehouse('read').catch(async (error) => {
    await here.close()
    throw error
  })
  try {
    for (const warehouse of [here, there]) await verifySchema(warehouse)
    const found: (Difference | undefined)[] = []
    for (const table of starTables) {
      context.log.progress(`compare ${table.name}`)
      found.push(await differenceOf(table, here, there))
    }
    for (const question of builtInQuestions()) {
      context.log.progress(`compare the answers: ${question.question}`)
      const [ours, theirs] = await Promise.all(
        [here, there].map(async (warehouse) => answered(question, await warehouse.query(question.sql as Sql))),
      )
      const answers = { here: ours?.answer ?? null, there: theirs?.answer ?? null }
      if (JSON.stringify(ours) !== JSON.stringify(theirs))
        found.push({ in: question.name, key: null, column: null, ...answers })
    }
    return found.filter((difference) => difference !== undefined)
  } finally {
    await Promise.all([here.close(), there.close()])
  }
}

/** Reads both sides in the order of the key, page by page. */
async function differenceOf(table: Table, here: Warehouse, there: Warehouse): Promise<Difference | undefined> {
  const [key = ''] = table.key
  for (let after: Value = null; ; ) {
    const statement = starPage(table, after, pageRows)
    const [ours = [], theirs = []] = await Promise.all([here.query(statement), there.query(statement)])
    for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
      const difference = differenceOfRows(table.name, key, ours[index] ?? {}, theirs[index] ?? {})
      if (difference) return difference
    }
    if (ours.length < pageRows) return undefined
    after = ours.at(-1)?.[key] ?? null
  }
}

/** Whole numbers come as text. */
function byKey(a: Value | undefined, b: Value | undefined): number {
  const isNumber = [a, b].every((value) => /^-?\d+$/.test(String(value)))
  if (isNumber) return BigInt(String(a)) < BigInt(String(b)) ? -1 : 1
  return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
}

/** A row that one side lacks is empty. */
function differenceOfRows(table: string, key: string, ours: Row, theirs: Row): Difference | undefined {
  if (ours[key] !== theirs[key]) {
    const [first = null] = [ours[key], theirs[key]].filter((value) => value !== undefined).sort(byKey)
    const [here, there] = ours[key] === first ? ['a row', 'no row'] : ['no row', 'a row']
    return { in: table, key: first, column: null, here, there }
  }
  const column = Object.keys(ours).find((name) => ours[name] !== theirs[name])
  if (column === undefined) return undefined
  return { in: table, key: ours[key] ?? null, column, here: ours[column] ?? null, there: theirs[column] ?? null }
}
