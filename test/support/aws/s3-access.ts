import { XMLParser } from 'fast-xml-parser'
import { AwsError } from './errors.ts'
import { type Params, required, text } from './params.ts'
import type { CallContext, WireReply, WireRequest } from './protocols.ts'
import type { Bucket } from './s3-bucket.ts'

export interface S3Call {
  params: Params
  context: CallContext
  request: WireRequest
}
export type S3Handler = (call: S3Call) => WireReply

/** A reply of XML, or of nothing. */
export function xmlReply(body: string, status = 200): WireReply {
  return { status, headers: body === '' ? {} : { 'content-type': 'application/xml' }, body }
}

/** The bucket of a call, in the Region the caller turned to; elsewhere S3 answers with a redirect. */
export function bucketOf({ params, context }: S3Call): Bucket {
  const name = required(params, 'Bucket')
  const bucket = context.state.buckets.get(name)
  if (bucket === undefined)
    throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { details: { BucketName: name } })
  if (context.caller !== undefined && context.region.name !== bucket.region)
    throw new AwsError(
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      301,
      {
        details: { Endpoint: `${name}.s3.${bucket.region}.amazonaws.com`, Bucket: name },
        headers: { 'x-amz-bucket-region': bucket.region },
      },
    )
  const expectedOwner = text(params, 'ExpectedBucketOwner')
  if (expectedOwner !== undefined && expectedOwner !== bucket.owner)
    throw new AwsError('AccessDenied', 'Access Denied', 403)
  // Without a signature, or in another account, only what is public can be read.
  const isOwn = context.caller !== undefined && bucket.owner === context.state.settings.account
  if (!isOwn && !bucket.public) throw new AwsError('AccessDenied', 'Access Denied', 403)
  return bucket
}

/** The bucket of a call that changes something: the caller's own. */
export function ownBucket(call: S3Call): Bucket {
  const bucket = bucketOf(call)
  if (call.context.caller === undefined || bucket.owner !== call.context.state.settings.account)
    throw new AwsError('AccessDenied', 'Access Denied', 403)
  return bucket
}

const xmlParser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => ['Object', 'Tag', 'Rule'].includes(name),
  trimValues: false,
})

/** The XML body of a request as an object; lists of objects, tags and rules are arrays even of one. */
export function parseXml(body: Buffer): Record<string, unknown> {
  return xmlParser.parse(body.toString()) as Record<string, unknown>
}
