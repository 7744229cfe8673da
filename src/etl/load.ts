import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { loadLedger, quarantine, starTables } from '../schema/index.ts'
import { clear } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Committed, commitBatches } from './commit.ts'
import { batches, type EtlOptions, type FoundObjects, findObjects } from './find-objects.ts'
import type { BatchResult } from './load-batch.ts'
import type { Loader } from './loader.ts'
import type { EtlSummary } from './results.ts'
import { summarise } from './summary.ts'

/**
 * Finds the waiting objects and loads them: prepares their files, then stages, transforms, checks and records them in one
 * transaction per batch.
 *
 * @throws UserError if a batch can't be loaded. Nothing of that batch is loaded then; earlier batches are.
 */
export async function load(context: Context, options: EtlOptions): Promise<EtlSummary> {
  const start = performance.now()
  const warehouse = await context.openWarehouse('write')
  try {
    const found = await findObjects(context, warehouse, options)
    const { results, leftOut } = await loadBatches(context, warehouse, found, options)
    return await summarise(context, warehouse, found.counts, results, leftOut, start)
  } finally {
    await warehouse.close()
  }
}

/**
 * Loads the waiting objects batch by batch, each in its own transaction, so a batch that fails doesn't undo earlier ones. With
 * `full` all batches are one transaction, so readers see the old star until the new one is complete.
 */
async function loadBatches(
  context: Context,
  warehouse: Warehouse,
  { waiting, latest }: FoundObjects,
  { full }: EtlOptions,
): Promise<Committed> {
  const loader = await openLoader(context, warehouse)
  const parts = [...batches(waiting, context.config.batchBytes)]
  if (full) {
    const before = [...starTables, quarantine, loadLedger].map(clear)
    return commitBatches(context, warehouse, loader, parts, { latest, before })
  }
  const results: BatchResult[] = []
  const leftOut: SourceObject[] = []
  for (const part of parts) {
    const known = { latest: results.at(-1)?.loadId ?? latest, before: [] }
    const committed = await commitBatches(context, warehouse, loader, [part], known)
    results.push(...committed.results)
    for (const object of committed.leftOut) leftOut.push(object)
  }
  return { results, leftOut }
}

/** The loader of the engine that the config names. */
async function openLoader(context: Context, warehouse: Warehouse): Promise<Loader> {
  if (context.config.engine === 'duckdb') return (await import('./duckdb-loader.ts')).duckdbLoader(context, warehouse)
  return (await import('./redshift-loader.ts')).redshiftLoader(context, warehouse)
}
