import { spawn } from 'node:child_process'
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { CreateClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-redshift'
import { CreateNamespaceCommand, ListNamespacesCommand } from '@aws-sdk/client-redshift-serverless'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, startAwsDouble } from './index.ts'

let double: AwsDouble
let clients: ReturnType<typeof clientsOf>

beforeEach(async () => {
  double = await startAwsDouble()
  clients = clientsOf(double)
})
afterEach(() => double.close())

const Bucket = 'open'
const cluster = {
  ClusterIdentifier: 'events',
  NodeType: 'ra3.large',
  ClusterType: 'single-node',
  MasterUsername: 'admin',
  ManageMasterPassword: true,
  IamRoles: ['arn:aws:iam::123456789012:role/reader'],
  Tags: [{ Key: 'a', Value: 'b' }],
}

/** One harmless call of each service. */
const calls = {
  sts: () => clients.sts.send(new GetCallerIdentityCommand()),
  iam: () => clients.iam.send(new GetRoleCommand({ RoleName: 'none' })),
  ec2: () => clients.ec2.send(new DescribeVpcsCommand()),
  redshift: () => clients.redshift.send(new DescribeClustersCommand()),
  'redshift-serverless': () => clients.serverless.send(new ListNamespacesCommand()),
  secretsmanager: () => clients.secrets.send(new ListSecretsCommand()),
  s3: () => clients.s3.send(new ListObjectsV2Command({ Bucket })),
}
const services = Object.keys(calls) as (keyof typeof calls)[]

describe('every service says in its own words', () => {
  test.each([
    [
      'throttle',
      [
        'Throttling',
        'Throttling',
        'RequestLimitExceeded',
        'Throttling',
        'ThrottlingException',
        'ThrottlingException',
        'SlowDown',
      ],
    ],
    [
      'internal-error',
      [
        'InternalFailure',
        'ServiceFailureException',
        'InternalError',
        'InternalFailure',
        'InternalServerException',
        'InternalServiceError',
        'InternalError',
      ],
    ],
    [
      'expired-token',
      [
        'ExpiredToken',
        'ExpiredToken',
        'RequestExpired',
        'ExpiredToken',
        'ExpiredTokenException',
        'ExpiredTokenException',
        'ExpiredToken',
      ],
    ],
    [
      'refuse',
      [
        'AccessDenied',
        'AccessDenied',
        'UnauthorizedOperation',
        'AccessDenied',
        'AccessDeniedException',
        'AccessDeniedException',
        'AccessDenied',
      ],
    ],
  ] as const)('%s', async (kind, names) => {
    const found = []
    for (const service of services) {
      double.faults.inject({ service, kind })
      found.push((await errorOf(calls[service]())).name)
    }
    expect(found).toEqual(names)
  })

  test.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'] as const)(
    'that a key has %s',
    async (problem) => {
      const [accessKeyId = ''] = double.identities.keys()
      double.identities.set(accessKeyId, { arn: 'x', userId: 'x', problem })
      const found = []
      for (const service of services) found.push((await errorOf(calls[service]())).name)
      expect(found).toMatchSnapshot()
    },
  )
})

describe('a fault', () => {
  test('hits the nth call, as often as told, and the SDK retries what it can', async () => {
    const patient = clientsOf(double, { maxAttempts: 3 }).redshift
    const fault = double.faults.inject({
      service: 'redshift',
      action: 'DescribeClusters',
      nth: 2,
      times: 2,
      kind: 'internal-error',
    })
    await patient.send(new DescribeClustersCommand())
    expect(fault.fired).toBe(0)
    await patient.send(new DescribeClustersCommand())
    expect(fault.fired).toBe(2)
    expect(double.calls.map(({ status, fault: kind }) => [status, kind])).toEqual([
      [200, undefined],
      [500, 'internal-error'],
      [500, 'internal-error'],
      [200, undefined],
    ])
  })

  test('without a service or action counts all calls', async () => {
    double.faults.inject({ nth: 2, kind: 'throttle' })
    await calls.ec2()
    expect((await errorOf(calls.redshift())).name).toBe('Throttling')
    await calls.ec2()
  })

  test('resets the connection before the service acts, or after', async () => {
    const create = () => clients.redshift.send(new CreateClusterCommand(cluster))
    double.faults.inject({ action: 'CreateCluster', kind: 'reset-before' })
    expect((await errorOf(create())).name).toMatch(/Error/)
    expect(double.state.clusters.size).toBe(0)
    double.faults.inject({ action: 'CreateCluster', kind: 'reset-after' })
    await errorOf(create())
    expect(double.state.clusters.size).toBe(1)
    expect((await errorOf(create())).name).toBe('ClusterAlreadyExistsFault')
  })

  test('kills a process after the service has acted, before it hears of it', async () => {
    const script = `
      const { S3Client, CreateBucketCommand } = require('@aws-sdk/client-s3')
      new S3Client({}).send(new CreateBucketCommand({ Bucket: 'made', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } })).then(() => console.log('heard'))`
    const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, ...double.environment } })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)))
    double.faults.inject({ service: 's3', action: 'CreateBucket', kind: 'kill', onFire: () => child.kill('SIGKILL') })
    expect(await ended).toBe('SIGKILL')
    expect([output, double.remaining()]).toEqual(['', [{ kind: 'bucket', name: 'made', region: 'us-west-2' }]])
  })

  test('says that there is no capacity, or no quota', async () => {
    const names = []
    for (const kind of ['capacity', 'quota'] as const) {
      double.faults.inject({ action: 'CreateCluster', kind })
      names.push((await errorOf(clients.redshift.send(new CreateClusterCommand(cluster)))).name)
      double.faults.inject({ action: 'CreateNamespace', kind })
      names.push((await errorOf(clients.serverless.send(new CreateNamespaceCommand({ namespaceName: 'events' })))).name)
    }
    expect(names).toEqual([
      'InsufficientClusterCapacityFault',
      'InsufficientCapacityException',
      'ClusterQuotaExceededFault',
      'ServiceQuotaExceededException',
    ])
  })

  test('spoils the body of an object', async () => {
    double.seedBucket(Bucket, { public: true, objects: { a: '0123456789' } })
    const get = async () => {
      const { Body, ContentLength } = await clients.s3.send(new GetObjectCommand({ Bucket, Key: 'a' }))
      return [ContentLength, await Body?.transformToString()]
    }
    double.faults.inject({ action: 'GetObject', kind: 'short-body' })
    expect((await errorOf(get())).message).toMatch(/aborted|closed|premature/i)
    double.faults.inject({ action: 'GetObject', kind: 'cut-body' })
    expect(await get()).toEqual([5, '01234'])
    double.faults.inject({ action: 'GetObject', kind: 'garbled-body' })
    expect(await get()).toEqual([10, '1032547698'])
    double.faults.inject({ action: 'GetObject', kind: 'slow', milliseconds: 50 })
    const started = performance.now()
    expect(await get()).toEqual([10, '0123456789'])
    expect(performance.now() - started).toBeGreaterThan(45)
  })
})

test('random faults are the same for the same seed, whatever the order of the calls', async () => {
  const keys = Array.from({ length: 200 }, (_, number) => `key-${number}`)
  const hit = async (seed: number, order: string[]) => {
    const other = await startAwsDouble()
    other.seedBucket(Bucket, { public: true, objects: Object.fromEntries(keys.map((key) => [key, 'x'])) })
    other.faults.random({ service: 's3', action: 'GetObject', rate: 0.1, seed, kinds: ['throttle', 'reset-before'] })
    const { s3 } = clientsOf(other)
    const failed = []
    for (const Key of order)
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
        await Body?.transformToString()
      } catch (error) {
        failed.push(`${Key} ${(error as Error).name}`)
      }
    await other.close()
    return failed.sort()
  }
  const first = await hit(1, keys)
  expect(first.length).toBeGreaterThan(8)
  expect(first.length).toBeLessThan(40)
  expect(await hit(1, [...keys].reverse())).toEqual(first)
  expect(await hit(2, keys)).not.toEqual(first)
})
