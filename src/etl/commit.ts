import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { ObjectsUnavailable, type SourceObject } from '../objects/object-store.ts'
import { stagingEvents } from '../schema/index.ts'
import { findLoad, literal } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { ConnectionLost, RoleNotAssumable } from '../warehouse/known-errors.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'
import { type BatchResult, loadBatch, type Start } from './load-batch.ts'
import { nextLoadId } from './load-id.ts'
import type { Loader } from './loader.ts'
import { sampleKeys } from './source-drift.ts'
import { type Batch, stage } from './stage.ts'

/** Loads take turns by locking this table. Only loads read it, so nobody else ever waits for one. */
const lockedTable = stagingEvents

/** What was committed, and the objects that were left out because they couldn't be opened or changed meanwhile. */
export interface Committed {
  readonly results: readonly BatchResult[]
  readonly leftOut: readonly SourceObject[]
}

/**
 * Prepares batches and loads them in one transaction. Large objects are loaded as they are; if one has a line that isn't plain, or COPY
 * rejects it, every record of it is validated and the transaction tried again. So only loads with such lines pay for validation. Leaves out
 * objects that aren't there or change meanwhile; the next run tries them again.
 *
 * @throws UserError if another load came first, or the data can't be loaded. Then nothing is loaded.
 */
export async function commitBatches(
  context: Context,
  warehouse: Warehouse,
  loader: Loader,
  parts: readonly (readonly SourceObject[])[],
  start: Start,
): Promise<Committed> {
  const objectsToValidate = new Set<SourceObject>()
  const leftOut = new Set<SourceObject>()
  for (;;) {
    await warehouse.disconnect()
    const available = parts.map((objects) => objects.filter((object) => !leftOut.has(object)))
    const waiting = available.filter((objects) => objects.length > 0)
    if (waiting.length === 0 && leftOut.size > 0) return { results: [], leftOut: [...leftOut] }
    try {
      const batches = await prepare(context, loader, waiting, start.latest, objectsToValidate)
      return { results: await commitOrAsk(context, warehouse, loader, batches, start), leftOut: [...leftOut] }
    } catch (error) {
      if (error instanceof ObjectsUnavailable) {
        for (const { key } of error.objects)
          context.log.warn(`${key} ${error.reason}. It is left out; the next etl tries again.`)
        for (const object of error.objects) leftOut.add(object)
        continue
      }
      const found = (await loader.objectsToValidate(error)).filter((object) => !objectsToValidate.has(object))
      if (found.length === 0) throw await loader.explain(error)
      const objects = counted(found.length, 'object')
      context.log.done('validate', objects, 'a line in it needs a closer look: checking every record')
      for (const object of found) objectsToValidate.add(object)
    }
  }
}

async function prepare(
  context: Context,
  loader: Loader,
  parts: readonly (readonly SourceObject[])[],
  latest: string,
  objectsToValidate: ReadonlySet<SourceObject>,
): Promise<Batch[]> {
  const batches: Batch[] = []
  for (const objects of parts) {
    const previousLoadId = batches.at(-1)?.loadId ?? latest
    const loadId = nextLoadId(context.now(), previousLoadId)
    const copy = await loader.prepare(loadId, objects, objectsToValidate)
    batches.push({ loadId, previousLoadId, objects, copy, samples: await sampleKeys(context, objects) })
  }
  return batches
}

/** Runs the transaction. If the connection breaks, asks the server whether it committed instead of loading again. */
async function commitOrAsk(
  context: Context,
  warehouse: Warehouse,
  loader: Loader,
  batches: readonly Batch[],
  start: Start,
): Promise<BatchResult[]> {
  let results: BatchResult[] = []
  const [first] = batches
  const stagedFirst = first && loader.stagesFirst ? await stage(context, loader, first) : undefined
  const work = async () => {
    results = []
    const locked = warehouse.lock(lockedTable)
    for (const batch of batches) {
      const isFirst = batch === first
      const staged = isFirst ? stagedFirst : undefined
      const [, filled] = await together([locked, staged ?? stage(context, loader, batch)])
      results.push(await loadBatch(context, warehouse, loader, batch, filled, isFirst ? start : undefined))
    }
  }
  try {
    await onceRoleIsReady(context, warehouse, () => warehouse.transaction(work))
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    if (!(await wasCommitted(warehouse, batches.at(-1)?.loadId ?? ''))) throw error
    context.log.warn('The connection broke, but the server had committed. Continuing.')
  }
  for (const { loadId } of results) context.log.done('commit', 'load', loadId)
  return results
}

/** A new role takes a moment to be known everywhere in AWS: tries the transaction again for about a minute. */
async function onceRoleIsReady(context: Context, warehouse: Warehouse, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RoleNotAssumable) || attempt === 5) throw error
      context.log.progress('wait until Redshift may use the new role')
      await warehouse.disconnect()
      await wait(context.pauseMs, undefined, { signal: context.signal })
    }
  }
}

/** Takes the lock first, which the lost session held: once we have it, that session has ended, committed or not. */
async function wasCommitted(warehouse: Warehouse, loadId: string): Promise<boolean> {
  await warehouse.disconnect()
  return warehouse.transaction(async () => {
    const [, found] = await together([warehouse.lock(lockedTable), warehouse.query(findLoad(literal(loadId)))])
    return found.length > 0
  })
}
