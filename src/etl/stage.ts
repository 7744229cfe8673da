import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { verifyRejected } from '../objects/validate-object.ts'
import { type StagingTable, stagingTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted, size } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import type { Copy, ObjectResults } from './loader.ts'
import { sum } from './results.ts'
import { type KeySamples, verifyKeys } from './source-drift.ts'

/** The objects of one load, and how to copy them. */
export interface Batch {
  readonly loadId: string
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
 * Copies the objects of a load into the cleared staging tables. Must run inside a transaction.
 *
 * @throws UserError if too many records are rejected or a key of the source has vanished.
 */
export async function stage(
  context: Context,
  warehouse: Warehouse,
  { copy, objects, samples }: Batch,
): Promise<Staged> {
  const startedAt = context.now()
  const results: ObjectResults = new Map()
  for (const table of stagingTables) {
    for (const [object, result] of await fill(context, warehouse, copy, table, objects)) results.set(object, result)
  }
  await verifyKeys(warehouse, samples)
  const rejected = [...results.values()].flatMap((result) => result.rejected)
  verifyRejected(rejected, context.config.maxQuarantined)
  return { startedAt, results }
}

async function fill(
  context: Context,
  warehouse: Warehouse,
  copy: Copy,
  table: StagingTable,
  objects: readonly SourceObject[],
): Promise<ObjectResults> {
  const start = performance.now()
  const own = objects.filter(({ source }) => source === table.source)
  await warehouse.execute(queries.clear(table))
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
