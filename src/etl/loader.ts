import type { SourceObject } from '../objects/object-store.ts'
import type { RejectedRecord } from '../objects/validate-object.ts'
import type { StagingTable, Table, Value } from '../schema/index.ts'

/** What became of an object: the records that were staged, null if the engine doesn't tell, and those that were rejected. */
interface ObjectResult {
  readonly records: number | null
  readonly rejected: readonly RejectedRecord[]
}

export type ObjectResults = Map<SourceObject, ObjectResult>

/** What was copied into a staging table. */
interface Copied {
  readonly records: number
  /** The time that it took; ms. */
  readonly milliseconds: number
  readonly results: ObjectResults
}

/**
 * Empties a staging table and copies objects of a load into it. Sends its statements before it waits for anything.
 *
 * @throws UserError if an object has changed since it was listed.
 * @throws Error that the loader's `objectsToValidate` understands, if an object has a record that can't be loaded.
 */
export type Copy = (
  table: StagingTable,
  objects: readonly SourceObject[],
  onProgress: (copied: number) => void,
) => Promise<Copied>

/** How objects get into the staging tables. Each engine has one. */
export interface Loader {
  /**
   * True if the staging tables are filled one after the other, those of the first load before the transaction begins: DuckDB uses a
   * single core to read rows that were inserted in the same transaction.
   */
  readonly stagesFirst: boolean
  /**
   * Prepares the files of a load before the transaction begins. Validates every record of `objectsToValidate` and leaves out those
   * that can't be loaded; the copy reports them as rejected.
   */
  prepare(loadId: string, objects: readonly SourceObject[], objectsToValidate: ReadonlySet<SourceObject>): Promise<Copy>
  /**
   * Prepares rows for a table; each has a value for every column, in the same order. The answer adds them, inside the transaction of the
   * load.
   */
  prepareRows(loadId: string, table: Table, rows: readonly (readonly Value[])[]): Promise<() => Promise<void>>
  /** After a failed transaction: the objects that may have records that can't be loaded; none if it failed for another reason. */
  objectsToValidate(error: unknown): Promise<readonly SourceObject[]>
  /** After a failed transaction: the error with cause and fix. */
  explain(error: unknown): Promise<unknown>
}

/** These objects have a line that isn't plain, or one that the engine rejected or accepted against the rules: validate every record. */
export class ValidationNeeded extends Error {
  override readonly name = 'ValidationNeeded'
  readonly objects: readonly SourceObject[]

  constructor(objects: readonly SourceObject[], cause?: unknown) {
    super(`One of ${objects.length} objects has a line that must be validated.`, { cause })
    this.objects = objects
  }
}
