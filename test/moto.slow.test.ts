/**
 * A second opinion that is not ours: create, destroy and S3 against moto, whose authors know nothing of this suite. What moto 5.2
 * lacks is answered by the stand-ins below, or tested against our own double only: states, validation, permissions, late IAM.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as ec2 from '@aws-sdk/client-ec2'
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import * as s3 from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CallObserver } from '../src/aws-client/sdk-middleware.ts'
import { openSourceClient } from '../src/aws-client/source-client.ts'
import { projectFolder } from '../src/folders.ts'
import { s3Store } from '../src/objects/s3.ts'
import { multiNode, runWith } from './infrastructure/run.ts'

const server = [process.env.MOTO_SERVER, join(projectFolder, '.venv', 'bin', 'moto_server')].find(
  (path) => path !== undefined && existsSync(path),
)
const about = server ? 'moto' : 'moto (skipped: it is not there; .ci/python-tools installs it)'
const region = 'us-west-2'
const port = String(40_000 + (process.pid % 10_000))
const endpoint = `http://127.0.0.1:${port}`
const environment = {
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: 'AKIAMOTOMOTOMOTOMOTO',
  AWS_SECRET_ACCESS_KEY: 'moto',
  AWS_REGION: region,
  AWS_EC2_METADATA_DISABLED: 'true',
  ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
}
const Bucket = `sparkify-dwh-123456789012-${region}`
let child: ChildProcess
let source: s3.S3Client
const types = ['single-node', 'multi-node'].map((ClusterType) => ({ NodeType: 'ra3.large', ClusterType }))
/** What is answered in the place of moto; undefined: not found. */
const standIns: Readonly<Record<string, object | undefined>> = {
  DescribeOrderableClusterOptions: { OrderableClusterOptions: types },
  DescribeScheduledActions: { ScheduledActions: [] },
  GetNamespace: undefined,
  GetWorkgroup: undefined,
  ListSnapshots: { snapshots: [] },
}
const notFound = Object.assign(new Error(), { name: 'ResourceNotFoundException', $metadata: {} })

/** A command against moto, and the names of the changes it made; a cluster gets the secret that moto doesn't make. */
function run(changes: Parameters<typeof runWith>[1] = {}) {
  const made: string[] = []
  const observer: CallObserver = async ({ operation }, send) => {
    const output = standIns[operation]
    if (operation in standIns && output === undefined) throw notFound
    if (output !== undefined) return { output }
    if (!/^(Describe|Get|List)/.test(operation)) made.push(operation)
    const answer = (await send()) as { output: { Clusters?: object[] } }
    const MasterPasswordSecretArn = `arn:aws:secretsmanager:${region}:123456789012:secret:redshift!dwh-dwhuser-1`
    for (const cluster of answer.output.Clusters ?? []) Object.assign(cluster, { MasterPasswordSecretArn })
    return answer
  }
  const options = { observer, fetchAddress: async () => '203.0.113.10' }
  return { made, ...runWith({ environment, checkIpUrl: '' }, changes, options) }
}

async function remaining(): Promise<string[]> {
  const { Roles = [] } = await new IAMClient({}).send(new ListRolesCommand({}))
  const { Buckets = [] } = await source.send(new s3.ListBucketsCommand({}))
  return [...Roles.map(({ RoleName }) => RoleName), ...Buckets.map(({ Name }) => Name)].map(String)
}

describe.skipIf(server === undefined)(about, () => {
  beforeAll(async () => {
    Object.assign(process.env, environment)
    source = new s3.S3Client({ forcePathStyle: true })
    child = spawn(server ?? '', ['-H', '127.0.0.1', '-p', port], { stdio: 'ignore' })
    const answers = () =>
      fetch(`${endpoint}/moto-api/`).then(
        ({ ok }) => ok,
        () => false,
      )
    await vi.waitUntil(answers, { timeout: 60_000 })
  })
  afterAll(() => child?.kill())
  /** A new account; its default VPC gets the internet gateway that AWS's has and moto's has not. */
  beforeEach(async () => {
    await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })
    const client = new ec2.EC2Client({})
    const { InternetGateway } = await client.send(new ec2.CreateInternetGatewayCommand({}))
    const GatewayId = InternetGateway?.InternetGatewayId
    const { RouteTables: [table] = [] } = await client.send(new ec2.DescribeRouteTablesCommand({}))
    const route = { RouteTableId: table?.RouteTableId, GatewayId, DestinationCidrBlock: '0.0.0.0/0' }
    await client.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId: table?.VpcId }))
    await client.send(new ec2.CreateRouteCommand(route))
  })

  test.each([{}, multiNode])('a cluster (%j) is made, found as it is, and removed with its bucket', async (changes) => {
    const created = await run(changes).create()
    expect(await remaining()).toEqual(['dwhRole', Bucket])
    const second = run(changes)
    expect(await second.create()).toMatchObject({ unchanged: true, endpoint: created.endpoint })
    expect(second.made).toEqual([])
    await source.send(new s3.DeleteBucketPolicyCommand({ Bucket }))
    const VersioningConfiguration = { Status: 'Enabled' } as const
    await source.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }))
    for (const Body of ['one', 'two']) await source.send(new s3.PutObjectCommand({ Bucket, Key: 'manifest', Body }))
    await source.send(new s3.DeleteObjectCommand({ Bucket, Key: 'manifest' }))
    expect(await run(changes).destroy()).toMatchObject({ remaining: [], kept: [], foreign: [], exitCode: 0 })
    expect(await remaining()).toEqual([])
  })

  test('a prefix is listed over pages; what changed or vanished after the listing is not mixed in', async () => {
    await source.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: region } }))
    const put = (Key: string, Body: string) => source.send(new s3.PutObjectCommand({ Bucket, Key, Body }))
    const names = Array.from({ length: 1100 }, (_, index) => `log_data/${String(index).padStart(4, '0')}.json`)
    await Promise.all(names.map((name) => put(name, `{"name":"${name}"}`)))
    const store = s3Store(await openSourceClient({ region }), Bucket, 'log_data/')
    const listed = await store.list('log_data')
    expect(listed.map(({ key }) => key)).toEqual(names.map((name) => `s3://${Bucket}/${name}`))
    const read = async (index: number) => listed[index] && (await store.read(listed[index]))
    expect(String(await read(0))).toBe(`{"name":"${names[0]}"}`)
    await put(names[1] ?? '', '{"other":true}')
    await source.send(new s3.DeleteObjectCommand({ Bucket, Key: names[2] }))
    await expect(read(1)).rejects.toThrow(/changed while it was being loaded/)
    await expect(read(2)).rejects.toThrow(/vanished while it was being loaded/)
  })
})
