import type { Params } from './params.ts'
import type { Asked, WireRequest } from './protocols.ts'

/** Actions by method and sub-resource; the first whose query name is there is meant. */
const bucketActions: Record<string, Record<string, string>> = {
  GET: {
    location: 'GetBucketLocation',
    versioning: 'GetBucketVersioning',
    tagging: 'GetBucketTagging',
    encryption: 'GetBucketEncryption',
    publicAccessBlock: 'GetPublicAccessBlock',
    lifecycle: 'GetBucketLifecycleConfiguration',
    ownershipControls: 'GetBucketOwnershipControls',
    policyStatus: 'GetBucketPolicyStatus',
    policy: 'GetBucketPolicy',
    acl: 'GetBucketAcl',
    versions: 'ListObjectVersions',
    uploads: 'ListMultipartUploads',
    'list-type': 'ListObjectsV2',
    '': 'ListObjects',
  },
  PUT: {
    versioning: 'PutBucketVersioning',
    tagging: 'PutBucketTagging',
    encryption: 'PutBucketEncryption',
    publicAccessBlock: 'PutPublicAccessBlock',
    lifecycle: 'PutBucketLifecycleConfiguration',
    ownershipControls: 'PutBucketOwnershipControls',
    policy: 'PutBucketPolicy',
    '': 'CreateBucket',
  },
  DELETE: {
    tagging: 'DeleteBucketTagging',
    encryption: 'DeleteBucketEncryption',
    publicAccessBlock: 'DeletePublicAccessBlock',
    lifecycle: 'DeleteBucketLifecycle',
    ownershipControls: 'DeleteBucketOwnershipControls',
    policy: 'DeleteBucketPolicy',
    '': 'DeleteBucket',
  },
  HEAD: { '': 'HeadBucket' },
  POST: { delete: 'DeleteObjects' },
}

const objectActions: Record<string, Record<string, string>> = {
  GET: { '': 'GetObject' },
  HEAD: { '': 'HeadObject' },
  PUT: { partNumber: 'UploadPart', '': 'PutObject' },
  DELETE: { uploadId: 'AbortMultipartUpload', '': 'DeleteObject' },
  POST: { uploads: 'CreateMultipartUpload', uploadId: 'CompleteMultipartUpload' },
}

const parameterNames: Record<string, string> = {
  prefix: 'Prefix',
  delimiter: 'Delimiter',
  'max-keys': 'MaxKeys',
  'continuation-token': 'ContinuationToken',
  'start-after': 'StartAfter',
  marker: 'Marker',
  'encoding-type': 'EncodingType',
  'fetch-owner': 'FetchOwner',
  'key-marker': 'KeyMarker',
  versionId: 'VersionId',
  uploadId: 'UploadId',
  uploads: 'uploads',
}

const parameterHeaders: Record<string, string> = {
  range: 'Range',
  'if-match': 'IfMatch',
  'if-none-match': 'IfNoneMatch',
  'x-amz-expected-bucket-owner': 'ExpectedBucketOwner',
}

/** Reads what an S3 request asks for from its method, host, path, query and headers. */
export function readS3({ method, path, query, headers, body }: WireRequest): Asked {
  const { bucket, key } = bucketAndKey(path, String(headers.host ?? ''))
  const params: Params = {}
  if (bucket !== '') params.Bucket = bucket
  if (key !== '') params.Key = key
  const present = new Set<string>()
  // Most requests have no query but the SDK's `x-id`: they are read without parsing it.
  if (query !== '' && !/^x-id=\w+$/.test(query))
    for (const [name, value] of new URLSearchParams(query)) {
      present.add(name)
      const parameter = parameterNames[name]
      if (parameter !== undefined) params[parameter] = value
    }
  for (const name in parameterHeaders) {
    const value = headers[name]
    const parameter = parameterHeaders[name]
    if (typeof value === 'string' && parameter !== undefined) params[parameter] = value
  }
  const action = actionOf(method, bucket, key, present)
  // Tags given to a new bucket need a permission of their own, so they are a parameter like those of other services.
  if (action === 'CreateBucket') params.Tags = tagsIn(body.toString())
  return { action, params }
}

function tagsIn(body: string): Params[] {
  return [...body.matchAll(/<Tag><Key>(.*?)<\/Key><Value>(.*?)<\/Value><\/Tag>/gs)].map(([, Key, Value]) => ({
    Key,
    Value,
  }))
}

function actionOf(method: string, bucket: string, key: string, present: ReadonlySet<string>): string {
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : `${method} service`
  const table = (key === '' ? bucketActions : objectActions)[method] ?? {}
  for (const name in table) if (name === '' || present.has(name)) return table[name] ?? ''
  return `${method} ${key === '' ? 'bucket' : 'object'}`
}

/** Path style, or the bucket in front of the host name. An address or a bare `localhost` never holds a bucket. */
function bucketAndKey(path: string, host: string): { bucket: string; key: string } {
  const name = host.replace(/:\d+$/, '')
  const inHost =
    /^\d+(\.\d+){3}$|^\[/.test(name) || !name.includes('.') ? undefined : /^(.+?)(\.s3[.-].*|\.localhost)$/.exec(name)
  if (inHost?.[1] !== undefined && !inHost[1].startsWith('s3.'))
    return { bucket: inHost[1], key: decode(path.slice(1)) }
  const end = path.indexOf('/', 1)
  if (end === -1) return { bucket: decode(path.slice(1)), key: '' }
  return { bucket: decode(path.slice(1, end)), key: decode(path.slice(end + 1)) }
}

function decode(text: string): string {
  return text.includes('%') ? decodeURIComponent(text) : text
}

/** The content of an upload: the body as it is, or taken out of the `aws-chunked` frames in which the SDK sends streams. */
export function uploadedContent({ headers, body }: WireRequest): { content: Buffer; trailers: Record<string, string> } {
  if (
    !String(headers['content-encoding'] ?? '').includes('aws-chunked') &&
    headers['x-amz-decoded-content-length'] === undefined
  )
    return { content: body, trailers: {} }
  const chunks: Buffer[] = []
  let at = 0
  while (at < body.length) {
    const lineEnd = body.indexOf('\r\n', at)
    if (lineEnd === -1) break
    const size = Number.parseInt(body.subarray(at, lineEnd).toString(), 16)
    at = lineEnd + 2
    if (!(size > 0)) break
    chunks.push(body.subarray(at, at + size))
    at += size + 2
  }
  const trailers: Record<string, string> = {}
  for (const line of body.subarray(at).toString().split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { content: Buffer.concat(chunks), trailers }
}
