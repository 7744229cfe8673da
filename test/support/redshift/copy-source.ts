/** Where COPY reads: the role, the region, the manifest, and the errors of each as Redshift tells them. */
import { type CopyStatement, parseAddress, type S3Address } from './copy-statement.ts'
import { SqlError } from './messages.ts'

export interface CopyEnvironment {
  /** The object, or undefined if there is none. */
  readonly readObject: (bucket: string, key: string) => Promise<Buffer | undefined>
  /** Region of a bucket; undefined means where the cluster is. */
  readonly bucketRegion: (bucket: string) => string | undefined
  /** Whether COPY can use a role. May change its mind between two calls. */
  readonly roleState: (arn: string) => 'ok' | 'not-authorized'
}

export const failure = (message: string, context = '', code = 8001) =>
  new SqlError('XX000', message, { detail: `error: ${message}, code: ${code}, context: ${context}` })

const s3Error = (told: string, status: number, code: string) =>
  `S3ServiceException:${told},Status ${status},Error ${code},Rid 0123456789ABCDEF,ExtRid double,CanRetry 1`

const elsewhere =
  'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.'

/** Objects as COPY sees them: only in the region it was told. */
export class Source {
  readonly #copy: CopyStatement
  readonly #environment: CopyEnvironment

  /** Throws if COPY can't have its role. */
  constructor(copy: CopyStatement, environment: CopyEnvironment) {
    this.#copy = copy
    this.#environment = environment
    if (environment.roleState(copy.role) === 'ok') return
    const told = `Not authorized to get credentials of role ${copy.role}`
    throw failure(`exception name : UnauthorizedException, error type : 138, message: ${told}, should retry : 0`)
  }

  /** Undefined if the object doesn't exist. */
  async find({ bucket, key }: S3Address): Promise<Buffer | undefined> {
    const region = this.#environment.bucketRegion(bucket)
    if (region !== undefined && region !== this.#copy.region)
      throw failure(s3Error(elsewhere, 301, 'PermanentRedirect'), `Listing bucket=${bucket} prefix=${key}`)
    return this.#environment.readObject(bucket, key)
  }

  /** Reads JSON that has the list `name`: the manifest, the paths. */
  async readList(address: S3Address, name: string): Promise<readonly unknown[]> {
    const bytes = await this.find(address)
    const context = `S3 key being read : s3://${address.bucket}/${address.key}`
    if (bytes === undefined) throw failure(s3Error('The specified key does not exist.', 404, 'NoSuchKey'), context)
    const list = JSON.parse(bytes.toString('utf8'))[name]
    if (!Array.isArray(list)) throw failure(`${name} is not in correct json format`, context)
    return list
  }
}

export interface ManifestEntry {
  readonly address: S3Address
  readonly isMandatory: boolean
}

/** Which objects this COPY reads, in order. */
export async function findEntries({ manifest }: CopyStatement, source: Source): Promise<readonly ManifestEntry[]> {
  const entries = (await source.readList(manifest, 'entries')) as readonly { url: string; mandatory?: boolean }[]
  return entries.map(({ url, mandatory }) => ({ address: parseAddress(url), isMandatory: mandatory === true }))
}

/** The keys of the fields that make the columns. Paths are `$['key']`. */
export async function findKeys({ jsonpaths, columns }: CopyStatement, source: Source): Promise<readonly string[]> {
  const paths = await source.readList(jsonpaths, 'jsonpaths')
  if (paths.length !== columns.length) {
    const counts = `JSONPath size: ${paths.length}, Number of columns in table or column list: ${columns.length}`
    throw failure(`Number of jsonpaths and the number of columns should match. ${counts}`)
  }
  return paths.map((path) => {
    const key = /^\$\['([^']+)'\]$/.exec(String(path))?.[1]
    if (key === undefined) throw failure(`Invalid JSONPath format, or the double doesn't know it: ${path}`)
    return key
  })
}
