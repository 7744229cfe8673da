import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import { type ExitCode, exitCodes, UserError } from '../../errors.ts'
import { counted } from '../../log.ts'
import type { SourceObject } from '../../objects/object-store.ts'
import { loadLedger, quarantine, type SourceName, starTables } from '../../schema/index.ts'
import * as queries from '../../sql-queries/index.ts'
import { literal, type Sql } from '../../sql-queries/index.ts'
import { ConnectionLost, RoleNotAssumable } from '../../warehouse/known-errors.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { verifySchema } from '../verify-schema.ts'
import { type LoadResult, load } from './load.ts'
import { type Copy, openStager, type Stager } from './stager.ts'
import { addReconciliation, addTables, type EtlSummary, type ObjectCounts, type Reconciliation } from './summary.ts'

export interface EtlOptions {
  /** Forget what was loaded and rebuild the star from all objects, in one transaction. */
  readonly full: boolean
}

interface Findings {
  readonly counts: Record<SourceName, ObjectCounts>
  /** The objects that no load has taken in their present version. */
  readonly waiting: readonly SourceObject[]
}

const sourceNames: readonly SourceName[] = ['log_data', 'song_data']

/** Loads what is new at the source, changes what changed, leaves the rest alone. */
export async function etl(context: Context, options: EtlOptions): Promise<{ summary: EtlSummary; exitCode: ExitCode }> {
  const start = performance.now()
  const warehouse = await context.openWarehouse('write')
  try {
    await verifySchema(warehouse)
    const { counts, waiting } = await findObjects(context, warehouse, options.full)
    const results = await loadAll(context, warehouse, waiting, options)
    const summary = await summarise(context, warehouse, counts, results, start)
    return { summary, exitCode: summary.reconciliation.quarantined > 0 ? exitCodes.quarantined : exitCodes.done }
  } finally {
    await warehouse.close()
  }
}

/** Lists both sources and tells new, changed and unchanged objects apart by the ledger. With `full` all of them wait. */
export async function findObjects(context: Context, warehouse: Warehouse, full: boolean): Promise<Findings> {
  const rows = full ? [] : await warehouse.query(queries.latestVersions())
  await warehouse.rest()
  const known = new Map(rows.map(({ object_key, etag }) => [object_key, etag]))
  const counts: Partial<Record<SourceName, ObjectCounts>> = {}
  const waiting: SourceObject[] = []
  for (const source of sourceNames) {
    const start = performance.now()
    context.log.progress(`list ${source}`)
    const objects = await (await context.objectStore(source)).list(source)
    const changed = objects.filter(({ key, etag }) => known.has(key) && known.get(key) !== etag)
    const unseen = objects.filter(({ key }) => !known.has(key))
    waiting.push(...objects.filter(({ key, etag }) => known.get(key) !== etag))
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
  return { counts: counts as Record<SourceName, ObjectCounts>, waiting }
}

/**
 * Loads the objects in batches, each in a transaction of its own: what is committed stays, whatever becomes of the next. With
 * `full` all batches are one transaction: readers see the old star until the new one is complete.
 */
async function loadAll(
  context: Context,
  warehouse: Warehouse,
  objects: readonly SourceObject[],
  { full }: EtlOptions,
): Promise<LoadResult[]> {
  const stager = await openStager(context, warehouse)
  const parts = [...batches(objects, context.config.batchBytes)]
  if (full) {
    const clear = [...starTables, quarantine, loadLedger].map(queries.clear)
    return commit(context, warehouse, stager, parts, clear)
  }
  const results: LoadResult[] = []
  for (const part of parts) results.push(...(await commit(context, warehouse, stager, [part], [])))
  return results
}

/** Runs loads in one transaction. If the connection breaks, the server is asked whether it was committed: never loaded blindly again. */
async function commit(
  context: Context,
  warehouse: Warehouse,
  stager: Stager,
  parts: readonly (readonly SourceObject[])[],
  before: readonly Sql[],
): Promise<LoadResult[]> {
  const latest = await latestLoadId(warehouse)
  const prepared: { loadId: string; objects: readonly SourceObject[]; copy: Copy }[] = []
  await warehouse.rest()
  for (const objects of parts) {
    const loadId = nextLoadId(context, prepared.at(-1)?.loadId ?? latest)
    prepared.push({ loadId, objects, copy: await stager.prepare(loadId, objects) })
  }
  let results: LoadResult[] = []
  const work = async () => {
    results = []
    await warehouse.lock(loadLedger)
    if ((await latestLoadId(warehouse)) !== latest) throw loadedMeanwhile()
    for (const statement of before) await warehouse.execute(statement)
    for (const { loadId, objects, copy } of prepared)
      results.push(await load(context, warehouse, copy, loadId, objects))
  }
  try {
    await onceRoleIsReady(context, warehouse, () => warehouse.transaction(work))
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw await stager.explain(error)
    if (!(await wasCommitted(warehouse, prepared.at(-1)?.loadId ?? ''))) throw error
    context.log.warn('The connection broke off, but the server had committed: going on.')
  }
  for (const { loadId } of results) context.log.done('commit', 'load', loadId)
  return results
}

/** A role that was made a moment ago is not known everywhere in AWS yet: the transaction is tried again for about a minute. */
async function onceRoleIsReady(context: Context, warehouse: Warehouse, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RoleNotAssumable) || attempt === 5) throw error
      context.log.progress('wait until Redshift may use the new role')
      await warehouse.rest()
      await wait(context.pauseMs, undefined, { signal: context.signal })
    }
  }
}

/** Asks behind the lock that the lost session held: when it is ours, that session has ended one way or the other. */
async function wasCommitted(warehouse: Warehouse, loadId: string): Promise<boolean> {
  await warehouse.rest()
  return warehouse.transaction(async () => {
    await warehouse.lock(loadLedger)
    return (await warehouse.query(queries.findLoad(literal(loadId)))).length > 0
  })
}

function loadedMeanwhile(): UserError {
  return new UserError('Another etl has loaded since this one looked. Nothing was loaded twice.', {
    hint: 'Run etl again: it takes what is left.',
  })
}

async function latestLoadId(warehouse: Warehouse): Promise<string> {
  const [row] = await warehouse.query(queries.latestLoadId())
  return String(row?.load_id ?? '')
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

/** Unique, and later in the alphabet than every load before, even if the clock was set back. */
function nextLoadId(context: Context, latest: string): string {
  const compact = (at: Date) => at.toISOString().replace(/[-:.]/g, '')
  const before = latest.replace(/-.*/, '')
  const now = compact(context.now())
  const instant = now > before ? now : compact(new Date(parseCompact(before).getTime() + 1))
  return `${instant}-${randomBytes(3).toString('hex')}`
}

function parseCompact(text: string): Date {
  return new Date(text.replace(/(....)(..)(..)T(..)(..)(..)(...)Z/, '$1-$2-$3T$4:$5:$6.$7Z'))
}

async function summarise(
  context: Context,
  warehouse: Warehouse,
  objects: EtlSummary['objects'],
  results: readonly LoadResult[],
  start: number,
): Promise<EtlSummary> {
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
    objects,
    reconciliation,
    tables,
    checks: results.at(-1)?.checks ?? [],
  }
}
