import type { Config } from '../config.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { joinedBytes } from '../objects/prepare-files.ts'
import type { ObjectResult } from '../objects/validate-object.ts'
import type { StagingTable } from '../schema/index.ts'

/** What became of the records of each object, as far as the engine says. */
export type ObjectResults = Map<SourceObject, ObjectResult>

/**
 * Copies objects of a load into their staging table, inside its transaction.
 *
 * @throws UserError if an object is not what was listed any more.
 * @throws Error that the loader's `objectsToValidate` understands, if a record can't be loaded and wasn't left out.
 */
export type Copy = (
  table: StagingTable,
  objects: readonly SourceObject[],
  onProgress: (copied: number) => void,
) => Promise<ObjectResults>

/** How objects get into the staging tables. Each engine has one. */
export interface Loader {
  /**
   * Prepares the files of a load before the transaction begins. Validates every record of `objectsToValidate`: those that can't be
   * loaded are left out, and the copy reports them.
   */
  prepare(loadId: string, objects: readonly SourceObject[], objectsToValidate: ReadonlySet<SourceObject>): Promise<Copy>
  /** After a failed transaction: the objects with records that the engine rejected or must not take; none if it failed for another reason. */
  objectsToValidate(error: unknown): Promise<readonly SourceObject[]>
  /** After a failed transaction: the error as a sentence with its fix. */
  explain(error: unknown): Promise<unknown>
}

/** The engine rejected a record of these objects, or took one that it must not: they have to be validated. */
export class ValidationNeeded extends Error {
  override readonly name = 'ValidationNeeded'
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
