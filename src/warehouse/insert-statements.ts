import type { Table, Value } from '../schema/index.ts'
import { identifier, instant, list, literal, names, type Sql, sql } from '../sql-queries/index.ts'

/** Insert statements for rows; each ends after so many bytes of them. */
export function* insertStatements(
  table: Table,
  rows: readonly (readonly Value[])[],
  insertBytes: number,
): Generator<Sql> {
  const head = sql`insert into ${identifier(table.name)} (${names(table.columns)})\nvalues\n`
  let tuples: Sql[] = []
  let bytes = 0
  for (const row of rows) {
    const tuple = sql`(${list(row.map((value, index) => spelled(value, table.columns[index]?.type)))})`
    tuples.push(tuple)
    bytes += Buffer.byteLength(tuple)
    if (bytes < insertBytes) continue
    yield sql`${head}\n${list(tuples, ',\n')}`
    tuples = []
    bytes = 0
  }
  if (tuples.length > 0) yield sql`${head}\n${list(tuples, ',\n')}`
}

function spelled(value: Value, type: string | undefined): Sql {
  if (value === null) return sql`null`
  if (type === 'timestamp') return instant(new Date(String(value)))
  if (typeof value === 'string') return literal(value)
  return String(value) as Sql
}
