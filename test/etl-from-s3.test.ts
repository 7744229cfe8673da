import { afterAll, describe, expect, test } from 'vitest'
import { type AwsDouble, type AwsDoubleOptions, type FaultKind, startAwsDouble } from './support/aws/index.ts'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar, type OracleObject } from './support/oracle.ts'
import { type Finished, runScript } from './support/process.ts'
import { event, largeSource, lines, logObject, smallSource, song, songObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** A warehouse whose source lies in the bucket `source` of a double of AWS; etl runs as a process. */
interface Place {
  readonly warehouse: TestWarehouse
  readonly double: AwsDouble
  environment: Record<string, string>
}

const places: Place[] = []
afterAll(async () => {
  for (const { warehouse, double } of places) {
    warehouse.remove()
    await double.close()
  }
})

async function newPlace(aws: AwsDoubleOptions = {}, settings = ''): Promise<Place> {
  const warehouse = await new TestWarehouse({
    logData: 's3://source/log_data',
    songData: 's3://source/song_data',
    settings: `[AWS]\nREGION = us-west-2\n${settings}`,
  }).create()
  const double = await startAwsDouble(aws)
  const place = { warehouse, double, environment: { ...double.environment } }
  places.push(place)
  return place
}

const inBucket = (objects: readonly OracleObject[]) => Object.fromEntries(objects.map(({ key, text }) => [key, text]))

const etl = ({ warehouse, environment }: Place, ...args: string[]): Promise<Finished> =>
  runScript('etl', ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder, environment })

const callsOf = ({ double }: Place, action: string) => double.calls.filter((call) => call.action === action)

/** The keys of the environment are gone. */
function withoutKeys(place: Place): void {
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...rest } = place.environment
  place.environment = rest
}

test('the star is that of the folder, and nothing but a sample is read a second time', async () => {
  const objects = largeSource(3000, 200)
  const place = await newPlace()
  place.double.seedBucket('source', { objects: inBucket(objects) })
  const first = await etl(place, '--json')
  expect(first.code).toBe(0)
  expect(firstDifference(expectedStar([objects]), await place.warehouse.star())).toBeUndefined()
  const gets = callsOf(place, 'GetObject').length
  // Of each source some are looked at for their keys before.
  const sampled = Math.min(20, objects.filter(({ source }) => source === 'log_data').length) + 20
  expect(gets).toBe(objects.length + sampled)
  const second = await etl(place, '--json')
  expect(JSON.parse(second.stdout)).toMatchObject({
    loads: [],
    objects: { log_data: { new: 0 }, song_data: { new: 0 } },
  })
  expect(callsOf(place, 'GetObject')).toHaveLength(gets)
})

test('an object so large that it is put on the disk is fetched whole once', async () => {
  const events = Array.from({ length: 3_000 }, (_, item) => event({ itemInSession: item }))
  const place = await newPlace()
  place.double.seedBucket('source', {
    objects: inBucket([logObject('large.json', events), songObject('a.json', song())]),
  })
  const loaded = await etl(place, '--json')
  expect(JSON.parse(loaded.stdout).reconciliation).toMatchObject({ events: 3_000, inserted: 3_000 })
  // Before that, a sample is taken of the keys of each.
  expect(callsOf(place, 'GetObject')).toHaveLength(4)
})

test('the star is the same while a tenth of all requests fails: 503, resets, short, cut and garbled bodies', async () => {
  const objects = largeSource(3000, 20)
  const place = await newPlace()
  place.double.seedBucket('source', { objects: inBucket(objects) })
  const kinds: FaultKind[] = [
    'throttle',
    'reset-before',
    'reset-after',
    'short-body',
    'cut-body',
    'garbled-body',
    'wrong-checksum',
  ]
  place.double.faults.random({ service: 's3', action: 'GetObject', rate: 0.1, seed: 3, kinds })
  place.double.faults.random({ service: 's3', action: 'ListObjectsV2', rate: 0.1, seed: 3, kinds: ['throttle'] })
  const { code, stderr } = await etl(place)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  const hit = new Set(place.double.calls.map(({ fault }) => fault))
  for (const kind of kinds) expect(hit).toContain(kind)
  expect(firstDifference(expectedStar([objects]), await place.warehouse.star())).toBeUndefined()
})

test('large objects, plain and compressed, give their star although most bodies break off', async () => {
  const logs = ['a.json', 'b.json.gz'].map((name, day) => {
    const records = Array.from({ length: 6000 }, (_, n) =>
      event({
        sessionId: 1 + day * 1000 + Math.floor(n / 50),
        itemInSession: n % 50,
        ts: 1541105830796 + n,
        song: `${n}`,
      }),
    )
    // What does not compress, so that the compressed object is a large one too.
    const noise = (n: number) =>
      Array.from({ length: 300 }, (_, i) => ((n * 7919 + i * i * 104729) % 36).toString(36)).join('')
    return logObject(
      `2018/11/${name}`,
      records.map((record, n) => ({ ...record, userAgent: `${noise(n * n)}${n}` })),
    )
  })
  const place = await newPlace()
  place.warehouse.write(logs)
  place.double.seedBucket('source', { folder: place.warehouse.folder })
  place.double.faults.random({ service: 's3', action: 'GetObject', rate: 0.6, seed: 5, kinds: ['short-body'] })
  const { code, stderr } = await etl(place)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(place.double.faults.count).toBeGreaterThan(1)
  expect(firstDifference(expectedStar([logs]), await place.warehouse.star())).toBeUndefined()
})

test('a public bucket of somebody else is read without credentials, and nothing is signed', async () => {
  const place = await newPlace()
  place.double.seedBucket('source', { public: true, objects: inBucket(smallSource) })
  withoutKeys(place)
  expect(await etl(place)).toMatchObject({ code: 0 })
  expect(place.double.calls.map(({ accessKeyId }) => accessKeyId)).toEqual(place.double.calls.map(() => undefined))
  expect(firstDifference(expectedStar([smallSource]), await place.warehouse.star())).toBeUndefined()
})

test('a bucket in another region is followed there', async () => {
  const place = await newPlace()
  place.double.seedBucket('source', { region: 'eu-west-1', objects: inBucket(smallSource) })
  expect(await etl(place)).toMatchObject({ code: 0 })
  expect(firstDifference(expectedStar([smallSource]), await place.warehouse.star())).toBeUndefined()
})

test('folder markers, empty objects, other names and longer prefixes are not source objects', async () => {
  const place = await newPlace()
  place.double.seedBucket('source', {
    objects: {
      ...inBucket(smallSource),
      'log_data/': '',
      'log_data/2018/': '',
      'log_data/empty.json': '',
      'log_data/.hidden/a.json': '{',
      'log_data/readme.txt': 'no JSON',
      'log_data_old/a.json': '{',
    },
  })
  const { code, stdout } = await etl(place, '--json')
  expect({ code, listed: JSON.parse(stdout).objects.log_data.listed }).toEqual({ code: 0, listed: 2 })
})

describe('an object that moves between listing and reading', () => {
  const newer = logObject('2018/11/2018-11-02-events.json', [event({ sessionId: 9, userId: '9' })])
  const others = smallSource.filter(({ key }) => key !== newer.key)
  for (const [what, sentence, after, move] of [
    [
      'changes',
      'changed',
      [...others, newer],
      ({ double }: Place) => double.state.buckets.get('source')?.put(newer.key, newer.text),
    ],
    ['vanishes', 'vanished', others, ({ double }: Place) => double.state.buckets.get('source')?.remove(newer.key)],
  ] as const)
    test(`and ${what} is left out; nothing is mixed, and the next run is right`, async () => {
      const place = await newPlace()
      place.double.seedBucket('source', { objects: inBucket(smallSource) })
      // The second listing is that of the songs: the logs are listed then, and not read.
      place.double.faults.inject({
        action: 'ListObjectsV2',
        nth: 2,
        kind: 'slow',
        milliseconds: 1,
        onFire: () => void move(place),
      })
      const { code, stdout, stderr } = await etl(place, '--json')
      expect(code).toBe(4)
      expect(stderr).toMatch(
        new RegExp(`^s3://source/${newer.key} ${sentence} while it was being loaded\\. It is left out`, 'm'),
      )
      expect(JSON.parse(stdout).objects.log_data.left_out).toBe(1)
      expect(firstDifference(expectedStar([others]), await place.warehouse.star())).toBeUndefined()
      expect(await etl(place)).toMatchObject({ code: 0 })
      expect(firstDifference(expectedStar([after]), await place.warehouse.star())).toBeUndefined()
    })

  test('after it was loaded is loaded again, and only it', async () => {
    const place = await newPlace()
    place.double.seedBucket('source', { objects: inBucket(smallSource) })
    expect(await etl(place)).toMatchObject({ code: 0 })
    const gets = callsOf(place, 'GetObject').length
    const [log] = smallSource
    const grown = { ...log, text: `${log?.text}\n${lines([event({ sessionId: 5 })])}` } as OracleObject
    place.double.state.buckets.get('source')?.put(grown.key, grown.text)
    const { stdout } = await etl(place, '--json')
    expect(JSON.parse(stdout).objects.log_data).toMatchObject({ new: 0, changed: 1, unchanged: 1 })
    const keys = callsOf(place, 'GetObject')
      .slice(gets)
      .map((call) => JSON.stringify(call))
    expect(keys.filter((call) => !call.includes(grown.key))).toEqual([])
    expect(firstDifference(expectedStar([smallSource, [grown]]), await place.warehouse.star())).toBeUndefined()
  })
})

describe('S3 that refuses is a sentence and a cure, and nothing is loaded', () => {
  const cases: [what: string, code: number, sentence: RegExp, prepare: (place: Place) => void][] = [
    [
      'no permission to list',
      2,
      /^Access denied: you can't list s3:\/\/source\/log_data\/ \(AccessDenied\)\.\nAllow s3:ListBucket on the bucket/m,
      ({ double }) => double.state.denied.add('s3:ListBucket'),
    ],
    [
      'no permission to read',
      2,
      /^Access denied: you can list but not read s3:\/\/source\/log_data\/.* \(AccessDenied\)\.\nAllow s3:GetObject on it/m,
      ({ double }) => double.state.denied.add('s3:GetObject'),
    ],
    [
      'no bucket',
      2,
      /^The bucket of s3:\/\/source\/log_data\/ does not exist\.\nCheck LOG_DATA and SONG_DATA/m,
      ({ double }) => double.state.buckets.delete('source'),
    ],
    [
      'no credentials for a private bucket',
      2,
      /^Access denied: you can't list .*check your credentials/ms,
      withoutKeys,
    ],
    [
      'credentials that have expired',
      2,
      /^The AWS credentials have expired\.\nRun aws sso login, or renew/m,
      ({ double }) => spoil(double, 'ExpiredToken'),
    ],
    [
      'an access key that AWS does not know',
      2,
      /^AWS does not know the access key, .*\nSet AWS_ACCESS_KEY_ID/m,
      ({ double }) => spoil(double, 'InvalidClientTokenId'),
    ],
    [
      'a secret of another key',
      2,
      /^AWS rejected the credentials: the secret does not belong to the access key\.$/m,
      ({ double }) => spoil(double, 'SignatureDoesNotMatch'),
    ],
    [
      'a server under load that does not recover',
      1,
      /^S3 at http:\S+ does not answer for s3:\/\/source\/log_data\/ at the moment \(SlowDown\)/m,
      ({ double, environment }) => {
        environment.AWS_MAX_ATTEMPTS = '2'
        double.faults.inject({ service: 's3', kind: 'throttle', times: 1000 })
      },
    ],
    [
      'a body that never has its checksum',
      1,
      /^s3:\/\/source\/log_data\/.* could not be read in \d tries \(Error: Checksum mismatch.*\)\. Nothing was loaded\.$/m,
      ({ double }) =>
        void double.faults.inject({ service: 's3', action: 'GetObject', kind: 'wrong-checksum', times: 1000 }),
    ],
    [
      'connections that always break',
      1,
      /^s3:\/\/source\/log_data\/ can't be reached at http:\S+: .*\.\nCheck the network, and AWS_ENDPOINT_URL/m,
      ({ double }) => void double.faults.inject({ service: 's3', kind: 'reset-before', times: 1000 }),
    ],
    [
      'an endpoint where nobody listens',
      1,
      /^s3:\/\/source\/log_data\/ can't be reached at http:\/\/127\.0\.0\.1:9: the connection is refused/m,
      (place) => {
        place.environment.AWS_ENDPOINT_URL = 'http://127.0.0.1:9'
      },
    ],
    [
      'a bucket of which S3 only says that it is elsewhere',
      2,
      /^The bucket of s3:\/\/source\/log_data\/ is in another region.*\nSet REGION in \[AWS\]/m,
      ({ double }) => {
        const bucket = double.seedBucket('source', { region: 'eu-west-1', objects: inBucket(smallSource) })
        // A region that does not exist: the redirect leads nowhere.
        let asked = 0
        Object.defineProperty(bucket, 'region', { get: () => `eu-lost-${++asked}` })
      },
    ],
  ]
  for (const [what, code, sentence, prepare] of cases)
    test(what, async () => {
      const place = await newPlace()
      place.double.seedBucket('source', { objects: inBucket(smallSource) })
      prepare(place)
      const finished = await etl(place)
      expect({ code: finished.code, stdout: finished.stdout }).toEqual({ code, stdout: '' })
      expect(finished.stderr).toMatch(sentence)
      expect(finished.stderr).not.toMatch(/This is a bug| {4}at /)
      expect(await place.warehouse.query('select count(*) as n from load_ledger')).toEqual([{ n: 0 }])
    })

  test('a profile that is not there, although a public bucket needs none: it was asked for', async () => {
    const place = await newPlace({}, 'PROFILE = nobody')
    place.double.seedBucket('source', { public: true, objects: inBucket(smallSource) })
    const { code, stdout, stderr } = await etl(place)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^The profile nobody is not in the files of the AWS command line/m)
  })
})

function spoil({ identities }: AwsDouble, problem: NonNullable<AwsDoubleOptions['credentialProblem']>): void {
  for (const identity of identities.values()) identity.problem = problem
}
