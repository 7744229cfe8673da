import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { verifyRejected } from '../objects/validate-object.ts'
import { type StagingTable, stagingTables } from '../schema/index.ts'
import { counted, size } from '../text.ts'
import { together } from '../warehouse/warehouse.ts'
import type { Copy, Loader, ObjectResults } from './loader.ts'
import { sum } from './results.ts'
import type { KeySamples } from './source-drift.ts'

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
export async function stage(context: Context, loader: Loader, batch: Batch): Promise<Staged> {
  const startedAt = context.now()
  const filled: ObjectResults[] = []
  const fillTable = (table: StagingTable) => fill(context, batch, table)
  if (loader.stagesFirst) for (const table of stagingTables) filled.push(await fillTable(table))
  else filled.push(...(await together(stagingTables.map(fillTable))))
  const results: ObjectResults = new Map(filled.flatMap((results) => [...results]))
  const rejected = [...results.values()].flatMap((result) => result.rejected)
  verifyRejected(rejected, context.config.maxQuarantined)
  return { startedAt, results }
}

async function fill({ log }: Context, { copy, objects }: Batch, table: StagingTable): Promise<ObjectResults> {
  const own = objects.filter(({ source }) => source === table.source)
  const progress = (copied: number) =>
    log.progress(`copy ${table.name}`, { done: copied, total: own.length, unit: 'object' })
  if (own.length > 0) progress(0)
  const { records, milliseconds, results } = await copy(table, own, progress)
  if (own.length === 0) return results
  const bytes = sum(own.map((object) => object.bytes))
  const result = `${counted(records, 'record')} from ${counted(own.length, 'object')}, ${size(bytes)}`
  log.done('copy', table.name, result, milliseconds)
  return results
}
