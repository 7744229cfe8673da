import type { Context } from '../context.ts'
import { plays, schemaVersion, schemaVersions, type Table, tables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { compareTables, type Drift } from './drift.ts'
import { createFolder } from './duckdb-folder.ts'
import { fixOf } from './fix-of.ts'
import { findTableChanges, type TableChanges } from './plan-tables.ts'
import { findSchemaVersion } from './schema-version.ts'

interface TablesResult {
  readonly engine: string
  readonly schemaVersion: number
  readonly created: readonly string[]
  readonly existing: readonly string[]
  readonly dropped: readonly string[]
  /** Staging tables that differed from the schema, so they were dropped and created again. */
  readonly remade: readonly string[]
  /** Columns that were added, as `table.column`. */
  readonly added: readonly string[]
  /** Tables that `--reset --yes` would drop, with their rows. */
  readonly wouldDrop: Readonly<Record<string, number>>
  /** How live tables still differ from the schema. */
  readonly drift: readonly Drift[]
}

/**
 * Creates missing tables and the view, adds missing columns, and drops and creates staging tables that differ, in one transaction. On
 * DuckDB it creates the folder and the file too. With `reset` and `yes` it drops all tables first; with `reset` alone it only reports
 * what it would drop.
 *
 * @throws UserError (exit code 2) if the warehouse has a newer schema than this project knows.
 */
export async function createTables(
  context: Context,
  { reset, yes }: { readonly reset: boolean; readonly yes: boolean },
): Promise<TablesResult> {
  if (context.config.engine === 'duckdb') createFolder(context)
  const warehouse = await context.openWarehouse('create')
  try {
    if (reset) return await resetTables(context, warehouse, yes)
    const changes = await findTableChanges(warehouse)
    const { existing, missing, remade, missingColumns, views, drift } = changes
    await warehouse.transaction(() => applyChanges(context, warehouse, changes))
    for (const difference of drift) context.log.warn(`${difference.difference} To fix it: ${fixOf(difference)}`)
    const added = missingColumns.map(({ table, column }) => `${table.name}.${column.name}`)
    logTables(context, 'create', missing)
    logTables(context, 'remake', remade)
    if (added.length > 0) context.log.done('add', counted(added.length, 'column'), added.join(', '))
    if (views.length > 0) context.log.done('create', 'view', views.join(', '))
    logTables(context, 'find', existing)
    return {
      ...nothingDone(context),
      created: [...namesOf(missing), ...views],
      existing: [...namesOf(existing), ...(views.length > 0 ? [] : [plays.name])],
      remade: namesOf(remade),
      added,
      drift,
    }
  } finally {
    await warehouse.close()
  }
}

async function resetTables(context: Context, warehouse: Warehouse, yes: boolean): Promise<TablesResult> {
  const live = await warehouse.query(queries.liveColumns())
  const { existing } = compareTables(live, warehouse.dialect)
  if (!yes && existing.length > 0) {
    const rows = await warehouse.query(queries.countAllRows(existing))
    const wouldDrop = Object.fromEntries(rows.map(({ table_name, n }) => [String(table_name), Number(n)]))
    for (const [name, count] of Object.entries(wouldDrop))
      context.log.done('would', 'drop', `${name}, ${counted(count, 'row')}`)
    context.log.warn(
      'Nothing was dropped. To drop these tables and create them again: npm run create-tables -- --reset --yes',
    )
    return { ...nothingDone(context), existing: namesOf(existing), wouldDrop }
  }
  await warehouse.transaction(async () => {
    await warehouse.execute(queries.dropPlaysView())
    await makeTables(context, warehouse, { dropped: existing, created: tables })
    await makeView(warehouse)
  })
  logTables(context, 'create', tables)
  return { ...nothingDone(context), created: [...namesOf(tables), plays.name], dropped: namesOf(existing) }
}

const namesOf = (list: readonly Table[]) => list.map(({ name }) => name)

const nothingDone = ({ config }: Context): TablesResult => ({
  engine: config.engine,
  schemaVersion,
  created: [],
  existing: [],
  dropped: [],
  remade: [],
  added: [],
  wouldDrop: {},
  drift: [],
})

async function applyChanges(
  context: Context,
  warehouse: Warehouse,
  { missing, remade, missingColumns, views, drift }: TableChanges,
): Promise<void> {
  await makeTables(context, warehouse, { dropped: remade, created: [...missing, ...remade] })
  for (const { table, column } of missingColumns) {
    await warehouse.execute(queries.addColumn(table, column, warehouse.dialect))
    await warehouse.execute(queries.commentOnColumn(table, column))
  }
  if (views.length > 0) {
    await warehouse.execute(queries.dropPlaysView())
    await makeView(warehouse)
  }
  if (drift.length === 0 && (await findSchemaVersion(warehouse)) !== schemaVersion)
    await recordVersion(context, warehouse)
}

async function makeTables(
  context: Context,
  warehouse: Warehouse,
  { dropped, created }: { readonly dropped: readonly Table[]; readonly created: readonly Table[] },
): Promise<void> {
  for (const table of dropped) await warehouse.execute(queries.dropTable(table))
  for (const table of created) {
    await warehouse.execute(queries.createTable(table, warehouse.dialect))
    for (const comment of queries.commentOnTable(table)) await warehouse.execute(comment)
  }
  if (created.includes(schemaVersions)) await recordVersion(context, warehouse)
}

async function makeView(warehouse: Warehouse): Promise<void> {
  await warehouse.execute(queries.createPlaysView())
  for (const comment of queries.commentOnPlaysView(warehouse.dialect)) await warehouse.execute(comment)
}

async function recordVersion({ now, version }: Context, warehouse: Warehouse): Promise<void> {
  await warehouse.execute(queries.recordSchemaVersion(queries.instant(now()), version))
}

function logTables({ log }: Context, verb: string, list: readonly Table[]): void {
  if (list.length > 0) log.done(verb, counted(list.length, 'table'), namesOf(list).join(', '))
}
