import { existsSync } from 'node:fs'
import type { Context } from '../context.ts'
import { schemaVersion, tables } from '../schema/index.ts'
import { liveColumns } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Drift, driftOf } from './drift.ts'
import { findSchemaVersion, isOutdated, verifyNotNewer } from './verify-schema.ts'

/** What create-tables would do. */
export interface TablesPlan {
  readonly engine: string
  readonly schemaVersion: number
  /** The version that the warehouse has; null if it has no tables yet. */
  readonly liveVersion: number | null
  readonly wouldCreate: readonly string[]
  /** Tables of an older version that would be brought up to date, with their rows. */
  readonly wouldMigrate: readonly string[]
  readonly existing: readonly string[]
  /** How live tables differ from the schema; create-tables tells it too, and changes nothing about it. */
  readonly drift: readonly Drift[]
  readonly nothingToDo: boolean
}

/** Looks at what there is; a database that is not there yet is not made for it. */
export async function planTables(context: Context): Promise<TablesPlan> {
  const { engine, database } = context.config
  if (engine === 'duckdb' && !existsSync(database)) return planOf(engine, undefined)
  const warehouse = await context.openWarehouse('read')
  try {
    return await planOf(engine, warehouse)
  } finally {
    await warehouse.close()
  }
}

async function planOf(engine: string, warehouse: Warehouse | undefined): Promise<TablesPlan> {
  const live = warehouse ? await warehouse.query(liveColumns()) : []
  const version = warehouse && (await findSchemaVersion(warehouse))
  if (version !== undefined) verifyNotNewer(version)
  const existing = tables.filter(({ name }) => live.some(({ table_name }) => table_name === name))
  const outdated = version === undefined ? [] : existing.filter((table) => isOutdated(table, version))
  // What is brought up to date differs until then, which is no news.
  const stay = existing.filter((table) => !outdated.includes(table))
  const missing = tables.filter((table) => !existing.includes(table))
  return {
    engine,
    schemaVersion,
    liveVersion: version ?? null,
    wouldCreate: missing.map(({ name }) => name),
    wouldMigrate: outdated.map(({ name }) => name),
    existing: existing.map(({ name }) => name),
    drift: warehouse ? stay.flatMap((table) => driftOf(table, live, warehouse.dialect)) : [],
    nothingToDo: missing.length + outdated.length === 0,
  }
}

/** The plan as text, one thing a line. */
export function tablesPlanText({ wouldCreate, wouldMigrate, existing, drift, nothingToDo }: TablesPlan): string {
  const line = (verb: string, names: readonly string[]) =>
    names.length > 0 ? [`${verb.padEnd(12)} ${counted(names.length, 'table')}: ${names.join(', ')}`] : []
  return [
    ...line('would create', wouldCreate),
    ...line('would update', wouldMigrate),
    ...line('exists', existing),
    ...drift.map(({ difference }) => `differs      ${difference}`),
    ...(nothingToDo ? ['Nothing would change.'] : []),
  ].join('\n')
}
