import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { tooManyRefused } from '../objects/validate-object.ts'
import { loadLedger, type SourceName, type StagingTable, stagingTables, starTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { literal } from '../sql-queries/index.ts'
import { counted, size } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { findConflicts } from './conflicts.ts'
import type { Copy, Readings } from './loader.ts'
import { fillQuarantine, type Refusal } from './quarantine.ts'
import { type KeySamples, unknownKeys, verifyKeys } from './source-drift.ts'
import { addReconciliation, type Check, type Reconciliation, type TableSummary } from './summary.ts'
import { type Transform, transforms } from './transforms.ts'

export interface LoadResult {
  readonly loadId: string
  readonly reconciliation: Reconciliation
  readonly tables: Record<string, TableSummary>
  readonly checks: Check[]
  readonly refusals: readonly Refusal[]
  /** The objects of which no record can be read. */
  readonly refusedObjects: readonly SourceObject[]
  readonly unknownKeys: Readonly<Record<SourceName, readonly string[]>>
}

/** What is loaded, and under which name. */
export interface LoadInput {
  readonly loadId: string
  readonly objects: readonly SourceObject[]
  readonly copy: Copy
  readonly samples: KeySamples
}

/** What lies in staging now. */
export interface Staged {
  /** When the load began. */
  readonly startedAt: Date
  readonly readings: Readings
}

/**
 * Copies the objects of a load into the cleared staging tables. Must run inside a transaction.
 *
 * @throws UserError if too many records are refused or a key of the source has vanished.
 */
export async function stage(
  context: Context,
  warehouse: Warehouse,
  { copy, objects, samples }: LoadInput,
): Promise<Staged> {
  const startedAt = context.now()
  const readings: Readings = new Map()
  for (const table of stagingTables) {
    for (const [object, reading] of await fill(context, warehouse, copy, table, objects)) readings.set(object, reading)
  }
  await verifyKeys(warehouse, samples)
  const refused = [...readings.values()].flatMap((reading) => reading.refused)
  if (refused.length > context.config.maxQuarantined) throw tooManyRefused(refused, context.config.maxQuarantined)
  return { startedAt, readings }
}

/**
 * Takes what is staged to the star: transforms, ledger, checks. Must run inside a transaction: it leaves nothing out and
 * nothing half-done only together with it.
 *
 * @throws UserError if too many records are refused, or a quality check finds offenders.
 */
export async function load(
  context: Context,
  warehouse: Warehouse,
  { loadId, objects, samples }: LoadInput,
  { startedAt, readings }: Staged,
): Promise<LoadResult> {
  const refused = [...readings.values()].flatMap((reading) => reading.refused)
  const tables = await transform(context, warehouse, loadId)
  const refusedObjects = refused.flatMap(({ object, line }) => (line === null ? [object] : []))
  const logs = objects.filter((object) => object.source === 'log_data' && !refusedObjects.includes(object))
  const conflicts = await findConflicts(warehouse, await context.objectStore('log_data'), logs)
  const refusals = [...refused.map(({ object, ...record }) => ({ objectKey: object.key, ...record })), ...conflicts]
  verifyQuarantine(context, refusals.length)
  const reconciliation = await record(context, warehouse, { loadId, startedAt, readings, refusals })
  const checks = await check(context, warehouse, loadId)
  return { loadId, reconciliation, tables, checks, refusals, refusedObjects, unknownKeys: unknownKeys(samples) }
}

async function fill(
  context: Context,
  warehouse: Warehouse,
  copy: Copy,
  table: StagingTable,
  objects: readonly SourceObject[],
): Promise<Readings> {
  const start = performance.now()
  const own = objects.filter(({ source }) => source === table.source)
  await warehouse.execute(queries.clear(table))
  if (own.length === 0) return new Map()
  const progress = (copied: number) =>
    context.log.progress(`copy ${table.name}`, { done: copied, total: own.length, unit: 'object' })
  progress(0)
  const readings = await copy(table, own, progress)
  const bytes = sum(own.map((object) => object.bytes))
  const result = `${counted(sum([...readings.values()].map(({ records }) => records)), 'record')} from ${counted(own.length, 'object')}, ${size(bytes)}`
  context.log.done('copy', table.name, result, performance.now() - start)
  return readings
}

async function transform(
  context: Context,
  warehouse: Warehouse,
  loadId: string,
): Promise<Record<string, TableSummary>> {
  const done: { target: string; change: Transform['change']; rows: number; milliseconds: number }[] = []
  for (const { target, change, statement } of transforms) {
    const start = performance.now()
    context.log.progress(`transform ${target}`)
    if (change === 'make') await warehouse.execute(queries.dropTemporary(target))
    const rows = await warehouse.execute(statement(warehouse.dialect, loadId))
    done.push({ target, change, rows, milliseconds: performance.now() - start })
  }
  const counts = await warehouse.query(queries.countAllRows(starTables))
  const summaries = starTables.map(({ name }): [string, TableSummary] => {
    const own = done.filter(({ target }) => target === name)
    const rows = (kind: Transform['change']) => sum(own.filter(({ change }) => change === kind).map(({ rows }) => rows))
    const summary = {
      inserted: rows('insert') - rows('replace'),
      updated: rows('update') + rows('replace'),
      rows: Number(counts.find((row) => row.table_name === name)?.n),
    }
    const result = `${counted(summary.rows, 'row')} (${summary.inserted.toLocaleString('en-US')} inserted, ${summary.updated.toLocaleString('en-US')} updated)`
    context.log.done('transform', name, result, sum(own.map(({ milliseconds }) => milliseconds)))
    return [name, summary]
  })
  return Object.fromEntries(summaries)
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

function verifyQuarantine({ config }: Context, quarantined: number): void {
  if (quarantined <= config.maxQuarantined) return
  throw new UserError(
    `${counted(quarantined, 'record')} can't be loaded, more than MAX_QUARANTINED = ${config.maxQuarantined}. Nothing was loaded.`,
    { hint: 'Mend the source, or raise MAX_QUARANTINED in [ETL] of the config.' },
  )
}

/** Writes what this load is and took, in the same transaction as its rows. */
async function record(
  context: Context,
  warehouse: Warehouse,
  {
    loadId,
    startedAt,
    readings,
    refusals,
  }: { loadId: string; startedAt: Date; readings: Readings; refusals: readonly Refusal[] },
): Promise<Reconciliation> {
  const [counts] = await warehouse.query(queries.reconciliation(literal(loadId)))
  const reconciliation = addReconciliation(undefined, { ...counts, quarantined: refusals.length })
  await warehouse.insertRows(
    loadLedger,
    [...readings].map(([object, { records }]) => [
      object.key,
      object.etag,
      object.bytes,
      object.modifiedAt,
      object.source,
      loadId,
      records,
    ]),
  )
  await warehouse.execute(queries.deleteSupersededRefusals(warehouse.dialect, literal(loadId)))
  await fillQuarantine(warehouse, loadId, refusals)
  await warehouse.execute(
    queries.insertLoad({
      loadId,
      startedAt: queries.instant(startedAt),
      finishedAt: queries.instant(context.now()),
      version: context.version,
      counts: reconciliation,
    }),
  )
  return reconciliation
}

async function check(context: Context, warehouse: Warehouse, loadId: string): Promise<Check[]> {
  const start = performance.now()
  context.log.progress('check the star')
  const results = await warehouse.query(queries.runChecks(queries.qualityChecks(literal(loadId))))
  const checks = results.map(({ name, offenders }) => ({ name: String(name), offenders: Number(offenders) }))
  const failed = checks.filter(({ offenders }) => offenders > 0)
  if (failed.length > 0)
    throw new UserError(
      `Quality checks failed, so nothing was loaded: ${failed.map(({ name, offenders }) => `${name} (${counted(offenders, 'offender')})`).join('; ')}.`,
      { hint: 'Rebuild the star with etl --full; if that fails too, report it with this message.' },
    )
  context.log.done('check', 'star', `${counted(checks.length, 'check')} passed`, performance.now() - start)
  return checks
}
