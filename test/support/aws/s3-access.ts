import { XMLParser } from 'fast-xml-parser'
import { AwsError } from './errors.ts'
import { type Params, required, text } from './params.ts'
import { type CallContext, toXml, type WireReply, type WireRequest } from './protocols.ts'
import type { Bucket } from './s3-bucket.ts'

export const xmlHeaders = { 'content-type': 'application/xml' }

/** A reply without a body. */
export function emptyReply(status: number, headers: Record<string, string> = {}): WireReply {
  return { status, headers, body: '' }
}

/** A reply of one XML element. */
export function xmlReply(name: string, content: unknown): WireReply {
  const document = `<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${toXml(content)}</${name}>`
  return { status: 200, headers: xmlHeaders, body: document }
}

export const denied = () => new AwsError('AccessDenied', 'Access Denied', 403)

/** The bucket of a call, in the Region the caller turned to; elsewhere S3 answers with a redirect. */
export function bucketOf(params: Params, { state, caller, region }: CallContext): Bucket {
  const bucket = state.buckets.get(required(params, 'Bucket'))
  if (bucket === undefined) throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
  if (caller !== undefined && region.name !== bucket.region)
    throw new AwsError(
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed using the specified endpoint.',
      301,
      { 'x-amz-bucket-region': bucket.region },
    )
  if ((text(params, 'ExpectedBucketOwner') ?? bucket.owner) !== bucket.owner) throw denied()
  // Without a signature, or in another account, only what is public can be read.
  if ((caller === undefined || bucket.owner !== state.settings.account) && !bucket.public) throw denied()
  return bucket
}

/** The bucket of a call that changes something: the caller's own. */
export function ownBucket(params: Params, context: CallContext): Bucket {
  const bucket = bucketOf(params, context)
  if (context.caller === undefined || bucket.owner !== context.state.settings.account) throw denied()
  return bucket
}

const parser = new XMLParser({
  parseTagValue: false,
  isArray: (name) => ['Object', 'Tag', 'Rule'].includes(name),
  trimValues: false,
})

/** The XML body of a request as an object; lists of objects, tags and rules are arrays even of one. */
export function parseXml({ body }: WireRequest): Record<string, unknown> {
  return parser.parse(body.toString()) as Record<string, unknown>
}

/** The tags in an element. */
export function tagsIn(element: unknown, name: 'Tags' | 'TagSet'): Params[] {
  return (element as Record<string, { Tag?: Params[] } | undefined> | undefined)?.[name]?.Tag ?? []
}
