import { itemsPerSession, maxSessionId, type StagingTable, stagingEvents, type Table } from '../schema/index.ts'
import { type Dialect, duckdb } from './dialect.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/** Copies files of JSON lines into staging, on DuckDB. A timestamp is ms since 1970 in the source. */
export function copyFiles(table: StagingTable, paths: readonly string[]): Sql {
  const sourceKey = ({ sourceKey = '' }: StagingTable['columns'][number]) => `"${sourceKey}"` as Sql
  const columns = table.columns.map((column) => {
    const type = column.type === 'timestamp' ? sql`bigint` : duckdb.columnType(column.type)
    return sql`${sourceKey(column)}: ${literal(type)}`
  })
  const values = table.columns.map((column) =>
    column.type === 'timestamp' ? sql`epoch_ms(${sourceKey(column)})` : sourceKey(column),
  )
  return sql`
    insert into ${identifier(table.name)} (${names(table.columns)})
    select ${list(values)}
    from read_json(
      [${list(paths.map(literal))}],
      format = 'newline_delimited',
      columns = {${list(columns)}}
    )`
}

/** Counts the staged rows that the engine took though the schema can't: text over its bytes, numbers out of range. */
export function stagedBeyondLimits(table: Table, dialect: Dialect): Sql {
  const tooLong = table.columns.flatMap(({ name, type }) => {
    const bytes = /^text\((\d+)\)$/.exec(type)?.[1]
    return bytes ? [sql`${dialect.byteLength(identifier(name))} > ${Number(bytes)}`] : []
  })
  const outOfRange =
    table === stagingEvents
      ? [
          sql`item_in_session not between 0 and ${itemsPerSession - 1}`,
          sql`session_id not between 0 and ${maxSessionId}`,
        ]
      : []
  return sql`
    select count(*) as n
    from ${identifier(table.name)}
    where ${list([...tooLong, ...outOfRange], '\n  or ')}`
}
