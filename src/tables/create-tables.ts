import type { Context } from '../context.ts'
import { additions, schemaVersion, schemaVersions, type Table, tables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Drift, driftOf } from './drift.ts'
import { findSchemaVersion, isOutdated, verifyNotNewer } from './verify-schema.ts'

/** What helps where no statement does. */
const remake = 'To mend it: create-tables --reset --yes, and then etl, which loads everything again.'

export interface TablesResult {
  readonly engine: string
  readonly schemaVersion: number
  readonly created: readonly string[]
  readonly existing: readonly string[]
  readonly dropped: readonly string[]
  /** Tables of an older version of the schema that were brought up to date, with their rows. */
  readonly migrated: readonly string[]
  /** What would be dropped with `--reset --yes`: tables with their rows. */
  readonly wouldDrop: Readonly<Record<string, number>>
  /** How live tables differ from the schema. */
  readonly drift: readonly Drift[]
}

/**
 * Creates the tables that are missing and brings those of an older version up to date, all or none. With `reset` and `yes` it
 * drops ours first.
 */
export async function createTables(
  context: Context,
  { reset, yes }: { reset: boolean; yes: boolean },
): Promise<TablesResult> {
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
      migrated: [],
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
      return { ...result, wouldDrop }
    }
    const dropped = reset ? existing : []
    const created = tables.filter((table) => reset || !existing.includes(table))
    const kept = existing.filter((table) => !dropped.includes(table))
    const outdated = version === undefined ? [] : kept.filter((table) => isOutdated(table, version))
    await warehouse.transaction(async () => {
      await replaceTables(context, warehouse, dropped, created)
      if (version !== undefined && !reset) await migrate(context, warehouse, version, outdated)
    })
    const now = outdated.length > 0 ? await warehouse.query(queries.liveColumns()) : live
    const drift = kept.flatMap((table) => driftOf(table, now, warehouse.dialect))
    for (const { difference, statement } of drift)
      context.log.warn(`${difference} ${statement ? `To mend it: ${statement};` : remake}`)
    log(context, { created, kept, outdated })
    const names = (list: readonly Table[]) => list.map(({ name }) => name)
    return {
      ...result,
      created: names(created),
      existing: names(kept),
      dropped: names(dropped),
      migrated: names(outdated),
      drift,
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

/** Brings tables of an older version up to date; a table that is as it should be stays untouched. */
async function migrate(
  context: Context,
  warehouse: Warehouse,
  from: number,
  outdated: readonly Table[],
): Promise<void> {
  if (from === schemaVersion) return
  for (const table of outdated) {
    const added = additions.filter((addition) => addition.table === table && addition.version > from)
    const values = new Map(added.map(({ column, value }) => [column, value]))
    for (const statement of queries.remakeTable(table, values, warehouse.dialect)) await warehouse.execute(statement)
  }
  await warehouse.execute(queries.recordSchemaVersion(queries.instant(context.now()), context.version))
  context.log.done('migrate', 'schema', `from version ${from} to ${schemaVersion}`)
}

async function rowsOf(warehouse: Warehouse, counted: readonly Table[]): Promise<Record<string, number>> {
  const rows = await warehouse.query(queries.countAllRows(counted))
  return Object.fromEntries(rows.map(({ table_name, n }) => [table_name, Number(n)]))
}

function log(
  context: Context,
  { created, kept, outdated }: { created: readonly Table[]; kept: readonly Table[]; outdated: readonly Table[] },
): void {
  const names = (list: readonly Table[]) => list.map(({ name }) => name).join(', ')
  if (created.length > 0) context.log.done('create', counted(created.length, 'table'), names(created))
  if (outdated.length > 0) context.log.done('update', counted(outdated.length, 'table'), names(outdated))
  if (kept.length > 0) context.log.done('find', counted(kept.length, 'table'), names(kept))
}
