import { type Column, songplays, starTables, type Table, time } from '../schema/index.ts'
import type { Dialect } from './dialect.ts'
import { convertsTexts } from './fix-encoding.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/** A query that counts the rows which break a rule about the tables. */
interface QualityCheck {
  readonly name: string
  /** One row with one column, `offenders`. */
  readonly offenders: Sql
}

/** songplays and time grow with the events, so only their rows of this load are checked. Other tables are checked as a whole. */
function rowsOfLoad(table: Table, loadId: Sql): Sql {
  if (table === songplays) return sql`(select * from songplays where load_id = ${loadId}) songplays`
  if (table !== time) return identifier(table.name)
  return sql`(select * from time where start_time in (select start_time from songplays where load_id = ${loadId})) time`
}

function uniqueKey(table: Table, loadId: Sql): QualityCheck {
  const key = names(table.key.map((name) => ({ name })))
  const rows =
    table === songplays
      ? sql`songplays where songplay_id in (select songplay_id from songplays where load_id = ${loadId})`
      : rowsOfLoad(table, loadId)
  return {
    name: `${table.name}.${table.key.join('+')} is unique`,
    offenders: sql`
      select count(*) as offenders
      from (
        select ${key} from ${rows} group by ${key} having count(*) > 1
      ) repeated`,
  }
}

function required(table: Table, loadId: Sql): QualityCheck {
  const columns = table.columns.filter((column) => column.required)
  return {
    name: `${table.name} has no null in required columns`,
    offenders: sql`
      select count(*) as offenders
      from ${rowsOfLoad(table, loadId)}
      where ${list(
        columns.map(({ name }) => sql`${identifier(name)} is null`),
        ' or ',
      )}`,
  }
}

function reference(table: Table, column: Column, loadId: Sql): QualityCheck {
  const [target = '', key = ''] = column.references?.split('.') ?? []
  const from = sql`${identifier(table.name)}.${identifier(column.name)}`
  const to = sql`target.${identifier(key)}`
  return {
    name: `${table.name}.${column.name} is in ${column.references}`,
    offenders: sql`
      select count(*) as offenders
      from ${rowsOfLoad(table, loadId)}
      left join ${identifier(target)} target on ${to} = ${from}
      where ${from} is not null and ${to} is null`,
  }
}

/**
 * Checks the star after a load: keys are unique, required columns have no null, references resolve, the counts of the load add up, and
 * the engine's functions do what we need.
 */
export function qualityChecks(loadId: Sql, dialect: Dialect): readonly QualityCheck[] {
  return [
    ...starTables.flatMap((table) => [
      uniqueKey(table, loadId),
      required(table, loadId),
      ...table.columns.filter(({ references }) => references).map((column) => reference(table, column, loadId)),
    ]),
    ...reconciliationChecks(loadId),
    { name: 'the engine converts text to bytes and back', offenders: convertsTexts(dialect) },
  ]
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

/** Recounts the reconciliation of a load from the tables. */
export function reconciliationChecks(loadId: Sql): QualityCheck[] {
  const differs = (name: string, difference: Sql): QualityCheck => ({
    name,
    offenders: sql`select abs(${difference}) as offenders from loads where load_id = ${loadId}`,
  })
  return [
    differs('loads.events = not_a_play + plays', sql`events - not_a_play - plays`),
    differs(
      'loads.plays = already_loaded + duplicates + conflicts + inserted',
      sql`plays - already_loaded - duplicates - conflicts - inserted`,
    ),
    differs('loads.events = rows in staging_events', sql`events - (select count(*) from staging_events)`),
    differs(
      'loads.quarantined = records in quarantine',
      sql`quarantined - (select count(*) from quarantine where load_id = ${loadId} and part = 1)`,
    ),
    {
      name: 'rows in songplays = plays inserted by all loads',
      offenders: sql`
        select abs(sum(inserted) - (select count(*) from songplays)) as offenders
        from loads
        where load_id in (select load_id from load_ledger)`,
    },
  ]
}
