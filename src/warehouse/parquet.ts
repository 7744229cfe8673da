import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusal } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import { literal, sql } from '../sql-queries/index.ts'
import { openDuckdb } from './duckdb.ts'

/**
 * Writes rows of either engine as Parquet, through DuckDB in this process. It takes the types from the values: whole numbers,
 * fractions, days, instants, and text for the rest.
 *
 * @throws UserError (exit code 2) if there are no rows, which have no columns, or if the file can't be written.
 */
export async function writeParquet(path: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) throw refusal('The query has no rows, so no Parquet file was written.', 'Ask for other rows.')
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-parquet-'))
  const json = join(folder, 'rows.ndjson')
  const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
  try {
    writeFileSync(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    // All rows are looked at, so that a column of numbers with one text at the end is text.
    await duckdb.execute(sql`
      copy (
        select * from read_json(${literal(json)}, format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1)
      ) to ${literal(path)} (format parquet)`)
  } catch (error) {
    if (/Cannot open file|Permission denied|No such file/.test(String(error)))
      throw refusal(`${path} can't be written.`, 'Use --out FILE to name another file.')
    throw error
  } finally {
    await duckdb.close()
    rmSync(folder, { recursive: true })
  }
}
