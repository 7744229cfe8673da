import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../errors.ts'
import { counted } from '../log.ts'
import { schemaVersion, schemaVersions, type Table, tables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Drift, driftOf } from './drift.ts'
import { findSchemaVersion, verifyNotNewer } from './verify-schema.ts'

/** What helps where no statement does. */
const remake = 'To mend it: create-tables --reset --yes, and then etl, which loads everything again.'

export interface TablesResult {
  readonly engine: string
  readonly schemaVersion: number
  readonly created: readonly string[]
  readonly existing: readonly string[]
  readonly dropped: readonly string[]
  /** What would be dropped with `--reset --yes`: tables with their rows. */
  readonly wouldDrop: Readonly<Record<string, number>>
  /** How live tables differ from the schema. */
  readonly drift: readonly Drift[]
}

/** Creates the tables that are missing, all or none. With `reset` and `yes` it drops ours first. */
export async function createTables(
  context: Context,
  { reset, yes }: { reset: boolean; yes: boolean },
): Promise<{ result: TablesResult; exitCode: ExitCode }> {
  const warehouse = await context.openWarehouse('create')
  try {
    const live = await warehouse.query(queries.liveColumns())
    const version = await findSchemaVersion(warehouse)
    if (version !== undefined && !reset) verifyNotNewer(version)
    const existing = tables.filter(({ name }) => live.some((column) => column.table_name === name))
    const result = {
      engine: context.config.engine,
      schemaVersion,
      created: [],
      existing: [],
      dropped: [],
      wouldDrop: {},
      drift: [],
    }
    if (reset && !yes && existing.length > 0) {
      const wouldDrop = await rowsOf(warehouse, existing)
      for (const [name, rows] of Object.entries(wouldDrop))
        context.log.done('would', 'drop', `${name}, ${counted(rows, 'row')}`)
      context.log.warn(
        'Nothing was dropped. Run it again with --reset --yes to drop these tables and create them anew.',
      )
      return { result: { ...result, wouldDrop }, exitCode: exitCodes.refused }
    }
    const dropped = reset ? existing : []
    const created = tables.filter((table) => reset || !existing.includes(table))
    await warehouse.transaction(() => replaceTables(context, warehouse, dropped, created))
    const kept = existing.filter((table) => !dropped.includes(table))
    const drift = kept.flatMap((table) => driftOf(table, live, warehouse.dialect))
    for (const { difference, statement } of drift)
      context.log.warn(`${difference} ${statement ? `To mend it: ${statement};` : remake}`)
    log(context, { created, kept })
    const names = (list: readonly Table[]) => list.map(({ name }) => name)
    return {
      result: { ...result, created: names(created), existing: names(kept), dropped: names(dropped), drift },
      exitCode: exitCodes.done,
    }
  } finally {
    await warehouse.close()
  }
}

async function replaceTables(
  context: Context,
  warehouse: Warehouse,
  dropped: readonly Table[],
  created: readonly Table[],
): Promise<void> {
  for (const table of dropped) await warehouse.execute(queries.dropTable(table))
  for (const table of created) {
    await warehouse.execute(queries.createTable(table, warehouse.dialect))
    for (const comment of queries.commentOnTable(table)) await warehouse.execute(comment)
  }
  if (created.includes(schemaVersions))
    await warehouse.execute(queries.recordSchemaVersion(queries.instant(context.now()), context.version))
}

async function rowsOf(warehouse: Warehouse, counted: readonly Table[]): Promise<Record<string, number>> {
  const rows = await warehouse.query(queries.countAllRows(counted))
  return Object.fromEntries(rows.map(({ table_name, n }) => [table_name, Number(n)]))
}

function log(context: Context, { created, kept }: { created: readonly Table[]; kept: readonly Table[] }): void {
  const names = (list: readonly Table[]) => list.map(({ name }) => name).join(', ')
  if (created.length > 0) context.log.done('create', counted(created.length, 'table'), names(created))
  if (kept.length > 0) context.log.done('find', counted(kept.length, 'table'), names(kept))
}
