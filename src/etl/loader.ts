import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { joinedBytes } from '../objects/prepare-files.ts'
import type { Screened } from '../objects/validate-object.ts'
import type { StagingTable } from '../schema/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** What became of the records of each object, as far as the engine says. */
export type Readings = Map<SourceObject, Screened>

/**
 * Copies objects of a load into their staging table, inside its transaction.
 *
 * @throws UserError if an object is not what was listed any more.
 * @throws Error that `suspects` of the stager knows if a record can't be loaded and was not left out.
 */
export type Copy = (
  table: StagingTable,
  objects: readonly SourceObject[],
  onProgress: (copied: number) => void,
) => Promise<Readings>

/** How objects get into the staging tables of an engine. */
export interface Stager {
  /**
   * Makes ready for one load what is no work of the warehouse, before the transaction begins. Every record of the `suspects`
   * is looked at: those that can't be loaded are left out, and are told by the copy.
   */
  prepare(loadId: string, objects: readonly SourceObject[], suspects: ReadonlySet<SourceObject>): Promise<Copy>
  /** After a failed transaction: the objects that hold records which the engine does not take, or must not; none if that was not why. */
  suspects(error: unknown): Promise<readonly SourceObject[]>
  /** After a failed transaction: what went wrong, in words. */
  explain(error: unknown): Promise<unknown>
}

/** The engine does not take some record of these objects, or took one that it must not. They have to be screened. */
export class ScreeningNeeded extends Error {
  override readonly name = 'ScreeningNeeded'
  readonly objects: readonly SourceObject[]

  constructor(objects: readonly SourceObject[], cause?: unknown) {
    super(`One of ${objects.length} objects holds a record that can't be loaded.`, { cause })
    this.objects = objects
  }
}

/** On Redshift: the small objects, if there are so many that opening each would cost more than joining them first. */
export function joinedBeforeCopy({ compactFrom }: Config, objects: readonly SourceObject[]): ReadonlySet<SourceObject> {
  const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
  return new Set(compactFrom > 0 && small.length >= compactFrom ? small : [])
}

/** The stager of the engine that the config names. */
export async function openStager(context: Context, warehouse: Warehouse): Promise<Stager> {
  if (context.config.engine === 'duckdb') return (await import('./duckdb-loader.ts')).duckdbStager(context, warehouse)
  return (await import('./redshift-loader.ts')).redshiftStager(context, warehouse)
}
