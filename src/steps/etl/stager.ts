import type { Context } from '../../context.ts'
import type { SourceObject } from '../../objects/object-store.ts'
import type { StagingTable } from '../../schema/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** The records that each object held, as far as the engine says. */
export type Records = Map<SourceObject, number>

/**
 * Copies objects of a load into their staging table, inside its transaction.
 *
 * @throws UserError if an object is not what was listed any more, or a record can't be loaded.
 */
export type Copy = (
  table: StagingTable,
  objects: readonly SourceObject[],
  onProgress: (copied: number) => void,
) => Promise<Records>

/** How objects get into the staging tables of an engine. */
export interface Stager {
  /** Makes ready for one load what is no work of the warehouse, before the transaction begins. */
  prepare(loadId: string, objects: readonly SourceObject[]): Promise<Copy>
  /** After a failed transaction: what went wrong, in words. */
  explain(error: unknown): Promise<unknown>
}

/** The stager of the engine that the config names. */
export async function openStager(context: Context, warehouse: Warehouse): Promise<Stager> {
  if (context.config.engine === 'duckdb') return (await import('./copy-duckdb.ts')).duckdbStager(context, warehouse)
  return (await import('./copy-redshift.ts')).redshiftStager(context, warehouse)
}
