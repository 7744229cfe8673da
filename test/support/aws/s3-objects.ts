import { AwsError } from './errors.ts'
import { integer, type Params, required, text } from './params.ts'
import type { Handlers, WireReply, WireRequest } from './protocols.ts'
import { bucketOf, denied, emptyReply, ownBucket, parseXml, xmlReply } from './s3-access.ts'
import { type Bucket, compareKeys, md5 } from './s3-bucket.ts'

const noSuchKey = () => new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
const preconditionFailed = () =>
  new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)

/** One page of the keys under a prefix, shown as listings show objects. */
function listKeys(bucket: Bucket, params: Params, after: string) {
  const limit = integer(params, 'MaxKeys') ?? 1000
  const prefix = text(params, 'Prefix') ?? ''
  const isNext = (key: string) => key.startsWith(prefix) && (after === '' || compareKeys(key, after) > 0)
  const found = bucket.keys().filter(isNext)
  const page = found.slice(0, limit)
  const objects = page.map((key) => {
    const object = bucket.get(key)
    return { Key: key, LastModified: object?.modifiedAt, ETag: object?.etag, Size: object?.size }
  })
  const last = found.length > limit ? page.at(-1) : undefined
  const head = { Name: bucket.name, Prefix: prefix, MaxKeys: limit, IsTruncated: last !== undefined }
  return { head, objects, last }
}

/** The bytes of a range: `bytes=100-199` or `bytes=100-`. */
function rangeIn(range: string, size: number): { start: number; end: number } {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? []
  const [start, end] = [Number(from), to ? Math.min(Number(to), size - 1) : size - 1]
  if (!(start <= end)) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416)
  return { start, end }
}

/** The content of an upload: the body as it is, or taken out of the `aws-chunked` frames in which the SDK sends streams. */
function uploadedContent({ headers, body }: WireRequest): Buffer {
  if (headers['x-amz-decoded-content-length'] === undefined) return body
  const chunks: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, lineEnd).toString(), 16)
    if (!(size > 0)) break
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
  return Buffer.concat(chunks)
}

function keysToDelete(request: WireRequest): string[] {
  const { Delete } = parseXml(request) as { Delete?: { Object?: { Key: string }[] } }
  return (Delete?.Object ?? []).map(({ Key }) => Key)
}

/** DeleteObjects without s3:DeleteObject succeeds as a call and fails for every single object. */
export function refuseObjects(request: WireRequest): WireReply {
  const errors = keysToDelete(request).map((Key) => ({ Key, Code: 'AccessDenied', Message: 'Access Denied' }))
  return xmlReply('DeleteResult', { Error: errors })
}

/** What S3 answers about objects. */
export const objectHandlers: Handlers = {
  /** The continuation token is opaque: the key after which the next page begins, in disguise. */
  ListObjectsV2(params, context) {
    const token = text(params, 'ContinuationToken') ?? ''
    const { head, objects, last } = listKeys(
      bucketOf(params, context),
      params,
      Buffer.from(token, 'base64url').toString(),
    )
    const next = last === undefined ? undefined : Buffer.from(last).toString('base64url')
    return xmlReply('ListBucketResult', { ...head, NextContinuationToken: next, Contents: objects })
  },
  /** In a bucket without versioning every object is its own `null` version. Callers delete what they were shown and ask again. */
  ListObjectVersions(params, context) {
    const { head, objects } = listKeys(ownBucket(params, context), params, '')
    const Version = objects.map((object) => ({ ...object, VersionId: 'null', IsLatest: true }))
    return xmlReply('ListVersionsResult', { ...head, Version })
  },
  GetObject(params, context) {
    const { state } = context
    const object = bucketOf(params, context).get(required(params, 'Key'))
    // Who may not list may not learn what is missing either.
    if (object === undefined) throw state.isDenied('s3:ListBucket') ? denied() : noSuchKey()
    const content = object.read()
    if (content === undefined) throw noSuchKey()
    // Of what is sent, not of what is remembered: a file may change between two looks at it.
    const etag = md5(content)
    if ((text(params, 'IfMatch') ?? etag) !== etag) throw preconditionFailed()
    const headers = { etag, 'last-modified': object.modifiedAt.toUTCString(), 'accept-ranges': 'bytes' }
    const range = text(params, 'Range')
    if (range === undefined) return { status: 200, headers, body: content }
    const { start, end } = rangeIn(range, content.length)
    const place = { 'content-range': `bytes ${start}-${end}/${content.length}` }
    return { status: 206, headers: { ...headers, ...place }, body: content.subarray(start, end + 1) }
  },
  PutObject(params, context) {
    const object = ownBucket(params, context).put(required(params, 'Key'), uploadedContent(context.request))
    return emptyReply(200, { etag: object.etag, 'x-amz-server-side-encryption': 'AES256' })
  },
  DeleteObjects(params, context) {
    const bucket = ownBucket(params, context)
    const keys = keysToDelete(context.request)
    if (keys.length === 0 || keys.length > 1000)
      throw new AwsError('MalformedXML', 'The XML you provided was not well-formed')
    for (const key of keys) bucket.remove(key)
    return xmlReply('DeleteResult', {})
  },
}
