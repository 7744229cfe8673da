import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusal } from '../errors.ts'
import type { Row } from '../schema/index.ts'
import { literal, sql } from '../sql-queries/index.ts'
import { openDuckdb } from './duckdb.ts'

/**
 * Rows of either engine as the bytes of a Parquet file, made by DuckDB in this process. It takes the types from the values: whole
 * numbers, fractions, days, instants, and text for the rest.
 *
 * @throws UserError (exit code 2) if there are no rows, because then the columns are unknown.
 */
export async function parquetOf(rows: readonly Row[]): Promise<Buffer> {
  if (rows.length === 0) throw refusal('The query has no rows, so no Parquet file was written.', 'Ask for other rows.')
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-parquet-'))
  const [json, parquet] = [join(folder, 'rows.ndjson'), join(folder, 'rows.parquet')]
  const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
  try {
    writeFileSync(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    // All rows are looked at, so that a column of numbers with one text at the end is text.
    await duckdb.execute(sql`
      copy (
        select * from read_json(${literal(json)}, format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1)
      ) to ${literal(parquet)} (format parquet)`)
    return readFileSync(parquet)
  } finally {
    await duckdb.close()
    rmSync(folder, { recursive: true })
  }
}
