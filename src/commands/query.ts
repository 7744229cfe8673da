import { resolve } from 'node:path'
import { choice, command, text } from '../command.ts'
import type { Context } from '../context.ts'
import { refusal, UserError } from '../errors.ts'
import { callersFolder } from '../folders.ts'
import type { Row } from '../schema/index.ts'
import type { Sql } from '../sql-queries/index.ts'
import { counted, escapeControlJson, escapeControlLines } from '../text.ts'
import type { ResultColumn } from '../warehouse/warehouse.ts'
import { readLimit, readStatement, writeOutput } from './query-files.ts'

/** `npm run query` */
export const query = command({
  name: 'query',
  summary: "Runs one query and shows its rows. It can't change anything.",
  argument: 'SQL',
  isArgumentOptional: true,
  options: {
    file: text('FILE', 'read the SQL from a file; - or a pipe is standard input'),
    format: choice('FORMAT', ['table', 'json', 'csv', 'parquet']),
    out: text('FILE', 'write the rows to a file; parquet needs one'),
    limit: text('N', 'rows to show; in a table 100, in other formats all'),
  },
  async run(context, { file, format, out, limit }, argument) {
    const shown = readLimit(limit, format)
    if (format === 'parquet' && out === undefined)
      throw refusal('Parquet is not text, so it needs a file.', 'Add --out FILE.')
    const { rows, columns } = await resultOf(context, await readStatement(argument, file))
    const kept = rows.slice(0, shown)
    if (out === undefined)
      return { json: limit === undefined ? rows : kept, text: await render(kept, columns, format, rows.length) }
    const path = resolve(callersFolder(), out)
    const { parquetOf } = await import('../warehouse/parquet.ts')
    writeOutput(
      path,
      format === 'parquet'
        ? await parquetOf(kept, columns)
        : `${await render(kept, columns, format, rows.length, true)}\n`,
    )
    context.log.done('write', path, counted(kept.length, 'row'))
    return { json: { file: path, rows: kept.length } }
  },
})

async function resultOf(context: Context, statement: string) {
  let columns: readonly ResultColumn[] = []
  const warehouse = await context.openWarehouse('read')
  try {
    const rows = await warehouse.query(statement as Sql, (found) => {
      columns = found
    })
    return { rows, columns }
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UserError || error instanceof TypeError || context.signal.aborted)
      throw error
    const isQuoted = [...error.message.matchAll(/column "?([^"]+?)"? (?:not found|does not exist)/gi)].some(
      ([, name]) => statement.includes(`"${name}"`),
    )
    const text = isQuoted ? "Text stands in single quotes: 'paid'. Double quotes are for names.\n" : ''
    throw new UserError(error.message.trim(), {
      hint: `${text}documentation/schema.md lists the tables and columns; names are lower case.`,
      cause: error,
    })
  } finally {
    await warehouse.close()
  }
}

async function render(
  rows: readonly Row[],
  columns: readonly ResultColumn[],
  format: string,
  found: number,
  isFile = false,
): Promise<string> {
  if (format === 'json') return escapeControlJson(rows)
  if (format === 'table') {
    const plan = planOf(rows)
    if (plan !== undefined) return plan
    const table = (await import('./terminal.ts')).terminalTable(rows, { isExact: true })
    const more = found - rows.length
    return more > 0 ? `${table}\n… and ${counted(more, 'more row')}. To show more: --limit N` : table
  }
  const { renderCsv } = await import('../reports/csv.ts')
  // The caller adds a line feed to every output.
  const text = renderCsv(rows, { names: columns.map(({ name }) => name) }).replace(/\n$/, '')
  // A file gets the exact text. On a terminal, control characters are escaped.
  return process.stdout.isTTY && !isFile ? escapeControlLines(text) : text
}

/** The lines of `explain` as the engine drew them; undefined if the rows are something else. */
function planOf(rows: readonly Row[]): string | undefined {
  const column = ['explain_value', 'QUERY PLAN'].find((name) => rows[0] !== undefined && name in rows[0])
  return column && rows.map((row) => escapeControlLines(String(row[column] ?? '')).trimEnd()).join('\n')
}
