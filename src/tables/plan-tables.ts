import { existsSync } from 'node:fs'
import type { Context } from '../context.ts'
import { type Column, plays, type Row, schemaVersion, stagingTables, type Table, tables } from '../schema/index.ts'
import { liveColumns } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { compareTables, type Drift } from './drift.ts'
import { findSchemaVersion, verifyNotNewer } from './schema-version.ts'

/** The changes that bring the tables of a warehouse to the schema. */
export interface TableChanges {
  readonly existing: readonly Table[]
  readonly missing: readonly Table[]
  /** Staging tables that differ: they are created again, because the next load clears them anyway. */
  readonly remade: readonly Table[]
  readonly missingColumns: readonly { readonly table: Table; readonly column: Column }[]
  /** Names of views that are missing or differ: they are created again. */
  readonly views: readonly string[]
  /** Other differences, which create-tables only reports. */
  readonly drift: readonly Drift[]
}

/**
 * Compares the live tables with the schema.
 *
 * @throws UserError (exit code 2) if the warehouse has a newer schema than this project knows.
 */
export async function findTableChanges(warehouse: Warehouse): Promise<TableChanges> {
  verifyNotNewer((await findSchemaVersion(warehouse)) ?? schemaVersion)
  const live = await warehouse.query(liveColumns())
  const { existing, missing, drift } = compareTables(live, warehouse.dialect)
  const differs = ({ name }: Table) => drift.some(({ table }) => table === name)
  const remade = existing.filter((table) => isStaging(table) && differs(table))
  const kept = existing.filter((table) => !remade.includes(table))
  const missingColumns = kept.flatMap((table) =>
    table.columns
      .filter(({ name, required }) => !required && !live.some((row) => isColumn(row, table, name)))
      .map((column) => ({ table, column })),
  )
  const isAdded = (drift: Drift) =>
    missingColumns.some(({ table, column }) => table.name === drift.table && column.name === drift.column)
  return {
    existing,
    missing,
    remade,
    missingColumns,
    views: isViewCurrent(live) ? [] : [plays.name],
    drift: drift.filter((each) => kept.some(({ name }) => name === each.table) && !isAdded(each)),
  }
}

/** True if the live view has exactly the columns of the schema. */
function isViewCurrent(live: readonly Row[]): boolean {
  const columns = live.filter(({ table_name }) => table_name === plays.name).map(({ column_name }) => column_name)
  return columns.join() === plays.columns.map(({ name }) => name).join()
}

const isStaging = (table: Table) => stagingTables.some(({ name }) => name === table.name)
const isColumn = (row: { readonly [name: string]: unknown }, table: Table, name: string) =>
  row.table_name === table.name && row.column_name === name

/** What create-tables would do. Doesn't create a database that doesn't exist yet. */
export async function planTables(context: Context) {
  const { engine, database } = context.config
  const nothing = { existing: [], remade: [], missingColumns: [], drift: [] }
  if (engine === 'duckdb' && !existsSync(database))
    return planOf(engine, { ...nothing, missing: tables, views: [plays.name] })
  const warehouse = await context.openWarehouse('read')
  try {
    return planOf(engine, await findTableChanges(warehouse))
  } finally {
    await warehouse.close()
  }
}

function planOf(engine: string, { existing, missing, remade, missingColumns, views, drift }: TableChanges) {
  return {
    engine,
    schemaVersion,
    wouldCreate: missing.map(({ name }) => name),
    wouldCreateViews: views,
    wouldRemake: remade.map(({ name }) => name),
    /** As `table.column`. */
    wouldAdd: missingColumns.map(({ table, column }) => `${table.name}.${column.name}`),
    existing: existing.map(({ name }) => name),
    drift,
    nothingToDo: missing.length + remade.length + missingColumns.length + views.length === 0,
  }
}

/** The plan as text, one line per kind of change. */
export function tablesPlanText(plan: ReturnType<typeof planOf>): string {
  const line = (verb: string, noun: string, names: readonly string[]) =>
    names.length > 0 ? [`${verb.padEnd(17)} ${counted(names.length, noun)}: ${names.join(', ')}`] : []
  return [
    ...line('would create', 'table', plan.wouldCreate),
    ...line('would create', 'view', plan.wouldCreateViews),
    ...line('would remake', 'table', plan.wouldRemake),
    ...line('would add', 'column', plan.wouldAdd),
    ...line('exists', 'table', plan.existing),
    ...plan.drift.map(({ difference }) => `${'differs'.padEnd(17)} ${difference}`),
    ...(plan.nothingToDo ? ['Nothing would change.'] : []),
  ].join('\n')
}
