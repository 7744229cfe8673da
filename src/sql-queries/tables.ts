import { type Column, plays, schemaVersion, schemaVersions, type Table, tables, type Value } from '../schema/index.ts'
import type { Dialect } from './dialect.ts'
import { identifier, list, literal, type Sql, sql } from './sql.ts'

/** Creates a table. Doesn't declare keys: Redshift would trust them without enforcing them. Quality checks verify them instead. */
export function createTable(table: Table, dialect: Dialect): Sql {
  const width = Math.max(...table.columns.map(({ name }) => name.length))
  const columns = table.columns.map(
    ({ name, type, required }: Column) =>
      `${identifier(name).padEnd(width)} ${dialect.columnType(type)}${required ? ' not null' : ''}` as Sql,
  )
  return sql`
    create table ${identifier(table.name)} (
      ${list(columns, ',\n')}
    )${dialect.tableOptions(table)}`
}

/** Replaces a table by an empty one that only this session sees, and that is gone when it ends. On DuckDB. */
export function createTemporary(table: Table, dialect: Dialect): Sql {
  return createTable(table, dialect).replace(/^create table/, 'create or replace temp table') as Sql
}

/** Comments on a table and its columns, which `\d+` and catalog browsers show. */
export function commentOnTable(table: Table): Sql[] {
  const comment = sql`comment on table ${identifier(table.name)} is ${literal(table.grain)}`
  return [comment, ...table.columns.map((column) => commentOnColumn(table, column))]
}

export function commentOnColumn({ name }: Table, column: Column): Sql {
  return sql`comment on column ${identifier(name)}.${identifier(column.name)} is ${literal(column.comment)}`
}

export const dropTable = ({ name }: Table): Sql => sql`drop table if exists ${identifier(name)}`

export function addColumn(table: Table, column: Column, dialect: Dialect): Sql {
  return sql`alter table ${identifier(table.name)} add column ${identifier(column.name)} ${dialect.columnType(column.type)}`
}

export function dropColumn(table: Table, column: string): Sql {
  return sql`alter table ${identifier(table.name)} drop column ${identifier(column)}`
}

/** Redshift doesn't allow this inside a transaction. */
export function alterType(table: Table, column: Column, dialect: Dialect): Sql {
  return sql`alter table ${identifier(table.name)} alter column ${identifier(column.name)} type ${dialect.columnType(column.type)}`
}

export const countRows = ({ name }: Table): Sql => sql`select count(*) as n from ${identifier(name)}`

/** Rows of every table in `counted`, one row each: table_name, n. */
export function countAllRows(counted: readonly Table[]): Sql {
  return list(
    counted.map(({ name }) => sql`select ${literal(name)} as table_name, count(*) as n from ${identifier(name)}`),
    '\nunion all\n',
  )
}

/**
 * The next rows of a table of the star behind the row whose key is `after`, in the order of the key; from the start if it is null.
 * Without the loads, which differ between warehouses. Large whole numbers come as text, because the Data API rounds them.
 */
export function starPage({ name, columns, key: [key = ''] }: Table, after: Value, rows: number): Sql {
  const shown = columns
    .filter(({ name }) => name !== 'load_id')
    .map(({ name, type }) =>
      type === 'bigint' ? sql`cast(${identifier(name)} as varchar) as ${identifier(name)}` : identifier(name),
    )
  const type = columns.find((column) => column.name === key)?.type
  const last = String(after)
  const behind =
    type === 'bigint' ? (last as Sql) : literal(type === 'timestamp' ? last.replace('T', ' ').replace('Z', '') : last)
  return sql`
    select ${list(shown)}
    from ${identifier(name)}
    ${after === null ? sql`` : sql`where ${identifier(key)} > ${behind}`}
    order by ${identifier(name)}.${identifier(key)}
    limit ${rows}`
}

/** Every table of the database, in any schema: table_schema, table_name. */
export function allTables(): Sql {
  return sql`
    select table_schema, table_name
    from information_schema.tables
    where table_schema not in ('information_schema', 'pg_catalog')
    order by table_schema, table_name`
}

/** The columns of the live tables and the view, in order: table_name, column_name, data_type, is_nullable, lengths and precision. */
export function liveColumns(): Sql {
  return sql`
    select table_name, column_name, data_type, is_nullable,
      character_maximum_length, numeric_precision, numeric_scale
    from information_schema.columns
    where table_schema = current_schema()
      and table_name in (${list([...tables, plays].map(({ name }) => literal(name)))})
    order by table_name, ordinal_position`
}

export function latestSchemaVersion(): Sql {
  return sql`select max(version) as version from ${identifier(schemaVersions.name)}`
}

export function recordSchemaVersion(appliedAt: Sql, appliedBy: string): Sql {
  return sql`
    insert into ${identifier(schemaVersions.name)} (version, applied_at, applied_by)
    values (${schemaVersion}, ${appliedAt}, ${literal(appliedBy)})`
}
