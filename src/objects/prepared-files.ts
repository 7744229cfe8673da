import type { SourceObject } from './object-store.ts'
import type { ObjectResult } from './validate-object.ts'

/** Files of JSON lines that an engine reads in one statement. */
export interface PreparedFiles {
  /** Empty if no record of the objects can be loaded. */
  readonly paths: readonly string[]
  readonly objects: readonly SourceObject[]
  /** One per object, in their order. Large files are scanned while the engine reads them. */
  readonly results: Promise<readonly ScannedObject[]>
}

export interface ScannedObject extends ObjectResult {
  /** True if the engine may accept an invalid record of it: the object has to be validated. */
  readonly isSuspicious: boolean
}
