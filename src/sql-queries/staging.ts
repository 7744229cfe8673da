import {
  type Column,
  itemsPerSession,
  maxSessionId,
  type StagingTable,
  stagingEvents,
  type Table,
} from '../schema/index.ts'
import { type Dialect, duckdb, redshift } from './dialect.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/**
 * Every option of DuckDB's read_json, because some defaults add or overwrite columns by folder names, or guess from the content.
 * Left out are aliases (`date_format`) and options without effect (`hive_types`).
 */
const readOptions = sql`
        format = 'newline_delimited',
        records = 'true',
        auto_detect = false,
        sample_size = 1,
        maximum_sample_files = 1,
        maximum_depth = -1,
        field_appearance_threshold = 0,
        map_inference_threshold = -1,
        convert_strings_to_integers = false,
        dateformat = 'iso',
        timestampformat = 'iso',
        hive_partitioning = false,
        hive_types_autocast = false,
        filename = false,
        union_by_name = false,
        compression = 'auto_detect',
        ignore_errors = false,
        maximum_object_size = 16777216`

/** A path as a pattern that matches only this file. DuckDB takes a path with a backslash literally, so that isn't escaped. */
const exactly = (path: string) => literal(path.includes('\\') ? path : path.replace(/[*?[]/g, '[$&]'))

/**
 * Copies files of JSON lines into staging, on DuckDB. Fails at values that the engine would accept although they exceed the limits of
 * the schema. A timestamp is ms since 1970 in the source.
 */
export function copyFiles(table: StagingTable, paths: readonly string[]): Sql {
  const sourceKey = ({ sourceKey = '' }: StagingTable['columns'][number]) => `"${sourceKey}"` as Sql
  // Read as integers, DuckDB would silently round fractions. A double holds every integer that the schema allows.
  const isWhole = ({ type }: Column) => type === 'integer' || type === 'bigint' || type === 'timestamp'
  const columns = table.columns.map((column) => {
    const type = isWhole(column) ? sql`double` : duckdb.columnType(column.type)
    return sql`${sourceKey(column)}: ${literal(type)}`
  })
  const values = table.columns.map((column) => {
    const key = sourceKey(column)
    const name = identifier(column.name)
    if (!isWhole(column)) return sql`${key} as ${name}`
    const type = column.type === 'timestamp' ? sql`bigint` : duckdb.columnType(column.type)
    const whole = sql`case when ${key} <> trunc(${key}) then error('not a whole number') else cast(${key} as ${type}) end`
    return sql`${column.type === 'timestamp' ? sql`epoch_ms(${whole})` : whole} as ${name}`
  })
  return sql`
    insert into ${identifier(table.name)} (${names(table.columns)})
    select ${names(table.columns)}
    from (
      select
        ${list(values, ',\n')}
      from read_json(
        [${list(paths.map(exactly))}],
        columns = {${list(columns)}},
        ${readOptions}
      )
    ) arrived
    where case
      when ${beyondLimits(table, duckdb)}
      then error('beyond a limit of the schema')
      else true
    end`
}

/** The jsonpaths file of a staging table: the source key of each column, in order. */
export function jsonpaths({ columns }: StagingTable): string {
  return JSON.stringify({ jsonpaths: columns.map(({ sourceKey }) => `$['${sourceKey}']`) })
}

/** What a COPY needs besides its table. Addresses are `s3://bucket/key`. */
interface CopySource {
  readonly manifest: string
  readonly jsonpaths: string
  readonly role: string
  /** Region of the objects; the manifest and the jsonpaths file must be in the same one. */
  readonly region: string
  readonly gzip: boolean
  /** Load nothing and don't stop at bad records, to fill the error view. */
  readonly dryRun?: boolean
}

/**
 * Copies the objects of a manifest into staging, on Redshift: all of them or none, without truncating text or replacing characters.
 * Rounds decimals, as DuckDB does. Skips statistics and compression analysis, which aren't worth the time for staging.
 */
export function copyManifest(table: StagingTable, source: CopySource): Sql {
  const options = [
    sql`manifest`,
    sql`region ${literal(source.region)}`,
    sql`format as json ${literal(source.jsonpaths)}`,
    sql`timeformat 'epochmillisecs'`,
    ...(source.gzip ? [sql`gzip`] : []),
    sql`roundec`,
    sql`compupdate off`,
    sql`statupdate off`,
    ...(source.dryRun ? [sql`maxerror 100000`, sql`noload`] : [sql`maxerror 0`]),
  ]
  return sql`
    copy ${identifier(table.name)} (${names(table.columns)})
    from ${literal(source.manifest)}
    iam_role ${literal(source.role)}
    ${list(options, '\n')}`
}

/** The rows that the last COPY of this session read: copied. */
export function copiedRows(): Sql {
  return sql`select pg_last_copy_count() as copied`
}

/** The files that the last COPY of this session read: file_name, etag, records. The view pads its CHAR columns. */
export function copiedFiles(): Sql {
  return sql`
    select trim(file_name) as file_name, max(trim(file_etag)) as etag, max(lines_scanned) as records
    from sys_load_detail
    where query_id = pg_last_copy_id()
    group by 1`
}

/** The files in which COPYs of this session found bad records: file_name. The view pads its CHAR columns. */
export function refusedFiles(): Sql {
  return sql`select distinct trim(file_name) as file_name from sys_load_error_detail where session_id = pg_backend_pid()`
}

/** Why the last COPY of this session failed. */
export function copyErrors(): Sql {
  return sql`
    select trim(file_name) as file_name, line_number, trim(column_name) as column_name, trim(error_message) as error_message
    from sys_load_error_detail
    where session_id = pg_backend_pid()
    order by start_time desc
    limit 1`
}

/** Counts the staged rows that COPY accepted although they exceed the limits of the schema, on Redshift. */
export function stagedBeyondLimits(table: Table): Sql {
  return sql`
    select count(*) as n
    from ${identifier(table.name)}
    where ${beyondLimits(table, redshift)}`
}

/** True for rows that an engine accepts although they exceed the limits of the schema: long text, numbers out of range. */
function beyondLimits(table: Table, dialect: Dialect): Sql {
  const tooLong = table.columns.flatMap(({ name, type }) => {
    const bytes = /^text\((\d+)\)$/.exec(type)?.[1]
    return bytes ? [sql`${dialect.byteLength(identifier(name))} > ${Number(bytes)}`] : []
  })
  const outOfRange =
    table === stagingEvents
      ? [
          sql`item_in_session not between 0 and ${itemsPerSession - 1}`,
          sql`session_id not between 0 and ${maxSessionId}`,
          sql`ts not between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999'`,
          sql`registration not between -1e300 and 1e300`,
        ]
      : []
  return list([...tooLong, ...outOfRange], '\n  or ')
}
