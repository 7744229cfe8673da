import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { verifyRejected } from '../objects/validate-object.ts'
import { type StagingTable, stagingTables } from '../schema/index.ts'
import { counted, size } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Copy, Loader, ObjectResults } from './loader.ts'
import { sum } from './results.ts'
import { type KeySamples, warnOfEmptyColumns, warnOfOddInstants } from './source-drift.ts'

/** The objects of one load, and how to copy them. */
export interface Batch {
  readonly loadId: string
  /** Id of the load before it; '' if it is the first. */
  readonly previousLoadId: string
  readonly objects: readonly SourceObject[]
  readonly copy: Copy
  readonly samples: KeySamples
}

/** What was staged. */
export interface Staged {
  /** When the load began. */
  readonly startedAt: Date
  readonly results: ObjectResults
}

/**
 * Copies the objects of a load into the staging tables, which are emptied before.
 *
 * @throws UserError if too many records are rejected.
 */
export async function stage(
  context: Context,
  warehouse: Warehouse,
  loader: Loader,
  { copy, objects, samples, previousLoadId }: Batch,
): Promise<Staged> {
  const startedAt = context.now()
  const results: ObjectResults = new Map()
  for (const table of stagingTables) {
    for (const [object, result] of await fill(context, loader, copy, table, objects)) results.set(object, result)
  }
  if (previousLoadId !== '') await warnOfEmptyColumns(context, warehouse, samples)
  await warnOfOddInstants(context, warehouse, objects)
  const rejected = [...results.values()].flatMap((result) => result.rejected)
  verifyRejected(rejected, context.config.maxQuarantined)
  return { startedAt, results }
}

async function fill(
  context: Context,
  loader: Loader,
  copy: Copy,
  table: StagingTable,
  objects: readonly SourceObject[],
): Promise<ObjectResults> {
  const start = performance.now()
  const own = objects.filter(({ source }) => source === table.source)
  await loader.emptyStaging(table)
  if (own.length === 0) return new Map()
  const progress = (copied: number) =>
    context.log.progress(`copy ${table.name}`, { done: copied, total: own.length, unit: 'object' })
  progress(0)
  const results = await copy(table, own, progress)
  const bytes = sum(own.map((object) => object.bytes))
  const result = `${counted(sum([...results.values()].map(({ records }) => records)), 'record')} from ${counted(own.length, 'object')}, ${size(bytes)}`
  context.log.done('copy', table.name, result, performance.now() - start)
  return results
}
