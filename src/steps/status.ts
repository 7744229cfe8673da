import { existsSync, statSync } from 'node:fs'
import type { Context } from '../context.ts'
import { size } from '../log.ts'
import { visibleText } from '../reports/visible-text.ts'
import type { Row } from '../schema/index.ts'
import { starTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { findObjects } from './etl/index.ts'
import type { EtlSummary } from './etl/summary.ts'
import type { InfrastructureStatus } from './infrastructure/index.ts'
import { findSchemaVersion, verifySchema } from './verify-schema.ts'

export interface Status {
  readonly engine: string
  /** Path of the database, or name of the cluster or workgroup. */
  readonly warehouse: string
  readonly exists: boolean
  /** The command to run next; null if there is nothing to do. */
  readonly next: string | null
  /** Bytes of the database; null on Redshift. */
  readonly bytes: number | null
  /** What there is in AWS and what it costs; null on DuckDB and where somebody else made the warehouse. */
  readonly infrastructure: InfrastructureStatus | null
  readonly rows: Readonly<Record<string, number>>
  readonly loads: readonly Row[]
  readonly objects: EtlSummary['objects'] | null
  readonly quarantine: readonly Row[]
}

/** What exists, the last loads, what is not loaded yet, what is in quarantine. Changes nothing. */
export async function status(context: Context): Promise<Status> {
  const place = await findPlace(context)
  const nothing = { engine: context.config.engine, ...place, rows: {}, loads: [], objects: null, quarantine: [] }
  if (!place.exists) return { ...nothing, next: 'create-infrastructure, then create-tables' }
  const warehouse = await context.openWarehouse('read')
  try {
    if ((await findSchemaVersion(warehouse)) === undefined) return { ...nothing, next: 'create-tables' }
    await verifySchema(warehouse)
    const rows = await warehouse.query(queries.countAllRows(starTables))
    const loads = await warehouse.query(queries.recentLoads(5))
    const quarantine = await warehouse.query(queries.quarantineByReason())
    const { counts, waiting } = await findObjects(context, warehouse, { full: false })
    return {
      ...nothing,
      next: waiting.length > 0 ? 'etl' : null,
      rows: Object.fromEntries(rows.map(({ table_name, n }) => [table_name, Number(n)])),
      loads,
      objects: counts,
      quarantine,
    }
  } finally {
    await warehouse.close()
  }
}

type Place = Pick<Status, 'warehouse' | 'exists' | 'bytes' | 'infrastructure'>

async function findPlace(context: Context): Promise<Place> {
  const { config, log } = context
  if (config.engine === 'duckdb') {
    const { database } = config
    const exists = existsSync(database)
    const bytes = exists ? statSync(database).size : 0
    if (exists) log.done('find', 'warehouse', `${database}, ${size(bytes)}`)
    return { warehouse: database, exists, bytes, infrastructure: null }
  }
  const aws = await import('./aws-settings.ts')
  if (aws.usesGivenHost(config))
    return { warehouse: config.values.CLUSTER?.HOST ?? '', exists: true, bytes: null, infrastructure: null }
  const { describeInfrastructure } = await import('./infrastructure/index.ts')
  const settings = aws.infrastructureSettings(config)
  const infrastructure = await describeInfrastructure(settings, aws.infrastructureEffects(context))
  return { warehouse: settings.identifier, exists: infrastructure.endpoint !== null, bytes: null, infrastructure }
}

/** The status as text: what to do next first, then tables. */
export function statusText(status: Status, table: (rows: readonly Row[]) => string): string {
  const { engine, warehouse, exists, next, infrastructure, rows, loads, objects, quarantine } = status
  const cost = infrastructure && infrastructureText(infrastructure)
  if (!exists)
    return [`There is no warehouse ${visibleText(warehouse)} (${engine}). Run ${next}.`, cost]
      .filter(Boolean)
      .join('\n\n')
  const sections = [
    cost,
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

function infrastructureText({
  identifier,
  status,
  since,
  endpoint,
  cost,
  deadManSwitch,
}: InfrastructureStatus): string {
  if (status === null) return cost
  const made = since === null ? '' : `, made ${since.slice(0, 16).replace('T', ' ')} UTC`
  const address = endpoint === null ? '' : ` It listens at ${endpoint.host}:${endpoint.port}.`
  return `${identifier} is ${status.toLowerCase()}${made}.${address}\n${cost}\n${deadManSwitch}`
}

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}
