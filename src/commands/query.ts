import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import type { Sql } from '../sql-queries/index.ts'

/** Runs one statement of the user's, which can't change anything, and answers with its rows. */
export async function query(context: Context, statement: string): Promise<Row[]> {
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
