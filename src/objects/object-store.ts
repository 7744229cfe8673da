import { UserError } from '../errors.ts'
import type { SourceName } from '../schema/index.ts'

/** One object of a source, as it was when it was listed. */
export interface SourceObject {
  readonly source: SourceName
  /** Absolute path, or `s3://bucket/key`. */
  readonly key: string
  /** Changes whenever the content does: the ETag in S3, size and modification time of a local file. */
  readonly etag: string
  readonly bytes: number
  /** ISO 8601, UTC. */
  readonly modifiedAt: string
}

/** What lies below a source. Empty objects, and what belongs to names that begin with a dot or an underscore, is in neither list. */
export interface Listing {
  /** The objects with records, in order of the keys: `.json`, `.jsonl` and `.ndjson`, also with `.gz`, in any case. */
  readonly objects: readonly SourceObject[]
  /** The other objects, with the predicate of a sentence about each. */
  readonly skipped: readonly { readonly key: string; readonly reason: string }[]
}

/**
 * Lists and reads the objects of a source. Everything that reads throws a UserError if an object has changed since it was listed,
 * or can't be read.
 */
export interface ObjectStore {
  list(source: SourceName): Promise<Listing>
  /** The whole content as it is stored. For small objects. */
  read(object: SourceObject): Promise<Buffer>
  /** The content in pieces, decompressed. A piece is only valid until the next one is read. */
  stream(object: SourceObject): AsyncIterable<Buffer>
  /** The path of a local file with the stored bytes: the object itself if it is local, else `path`, to which it is downloaded. */
  localCopy(object: SourceObject, path: string): Promise<string>
  /** True if every read of this store returns the listed version or fails. */
  readonly pinsVersions: boolean
  /** Verifies that the objects still are what was listed, for objects that were read in another way. */
  verifyUnchanged(objects: readonly SourceObject[]): Promise<void>
}

export const notGzip = 'is not a complete gzip file'

/** No record of the object can be read. */
export class UnreadableObject extends UserError {
  readonly object: SourceObject
  /** The predicate of a sentence about the object. */
  readonly reason: string

  constructor(object: SourceObject, reason: string, cause?: unknown) {
    super(`${object.key} ${reason}.`, { hint: 'Replace it at the source.', cause })
    this.object = object
    this.reason = reason
  }
}

/** Objects that can't be read, or are no longer what was listed. The others can be loaded without them. */
export class ObjectsUnavailable extends UserError {
  readonly objects: readonly SourceObject[]
  /** The predicate of a sentence about each. */
  readonly reason: string

  constructor(objects: readonly SourceObject[], reason = 'changed while it was being loaded', cause?: unknown) {
    super(`${objects[0]?.key} ${reason}.`, { hint: 'When the source is complete, run: npm run etl', cause })
    this.objects = objects
    this.reason = reason
  }
}

export const otherName = 'has another name'

/** What the name of an object says: it has records, it is hidden, or it is something else. */
export function kindOf(key: string): 'records' | 'hidden' | 'other' {
  if (/(^|\/)[._]/.test(key) || key.endsWith('/')) return 'hidden'
  return /\.(json|jsonl|ndjson)(\.gz)?$/i.test(key) ? 'records' : 'other'
}

export const isGzip = ({ key }: Pick<SourceObject, 'key'>) => /\.gz$/i.test(key)
