import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { loadLedger, type SourceName } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { literal } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { check } from './check.ts'
import { findConflicts } from './conflicts.ts'
import type { Readings } from './loader.ts'
import { fillQuarantine, type Refusal } from './quarantine.ts'
import { addReconciliation, type Check, type Reconciliation, type TableSummary } from './results.ts'
import { unknownKeys } from './source-drift.ts'
import type { Batch, Staged } from './stage.ts'
import { transform } from './transform.ts'

export interface BatchResult {
  readonly loadId: string
  readonly reconciliation: Reconciliation
  readonly tables: Record<string, TableSummary>
  readonly checks: Check[]
  readonly refusals: readonly Refusal[]
  /** The objects of which no record can be read. */
  readonly refusedObjects: readonly SourceObject[]
  readonly unknownKeys: Readonly<Record<SourceName, readonly string[]>>
}

/**
 * Loads a staged batch into the star, records it in the ledger and checks the result. Must run inside a transaction.
 *
 * @throws UserError if too many records are rejected, or a quality check finds offenders.
 */
export async function loadBatch(
  context: Context,
  warehouse: Warehouse,
  { loadId, objects, samples }: Batch,
  { startedAt, readings }: Staged,
): Promise<BatchResult> {
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
