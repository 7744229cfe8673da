import { AwsError } from './errors.ts'
import { type Params, text } from './params.ts'
import { type Bucket, compareKeys } from './s3-bucket.ts'
import { toXml, type XmlValue } from './xml.ts'

interface Listing {
  /** Keys and rolled-up prefixes in order. */
  entries: { key?: string; prefix?: string }[]
  truncated: boolean
  /** The last entry, after which the next page begins. */
  last: string | undefined
}

/** One page of the keys under a prefix; with a delimiter, what lies deeper is one common prefix. */
function listKeys(
  bucket: Bucket,
  { prefix, delimiter, after, limit }: { prefix: string; delimiter: string; after: string; limit: number },
): Listing {
  const keys = bucket.keys()
  const entries: Listing['entries'] = []
  let last: string | undefined
  for (let index = firstAfter(keys, prefix, after); index < keys.length; index += 1) {
    const key = keys[index] ?? ''
    if (!key.startsWith(prefix)) break
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
    const common = cut === -1 ? undefined : key.slice(0, cut + delimiter.length)
    if (common !== undefined && (common === last || common === after || after.startsWith(common))) continue
    if (entries.length === limit) return { entries, truncated: limit > 0, last }
    entries.push(common === undefined ? { key } : { prefix: common })
    last = common ?? key
  }
  return { entries, truncated: false, last }
}

/** The index of the first key under the prefix and after the start, found by halving. */
function firstAfter(keys: readonly string[], prefix: string, after: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    const key = keys[middle] ?? ''
    if (compareKeys(key, prefix) < 0 || (after !== '' && compareKeys(key, after) <= 0)) low = middle + 1
    else high = middle
  }
  return low
}

function limitOf(params: Params): number {
  const given = text(params, 'MaxKeys')
  const limit = given === undefined ? 1000 : Number(given)
  if (!Number.isInteger(limit) || limit < 0)
    throw new AwsError('InvalidArgument', 'Provided max-keys not an integer or within integer range')
  return Math.min(limit, 1000)
}

/** Keys percent-encoded where the caller asked for it, because XML can't hold every character. */
function encoder(params: Params): (value: string) => string {
  if (text(params, 'EncodingType') !== 'url') return (value) => value
  return (value) => encodeURIComponent(value).replaceAll('%2F', '/').replaceAll('%20', '+')
}

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** An XML document of S3. */
export function s3Document(name: string, content: XmlValue): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${namespace}">${toXml(content)}</${name}>`
}

function contentsOf(bucket: Bucket, listing: Listing, encode: (value: string) => string, owner: boolean): XmlValue {
  return listing.entries.flatMap(({ key }) => {
    const object = key === undefined ? undefined : bucket.get(key)
    if (object === undefined) return []
    return {
      Key: encode(object.key),
      LastModified: object.modifiedAt,
      ETag: object.etag,
      Size: object.size,
      Owner: owner ? { ID: bucket.owner } : undefined,
      StorageClass: 'STANDARD',
    }
  })
}

function prefixesOf(listing: Listing, encode: (value: string) => string): XmlValue {
  return listing.entries.flatMap(({ prefix }) => (prefix === undefined ? [] : { Prefix: encode(prefix) }))
}

/** ListObjectsV2. The continuation token is opaque: the key after which the next page begins, in disguise. */
export function listObjectsV2(bucket: Bucket, params: Params): string {
  const token = text(params, 'ContinuationToken')
  const encode = encoder(params)
  if (token === '') throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect')
  const after = token === undefined ? (text(params, 'StartAfter') ?? '') : untoken(token)
  const limit = limitOf(params)
  const prefix = text(params, 'Prefix') ?? ''
  const delimiter = text(params, 'Delimiter') ?? ''
  const listing = listKeys(bucket, { prefix, delimiter, after, limit })
  return s3Document('ListBucketResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    StartAfter: text(params, 'StartAfter'),
    ContinuationToken: token,
    NextContinuationToken: listing.truncated ? `1${Buffer.from(listing.last ?? '').toString('base64url')}` : undefined,
    KeyCount: listing.entries.length,
    MaxKeys: limit,
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    EncodingType: text(params, 'EncodingType'),
    IsTruncated: listing.truncated,
    Contents: contentsOf(bucket, listing, encode, text(params, 'FetchOwner') === 'true'),
    CommonPrefixes: prefixesOf(listing, encode),
  })
}

function untoken(token: string): string {
  if (!/^1[\w-]*$/.test(token)) throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect')
  return Buffer.from(token.slice(1), 'base64url').toString()
}

/** ListObjectVersions of a bucket without versioning: every object is its own `null` version. */
export function listObjectVersions(bucket: Bucket, params: Params): string {
  const encode = encoder(params)
  const limit = limitOf(params)
  const prefix = text(params, 'Prefix') ?? ''
  const delimiter = text(params, 'Delimiter') ?? ''
  const after = text(params, 'KeyMarker') ?? ''
  const listing = listKeys(bucket, { prefix, delimiter, after, limit })
  return s3Document('ListVersionsResult', {
    Name: bucket.name,
    Prefix: encode(prefix),
    KeyMarker: encode(after),
    NextKeyMarker: listing.truncated ? encode(listing.last ?? '') : undefined,
    NextVersionIdMarker: listing.truncated ? 'null' : undefined,
    MaxKeys: limit,
    EncodingType: text(params, 'EncodingType'),
    IsTruncated: listing.truncated,
    Version: listing.entries.flatMap(({ key }) => {
      const object = key === undefined ? undefined : bucket.get(key)
      if (object === undefined) return []
      return {
        Key: encode(object.key),
        VersionId: 'null',
        IsLatest: true,
        LastModified: object.modifiedAt,
        ETag: object.etag,
        Size: object.size,
        StorageClass: 'STANDARD',
      }
    }),
    CommonPrefixes: prefixesOf(listing, encode),
  })
}
