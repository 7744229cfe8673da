import { loadLedger, loads, songplays, tables } from '../schema/index.ts'
import { identifier, list, literal, type Sql, sql } from './sql.ts'

/** Privileges that a load needs on every table. */
const onTables = ['select', 'insert', 'update', 'delete']

/** The privileges that the commands need: privilege (in words), granted. Only for the tables in `existing`. */
export function grantedPrivileges(database: string, existing: readonly string[]): Sql {
  const rows = [
    sql`select 'create in the schema' as privilege, has_schema_privilege(current_schema(), 'create') as granted`,
    sql`select 'temporary tables' as privilege, has_database_privilege(${literal(database)}, 'temp') as granted`,
    ...tables
      .filter(({ name }) => existing.includes(name))
      .flatMap(({ name }) =>
        onTables.map(
          (privilege) =>
            sql`select ${literal(`${privilege} on ${name}`)} as privilege, has_table_privilege(${literal(name)}, ${literal(privilege)}) as granted`,
        ),
      ),
  ]
  return list(rows, '\nunion all\n')
}

/** The number of rows by table whose load isn't in `loads`: table_name, orphans. Both are written in one transaction. */
export function orphansOfLoads(): Sql {
  const counts = [loadLedger, songplays].map(
    ({ name }) => sql`
      select ${literal(name)} as table_name, count(*) as orphans
      from ${identifier(name)} orphan
      left join ${identifier(loads.name)} on loads.load_id = orphan.load_id
      where loads.load_id is null`,
  )
  return list(counts, '\nunion all\n')
}
