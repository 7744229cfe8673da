import { reconciliationColumns, type Table } from '../schema/index.ts'
import { identifier, instant, list, literal, names, type Sql, sql } from './sql.ts'

export const clear = ({ name }: Table): Sql => sql`delete from ${identifier(name)}`

export const dropTemporary = (name: Sql): Sql => sql`drop table if exists ${name}`

/** The last loaded version of each object: object_key, etag, source. */
export function latestVersions(): Sql {
  return sql`
    select object_key, etag, source
    from (
      select object_key, etag, source, row_number() over (partition by object_key order by load_id desc) as recency
      from load_ledger
    ) versions
    where recency = 1`
}

export const latestLoadId = (): Sql => sql`select max(load_id) as load_id from loads`

/** One row if that load was committed. */
export const findLoad = (loadId: Sql): Sql => sql`select load_id from loads where load_id = ${loadId}`

/** Loads, newest first: the columns of the table, timestamps in UTC. */
export function recentLoads(count: number): Sql {
  return sql`
    select load_id, started_at, finished_at, version, ${names(reconciliationColumns)}
    from loads
    order by load_id desc
    limit ${count}`
}

export function insertLoad(
  loadId: string,
  startedAt: Date,
  finishedAt: Date,
  version: string,
  counts: Readonly<Record<(typeof reconciliationColumns)[number]['name'], number>>,
): Sql {
  return sql`
    insert into loads (load_id, started_at, finished_at, version, ${names(reconciliationColumns)})
    values (
      ${literal(loadId)}, ${instant(startedAt)}, ${instant(finishedAt)}, ${literal(version)},
      ${list(reconciliationColumns.map(({ name }) => sql`${counts[name]}`))}
    )`
}

/** Records in quarantine by reason, most frequent first: reason, records. */
export function quarantineByReason(): Sql {
  return sql`
    select reason, count(*) as records from quarantine where part = 1 group by reason order by records desc, reason`
}

/** The objects that have records in quarantine: object_key. */
export function quarantinedObjects(): Sql {
  return sql`select distinct object_key from quarantine where object_key is not null`
}

/** Deletes the quarantine entries that earlier loads made for the objects of this load. */
export function deleteSupersededQuarantine(loadId: Sql): Sql {
  return sql`
    delete from quarantine
    where load_id <> ${loadId}
      and object_key in (select object_key from load_ledger where load_id = ${loadId})`
}

/** The period of the plays, and the loads: plays, first_play_at, last_play_at, loads, latest_load. */
export function playWindow(): Sql {
  return sql`
    select
      count(*) as plays,
      min(start_time) as first_play_at,
      max(start_time) as last_play_at,
      (select count(*) from loads) as loads,
      (select max(load_id) from loads) as latest_load,
      (select max(finished_at) from loads) as loaded_at
    from songplays`
}
