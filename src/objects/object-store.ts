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

/**
 * Lists and reads the objects of a source. Everything that reads throws a UserError if an object has changed since it was listed,
 * or can't be read.
 */
export interface ObjectStore {
  /** Every `.json` and `.json.gz` object, in order of the keys. Folder markers, empty objects and dot files are left out. */
  list(source: SourceName): Promise<SourceObject[]>
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

/** The object is no longer what was listed. */
export function changedObject(
  { key }: SourceObject,
  how: 'changed' | 'vanished' = 'changed',
  cause?: unknown,
): UserError {
  return new UserError(`${key} ${how} while it was being loaded. Nothing was loaded.`, {
    hint: 'When the source is complete, run: npm run etl',
    cause,
  })
}

/** True for the keys of source objects: they end with `.json` or `.json.gz`, and no part starts with a dot. */
export function isSourceKey(key: string): boolean {
  return /\.json(\.gz)?$/.test(key) && !/(^|\/)\./.test(key)
}
