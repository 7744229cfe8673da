import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { loadLedger, quarantine, type SourceName, starTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { verifySchema } from '../tables/verify-schema.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { commit, latestLoadId } from './commit.ts'
import type { LoadResult } from './load-batch.ts'
import { openStager } from './loader.ts'
import { summariseRefusals, warnOfQuarantine } from './quarantine.ts'
import { addReconciliation, addTables, type EtlSummary, type ObjectCounts, type Reconciliation } from './summary.ts'

export interface EtlOptions {
  /** Forget what was loaded and rebuild the star from all objects, in one transaction. */
  readonly full: boolean
  /** Load the objects again of which records are in quarantine. */
  readonly retryQuarantine?: boolean
}

interface Findings {
  readonly counts: Record<SourceName, ObjectCounts>
  /** The objects that no load has taken in their present version. */
  readonly waiting: readonly SourceObject[]
  /** The last load there was when the ledger was read; '' if none. */
  readonly latest: string
}

const sourceNames: readonly SourceName[] = ['log_data', 'song_data']

/** Loads what is new at the source, changes what changed, leaves the rest alone. */
export async function load(context: Context, options: EtlOptions): Promise<EtlSummary> {
  const start = performance.now()
  const warehouse = await context.openWarehouse('write')
  try {
    await verifySchema(warehouse)
    const found = await findObjects(context, warehouse, options)
    const results = await loadAll(context, warehouse, found, options)
    return await summarise(context, warehouse, found.counts, results, start)
  } finally {
    await warehouse.close()
  }
}

/**
 * Lists both sources and tells new, changed and unchanged objects apart by the ledger. With `full` all of them wait, with
 * `retryQuarantine` also those that have records in quarantine: what is loaded of them already is not loaded twice.
 */
export async function findObjects(
  context: Context,
  warehouse: Warehouse,
  { full, retryQuarantine = false }: EtlOptions,
): Promise<Findings> {
  const latest = await latestLoadId(warehouse)
  const rows = full ? [] : await warehouse.query(queries.latestVersions())
  const refused = retryQuarantine ? await warehouse.query(queries.quarantinedObjects()) : []
  await warehouse.rest()
  const known = new Map(rows.map(({ object_key, etag }) => [object_key, etag]))
  const again = new Set(refused.map(({ object_key }) => object_key))
  const counts: Partial<Record<SourceName, ObjectCounts>> = {}
  const waiting: SourceObject[] = []
  for (const source of sourceNames) {
    const start = performance.now()
    context.log.progress(`list ${source}`)
    const objects = await (await context.objectStore(source)).list(source)
    const changed = objects.filter(({ key, etag }) => known.has(key) && known.get(key) !== etag)
    const unseen = objects.filter(({ key }) => !known.has(key))
    waiting.push(...objects.filter(({ key, etag }) => known.get(key) !== etag || again.has(key)))
    counts[source] = {
      listed: objects.length,
      new: unseen.length,
      changed: changed.length,
      unchanged: objects.length - unseen.length - changed.length,
      refused: 0,
    }
    const result = `${counted(objects.length, 'object')}: ${unseen.length.toLocaleString('en-US')} new, ${changed.length.toLocaleString('en-US')} changed`
    context.log.done('list', source, result, performance.now() - start)
  }
  return { counts: counts as Record<SourceName, ObjectCounts>, waiting, latest }
}

/**
 * Loads the objects in batches, each in a transaction of its own: what is committed stays, whatever becomes of the next. With
 * `full` all batches are one transaction: readers see the old star until the new one is complete.
 */
async function loadAll(
  context: Context,
  warehouse: Warehouse,
  { waiting, latest }: Findings,
  { full }: EtlOptions,
): Promise<LoadResult[]> {
  const stager = await openStager(context, warehouse)
  const parts = [...batches(waiting, context.config.batchBytes)]
  if (full) {
    const before = [...starTables, quarantine, loadLedger].map(queries.clear)
    return commit(context, warehouse, stager, parts, { latest, before })
  }
  const results: LoadResult[] = []
  for (const part of parts) {
    const known = { latest: results.at(-1)?.loadId ?? latest, before: [] }
    results.push(...(await commit(context, warehouse, stager, [part], known)))
  }
  return results
}

/** Objects in groups of at most `bytes`, songs first, so that plays find the catalog; a larger object is a batch of its own. */
export function* batches(objects: readonly SourceObject[], bytes: number): Generator<SourceObject[]> {
  let batch: SourceObject[] = []
  let sum = 0
  for (const object of [...objects].sort((a, b) => Number(a.source === 'log_data') - Number(b.source === 'log_data'))) {
    if (batch.length > 0 && sum + object.bytes > bytes) {
      yield batch
      batch = []
      sum = 0
    }
    batch.push(object)
    sum += object.bytes
  }
  if (batch.length > 0) yield batch
}

async function summarise(
  context: Context,
  warehouse: Warehouse,
  objects: EtlSummary['objects'],
  results: readonly LoadResult[],
  start: number,
): Promise<EtlSummary> {
  const refusals = summariseRefusals(results.flatMap((result) => result.refusals))
  warnOfQuarantine(context, refusals)
  const unknown = mergeUnknownKeys(context, results)
  let reconciliation: Reconciliation = addReconciliation(undefined, {})
  let tables: EtlSummary['tables'] = {}
  for (const result of results) {
    reconciliation = addReconciliation(reconciliation, result.reconciliation)
    tables = addTables(tables, result.tables)
  }
  if (results.length === 0) {
    const rows = await warehouse.query(queries.countAllRows(starTables))
    tables = Object.fromEntries(
      rows.map(({ table_name, n }) => [table_name, { inserted: 0, updated: 0, rows: Number(n) }]),
    )
    context.log.done('load', 'nothing', '0 new, 0 changed: the warehouse is up to date')
  }
  return {
    engine: context.config.engine,
    loads: results.map(({ loadId }) => loadId),
    seconds: Math.round(performance.now() - start) / 1000,
    objects: withRefused(objects, results),
    reconciliation,
    quarantine: refusals,
    unknown_keys: unknown,
    tables,
    checks: results.at(-1)?.checks ?? [],
  }
}

/** Objects of which nothing can be read are counted where they were found. */
function withRefused(objects: EtlSummary['objects'], results: readonly LoadResult[]): EtlSummary['objects'] {
  const refused = results.flatMap(({ refusedObjects }) => refusedObjects)
  const count = (source: SourceName) => refused.filter((object) => object.source === source).length
  return {
    log_data: { ...objects.log_data, refused: count('log_data') },
    song_data: { ...objects.song_data, refused: count('song_data') },
  }
}

/** Keys that the schema does not know are no fault, but may be worth a column: they are told once. */
function mergeUnknownKeys({ log }: Context, results: readonly LoadResult[]): EtlSummary['unknown_keys'] {
  const keysOf = (source: SourceName) => [...new Set(results.flatMap(({ unknownKeys }) => unknownKeys[source]))].sort()
  const unknown = { log_data: keysOf('log_data'), song_data: keysOf('song_data') }
  for (const [source, keys] of Object.entries(unknown)) {
    if (keys.length === 0) continue
    log.warn(`${source} has ${counted(keys.length, 'key')} that no column takes: ${keys.join(', ')}.`)
  }
  return unknown
}
