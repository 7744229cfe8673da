import type { Context } from '../../context.ts'
import { UserError } from '../../errors.ts'
import { counted, size } from '../../log.ts'
import type { SourceObject } from '../../objects/object-store.ts'
import { loadLedger, type StagingTable, stagingTables, starTables } from '../../schema/index.ts'
import * as queries from '../../sql-queries/index.ts'
import { literal } from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { quarantineConflicts } from './conflicts.ts'
import type { Copy, Records } from './stager.ts'
import { addReconciliation, type Check, type Reconciliation, type TableSummary } from './summary.ts'
import { type Transform, transforms } from './transforms.ts'

export interface LoadResult {
  readonly loadId: string
  readonly reconciliation: Reconciliation
  readonly tables: Record<string, TableSummary>
  readonly checks: Check[]
}

/**
 * Takes objects from the source to the star: staging, transforms, ledger, checks. Must run inside a transaction: it leaves
 * nothing out and nothing half-done only together with it.
 *
 * @throws UserError if a record can't be loaded, too many are refused, or a quality check finds offenders.
 */
export async function load(
  context: Context,
  warehouse: Warehouse,
  copy: Copy,
  loadId: string,
  objects: readonly SourceObject[],
): Promise<LoadResult> {
  const startedAt = context.now()
  const records: Records = new Map()
  for (const table of stagingTables) {
    for (const [object, count] of await stage(context, warehouse, copy, table, objects)) records.set(object, count)
  }
  const tables = await transform(context, warehouse, loadId)
  const quarantined = await quarantineConflicts(
    warehouse,
    loadId,
    await context.objectStore('log_data'),
    objects.filter(({ source }) => source === 'log_data'),
  )
  verifyQuarantine(context, quarantined)
  const reconciliation = await record(context, warehouse, { loadId, startedAt, records, quarantined })
  const checks = await check(context, warehouse, loadId)
  return { loadId, reconciliation, tables, checks }
}

async function stage(
  context: Context,
  warehouse: Warehouse,
  copy: Copy,
  table: StagingTable,
  objects: readonly SourceObject[],
): Promise<Records> {
  const start = performance.now()
  const own = objects.filter(({ source }) => source === table.source)
  await warehouse.execute(queries.clear(table))
  if (own.length === 0) return new Map()
  const progress = (copied: number) =>
    context.log.progress(`copy ${table.name}`, { done: copied, total: own.length, unit: 'object' })
  progress(0)
  const records = await copy(table, own, progress)
  const bytes = sum(own.map((object) => object.bytes))
  const result = `${counted(sum([...records.values()]), 'record')} from ${counted(own.length, 'object')}, ${size(bytes)}`
  context.log.done('copy', table.name, result, performance.now() - start)
  return records
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
    records,
    quarantined,
  }: { loadId: string; startedAt: Date; records: Records; quarantined: number },
): Promise<Reconciliation> {
  const [counts] = await warehouse.query(queries.reconciliation(literal(loadId)))
  const reconciliation = addReconciliation(undefined, { ...counts, quarantined })
  await warehouse.insertRows(
    loadLedger,
    [...records].map(([object, rows]) => [
      object.key,
      object.etag,
      object.bytes,
      object.modifiedAt,
      object.source,
      loadId,
      rows,
    ]),
  )
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
