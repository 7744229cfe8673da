import { existsSync, statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { findObjects } from '../etl/find-objects.ts'
import type { EtlSummary } from '../etl/results.ts'
import type { InfrastructureStatus } from '../infrastructure/index.ts'
import { type Row, starTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { compareTables, type Drift } from '../tables/drift.ts'
import { findSchemaVersion, verifyVersion } from '../tables/schema-version.ts'
import { size } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** Objects whose current version isn't loaded yet. */
export interface Waiting {
  readonly objects: number
  readonly bytes: number
  /** Keys of the first ten; `objects` says how many there are. */
  readonly first: readonly string[]
}

export interface Status {
  readonly engine: string
  /** Path of the database, or name of the cluster or workgroup. */
  readonly warehouse: string
  readonly exists: boolean
  /** The command to run next; null if there is nothing to do. */
  readonly next: string | null
  /** Bytes of the database; null on Redshift. */
  readonly bytes: number | null
  /** What exists in AWS and its cost; null on DuckDB and if HOST in the config names the warehouse. */
  readonly infrastructure: InfrastructureStatus | null
  readonly rows: Readonly<Record<string, number>>
  /** The last loads with their reconciliation, newest first. */
  readonly loads: readonly Row[]
  readonly objects: EtlSummary['objects'] | null
  readonly waiting: Waiting | null
  readonly quarantine: readonly Row[]
  /** Tables of the schema that the warehouse doesn't have. */
  readonly missing: readonly string[]
  /** How live tables differ from the schema. */
  readonly drift: readonly Drift[]
}

const namedObjects = 10

/** Reads what exists, the last loads, what isn't loaded yet and what is in quarantine. Changes nothing. */
export async function readStatus(context: Context): Promise<Status> {
  const { isReady, ...place } = await findPlace(context)
  const { engine } = context.config
  const nothing: Status = {
    engine,
    ...place,
    next: null,
    rows: {},
    loads: [],
    objects: null,
    waiting: null,
    quarantine: [],
    missing: [],
    drift: [],
  }
  const create = engine === 'duckdb' ? 'create-tables' : 'create-infrastructure, then create-tables'
  if (!place.exists) return { ...nothing, next: create }
  if (!isReady) return { ...nothing, next: wakingOf(place.infrastructure) }
  const warehouse = await context.openWarehouse('read')
  try {
    if ((await findSchemaVersion(warehouse)) === undefined) return { ...nothing, next: 'create-tables' }
    return { ...nothing, ...(await contentsOf(context, warehouse, await verifyVersion(warehouse))) }
  } finally {
    await warehouse.close()
  }
}

/** What the existing tables contain, and which objects wait to be loaded. `live`: the columns of the tables. */
async function contentsOf(context: Context, warehouse: Warehouse, live: readonly Row[]): Promise<Partial<Status>> {
  const { existing, missing, drift } = compareTables(live, warehouse.dialect)
  const counts = await warehouse.query(queries.countAllRows(starTables.filter((table) => existing.includes(table))))
  const rows = Object.fromEntries(counts.map(({ table_name, n }) => [table_name, Number(n)]))
  if (missing.length > 0) return { next: 'create-tables', rows, missing: missing.map(({ name }) => name), drift }
  const loads = await warehouse.query(queries.recentLoads(5))
  const quarantine = await warehouse.query(queries.quarantineByReason())
  const { counts: objects, waiting } = await findObjects(context, warehouse, { full: false })
  const bytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  const first = waiting.slice(0, namedObjects).map(({ key }) => key)
  const next = waiting.length > 0 ? 'etl' : null
  return { next, rows, loads, objects, waiting: { objects: waiting.length, bytes, first }, quarantine, drift }
}

/** The command to run if the warehouse exists but accepts no connections. */
function wakingOf(infrastructure: InfrastructureStatus | null): string {
  const sleeps = ['paused', 'pausing', 'resuming'].includes(infrastructure?.status ?? '')
  return sleeps ? 'create-infrastructure --resume' : 'create-infrastructure'
}

type Place = Pick<Status, 'warehouse' | 'exists' | 'bytes' | 'infrastructure'> & {
  /** Whether it accepts connections. */
  readonly isReady: boolean
}

async function findPlace(context: Context): Promise<Place> {
  const { config, log } = context
  if (config.engine === 'duckdb') {
    const { database } = config
    const exists = existsSync(database)
    const bytes = exists ? statSync(database).size : 0
    if (exists) log.done('find', 'warehouse', `${database}, ${size(bytes)}`)
    return { warehouse: database, exists, isReady: exists, bytes, infrastructure: null }
  }
  const { givenHost, usesGivenHost } = await import('../infrastructure/given-warehouse.ts')
  if (usesGivenHost(config))
    return { warehouse: givenHost(config).host, exists: true, isReady: true, bytes: null, infrastructure: null }
  const { describeInfrastructure, inAws } = await import('../infrastructure/index.ts')
  const infrastructure = await inAws(context, { verb: 'look' }, describeInfrastructure)
  const { identifier, exists, endpoint } = infrastructure
  return { warehouse: identifier, exists, isReady: endpoint !== null, bytes: null, infrastructure }
}
