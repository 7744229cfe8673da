import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { type SourceName, starTables } from '../schema/index.ts'
import { countAllRows } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { BatchResult } from './load-batch.ts'
import { summariseRejected, warnOfQuarantine } from './quarantine.ts'
import { type EtlSummary, type ObjectCounts, reconciliationOf, sum } from './results.ts'

/** Sums up the results of all loads of a run. */
export async function summarise(
  context: Context,
  warehouse: Warehouse,
  objects: EtlSummary['objects'],
  results: readonly BatchResult[],
  leftOut: readonly SourceObject[],
  start: number,
): Promise<EtlSummary> {
  const quarantine = summariseRejected(results.flatMap((result) => result.rejected))
  warnOfQuarantine(context, quarantine)
  const unknown_keys = mergeUnknownKeys(context, results)
  if (results.length === 0) {
    const reason = leftOut.length > 0 ? 'what is waiting was left out' : '0 new, 0 changed: the warehouse is up to date'
    context.log.done('load', 'nothing', reason)
  }
  return {
    engine: context.config.engine,
    loads: results.map(({ loadId }) => loadId),
    seconds: Math.round(performance.now() - start) / 1000,
    objects: withOutcome(objects, results, leftOut),
    reconciliation: reconciliationOf((name) => sum(results.map(({ reconciliation }) => reconciliation[name]))),
    quarantine,
    unknown_keys,
    tables: await tablesAfter(warehouse, results),
    checks: results.at(-1)?.checks ?? [],
  }
}

/** The changes of all loads by table, and its rows at the end. */
async function tablesAfter(warehouse: Warehouse, results: readonly BatchResult[]): Promise<EtlSummary['tables']> {
  const last = results.at(-1)?.tables
  const counts = last === undefined ? await warehouse.query(countAllRows(starTables)) : []
  const summaries = starTables.map(({ name }) => {
    const own = results.flatMap(({ tables }) => tables[name] ?? [])
    const rows = last?.[name]?.rows ?? Number(counts.find(({ table_name }) => table_name === name)?.n)
    const inserted = sum(own.map((table) => table.inserted))
    return [name, { inserted, updated: sum(own.map((table) => table.updated)), rows }] as const
  })
  return Object.fromEntries(summaries)
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
  for (const [source, keys] of Object.entries(unknown))
    if (keys.length > 0)
      log.warn(`${source} has ${counted(keys.length, 'key')} that no column is filled from: ${keys.join(', ')}.`)
  return unknown
}
