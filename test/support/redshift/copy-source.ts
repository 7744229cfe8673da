/** Where COPY reads: the role, the region, the manifest or prefix, and the errors of each as Redshift tells them. */
import { type CopyStatement, parseAddress, type S3Address } from './copy-statement.ts'
import { SqlError } from './messages.ts'

/** As whom COPY reads, and which region it turns to. */
export interface CopyReader {
  /** ARN, unless the statement gives keys. */
  readonly role: string | undefined
  readonly region: string
}

/** Where COPY reads: S3, or what stands for it. */
export interface ObjectReader {
  /** The object, or undefined if there is none. May throw an error whose name is S3's code, such as AccessDenied. */
  readObject(bucket: string, key: string, reader: CopyReader): Promise<Buffer | undefined>
  /** The keys that start with `prefix`. */
  listObjects(bucket: string, prefix: string, reader: CopyReader): Promise<readonly string[]>
}

export type RoleState = 'ok' | 'not-authorized' | 'not-associated'

export interface CopyEnvironment {
  readonly objects: ObjectReader
  /** Region of the cluster. */
  readonly region: string
  readonly bucketRegion: (bucket: string) => string | undefined
  readonly roleState: (arn: string) => RoleState
  readonly defaultRole: string | undefined
}

export const failure = (message: string, context: string, queryId: number) =>
  new SqlError('XX000', message, {
    detail: `\n  -----------------------------------------------\n  error:  ${message}\n  code:      8001\n  context:   ${context}\n  query:     ${queryId}\n  location:  redshift-double\n  process:   padbmaster [pid=1]\n  -----------------------------------------------`,
  })

const s3Error = (told: string, status: number, code: string) =>
  `S3ServiceException:${told},Status ${status},Error ${code},Rid 0123456789ABCDEF,ExtRid double,CanRetry 1`

const elsewhere =
  'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.'

export const noSuchKey = s3Error('The specified key does not exist.', 404, 'NoSuchKey')

/** The role that reads, the last one of a chain. */
function checkRole(
  { role }: CopyStatement,
  { roleState, defaultRole }: CopyEnvironment,
  queryId: number,
): string | undefined {
  if (role === undefined) return undefined
  const arn = role === 'default' ? defaultRole : role
  if (arn === undefined) throw failure('Default IAM role is not set for this cluster', 'IAM_ROLE default', queryId)
  for (const one of arn.split(',')) {
    if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/.test(one))
      throw failure(`Invalid IAM role ARN: ${one}`, 'IAM_ROLE', queryId)
    const state = roleState(one)
    if (state === 'ok') continue
    const told =
      state === 'not-authorized'
        ? `Not authorized to get credentials of role ${one}`
        : `The requested role ${one} is not associated to cluster`
    throw failure(
      `exception name : UnauthorizedException, error type : 138, message: ${told}, should retry : 0`,
      'IAM_ROLE',
      queryId,
    )
  }
  return arn.split(',').at(-1)
}

/** Objects as COPY sees them: only in the region it was told, or the cluster's. */
export class Source {
  readonly #objects: ObjectReader
  readonly #environment: CopyEnvironment
  readonly #reader: CopyReader
  readonly #queryId: number

  /** Throws if COPY can't have its role. */
  constructor(copy: CopyStatement, environment: CopyEnvironment, queryId: number) {
    const role = checkRole(copy, environment, queryId)
    this.#reader = { role, region: copy.region ?? environment.region }
    this.#objects = environment.objects
    this.#environment = environment
    this.#queryId = queryId
  }

  async read({ bucket, key }: S3Address): Promise<Buffer | undefined> {
    this.#checkRegion(bucket, key)
    return this.#ask(
      () => this.#objects.readObject(bucket, key, this.#reader),
      `S3 key being read : s3://${bucket}/${key}`,
    )
  }

  async list({ bucket, key }: S3Address): Promise<readonly string[]> {
    this.#checkRegion(bucket, key)
    return this.#ask(
      () => this.#objects.listObjects(bucket, key, this.#reader),
      `Listing bucket=${bucket} prefix=${key}`,
    )
  }

  #checkRegion(bucket: string, key: string): void {
    const region = this.#environment.bucketRegion(bucket)
    if (region === undefined || region === this.#reader.region) return
    throw failure(s3Error(elsewhere, 301, 'PermanentRedirect'), `Listing bucket=${bucket} prefix=${key}`, this.#queryId)
  }

  async #ask<T>(question: () => Promise<T>, context: string): Promise<T> {
    try {
      return await question()
    } catch (error) {
      const code = error instanceof Error ? error.name : 'InternalError'
      const known: Readonly<Record<string, readonly [string, number]>> = {
        AccessDenied: ['Access Denied', 403],
        PermanentRedirect: [elsewhere, 301],
        NoSuchBucket: ['The specified bucket does not exist', 404],
      }
      const [told, status] = known[code] ?? [error instanceof Error ? error.message : String(error), 500]
      throw failure(s3Error(told, status, code), context, this.#queryId)
    }
  }
}

export interface ManifestEntry {
  readonly address: S3Address
  readonly isMandatory: boolean
}

function parseManifest(bytes: Buffer, queryId: number): readonly ManifestEntry[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch {
    parsed = undefined
  }
  const entries = typeof parsed === 'object' && parsed !== null && 'entries' in parsed ? parsed.entries : undefined
  if (!Array.isArray(entries)) throw failure('Manifest file is not in correct json format', 'Manifest', queryId)
  return entries.map((entry: { url?: unknown; mandatory?: unknown }) => {
    const address = typeof entry.url === 'string' ? parseAddress(entry.url) : undefined
    if (address === undefined || address.key === '') {
      throw failure('COPY with MANIFEST parameter requires full path of an S3 object.', `url=${entry.url}`, queryId)
    }
    return { address, isMandatory: entry.mandatory === true }
  })
}

/** Which objects this COPY reads, in order. */
export async function findEntries(
  copy: CopyStatement,
  source: Source,
  queryId: number,
): Promise<readonly ManifestEntry[]> {
  const { bucket, key } = copy.source
  if (!copy.isManifest) {
    const keys = await source.list(copy.source)
    if (keys.length === 0) throw failure(`The specified S3 prefix '${key}' does not exist`, '', queryId)
    return keys.map((found) => ({ address: { bucket, key: found }, isMandatory: true }))
  }
  const bytes = await source.read(copy.source)
  if (bytes === undefined)
    throw failure(`Problem reading manifest file - ${noSuchKey}`, `s3://${bucket}/${key}`, queryId)
  return parseManifest(bytes, queryId)
}
