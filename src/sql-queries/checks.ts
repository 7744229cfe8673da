import { type Column, songplays, starTables, type Table, time } from '../schema/index.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/** A promise about the tables, as a query for what breaks it: no offender, and the promise is kept. */
export interface QualityCheck {
  readonly name: string
  /** One row with one column, `offenders`. */
  readonly offenders: Sql
}

/** Only plays and instants grow with the events, so only the rows that this load touched are looked at again. */
function touchedRows(table: Table, loadId: Sql): Sql {
  if (table === songplays) return sql`songplays.load_id = ${loadId}`
  if (table === time) return sql`time.start_time in (select start_time from songplays where load_id = ${loadId})`
  return sql`true`
}

/** True for texts, of which Redshift finds those equal that differ in blanks at the end: their lengths tell them apart. */
const isText = (table: Table, name: string) =>
  table.columns.some((column) => column.name === name && column.type.startsWith('text'))

function uniqueKey(table: Table, loadId: Sql): QualityCheck {
  const key = names(table.key.map((name) => ({ name })))
  const lengths = table.key.filter((name) => isText(table, name)).map((name) => sql`length(${identifier(name)})`)
  const touched =
    table === songplays
      ? sql`songplay_id in (select songplay_id from songplays where load_id = ${loadId})`
      : touchedRows(table, loadId)
  return {
    name: `${table.name}.${table.key.join('+')} is unique`,
    offenders: sql`
      select count(*) as offenders
      from (
        select ${key} from ${identifier(table.name)} where ${touched} group by ${list([key, ...lengths])} having count(*) > 1
      ) repeated`,
  }
}

function required(table: Table, loadId: Sql): QualityCheck {
  const columns = table.columns.filter((column) => column.required)
  return {
    name: `${table.name} has no null where the schema forbids one`,
    offenders: sql`
      select count(*) as offenders
      from ${identifier(table.name)}
      where ${touchedRows(table, loadId)}
        and (${list(
          columns.map(({ name }) => sql`${identifier(name)} is null`),
          ' or ',
        )})`,
  }
}

function reference(table: Table, column: Column, loadId: Sql): QualityCheck {
  const [target = '', key = ''] = column.references?.split('.') ?? []
  const from = sql`${identifier(table.name)}.${identifier(column.name)}`
  const to = sql`target.${identifier(key)}`
  const sameLength = isText(table, column.name) ? sql`and length(${to}) = length(${from})` : sql``
  return {
    name: `${table.name}.${column.name} is in ${column.references}`,
    offenders: sql`
      select count(*) as offenders
      from ${identifier(table.name)}
      left join ${identifier(target)} target on ${to} = ${from} ${sameLength}
      where ${touchedRows(table, loadId)} and ${from} is not null and ${to} is null`,
  }
}

/** Every key is unique, every reference resolves, nothing is null that may not be: of the star, after a load. */
export function qualityChecks(loadId: Sql): QualityCheck[] {
  return starTables.flatMap((table) => [
    uniqueKey(table, loadId),
    required(table, loadId),
    ...table.columns.filter(({ references }) => references).map((column) => reference(table, column, loadId)),
  ])
}

/** All checks in one statement: name, offenders. */
export function runChecks(checks: readonly QualityCheck[]): Sql {
  return list(
    checks.map(
      ({ name, offenders }) => sql`
      select ${literal(name)} as name, offenders
      from (
        ${offenders}
      ) counted`,
    ),
    '\nunion all\n',
  )
}
