import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, startAwsDouble } from './index.ts'

let double: AwsDouble
let s3: S3Client

beforeEach(async () => {
  double = await startAwsDouble()
  s3 = clientsOf(double).s3
})
afterEach(() => double.close())

const Bucket = 'control'
const createBucket = (LocationConstraint: 'us-west-2' | 'eu-west-1' = 'us-west-2') =>
  s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }))

const body = async (Key: string, options = {}) => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...options }))
  return Body?.transformToString()
}

describe('an object', () => {
  beforeEach(() => createBucket())

  test('comes back as it was put, text or stream, with its MD5', async () => {
    const { ETag } = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a b/ü+?.json',
        Body: 'hello',
        ContentType: 'application/json',
        Metadata: { by: 'me' },
      }),
    )
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'stream',
        Body: Readable.from([Buffer.from('one '), Buffer.from('two')]),
        ContentLength: 7,
      }),
    )
    expect([await body('a b/ü+?.json'), await body('stream')]).toEqual(['hello', 'one two'])
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a b/ü+?.json' }))
    expect(head).toMatchObject({ ContentLength: 5, ContentType: 'application/json', ETag, Metadata: { by: 'me' } })
  })

  test('may be large', async () => {
    const content = Buffer.alloc(5_000_000, 'abc')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body: content }))
    expect((await body('large'))?.length).toBe(content.length)
  })

  test('is read in part, or only if it is still the same', async () => {
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '0123456789' }))
    expect([
      await body('a', { Range: 'bytes=2-4' }),
      await body('a', { Range: 'bytes=7-' }),
      await body('a', { Range: 'bytes=-2' }),
      await body('a', { IfMatch: ETag }),
    ]).toEqual(['234', '789', '89', '0123456789'])
    const { ContentRange } = await s3.send(new GetObjectCommand({ Bucket, Key: 'a', Range: 'bytes=0-0' }))
    expect(ContentRange).toBe('bytes 0-0/10')
    const changed = await errorOf(body('a', { IfMatch: '"other"' }))
    expect([changed.name, changed.$metadata?.httpStatusCode]).toEqual(['PreconditionFailed', 412])
    expect((await errorOf(body('a', { Range: 'bytes=10-' }))).name).toBe('InvalidRange')
    expect((await errorOf(body('none'))).name).toBe('NoSuchKey')
    expect((await errorOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'none' })))).name).toBe('NotFound')
  })

  test('is written only where nothing is, if so asked', async () => {
    const write = () => s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x', IfNoneMatch: '*' }))
    await write()
    expect((await errorOf(write())).name).toBe('PreconditionFailed')
  })

  test('goes with others, a thousand at a time', async () => {
    for (const Key of ['a&b', 'c', 'd']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    const { Deleted } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'a&b' }, { Key: 'c' }, { Key: 'none' }] } }),
    )
    expect(Deleted?.map(({ Key }) => Key)).toEqual(['a&b', 'c', 'none'])
    expect(double.state.buckets.get(Bucket)?.keys()).toEqual(['d'])
    double.state.denied.add('s3:DeleteObject')
    const refused = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd' }] } }))
    expect(refused.Errors).toMatchObject([{ Key: 'd', Code: 'AccessDenied' }])
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    expect(Versions).toMatchObject([{ Key: 'd', VersionId: 'null', IsLatest: true }])
  })
})

describe('a listing', () => {
  const keys = [
    'a.json',
    'log/',
    'log/1.json',
    'log/2.json',
    'log/old/3.json',
    'log_old/4.json',
    'z ü+%.json',
    '\u{1F3B5}',
    '\uFF5E',
  ]

  beforeEach(() => {
    double.seedBucket(Bucket, { public: true, objects: Object.fromEntries(keys.map((key) => [key, key])) })
  })

  const list = async (options: object) => {
    const { Contents, CommonPrefixes } = await s3.send(new ListObjectsV2Command({ Bucket, ...options }))
    return [Contents?.map(({ Key }) => Key) ?? [], CommonPrefixes?.map(({ Prefix }) => Prefix) ?? []]
  }

  test('is in the order of the bytes, by prefix, with folders', async () => {
    expect(await list({})).toEqual([[...keys.slice(0, 7), '\uFF5E', '\u{1F3B5}'], []])
    expect(await list({ Prefix: 'log' })).toEqual([keys.slice(1, 6), []])
    expect(await list({ Prefix: 'log/', Delimiter: '/' })).toEqual([keys.slice(1, 4), ['log/old/']])
    expect(await list({ Prefix: '', Delimiter: '/', MaxKeys: 2 })).toEqual([['a.json'], ['log/']])
    expect(await list({ StartAfter: 'log/2.json', Prefix: 'log' })).toEqual([['log/old/3.json', 'log_old/4.json'], []])
    expect(await list({ Prefix: 'none' })).toEqual([[], []])
  })

  test('comes in pages, with and without folders, and url-encoded on request', async () => {
    for (const Delimiter of [undefined, '/']) {
      const found = []
      const pages = paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter })
      for await (const { Contents = [], CommonPrefixes = [] } of pages)
        found.push(...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix))
      expect(found).toHaveLength(Delimiter === undefined ? 9 : 6)
    }
    expect((await list({ Prefix: 'z', EncodingType: 'url' }))[0]).toEqual(['z+%C3%BC%2B%25.json'])
    expect((await errorOf(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '?' })))).name).toBe(
      'InvalidArgument',
    )
  })
})

describe('a bucket seeded from a folder', () => {
  test('has its files as objects, as they are when they are read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'aws-double-'))
    mkdirSync(join(folder, 'log_data/2018'), { recursive: true })
    const file = join(folder, 'log_data/2018/1.json')
    writeFileSync(file, 'hello')
    double.seedBucket(Bucket, { public: true, folder })
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'log_data/' }))
    expect(Contents).toMatchObject([
      { Key: 'log_data/2018/1.json', ETag: '"5d41402abc4b2a76b9719d911017c592"', Size: 5 },
    ])
    writeFileSync(file, 'hello, world')
    expect(await body('log_data/2018/1.json')).toBe('hello, world')
    expect((await errorOf(body('log_data/2018/1.json', { IfMatch: Contents?.[0]?.ETag }))).name).toBe(
      'PreconditionFailed',
    )
    rmSync(folder, { recursive: true })
    expect((await errorOf(body('log_data/2018/1.json'))).name).toBe('NoSuchKey')
    expect(double.remaining()).toEqual([])
  })

  test('is open to everyone if public, and closed otherwise', async () => {
    double.seedBucket('open', { public: true, objects: { a: 'x' } })
    double.seedBucket('closed', { objects: { a: 'x' } })
    double.seedBucket('foreign', { owner: '999999999999', objects: { a: 'x' } })
    const unsigned = async (path: string) => (await fetch(`${double.url}/${path}`)).status
    expect([await unsigned('open/a'), await unsigned('open?list-type=2'), await unsigned('closed/a')]).toEqual([
      200, 200, 403,
    ])
    const anonymous = new S3Client({
      endpoint: double.url,
      region: 'us-west-2',
      maxAttempts: 1,
      credentials: { accessKeyId: '', secretAccessKey: '' },
      signer: { sign: async (signed) => signed },
    })
    expect((await anonymous.send(new ListObjectsV2Command({ Bucket: 'open' }))).KeyCount).toBe(1)
    expect((await errorOf(anonymous.send(new ListObjectsV2Command({ Bucket: 'closed' })))).name).toBe('AccessDenied')
    expect((await errorOf(s3.send(new ListObjectsV2Command({ Bucket: 'foreign' })))).name).toBe('AccessDenied')
    expect((await s3.send(new ListObjectsV2Command({ Bucket: 'closed' }))).KeyCount).toBe(1)
  })

  test('answers to its name in front of the host', async () => {
    double.seedBucket('open', { public: true, objects: { 'a/b': 'x' } })
    const { port } = new URL(double.url)
    const status = await new Promise((resolve, reject) =>
      request(
        { host: '127.0.0.1', port, path: '/a/b', headers: { host: `open.s3.us-west-2.localhost:${port}` } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
        .on('error', reject)
        .end(),
    )
    expect(status).toBe(200)
  })
})
