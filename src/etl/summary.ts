import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { type SourceName, starTables } from '../schema/index.ts'
import { countAllRows } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { BatchResult } from './load-batch.ts'
import { summariseRejected, warnOfQuarantine } from './quarantine.ts'
import { addReconciliation, addTables, type EtlSummary, type ObjectCounts, type Reconciliation } from './results.ts'

/** Sums up the results of all loads of a run. */
export async function summarise(
  context: Context,
  warehouse: Warehouse,
  objects: EtlSummary['objects'],
  results: readonly BatchResult[],
  leftOut: readonly SourceObject[],
  start: number,
): Promise<EtlSummary> {
  const rejected = summariseRejected(results.flatMap((result) => result.rejected))
  warnOfQuarantine(context, rejected)
  const unknown = mergeUnknownKeys(context, results)
  let reconciliation: Reconciliation = addReconciliation(undefined, {})
  let tables: EtlSummary['tables'] = {}
  for (const result of results) {
    reconciliation = addReconciliation(reconciliation, result.reconciliation)
    tables = addTables(tables, result.tables)
  }
  if (results.length === 0 && leftOut.length > 0) context.log.done('load', 'nothing', 'what is waiting was left out')
  else if (results.length === 0) context.log.done('load', 'nothing', '0 new, 0 changed: the warehouse is up to date')
  if (results.length === 0) {
    const rows = await warehouse.query(countAllRows(starTables))
    tables = Object.fromEntries(
      rows.map(({ table_name, n }) => [table_name, { inserted: 0, updated: 0, rows: Number(n) }]),
    )
  }
  return {
    engine: context.config.engine,
    loads: results.map(({ loadId }) => loadId),
    seconds: Math.round(performance.now() - start) / 1000,
    objects: withOutcome(objects, results, leftOut),
    reconciliation,
    quarantine: rejected,
    unknown_keys: unknown,
    tables,
    checks: results.at(-1)?.checks ?? [],
  }
}

/** Adds the numbers of objects in which nothing can be read, and of those that were left out. */
function withOutcome(
  objects: EtlSummary['objects'],
  results: readonly BatchResult[],
  leftOut: readonly SourceObject[],
): EtlSummary['objects'] {
  const rejected = results.flatMap(({ rejectedObjects }) => rejectedObjects)
  const counts = (source: SourceName): ObjectCounts => ({
    ...objects[source],
    refused: rejected.filter((object) => object.source === source).length,
    left_out: objects[source].left_out + leftOut.filter((object) => object.source === source).length,
  })
  return { log_data: counts('log_data'), song_data: counts('song_data') }
}

/** Keys that the schema doesn't know aren't an error, but may be worth a column: warns about them once. */
function mergeUnknownKeys({ log }: Context, results: readonly BatchResult[]): EtlSummary['unknown_keys'] {
  const keysOf = (source: SourceName) => [...new Set(results.flatMap(({ unknownKeys }) => unknownKeys[source]))].sort()
  const unknown = { log_data: keysOf('log_data'), song_data: keysOf('song_data') }
  for (const [source, keys] of Object.entries(unknown)) {
    if (keys.length === 0) continue
    log.warn(`${source} has ${counted(keys.length, 'key')} that no column is filled from: ${keys.join(', ')}.`)
  }
  return unknown
}
