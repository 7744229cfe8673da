import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { type RejectedRecord, verifyRejected } from '../objects/validate-object.ts'
import { loadLedger, type SourceName } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { literal } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { check } from './check.ts'
import { findConflicts } from './conflicts.ts'
import type { Loader } from './loader.ts'
import { fillQuarantine } from './quarantine.ts'
import { addReconciliation, type CheckResult, type Reconciliation, type TableSummary } from './results.ts'
import { unknownKeys } from './source-drift.ts'
import type { Batch, Staged } from './stage.ts'
import { transform } from './transform.ts'

export interface BatchResult {
  readonly loadId: string
  readonly reconciliation: Reconciliation
  readonly tables: Record<string, TableSummary>
  readonly checks: CheckResult[]
  readonly rejected: readonly RejectedRecord[]
  /** Objects that can't be read at all. */
  readonly rejectedObjects: readonly SourceObject[]
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
  loader: Loader,
  { loadId, objects, samples }: Batch,
  { startedAt, results }: Staged,
): Promise<BatchResult> {
  const tables = await transform(context, warehouse, loadId)
  const rejectedObjects = [...results].flatMap(([object, { rejected }]) =>
    rejected.some(({ line }) => line === null) ? [object] : [],
  )
  const logs = objects.filter((object) => object.source === 'log_data' && !rejectedObjects.includes(object))
  const conflicts = await findConflicts(warehouse, await context.objectStore('log_data'), logs)
  const rejected = [...[...results.values()].flatMap((result) => result.rejected), ...conflicts]
  verifyRejected(rejected, context.config.maxQuarantined)
  const reconciliation = await record(context, warehouse, loader, { loadId, startedAt, results, rejected })
  const checks = await check(context, warehouse, loadId)
  return { loadId, reconciliation, tables, checks, rejected, rejectedObjects, unknownKeys: unknownKeys(samples) }
}

/** Writes the ledger, the quarantine and the row of the load, in the same transaction as the data. */
async function record(
  context: Context,
  warehouse: Warehouse,
  loader: Loader,
  {
    loadId,
    startedAt,
    results,
    rejected,
  }: Pick<Staged, 'startedAt' | 'results'> & Pick<BatchResult, 'loadId' | 'rejected'>,
): Promise<Reconciliation> {
  const [counts] = await warehouse.query(queries.reconciliation(literal(loadId)))
  const reconciliation = addReconciliation(undefined, { ...counts, quarantined: rejected.length })
  await loader.addRows(
    loadId,
    loadLedger,
    [...results].map(([object, { records }]) => [
      object.key,
      object.etag,
      object.bytes,
      object.modifiedAt,
      object.source,
      loadId,
      records,
    ]),
  )
  await warehouse.execute(queries.deleteSupersededRefusals(literal(loadId)))
  await fillQuarantine(loader, loadId, rejected)
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
