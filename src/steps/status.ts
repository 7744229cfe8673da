import { existsSync, statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { size } from '../log.ts'
import type { Row } from '../schema/index.ts'
import { starTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { findObjects } from './etl/index.ts'
import type { EtlSummary } from './etl/summary.ts'
import { findSchemaVersion, verifySchema } from './verify-schema.ts'

export interface Status {
  readonly engine: string
  readonly warehouse: string
  readonly exists: boolean
  /** The command to run next; null if there is nothing to do. */
  readonly next: string | null
  readonly bytes: number
  readonly rows: Readonly<Record<string, number>>
  readonly loads: readonly Row[]
  readonly objects: EtlSummary['objects'] | null
  readonly quarantine: readonly Row[]
}

/** What exists, the last loads, what is not loaded yet, what is in quarantine. Changes nothing. */
export async function status(context: Context): Promise<Status> {
  const { engine, database } = context.config
  const nothing = {
    engine,
    warehouse: database,
    exists: false,
    bytes: 0,
    rows: {},
    loads: [],
    objects: null,
    quarantine: [],
  }
  if (!existsSync(database)) return { ...nothing, next: 'create-infrastructure, then create-tables' }
  const warehouse = await context.openWarehouse('read')
  try {
    const bytes = statSync(database).size
    if ((await findSchemaVersion(warehouse)) === undefined)
      return { ...nothing, exists: true, bytes, next: 'create-tables' }
    await verifySchema(warehouse)
    const rows = await warehouse.query(queries.countAllRows(starTables))
    const { counts, waiting } = await findObjects(context, warehouse, false)
    context.log.done('find', 'warehouse', `${database}, ${size(bytes)}`)
    return {
      engine,
      warehouse: database,
      exists: true,
      next: waiting.length > 0 ? 'etl' : null,
      bytes,
      rows: Object.fromEntries(rows.map(({ table_name, n }) => [table_name, Number(n)])),
      loads: await warehouse.query(queries.recentLoads(5)),
      objects: counts,
      quarantine: await warehouse.query(queries.quarantineByReason()),
    }
  } finally {
    await warehouse.close()
  }
}

/** The status as text: what to do next first, then tables. */
export function statusText(status: Status, table: (rows: readonly Row[]) => string): string {
  const { engine, warehouse, exists, next, rows, loads, objects, quarantine } = status
  if (!exists) return `There is no warehouse at ${warehouse} (${engine}). Run ${next}.`
  const sections = [
    next ? `Run ${next} next.` : 'Everything at the source is loaded.',
    table(Object.entries(rows).map(([name, count]) => ({ table: name, rows: count }))),
    objects && table(Object.entries(objects).map(([source, counts]) => ({ source, ...counts }))),
    loads.length > 0 &&
      table(
        loads.map((load) => pick(load, ['load_id', 'finished_at', 'events', 'inserted', 'conflicts', 'quarantined'])),
      ),
    quarantine.length > 0 && table(quarantine),
  ]
  return sections.filter(Boolean).join('\n\n')
}

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}
