import { command, textWithDefault } from '../cli.ts'
import type { Context } from '../context.ts'
import { refusal, UserError } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import type { Sql } from '../sql-queries/index.ts'
import { escapeControlJson, escapeControlLines } from '../text.ts'

const formats = ['table', 'json', 'csv']

/** `npm run query` */
export const query = command({
  name: 'query',
  summary: "Runs one read-only query and shows its rows. It can't change anything.",
  argument: 'SQL',
  options: { format: textWithDefault('FORMAT', 'table', 'table, json or csv') },
  async run(context, { format }, statement) {
    if (!formats.includes(format))
      throw refusal(`There is no format ${format}.`, `Use --format with one of ${formats.join(', ')}.`)
    const rows = await rowsOf(context, statement)
    return { json: rows, text: await render(rows, format) }
  },
})

async function rowsOf(context: Context, statement: string): Promise<Row[]> {
  const warehouse = await context.openWarehouse('read')
  try {
    return await warehouse.query(statement as Sql)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof UserError || error instanceof TypeError || context.signal.aborted)
      throw error
    throw new UserError(error.message.trim(), {
      hint: 'The tables and columns are in documentation/schema.md; names are lower case.',
      cause: error,
    })
  } finally {
    await warehouse.close()
  }
}

async function render(rows: readonly Row[], format: string): Promise<string> {
  if (format === 'json') return escapeControlJson(rows)
  if (format === 'table') return (await import('./terminal.ts')).terminalTable(rows)
  const { renderCsv } = await import('../reports/csv.ts')
  // Every output ends with a line feed, so this one isn't needed.
  const text = renderCsv(rows).replace(/\n$/, '')
  // A file gets the exact text; a terminal must not obey it.
  return process.stdout.isTTY ? escapeControlLines(text) : text
}
