import type { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSourceClient } from '../../src/aws-client/source-client.ts'
import { UserError } from '../../src/errors.ts'
import { s3Store } from '../../src/objects/s3.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'

let aws: AwsDouble
beforeAll(async () => {
  aws = await startAwsDouble()
})
afterAll(() => aws.close())

const open = async (
  bucket: string,
  prefix: string,
  environment: Record<string, string | undefined> = aws.environment,
) => {
  Object.assign(process.env, { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true' })
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
    if (environment[name] === undefined) delete process.env[name]
    else process.env[name] = environment[name]
  }
  return s3Store(await openSourceClient({ region: 'us-west-2', environment }), bucket, prefix)
}

describe('a prefix of a bucket', () => {
  test('is listed over pages, as a folder, without markers, empty objects and dot files', async () => {
    const objects: Record<string, string> = {
      'log_data/': '',
      'log_data/empty.json': '',
      'log_data/.x.json': '{}',
      'log_data_old/a.json': '{}',
    }
    for (let index = 0; index < 2500; index += 1)
      objects[`log_data/${String(index).padStart(5, '0')}.json`] = `{"n":${index}}`
    aws.seedBucket('pages', { objects })
    const store = await open('pages', 'log_data/')
    const listed = (await store.list('log_data')).objects
    expect(listed.length).toBe(2500)
    expect(listed[0]?.key).toBe('s3://pages/log_data/00000.json')
    expect((await store.read(listed[17] as never)).toString()).toBe('{"n":17}')
  })
  test('of a public bucket is read without credentials, of a private one not', async () => {
    aws.seedBucket('open', { public: true, objects: { 'a/b.json': '{}' } })
    aws.seedBucket('closed', { objects: { 'a/b.json': '{}' } })
    const nobody = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_ENDPOINT_URL: aws.url }
    expect((await (await open('open', 'a/', nobody)).list('log_data')).objects).toHaveLength(1)
    await expect((await open('closed', 'a/', nobody)).list('log_data')).rejects.toThrow(/can't list/)
  })
  test('in another region is followed there', async () => {
    aws.seedBucket('elsewhere', { region: 'eu-west-1', objects: { 'a/b.json': '{"x":1}' } })
    const store = await open('elsewhere', 'a/')
    const [object] = (await store.list('log_data')).objects
    expect((await store.read(object as never)).toString()).toBe('{"x":1}')
  })
  test('of a bucket that does not exist is a sentence', async () => {
    await expect((await open('nowhere', 'a/')).list('log_data')).rejects.toThrow(UserError)
  })
  test('an object that changed or vanished after it was listed is not mixed in', async () => {
    aws.seedBucket('moving', { objects: { 'a/b.json': '{"x":1}', 'a/c.json': '{}' } })
    const store = await open('moving', 'a/')
    const [changed, vanished] = (await store.list('log_data')).objects
    aws.seedBucket('moving', { objects: { 'a/b.json': '{"x":2}' } })
    await expect(store.read(changed as never)).rejects.toThrow(/changed while/)
    await expect(store.read(vanished as never)).rejects.toThrow(/vanished while/)
  })
  test('a body that the SDK refuses after its last byte is read again, and not for ever', async () => {
    const bodies = [['{"x":', '9}'], ['{"x":1}']]
    const send = async () => {
      const pieces = bodies.shift()
      const isRefused = bodies.length > 0 || pieces === undefined
      async function* body() {
        for (const piece of pieces ?? ['{"x":9}']) yield Buffer.from(piece)
        if (isRefused) throw new Error('Checksum mismatch: expected "a" but received "b"')
      }
      return { Body: body() }
    }
    const object = { source: 'log_data', key: 's3://a/b.json', etag: '"x-1"', bytes: 7, modifiedAt: '' } as const
    const store = s3Store({ send } as unknown as S3Client, 'a', '')
    expect((await store.read(object)).toString()).toBe('{"x":1}')
    await expect(store.read(object)).rejects.toThrow(/could not be read in 6 tries \(Error: Checksum mismatch/)
  })
  test('a body that breaks off, short or slow servers and resets are asked again, and every byte is right', async () => {
    const objects = Object.fromEntries(
      Array.from({ length: 200 }, (_, n) => [`a/${n}.json`, `{"n":${n},"text":"${'x'.repeat(n)}"}`]),
    )
    aws.seedBucket('shaky', { objects })
    const store = await open('shaky', 'a/')
    const listed = (await store.list('log_data')).objects
    aws.faults.random({
      service: 's3',
      rate: 0.2,
      seed: 7,
      kinds: ['throttle', 'reset-before', 'reset-after', 'short-body'],
    })
    const contents = await Promise.all(
      listed.map(async (object) => [object.key.replace('s3://shaky/', ''), (await store.read(object)).toString()]),
    )
    aws.faults.clear()
    expect(Object.fromEntries(contents)).toEqual(objects)
  })
})
