import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { type RejectedRecord, verifyRejected } from '../objects/validate-object.ts'
import { loadLedger, quarantine, type SourceName, type Value } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { literal, type Sql } from '../sql-queries/index.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'
import { check } from './check.ts'
import { findConflicts, readConflicts } from './conflicts.ts'
import { latestLoadId } from './load-id.ts'
import type { Loader, ObjectResults } from './loader.ts'
import { quarantineRows } from './quarantine.ts'
import { type CheckResult, type Reconciliation, reconciliationOf, type TableSummary } from './results.ts'
import { unknownKeys, warnOfEmptyColumns, warnOfOddInstants } from './source-drift.ts'
import type { Batch, Staged } from './stage.ts'
import { transform } from './transform.ts'

export interface BatchResult {
  readonly loadId: string
  readonly reconciliation: Reconciliation
  readonly tables: Record<string, TableSummary>
  readonly checks: CheckResult[]
  readonly rejected: readonly RejectedRecord[]
  /** Objects that are quarantined as a whole, because nothing in them can be decoded. */
  readonly rejectedObjects: readonly SourceObject[]
  readonly unknownKeys: Readonly<Record<SourceName, readonly string[]>>
}

/** What a transaction starts from. */
export interface Start {
  /** Id of the last load when the ledger was read. If it is another one inside the transaction, another run came first. */
  readonly latest: string
  /** Statements that run first. */
  readonly before: readonly Sql[]
}

/**
 * Loads a staged batch into the star, records it in the ledger and checks the result. Must run inside a transaction; with `start` it is
 * the first batch of it.
 *
 * @throws UserError if another load came first, too many records are rejected, or a quality check finds offenders.
 */
export async function loadBatch(
  context: Context,
  warehouse: Warehouse,
  loader: Loader,
  { loadId, previousLoadId, objects, samples }: Batch,
  { startedAt, results }: Staged,
  start: Start | undefined,
): Promise<BatchResult> {
  // Sent in this order without waiting: later ones need what earlier ones did, but not their answers.
  const preparing = together([
    previousLoadId === '' ? undefined : warnOfEmptyColumns(context, warehouse, samples),
    warnOfOddInstants(context, warehouse, objects),
    start && verifyLatest(warehouse, start.latest),
    ...(start?.before ?? []).map((statement) => warehouse.execute(statement)),
  ])
  const transforming = transform(context, warehouse, loadId)
  const contradicting = readConflicts(warehouse)
  const counting = warehouse.query(queries.reconciliation(literal(loadId)))
  const [, tables, conflicting, [counts]] = await together([preparing, transforming, contradicting, counting])

  const rejectedObjects = [...results].flatMap(([object, { rejected }]) =>
    rejected.some(({ line }) => line === null) ? [object] : [],
  )
  const logs = objects.filter((object) => object.source === 'log_data' && !rejectedObjects.includes(object))
  const conflicts = await findConflicts(conflicting, await context.objectStore('log_data'), logs)
  const rejected = [...[...results.values()].flatMap((result) => result.rejected), ...conflicts]
  verifyRejected(rejected, context.config.maxQuarantined)
  const reconciliation = reconciliationOf((name) => (name === 'quarantined' ? rejected.length : Number(counts?.[name])))

  const addLedger = await loader.prepareRows(loadId, loadLedger, ledgerRows(loadId, results))
  const quarantined = quarantineRows(loadId, rejected)
  const addQuarantine = quarantined.length > 0 ? await loader.prepareRows(loadId, quarantine, quarantined) : undefined
  const recorded = together([
    addLedger(),
    warehouse.execute(queries.deleteSupersededQuarantine(literal(loadId))),
    addQuarantine?.(),
    warehouse.execute(queries.insertLoad(loadId, startedAt, context.now(), context.version, reconciliation)),
  ])
  const [, checks] = await together([recorded, check(context, warehouse, loadId)])
  return { loadId, reconciliation, tables, checks, rejected, rejectedObjects, unknownKeys: unknownKeys(samples) }
}

async function verifyLatest(warehouse: Warehouse, latest: string): Promise<void> {
  if ((await latestLoadId(warehouse)) !== latest)
    throw new UserError('Another etl finished while this one was preparing. Nothing was loaded by this one.', {
      hint: 'Load what is left: npm run etl',
    })
}

function ledgerRows(loadId: string, results: ObjectResults): Value[][] {
  return [...results].map(([object, { records }]) => {
    const { key, etag, bytes, modifiedAt, source } = object
    return [key, etag, bytes, modifiedAt, source, loadId, records]
  })
}
