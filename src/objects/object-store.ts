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
 * Where the objects of a source are listed and read. Everything that reads throws a UserError if an object is not what was
 * listed any more, or can't be read.
 */
export interface ObjectStore {
  /** Every `.json` and `.json.gz` object, in order of the keys. Folder markers, empty objects and dot files are left out. */
  list(source: SourceName): Promise<SourceObject[]>
  /** The whole content as it is stored. For small objects. */
  read(object: SourceObject): Promise<Buffer>
  /** The content in pieces, decompressed. A piece holds until the next one is asked for. */
  stream(object: SourceObject): AsyncIterable<Buffer>
  /** A path on this machine at which the object lies as it is: its own if it is here, else `path`, where it is put. */
  localCopy(object: SourceObject, path: string): Promise<string>
  /** True if what is read through this store can only be the version that was listed. */
  readonly pinsVersions: boolean
  /** For what was read past this store, or one that does not pin versions. */
  verifyUnchanged(objects: readonly SourceObject[]): Promise<void>
}

export const notGzip = 'is not a whole gzip file'

/** An object that is not what its name says, so that no record of it can be read. */
export class UnreadableObject extends UserError {
  readonly object: SourceObject
  /** The predicate of a sentence about the object. */
  readonly reason: string

  constructor(object: SourceObject, reason: string, cause?: unknown) {
    super(`${object.key} ${reason}.`, { hint: 'Write it again at the source.', cause })
    this.object = object
    this.reason = reason
  }
}

/** True for the keys that are source objects: `.json` or `.json.gz`, and no part that starts with a dot. */
export function isSourceKey(key: string): boolean {
  return /\.json(\.gz)?$/.test(key) && !/(^|\/)\./.test(key)
}
