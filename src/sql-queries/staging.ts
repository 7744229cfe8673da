import {
  type Column,
  itemsPerSession,
  keptIn,
  maxSessionId,
  type StagingTable,
  stagingEvents,
  type Table,
} from '../schema/index.ts'
import { duckdb, redshift } from './dialect.ts'
import { isPlay } from './songplays.ts'
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

/** Copies files of plain records into staging, on DuckDB. A timestamp is ms since 1970 in the source. */
export function copyFiles(table: StagingTable, paths: readonly string[]): Sql {
  const key = ({ sourceKey = '' }: Column) => `"${sourceKey}"` as Sql
  const types = table.columns.map((column) => {
    const type = column.type === 'timestamp' ? sql`bigint` : duckdb.columnType(column.type)
    return sql`${key(column)}: ${literal(type)}`
  })
  const values = table.columns.map((column) =>
    column.type === 'timestamp' ? sql`epoch_ms(${key(column)})` : key(column),
  )
  return sql`
    insert into ${identifier(table.name)} (${names(table.columns)})
    select ${list(values)}
    from read_json(
      [${list(paths.map(exactly))}],
      columns = {${list(types)}},
      ${readOptions}
    )`
}

/** The jsonpaths file of a table: the key that fills each column, in order. */
export function jsonpaths({ columns }: Table): string {
  return JSON.stringify({ jsonpaths: columns.map(({ sourceKey, name }) => `$['${sourceKey ?? name}']`) })
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
  readonly dryRun?: boolean | undefined
}

/**
 * Copies the objects of a manifest into a table, on Redshift: all of them or none, without truncating text or replacing characters.
 * Rounds decimals, as DuckDB does. Skips statistics and compression analysis, which aren't worth the time for staging.
 */
export function copyManifest(table: Table, source: CopySource): Sql {
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
export const copiedRows = (): Sql => sql`select pg_last_copy_count() as copied`

/** What this session did, in the views about COPY. Redshift uses the number of a session again, so old entries don't count. */
const ofThisSession = sql`session_id = pg_backend_pid() and start_time > getdate() - interval '1 day'`

/**
 * The files that the last COPY of this session read: file_name, etag, records. The view pads its CHAR columns. It has the numbers of
 * sys_load_history; those of pg_last_copy_id() are others.
 */
export function copiedFiles(): Sql {
  return sql`
    select trim(file_name) as file_name, max(trim(file_etag)) as etag, max(lines_scanned) as records
    from sys_load_detail
    where query_id = (select max(query_id) from sys_load_history where ${ofThisSession})
    group by 1`
}

/** The files in which COPYs of this session found bad records: file_name. The view pads its CHAR columns. */
export function rejectedFiles(): Sql {
  return sql`select distinct trim(file_name) as file_name from sys_load_error_detail where ${ofThisSession}`
}

/** Why the last COPY of this session failed. */
export function copyErrors(): Sql {
  return sql`
    select trim(file_name) as file_name, line_number, trim(column_name) as column_name, trim(error_message) as error_message
    from sys_load_error_detail
    where ${ofThisSession}
    order by start_time desc
    limit 1`
}

/**
 * Counts the staged rows that COPY accepted although a rule forbids them, on Redshift: long text, numbers out of range, blank text
 * that every record needs.
 */
export function stagedAgainstRules(table: Table): Sql {
  const rules = table.columns.flatMap(({ name, type, required }) => {
    const bytes = /^text\((\d+)\)$/.exec(type)?.[1]
    const column = identifier(name)
    return [
      ...(bytes ? [sql`${redshift.byteLength(column)} > ${Number(bytes)}`] : []),
      ...(bytes && required ? [sql`trim(both ' ' from ${column}) = ''`] : []),
    ]
  })
  if (table === stagingEvents)
    rules.push(
      sql`item_in_session not between 0 and ${itemsPerSession - 1}`,
      sql`session_id not between 0 and ${maxSessionId}`,
      sql`ts not between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999'`,
      // A bare 1e300 may be taken for a decimal of 38 digits, and refused.
      sql`registration not between cast('-1e300' as double precision) and cast('1e300' as double precision)`,
    )
  return sql`
    select count(*) as n
    from ${identifier(table.name)}
    where ${list(rules, '\n  or ')}`
}

/** Counts the staged records, of events only plays, and the values of each column: one row with `records` and the columns. */
export function countValues(table: StagingTable): Sql {
  const counts = table.columns.map(({ name }) => sql`count(${identifier(name)}) as ${identifier(name)}`)
  return sql`
    select count(*) as records, ${list(counts)}
    from ${identifier(table.name)}
    where ${table === stagingEvents ? isPlay : sql`true`}`
}

/** The columns of staging whose column in the star has values: name. */
export function filledBefore(columns: readonly Column[]): Sql {
  const asked = columns.map(({ name }) => {
    const [table = '', column = ''] = keptIn[name]?.split('.') ?? []
    return sql`
      select ${literal(name)} as name
      where exists (select 1 from ${identifier(table)} where ${identifier(column)} is not null)`
  })
  return list(asked, '\nunion all\n')
}

/** Counts the staged events before `from` or after `to`: n. */
export function countOutside(from: Sql, to: Sql): Sql {
  return sql`select count(*) as n from staging_events where ts < ${from} or ts > ${to}`
}
