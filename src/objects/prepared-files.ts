import type { SourceObject } from './object-store.ts'
import type { ScannedObject } from './validate-object.ts'

/** Files of JSON lines that an engine reads in one statement. */
export interface PreparedFiles {
  /** Empty if no record of the objects can be loaded. */
  readonly paths: readonly string[]
  /** True if the files are the objects themselves, with records that may not be plain. */
  readonly inPlace: boolean
  readonly objects: readonly SourceObject[]
  /** One per object, in their order. Large files are scanned while the engine reads them. */
  readonly results: Promise<readonly ScannedObject[]>
}
