import { AwsError } from './errors.ts'
import type { Service } from './protocols.ts'
import { bucketOf, ownBucket, type S3Handler, xmlReply } from './s3-access.ts'
import { bucketConfiguration, createBucket, deleteBucket, headBucket, listMultipartUploads } from './s3-buckets.ts'
import { listObjectsV2, listObjectVersions } from './s3-listing.ts'
import { abortMultipartUpload, deleteObjects, getObject, putObject, refuseObjects } from './s3-objects.ts'
import { readS3 } from './s3-request.ts'
import { escapeXml } from './xml.ts'

const handlers: Readonly<Record<string, S3Handler>> = {
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteBucket: deleteBucket,
  ListMultipartUploads: listMultipartUploads,
  ...bucketConfiguration,
  ListObjectsV2: (call) => xmlReply(listObjectsV2(bucketOf(call), call.params)),
  ListObjectVersions: (call) => xmlReply(listObjectVersions(ownBucket(call), call.params)),
  GetObject: getObject,
  PutObject: putObject,
  DeleteObjects: deleteObjects,
  AbortMultipartUpload: abortMultipartUpload,
}

/** S3: buckets and objects, over REST and XML. */
export const s3: Service = {
  name: 's3',
  read: readS3,
  run({ action, params }, context, request) {
    const handler = handlers[action]
    if (handler === undefined)
      throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', 501)
    return handler({ params, context, request })
  },
  refuse: ({ action }, request) => (action === 'DeleteObjects' ? refuseObjects(request) : undefined),
  fail({ code, message, status, details, headers }, { method }, requestId) {
    // A HEAD has no body, so its caller learns nothing but the status.
    if (method === 'HEAD' || status === 304)
      return { status, headers: { 'content-type': 'application/xml', ...headers }, body: '' }
    const rest = Object.entries(details).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${rest.join('')}<RequestId>${requestId}</RequestId><HostId>double</HostId></Error>`
    return { status, headers: { 'content-type': 'application/xml', ...headers }, body }
  },
}
