import { AwsError } from './errors.ts'
import { records, required, tags } from './params.ts'
import type { Handlers } from './protocols.ts'
import { bucketOf, denied, emptyReply, ownBucket, parseXml, tagsIn, xmlReply } from './s3-access.ts'
import { Bucket } from './s3-bucket.ts'

/** A setting that is put, and shown as it was put: its root element, and what a new bucket has, or the error for having none. */
interface Setting {
  action: string
  name: string
  root: string
  initial: object | [code: string, message: string]
  putStatus: number
}

/** Since 2023 every bucket is encrypted and blocks public access from the start. */
const settings: readonly Setting[] = [
  {
    action: 'BucketTagging',
    name: 'tagging',
    root: 'Tagging',
    initial: ['NoSuchTagSet', 'The TagSet does not exist'],
    putStatus: 204,
  },
  {
    action: 'BucketEncryption',
    name: 'encryption',
    root: 'ServerSideEncryptionConfiguration',
    initial: { Rule: { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false } },
    putStatus: 200,
  },
  {
    action: 'PublicAccessBlock',
    name: 'publicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    initial: Object.fromEntries(
      ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'].map((key) => [key, true]),
    ),
    putStatus: 200,
  },
  {
    action: 'BucketLifecycleConfiguration',
    name: 'lifecycle',
    root: 'LifecycleConfiguration',
    initial: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
    putStatus: 200,
  },
  // The text of a policy is kept, not applied: who may read is the bucket's `public`.
  {
    action: 'BucketPolicy',
    name: 'policy',
    root: 'Version',
    initial: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
    putStatus: 204,
  },
]

function settingHandlers({ action, name, root, initial, putStatus }: Setting): Handlers {
  return {
    [`Put${action}`](params, context) {
      const bucket = ownBucket(params, context)
      const { request } = context
      const document = (name === 'policy' ? JSON.parse(request.body.toString()) : parseXml(request)) as object
      if (!(root in document)) throw new AwsError('MalformedXML', 'The XML you provided was not well-formed')
      if (name === 'tagging') bucket.tags = tags({ TagSet: tagsIn(parseXml(request).Tagging, 'TagSet') }, 'TagSet')
      else bucket.configuration.set(name, request.body.toString())
      return emptyReply(putStatus)
    },
    [`Get${action}`](params, context) {
      const bucket = ownBucket(params, context)
      const put = bucket.configuration.get(name)
      if (put !== undefined) return { status: 200, headers: {}, body: put }
      if (name === 'tagging' && bucket.tags.length > 0) {
        const Tag = bucket.tags.map(({ key, value }) => ({ Key: key, Value: value }))
        return xmlReply(root, { TagSet: { Tag } })
      }
      if (Array.isArray(initial)) throw new AwsError(initial[0], initial[1], 404)
      return xmlReply(root, initial)
    },
  }
}

/** What S3 answers about buckets. */
export const bucketHandlers: Handlers = {
  CreateBucket(params, { state, region, caller, request }) {
    if (caller === undefined) throw denied()
    const name = required(params, 'Bucket')
    const owner = state.settings.account
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..'))
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.')
    const { CreateBucketConfiguration: given } = parseXml(request)
    const { LocationConstraint: place = 'us-east-1' } = (given ?? {}) as { LocationConstraint?: string }
    if (place !== region.name)
      throw new AwsError(
        'IllegalLocationConstraintException',
        `The ${place} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      )
    const existing = state.buckets.get(name)
    if (existing !== undefined && existing.owner !== owner)
      throw new AwsError('BucketAlreadyExists', 'The requested bucket name is not available.', 409)
    // In us-east-1 alone creating one's own bucket again succeeds.
    if (existing !== undefined && region.name !== 'us-east-1')
      throw new AwsError('BucketAlreadyOwnedByYou', 'You already own the bucket.', 409)
    const bucket = existing ?? new Bucket(name, 'created', { region: region.name, owner })
    if (existing === undefined) bucket.tags = tags({ Tags: records(params, 'Tags') }, 'Tags')
    state.buckets.set(name, bucket)
    return emptyReply(200, { location: `/${name}` })
  },
  HeadBucket: (params, context) => emptyReply(200, { 'x-amz-bucket-region': bucketOf(params, context).region }),
  DeleteBucket(params, context) {
    const bucket = ownBucket(params, context)
    // Uploads that were never finished don't keep a bucket alive; objects do.
    if (bucket.keys().length > 0)
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409)
    context.state.buckets.delete(bucket.name)
    return emptyReply(204)
  },
  ListMultipartUploads(params, context) {
    const { name, uploads } = ownBucket(params, context)
    const Upload = [...uploads].map(([UploadId, { key, startedAt }]) => ({ Key: key, UploadId, Initiated: startedAt }))
    return xmlReply('ListMultipartUploadsResult', { Bucket: name, IsTruncated: false, Upload })
  },
  AbortMultipartUpload(params, context) {
    required(params, 'Key')
    if (!ownBucket(params, context).uploads.delete(required(params, 'UploadId')))
      throw new AwsError('NoSuchUpload', 'The specified upload does not exist.', 404)
    return emptyReply(204)
  },
  ...Object.assign({}, ...settings.map(settingHandlers)),
}
