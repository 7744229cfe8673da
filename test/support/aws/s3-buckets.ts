import { AwsError } from './errors.ts'
import { required, text } from './params.ts'
import { bucketOf, ownBucket, parseXml, type S3Handler, xmlReply } from './s3-access.ts'
import { Bucket } from './s3-bucket.ts'
import { s3Document } from './s3-listing.ts'

interface CreateBucketBody {
  CreateBucketConfiguration?: {
    LocationConstraint?: string
    Tags?: { Tag?: { Key: string; Value: string }[] }
  }
}

export const createBucket: S3Handler = ({ params, context: { state, region, caller }, request }) => {
  if (caller === undefined) throw new AwsError('AccessDenied', 'Access Denied', 403)
  const name = required(params, 'Bucket')
  const { account } = state.settings
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
    throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', 400, {
      details: { BucketName: name },
    })
  const configuration = (parseXml(request.body) as CreateBucketBody).CreateBucketConfiguration
  const place = configuration?.LocationConstraint ?? 'us-east-1'
  if (place !== region.name)
    throw new AwsError(
      'IllegalLocationConstraintException',
      `The ${configuration?.LocationConstraint ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    )
  const existing = state.buckets.get(name)
  if (existing !== undefined && existing.owner !== account)
    throw new AwsError(
      'BucketAlreadyExists',
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      409,
      { details: { BucketName: name } },
    )
  // In us-east-1 alone creating one's own bucket again succeeds.
  if (existing !== undefined && region.name !== 'us-east-1')
    throw new AwsError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { details: { BucketName: name } },
    )
  if (existing === undefined) {
    const bucket = new Bucket(name, 'created', { region: region.name, owner: account })
    bucket.tags = (configuration?.Tags?.Tag ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }))
    state.buckets.set(name, bucket)
  }
  return { status: 200, headers: { location: `/${name}` }, body: '' }
}

export const headBucket: S3Handler = (call) => {
  const { region } = bucketOf(call)
  return { status: 200, headers: { 'x-amz-bucket-region': region, 'content-type': 'application/xml' }, body: '' }
}

export const deleteBucket: S3Handler = (call) => {
  const bucket = ownBucket(call)
  // Uploads that were never finished don't keep a bucket alive; objects do.
  if (bucket.size > 0)
    throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
      details: { BucketName: bucket.name },
    })
  call.context.state.buckets.delete(bucket.name)
  return { status: 204, headers: {}, body: '' }
}

export const listMultipartUploads: S3Handler = (call) => {
  const bucket = ownBucket(call)
  return xmlReply(
    s3Document('ListMultipartUploadsResult', {
      Bucket: bucket.name,
      Prefix: text(call.params, 'Prefix'),
      MaxUploads: 1000,
      IsTruncated: false,
      Upload: [...bucket.uploads].map(([id, { key, startedAt }]) => ({
        Key: key,
        UploadId: id,
        Initiated: startedAt,
        StorageClass: 'STANDARD',
      })),
    }),
  )
}

function missing(code: string, message: string): AwsError {
  return new AwsError(code, message, 404)
}

function tagDocument(bucket: Bucket): string | undefined {
  if (bucket.tags.length === 0) return undefined
  const tags = bucket.tags.map(({ key, value }) => ({ Key: key, Value: value }))
  return s3Document('Tagging', { TagSet: { Tag: tags } })
}

interface SubResource {
  put: string
  get: string
  delete: string
  /** What a new bucket has, or the error for having none. */
  initial: string | AwsError
  putStatus?: number
}

/** Settings that are put, shown as they were put, and deleted. */
const subResources: Record<string, SubResource> = {
  tagging: {
    put: 'PutBucketTagging',
    get: 'GetBucketTagging',
    delete: 'DeleteBucketTagging',
    initial: missing('NoSuchTagSet', 'The TagSet does not exist'),
    putStatus: 204,
  },
  // Since 2023 every bucket is encrypted, blocks public access and has one owner from the start.
  encryption: {
    put: 'PutBucketEncryption',
    get: 'GetBucketEncryption',
    delete: 'DeleteBucketEncryption',
    initial: s3Document('ServerSideEncryptionConfiguration', {
      Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false },
    }),
  },
  publicAccessBlock: {
    put: 'PutPublicAccessBlock',
    get: 'GetPublicAccessBlock',
    delete: 'DeletePublicAccessBlock',
    initial: s3Document('PublicAccessBlockConfiguration', {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    }),
  },
  ownershipControls: {
    put: 'PutBucketOwnershipControls',
    get: 'GetBucketOwnershipControls',
    delete: 'DeleteBucketOwnershipControls',
    initial: s3Document('OwnershipControls', { Rule: { ObjectOwnership: 'BucketOwnerEnforced' } }),
  },
  lifecycle: {
    put: 'PutBucketLifecycleConfiguration',
    get: 'GetBucketLifecycleConfiguration',
    delete: 'DeleteBucketLifecycle',
    initial: missing('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'),
  },
  versioning: {
    put: 'PutBucketVersioning',
    get: 'GetBucketVersioning',
    delete: '',
    initial: s3Document('VersioningConfiguration', {}),
  },
  // The text of a policy is kept, not applied: who may read is the bucket's `public`.
  policy: {
    put: 'PutBucketPolicy',
    get: 'GetBucketPolicy',
    delete: 'DeleteBucketPolicy',
    initial: missing('NoSuchBucketPolicy', 'The bucket policy does not exist'),
    putStatus: 204,
  },
}

/** The handlers of all settings. */
export const bucketConfiguration: Readonly<Record<string, S3Handler>> = Object.fromEntries(
  Object.entries(subResources).flatMap(([name, resource]): [string, S3Handler][] => [
    [
      resource.put,
      (call) => {
        const bucket = ownBucket(call)
        const body = call.request.body.toString()
        verifyDocument(name, call.request.body)
        if (name === 'tagging') {
          const { Tagging } = parseXml(call.request.body) as {
            Tagging?: { TagSet?: { Tag?: { Key: string; Value: string }[] } }
          }
          bucket.tags = (Tagging?.TagSet?.Tag ?? []).map(({ Key, Value }) => ({ key: Key, value: String(Value) }))
        } else bucket.configuration.set(name, body)
        return { status: resource.putStatus ?? 200, headers: {}, body: '' }
      },
    ],
    [
      resource.get,
      (call) => {
        const bucket = ownBucket(call)
        const document = name === 'tagging' ? tagDocument(bucket) : bucket.configuration.get(name)
        if (document !== undefined) return xmlReply(document)
        if (resource.initial instanceof AwsError) throw missing(resource.initial.code, resource.initial.message)
        return xmlReply(resource.initial)
      },
    ],
    [
      resource.delete,
      (call) => {
        const bucket = ownBucket(call)
        bucket.configuration.delete(name)
        if (name === 'tagging') bucket.tags = []
        return { status: 204, headers: {}, body: '' }
      },
    ],
  ]),
)

const roots: Record<string, string> = {
  tagging: 'Tagging',
  encryption: 'ServerSideEncryptionConfiguration',
  publicAccessBlock: 'PublicAccessBlockConfiguration',
  ownershipControls: 'OwnershipControls',
  lifecycle: 'LifecycleConfiguration',
  versioning: 'VersioningConfiguration',
}

function verifyDocument(name: string, body: Buffer): void {
  if (name === 'policy') {
    try {
      JSON.parse(body.toString())
    } catch {
      throw new AwsError('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'")
    }
    return
  }
  const root = parseXml(body)[roots[name] ?? '']
  const rules = name === 'lifecycle' ? (root as { Rule?: unknown[] } | undefined)?.Rule : []
  if (root === undefined || rules === undefined)
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
}
