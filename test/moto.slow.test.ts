/**
 * A second opinion that is not ours: the sequences of create, destroy and S3 against moto, whose authors know nothing of this suite.
 *
 * moto 5.2 does not cover, so the stand-ins below answer in its place: DescribeOrderableClusterOptions, scheduled actions,
 * ModifyClusterIamRoles and all of Redshift Serverless. It ignores ManageMasterPassword (no secret), retention and the
 * default role, knows no states on the way (a cluster is available at once), no validation, no busy resources, no interfaces that
 * keep a security group, no permissions, and no IAM that is late. What depends on those is tested against our own double only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import { DescribeClustersCommand, RedshiftClient } from '@aws-sdk/client-redshift'
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeleteObjectCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openClients } from '../src/aws-client/clients.ts'
import type { CallObserver } from '../src/aws-client/sdk-middleware.ts'
import { openSourceClient } from '../src/aws-client/source-client.ts'
import { projectFolder } from '../src/folders.ts'
import * as steps from '../src/infrastructure/index.ts'
import { s3Store } from '../src/objects/s3.ts'
import { multiNode, settingsFor } from './infrastructure/run.ts'

const server = [process.env.MOTO_SERVER, join(projectFolder, '.venv', 'bin', 'moto_server')].find(
  (path) => path !== undefined && existsSync(path),
)
const about = server === undefined ? 'moto (skipped: it is not there; .ci/python-tools installs it)' : 'moto'
const credentials = { accessKeyId: 'AKIAMOTOMOTOMOTOMOTO', secretAccessKey: 'moto' }
const region = 'us-west-2'

let endpoint: string
let child: ChildProcess | undefined

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function startMoto(): Promise<void> {
  const port = await freePort()
  endpoint = `http://127.0.0.1:${port}`
  child = spawn(server ?? '', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (
      await fetch(`${endpoint}/moto-api/`)
        .then(({ ok }) => ok)
        .catch(() => false)
    )
      return
    await wait(100)
  }
  throw new Error('moto does not answer')
}

/** A new account; its default VPC gets the internet gateway that AWS's has and moto's has not. */
async function resetMoto(): Promise<void> {
  await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })
  const { InternetGateway } = await ec2().send(new CreateInternetGatewayCommand({}))
  const { Vpcs = [] } = await ec2().send(new DescribeVpcsCommand({}))
  const InternetGatewayId = InternetGateway?.InternetGatewayId
  await ec2().send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: Vpcs[0]?.VpcId }))
  const { RouteTables = [] } = await ec2().send(new DescribeRouteTablesCommand({}))
  const route = { RouteTableId: RouteTables[0]?.RouteTableId, GatewayId: InternetGatewayId }
  await ec2().send(new CreateRouteCommand({ ...route, DestinationCidrBlock: '0.0.0.0/0' }))
}

const options = () => ({ endpoint, region, credentials })
const ec2 = () => new EC2Client(options())
const s3 = () => new S3Client({ ...options(), forcePathStyle: true })

/** What is answered in the place of moto. */
const notThere = () => {
  throw Object.assign(new Error('not found'), { name: 'ResourceNotFoundException', $metadata: {} })
}
const standIns: Readonly<Record<string, () => object>> = {
  DescribeOrderableClusterOptions: () => ({
    OrderableClusterOptions: ['single-node', 'multi-node'].map((ClusterType) => ({
      NodeType: 'ra3.large',
      ClusterType,
    })),
  }),
  DescribeScheduledActions: () => ({ ScheduledActions: [] }),
  GetNamespace: notThere,
  GetWorkgroup: notThere,
  ListSnapshots: () => ({ snapshots: [] }),
}

/** moto's answers to the calls, one name each; what it lacks comes from the stand-ins, and a cluster gets a secret. */
function observed(calls: string[]): CallObserver {
  return async ({ service, operation }, send) => {
    const standIn = operation in standIns && /^redshift/.test(service) ? standIns[operation] : undefined
    if (standIn !== undefined) return { output: standIn() }
    calls.push(operation)
    const answer = (await send()) as { output: { Clusters?: Record<string, unknown>[] } }
    if (operation !== 'DescribeClusters') return answer
    for (const cluster of answer.output.Clusters ?? [])
      cluster.MasterPasswordSecretArn = 'arn:aws:secretsmanager:us-west-2:123456789012:secret:redshift!dwh-dwhuser-1'
    return answer
  }
}

function run(changes: Parameters<typeof settingsFor>[0] = {}) {
  const lines: string[] = []
  const calls: string[] = []
  const effects: steps.InfrastructureEffects = {
    clients: openClients({ region, observer: observed(calls) }),
    log: (line) => lines.push(line),
    now: () => new Date(),
    fetchAddress: async () => '203.0.113.10',
    pollMs: 1,
  }
  const settings = settingsFor(changes)
  const end = <Result>(result: Promise<Result>) => result.finally(() => effects.clients.close())
  return {
    lines,
    calls,
    create: () => end(steps.withAws(settings, effects, { verb: 'create', isPlaced: true }, steps.createInfrastructure)),
    plan: () => end(steps.withAws(settings, effects, { verb: 'look', isPlaced: true }, steps.planCreation)),
    destroy: () => end(steps.withAws(settings, effects, { verb: 'destroy' }, steps.destroyInfrastructure)),
  }
}

const changesIn = (calls: readonly string[]) => calls.filter((name) => !/^(Describe|Get|List)/.test(name))

async function remaining(): Promise<string[]> {
  const { Clusters = [] } = await new RedshiftClient(options()).send(new DescribeClustersCommand({}))
  const { SecurityGroups = [] } = await ec2().send(new DescribeSecurityGroupsCommand({}))
  const { Roles = [] } = await new IAMClient(options()).send(new ListRolesCommand({}))
  const { Buckets = [] } = await s3().send(new ListBucketsCommand({}))
  const groups = SecurityGroups.map(({ GroupName = '' }) => GroupName).filter((name) => name !== 'default')
  const names = [Clusters.map((each) => each.ClusterIdentifier), groups, Roles.map((each) => each.RoleName)]
  return [...names.flat(), ...Buckets.map((each) => each.Name)].map(String).sort()
}

describe.skipIf(server === undefined)(about, () => {
  beforeAll(async () => {
    await startMoto()
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_MAX_ATTEMPTS: '1',
    })
  })
  afterAll(() => child?.kill())

  test.each([
    ['single-node', {}],
    ['multi-node', multiNode],
  ] as const)('a %s cluster is planned, made, found as it is, removed, and removed again', async (_name, changes) => {
    await resetMoto()
    expect(await remaining()).toEqual([])
    const plan = await run(changes).plan()
    expect(plan.resources.map(({ action }) => action)).toEqual(plan.resources.map(() => 'create'))
    expect(await remaining()).toEqual([])

    const first = run(changes)
    const created = await first.create()
    expect(created.resources.map(({ kind, outcome }) => [kind, outcome])).toEqual(
      ['role', 'control bucket', 'security group', 'cluster'].map((kind) => [kind, 'created']),
    )
    expect(await remaining()).toEqual(['dwh', 'dwhRole', 'sparkify-dwh', 'sparkify-dwh-123456789012-us-west-2'])

    const second = run(changes)
    expect(await second.create()).toMatchObject({ unchanged: true, endpoint: created.endpoint })
    expect(changesIn(second.calls)).toEqual([])

    const receipt = await run(changes).destroy()
    expect(receipt).toMatchObject({ remaining: [], kept: [], foreign: [], exitCode: 0 })
    expect(await remaining()).toEqual([])
    const last = run(changes)
    expect(await last.destroy()).toMatchObject({ removed: [], remaining: [], exitCode: 0 })
    expect(changesIn(last.calls)).toEqual([])
  })

  test('a control bucket with objects, versions and delete markers is emptied and removed', async () => {
    await resetMoto()
    await run().create()
    const Bucket = 'sparkify-dwh-123456789012-us-west-2'
    // moto holds to the policy of the bucket, which refuses what comes without TLS, as everything does here.
    await expect(s3().send(new PutObjectCommand({ Bucket, Key: 'manifest', Body: 'x' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    })
    await s3().send(new DeleteBucketPolicyCommand({ Bucket }))
    const VersioningConfiguration = { Status: 'Enabled' as const }
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    for (const Body of ['one', 'two']) await s3().send(new PutObjectCommand({ Bucket, Key: 'manifest', Body }))
    await s3().send(new DeleteObjectCommand({ Bucket, Key: 'manifest' }))
    expect(await run().destroy()).toMatchObject({ remaining: [], exitCode: 0 })
    expect(await remaining()).toEqual([])
  })

  test('a role of that name that is not ours is refused', async () => {
    await resetMoto()
    const iam = await openClients({ region }).iam()
    const trust = { Version: '2012-10-17', Statement: [] } as const
    await iam.createRole({ name: 'dwhRole', description: 'theirs', trust, tags: { owner: 'them' } })
    await expect(run().create()).rejects.toThrow(/A role dwhRole exists that create-infrastructure did not create/)
    expect(await remaining()).toEqual(['dwhRole'])
  })

  test('a prefix is listed over pages and read whole; what changed or vanished after the listing is not mixed in', async () => {
    await resetMoto()
    const Bucket = 'source'
    const client = s3()
    const CreateBucketConfiguration = { LocationConstraint: 'us-west-2' as const }
    await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
    const put = (Key: string, Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }))
    await put('log_data/', '')
    await put('log_data_old/a.json', '{}')
    const names = Array.from({ length: 1100 }, (_, index) => `log_data/${String(index).padStart(4, '0')}.json`)
    for (let start = 0; start < names.length; start += 50)
      await Promise.all(names.slice(start, start + 50).map((name) => put(name, `{"name":"${name}"}`)))
    const store = s3Store(await openSourceClient({ region }), Bucket, 'log_data/')
    const listed = await store.list('log_data')
    expect(listed.map(({ key }) => key)).toEqual(names.map((name) => `s3://source/${name}`))
    const [first, second, third] = listed
    if (!first || !second || !third) throw new Error('not listed')
    expect((await store.read(first)).toString()).toBe(`{"name":"${names[0]}"}`)
    await put(names[1] ?? '', '{"other":true}')
    await client.send(new DeleteObjectCommand({ Bucket, Key: names[2] }))
    await expect(store.read(second)).rejects.toThrow(/changed while it was being loaded/)
    await expect(store.read(third)).rejects.toThrow(/vanished while it was being loaded/)
    await expect(s3Store(await openSourceClient({ region }), 'nowhere', '').list('log_data')).rejects.toThrow(
      /The bucket of s3:\/\/nowhere\/ does not exist/,
    )
  })
})
