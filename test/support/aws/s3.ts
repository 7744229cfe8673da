import type { Params } from './params.ts'
import { type Service, toXml, type WireReply, type WireRequest } from './protocols.ts'
import { parseXml, tagsIn, xmlHeaders } from './s3-access.ts'
import { bucketHandlers } from './s3-buckets.ts'
import { objectHandlers } from './s3-objects.ts'

/** Settings of a bucket, by the name of the sub-resource in the query: the name in their actions. */
const settings: Readonly<Record<string, string>> = {
  tagging: 'BucketTagging',
  encryption: 'BucketEncryption',
  publicAccessBlock: 'PublicAccessBlock',
  lifecycle: 'BucketLifecycleConfiguration',
  policy: 'BucketPolicy',
}

/** The other actions: method, `bucket` or `object`, and the name in the query that makes it this one. */
const actions: Readonly<Record<string, string>> = {
  'GET bucket versions': 'ListObjectVersions',
  'GET bucket uploads': 'ListMultipartUploads',
  'GET bucket list-type': 'ListObjectsV2',
  'PUT bucket': 'CreateBucket',
  'DELETE bucket': 'DeleteBucket',
  'HEAD bucket': 'HeadBucket',
  'POST bucket delete': 'DeleteObjects',
  'GET object': 'GetObject',
  'PUT object': 'PutObject',
  'DELETE object uploadId': 'AbortMultipartUpload',
}

/** What beside bucket and key is a parameter, in query and headers. */
const parameters: Readonly<Record<string, string>> = {
  prefix: 'Prefix',
  'max-keys': 'MaxKeys',
  'continuation-token': 'ContinuationToken',
  uploadId: 'UploadId',
  range: 'Range',
  'if-match': 'IfMatch',
  'if-none-match': 'IfNoneMatch',
  'x-amz-expected-bucket-owner': 'ExpectedBucketOwner',
}

/** Reads what a request asks for from its method, path, query and headers. */
function read(request: WireRequest): { action: string; params: Params } {
  const { method, path, query, headers } = request
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(path)) ?? []
  const params: Params = { Bucket: bucket, ...(key !== '' && { Key: key }) }
  const thing = `${method} ${key === '' ? 'bucket' : 'object'}`
  let action = actions[thing]
  for (const [name, value] of new URLSearchParams(query)) {
    const setting = key === '' ? settings[name] : undefined
    const parameter = parameters[name]
    action = actions[`${thing} ${name}`] ?? (setting && `${method === 'GET' ? 'Get' : 'Put'}${setting}`) ?? action
    if (parameter !== undefined) params[parameter] = value
    else if (setting === undefined && actions[`${thing} ${name}`] === undefined && name !== 'x-id') params[name] = value
  }
  for (const [name, value] of Object.entries(headers)) {
    const parameter = parameters[name]
    if (parameter !== undefined) params[parameter] = value
  }
  // Tags given to a new bucket need a permission of their own, so they are a parameter like those of other services.
  if (action === 'CreateBucket') params.Tags = tagsIn(parseXml(request).CreateBucketConfiguration, 'Tags')
  return { action: action ?? thing, params }
}

/** S3: buckets and objects, over REST and XML. */
export const s3: Service = {
  name: 's3',
  handlers: { ...bucketHandlers, ...objectHandlers },
  read,
  reply: (_action, result) => result as WireReply,
  fail({ code, message, status, headers }, { method }) {
    // A HEAD has no body, so its caller learns nothing but the status.
    const body = method === 'HEAD' ? '' : toXml({ Error: { Code: code, Message: message } })
    return { status, headers: { ...xmlHeaders, ...headers }, body }
  },
}
