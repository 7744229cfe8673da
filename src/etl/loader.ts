import type { Config } from '../config.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { joinedBytes } from '../objects/prepare-files.ts'
import type { ObjectResult } from '../objects/validate-object.ts'
import type { StagingTable, Table, Value } from '../schema/index.ts'

/** How many records of each object were loaded and which were rejected, as far as the engine reports it. */
export type ObjectResults = Map<SourceObject, ObjectResult>

/**
 * Copies objects of a load into their staging table, inside its transaction.
 *
 * @throws UserError if an object has changed since it was listed.
 * @throws Error that the loader's `objectsToValidate` understands, if an object has a record that can't be loaded.
 */
export type Copy = (
  table: StagingTable,
  objects: readonly SourceObject[],
  onProgress: (copied: number) => void,
) => Promise<ObjectResults>

/** How objects get into the staging tables. Each engine has one. */
export interface Loader {
  /**
   * True if the first load is staged before the transaction begins: DuckDB reads rows that the same transaction inserted with one core
   * only.
   */
  readonly stagesFirst: boolean
  /** Makes an empty staging table. */
  emptyStaging(table: StagingTable): Promise<void>
  /**
   * Prepares the files of a load before the transaction begins. Validates every record of `objectsToValidate` and leaves out those
   * that can't be loaded; the copy reports them as rejected.
   */
  prepare(loadId: string, objects: readonly SourceObject[], objectsToValidate: ReadonlySet<SourceObject>): Promise<Copy>
  /** Adds rows to a table inside the transaction of a load; each has a value for every column, in the same order. */
  addRows(loadId: string, table: Table, rows: readonly (readonly Value[])[]): Promise<void>
  /** After a failed transaction: the objects that may have records that can't be loaded; none if it failed for another reason. */
  objectsToValidate(error: unknown): Promise<readonly SourceObject[]>
  /** After a failed transaction: the error with cause and fix. */
  explain(error: unknown): Promise<unknown>
}

/** The engine rejected a record of these objects, or accepted an invalid one: they have to be validated. */
export class ValidationNeeded extends Error {
  override readonly name = 'ValidationNeeded'
  readonly objects: readonly SourceObject[]

  constructor(objects: readonly SourceObject[], cause?: unknown) {
    super(`One of ${objects.length} objects has a record that can't be loaded.`, { cause })
    this.objects = objects
  }
}

/** On Redshift: the small objects, if there are so many that COPY is faster when they are joined first. */
export function joinedBeforeCopy({ compactFrom }: Config, objects: readonly SourceObject[]): ReadonlySet<SourceObject> {
  const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
  return new Set(compactFrom > 0 && small.length >= compactFrom ? small : [])
}
