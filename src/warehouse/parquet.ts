import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row } from '../schema/index.ts'
import { list, literal, type Sql, sql } from '../sql-queries/index.ts'
import { openDuckdb } from './duckdb.ts'
import type { ResultColumn } from './warehouse.ts'

/** Rows of either engine as the bytes of a Parquet file with the types of their columns, made by DuckDB in this process. */
export async function parquetOf(rows: readonly Row[], columns: readonly ResultColumn[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-parquet-'))
  const [json, parquet] = [join(folder, 'rows.ndjson'), join(folder, 'rows.parquet')]
  const duckdb = await openDuckdb({ file: ':memory:', access: 'create' })
  try {
    writeFileSync(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    const types = list(columns.map((column) => sql`${literal(column.name)}: ${literal(writtenAs(column, rows))}`))
    await duckdb.execute(sql`
      copy (
        select * from read_json(${literal(json)}, format = 'newline_delimited', columns = {${types}})
      ) to ${literal(parquet)} (format parquet)`)
    return readFileSync(parquet)
  } finally {
    await duckdb.close()
    rmSync(folder, { recursive: true })
  }
}

/** The type of a column in the file: its own, unless Parquet has none that is as exact. */
function writtenAs({ name, type }: ResultColumn, rows: readonly Row[]): Sql {
  if (type === 'DECIMAL')
    return `DECIMAL(38,${rows.reduce((most, row) => Math.max(most, digitsOf(row[name])), 0)})` as Sql
  if (type === 'HUGEINT') return sql`DECIMAL(38,0)`
  const isKnown =
    /^((BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)|DATE|TIMESTAMP( WITH TIME ZONE)?|VARCHAR)(\[\d*\])*|STRUCT\(.*\)(\[\d*\])*)$/
  return (isKnown.test(type) ? type : 'VARCHAR') as Sql
}

/** Digits behind the point. */
const digitsOf = (value: Row[string] | undefined): number => /\.(\d+)$/.exec(String(value))?.[1]?.length ?? 0
