import { choice, command } from '../command.ts'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import type { Sql } from '../sql-queries/index.ts'
import { escapeControlJson, escapeControlLines } from '../text.ts'

/** `npm run query` */
export const query = command({
  name: 'query',
  summary: "Runs one query and shows its rows. It can't change anything.",
  argument: 'SQL',
  options: { format: choice('FORMAT', ['table', 'json', 'csv']) },
  async run(context, { format }, statement) {
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
      hint: 'documentation/schema.md lists the tables and columns; names are lower case.',
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
  // The caller adds a line feed to every output.
  const text = renderCsv(rows).replace(/\n$/, '')
  // A file gets the exact text. On a terminal, control characters are escaped.
  return process.stdout.isTTY ? escapeControlLines(text) : text
}
