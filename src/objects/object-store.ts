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

/** Where the objects of a source are listed and read. */
export interface ObjectStore {
  /** Every `.json` and `.json.gz` object, in order of the keys. Folder markers, empty objects and dot files are left out. */
  list(source: SourceName): Promise<SourceObject[]>
  /** The content of an object, decompressed. @throws UserError if it is not what was listed any more. */
  read(object: SourceObject): Promise<Buffer>
  /** The path by which an engine in this process can read the object itself; undefined if it can't. */
  localPath(object: SourceObject): string | undefined
  /** @throws UserError if one of the objects is not what was listed any more. */
  verifyUnchanged(objects: readonly SourceObject[]): Promise<void>
}

/** True for the keys that are source objects: `.json` or `.json.gz`, nothing that starts with a dot. */
export function isSourceKey(key: string): boolean {
  return /\.json(\.gz)?$/.test(key) && !/(^|\/)\.[^/]*/.test(key)
}
