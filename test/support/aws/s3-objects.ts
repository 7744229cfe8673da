import { AwsError } from './errors.ts'
import { isDenied } from './iam.ts'
import { type Params, required, text } from './params.ts'
import type { WireReply, WireRequest } from './protocols.ts'
import { bucketOf, ownBucket, parseXml, type S3Call, type S3Handler, xmlReply } from './s3-access.ts'
import { md5, type StoredObject } from './s3-bucket.ts'
import { s3Document } from './s3-listing.ts'
import { uploadedContent } from './s3-request.ts'
import type { XmlValue } from './xml.ts'

function objectOf(call: S3Call): StoredObject {
  const key = required(call.params, 'Key')
  const object = bucketOf(call).get(key)
  // Who may not list may not learn what is missing either.
  if (object === undefined && isDenied(call.context.state, 's3:ListBucket'))
    throw new AwsError('AccessDenied', 'Access Denied', 403)
  if (object === undefined)
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { details: { Key: key } })
  return object
}

function objectHeaders(object: StoredObject, etag: string, request: WireRequest): Record<string, string> {
  const headers: Record<string, string> = {
    etag,
    'last-modified': object.modifiedAt.toUTCString(),
    'content-type': object.contentType,
    'accept-ranges': 'bytes',
  }
  for (const name in object.metadata) headers[`x-amz-meta-${name}`] = object.metadata[name] ?? ''
  if (request.headers['x-amz-checksum-mode'] === 'ENABLED') Object.assign(headers, object.checksums)
  return headers
}

function verifyConditions(params: Params, etag: string): void {
  const wanted = text(params, 'IfMatch')
  if (wanted !== undefined && wanted !== '*' && unquoted(wanted) !== unquoted(etag))
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
      details: { Condition: 'If-Match' },
    })
  const unwanted = text(params, 'IfNoneMatch')
  if (unwanted !== undefined && unquoted(unwanted) === unquoted(etag))
    throw new AwsError('NotModified', 'Not Modified', 304)
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', '')
}

function readObject(object: StoredObject, key: string): Buffer {
  try {
    return object.read()
  } catch {
    // The file behind a seeded object has gone: the object has vanished since it was listed.
    throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { details: { Key: key } })
  }
}

export const getObject: S3Handler = (call) => {
  const object = objectOf(call)
  const content = readObject(object, object.key)
  // Of what is sent, not of what is remembered: a file may change between two looks at it.
  const etag = md5(content)
  verifyConditions(call.params, etag)
  const headers = objectHeaders(object, etag, call.request)
  const range = text(call.params, 'Range')
  if (range === undefined) return { status: 200, headers, body: content }
  const { start, end } = rangeIn(range, content.length)
  headers['content-range'] = `bytes ${start}-${end}/${content.length}`
  for (const name of Object.keys(object.checksums)) delete headers[name]
  return { status: 206, headers, body: content.subarray(start, end + 1) }
}

function rangeIn(range: string, size: number): { start: number; end: number } {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? []
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if ((from === '' && to === '') || start >= size || start > end)
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416, {
      details: { RangeRequested: range, ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    })
  return { start, end }
}

export const putObject: S3Handler = (call) => {
  const bucket = ownBucket(call)
  const { headers } = call.request
  const key = required(call.params, 'Key')
  const { content, trailers } = uploadedContent(call.request)
  const digest = headers['content-md5']
  if (digest !== undefined && digest !== Buffer.from(unquoted(md5(content)), 'hex').toString('base64'))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  // `If-None-Match: *` writes only where nothing is; `If-Match` only over the version that was read.
  const existing = bucket.get(key)
  const wanted = text(call.params, 'IfMatch')
  if ((call.params.IfNoneMatch === '*' && existing !== undefined) || (wanted !== undefined && existing === undefined))
    throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412)
  if (wanted !== undefined && existing !== undefined) verifyConditions({ IfMatch: wanted }, existing.etag)
  const metadata: Record<string, string> = {}
  const checksums: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...headers, ...trailers })) {
    if (typeof value !== 'string') continue
    if (name.startsWith('x-amz-meta-')) metadata[name.slice('x-amz-meta-'.length)] = value
    if (/^x-amz-checksum-(crc32|crc32c|sha1|sha256|crc64nvme)$/.test(name)) checksums[name] = value
  }
  const contentType = headers['content-type']
  const object = bucket.put(key, content, {
    metadata,
    checksums: Object.keys(checksums).length === 0 ? {} : { ...checksums, 'x-amz-checksum-type': 'FULL_OBJECT' },
    ...(typeof contentType === 'string' && { contentType }),
  })
  const reply = { etag: object.etag, 'x-amz-server-side-encryption': 'AES256', ...object.checksums }
  return { status: 200, headers: reply, body: '' }
}

export const deleteObjects: S3Handler = (call) => {
  const bucket = ownBucket(call)
  const { headers } = call.request
  if (headers['content-md5'] === undefined && !Object.keys(headers).some((name) => name.startsWith('x-amz-checksum-')))
    throw new AwsError('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
  const { keys, quiet } = keysToDelete(call.request)
  if (keys.length === 0 || keys.length > 1000)
    throw new AwsError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    )
  for (const key of keys) bucket.remove(key)
  const deleted: XmlValue = quiet ? [] : keys.map((Key) => ({ Key }))
  return xmlReply(s3Document('DeleteResult', { Deleted: deleted }))
}

function keysToDelete({ body }: WireRequest): { keys: string[]; quiet: boolean } {
  const { Delete } = parseXml(body) as { Delete?: { Object?: { Key: string }[]; Quiet?: string } }
  return { keys: (Delete?.Object ?? []).map(({ Key }) => Key), quiet: Delete?.Quiet === 'true' }
}

/** DeleteObjects without s3:DeleteObject succeeds as a call and fails for every single object. */
export function refuseObjects(request: WireRequest): WireReply {
  const { keys } = keysToDelete(request)
  const errors = keys.map((Key) => ({ Key, Code: 'AccessDenied', Message: 'Access Denied' }))
  return xmlReply(s3Document('DeleteResult', { Error: errors }))
}

export const abortMultipartUpload: S3Handler = (call) => {
  if (!ownBucket(call).uploads.delete(required(call.params, 'UploadId')))
    throw new AwsError(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    )
  return { status: 204, headers: {}, body: '' }
}
