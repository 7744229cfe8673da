/**
 * What AWS documents, or was recorded to answer, and the code relies on: the double has to answer the same. Sources: the API
 * references of the services; where a row says `recorded`, an answer that someone else published. Everything else about the double is
 * tested by the tests that use it.
 */
import * as iam from '@aws-sdk/client-iam'
import * as redshift from '@aws-sdk/client-redshift'
import * as serverless from '@aws-sdk/client-redshift-serverless'
import * as s3 from '@aws-sdk/client-s3'
import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, refusedAssumption, settle, startAwsDouble } from './index.ts'

/** Ordinary SDK clients; one attempt only, because a test wants to see the first error. */
function clientsOf({ url: endpoint, environment }: AwsDouble) {
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = environment
  const options = { endpoint, region: 'us-west-2', maxAttempts: 1, credentials: { accessKeyId, secretAccessKey } }
  return {
    sts: new STSClient(options),
    iam: new iam.IAMClient(options),
    redshift: new redshift.RedshiftClient(options),
    serverless: new serverless.RedshiftServerlessClient(options),
    secrets: new SecretsManagerClient(options),
    s3: new s3.S3Client(options),
  }
}

/** What a call failed with. */
async function errorOf(call: Promise<unknown>): Promise<Error> {
  const error = await call.catch((thrown: unknown) => thrown)
  if (error instanceof Error) return error
  throw new Error('the call succeeded')
}

let double: AwsDouble
let clients: ReturnType<typeof clientsOf>
beforeEach(async () => {
  double = await startAwsDouble()
  clients = clientsOf(double)
})
afterEach(() => double.close())

/** Name and message of the error that a call ends with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const { name, message } = await errorOf(call)
  return `${name}: ${message}`
}

const role = 'arn:aws:iam::123456789012:role/reader'
const cluster: redshift.CreateClusterCommandInput = {
  ClusterIdentifier: 'events',
  NodeType: 'ra3.large',
  ClusterType: 'single-node',
  MasterUsername: 'admin',
  ManageMasterPassword: true,
  IamRoles: [role],
  Tags: [{ Key: 'a', Value: 'b' }],
}
const createCluster = (changes: Partial<redshift.CreateClusterCommandInput> = {}) =>
  clients.redshift.send(new redshift.CreateClusterCommand({ ...cluster, ...changes }))
const describeCluster = async () =>
  (await clients.redshift.send(new redshift.DescribeClustersCommand({ ClusterIdentifier: 'events' }))).Clusters?.[0]
const deleteCluster = (changes: object = { SkipFinalClusterSnapshot: true }) =>
  clients.redshift.send(new redshift.DeleteClusterCommand({ ClusterIdentifier: 'events', ...changes }))
const createNamespace = () =>
  clients.serverless.send(
    new serverless.CreateNamespaceCommand({
      namespaceName: 'events',
      adminUsername: 'admin',
      manageAdminPassword: true,
    }),
  )
const createWorkgroup = (changes: Partial<serverless.CreateWorkgroupCommandInput> = {}) =>
  clients.serverless.send(
    new serverless.CreateWorkgroupCommand({
      ...{ workgroupName: 'events', namespaceName: 'events', baseCapacity: 4, maxCapacity: 8 },
      ...changes,
    }),
  )

describe('the names of errors, service by service as in their models', () => {
  const calls = {
    sts: () => clients.sts.send(new GetCallerIdentityCommand()),
    iam: () => clients.iam.send(new iam.GetRoleCommand({ RoleName: 'none' })),
    redshift: () => clients.redshift.send(new redshift.DescribeClustersCommand()),
    'redshift-serverless': () => clients.serverless.send(new serverless.ListNamespacesCommand()),
    secretsmanager: () => clients.secrets.send(new ListSecretsCommand()),
    s3: () => clients.s3.send(new s3.ListObjectsV2Command({ Bucket: 'open' })),
  }
  const json = (name: string) => [`${name}Exception`, `${name}Exception`]

  test.each([
    ['throttle', ['Throttling', 'Throttling', 'Throttling', ...json('Throttling'), 'SlowDown']],
    ['expired-token', [...Array(3).fill('ExpiredToken'), ...json('ExpiredToken'), 'ExpiredToken']],
    ['refuse', [...Array(3).fill('AccessDenied'), ...json('AccessDenied'), 'AccessDenied']],
  ] as const)('%s', async (kind, names) => {
    const found: string[] = []
    for (const [service, call] of Object.entries(calls)) {
      double.faults.inject({ service: service as keyof typeof calls, kind })
      found.push((await errorOf(call())).name)
    }
    expect(found).toEqual(names)
  })

  test.each([
    ['InvalidClientTokenId', ['UnrecognizedClientException', 'InvalidAccessKeyId']],
    ['SignatureDoesNotMatch', ['InvalidSignatureException', 'SignatureDoesNotMatch']],
  ] as const)('%s', async (problem, [ofJson, ofS3]) => {
    for (const identity of double.identities.values()) identity.problem = problem
    const found: string[] = []
    for (const call of Object.values(calls)) found.push((await errorOf(call())).name)
    expect(found).toEqual([problem, problem, problem, ofJson, ofJson, ofS3])
  })

  test('what a refusal says: the action and why in most services, nothing of it in S3', async () => {
    const refused = (action: string, call: () => Promise<unknown>) => {
      double.state.denied.clear()
      double.state.denied.add(action)
      return refusal(call())
    }
    const user = 'User: arn:aws:iam::123456789012:user/sparkify is not authorized to perform:'
    expect(await refused('iam:PassRole', createCluster)).toBe(
      `AccessDenied: ${user} iam:PassRole on resource: ${role} because no identity-based policy allows the iam:PassRole action`,
    )
    expect(await refused('s3:*', () => clients.s3.send(new s3.CreateBucketCommand({ Bucket: 'abc' })))).toBe(
      'AccessDenied: Access Denied',
    )
  })
})

test.each<[what: string, changes: Partial<redshift.CreateClusterCommandInput>, answer: RegExp]>([
  ['a retired node type', { NodeType: 'dc2.large' }, /^InvalidParameterValue: Invalid node type: dc2\.large$/],
  ['one node of several', { ClusterType: 'multi-node', NumberOfNodes: 1 }, /must be greater than or equal to 2\.$/],
  ['two nodes as one', { NumberOfNodes: 2 }, /must be 1 or not be supplied for cluster type single-node\.$/],
  ['a large node alone', { NodeType: 'ra3.4xlarge' }, /^InvalidParameterCombination: .*single-node/],
  ['a bad identifier', { ClusterIdentifier: 'Bad--Id-' }, /not a valid identifier/],
  ['a port out of range', { Port: 1234 }, /5431-5455/],
  ['a retention beyond ten years', { ManualSnapshotRetentionPeriod: 4000 }, /^InvalidRetentionPeriodFault: /],
  ['an unknown subnet group', { ClusterSubnetGroupName: 'nowhere' }, /^ClusterSubnetGroupNotFoundFault: /],
])('CreateCluster refuses %s', async (_what, changes, answer) => {
  expect(await refusal(createCluster(changes))).toMatch(answer)
  expect(double.remaining()).toEqual([])
})

test.each<[what: string, changes: Partial<serverless.CreateWorkgroupCommandInput>, answer: RegExp]>([
  ['3 RPU (recorded)', { baseCapacity: 3 }, /^ValidationException: The base capacity can't be less than 4 RPUs\.$/],
  ['12 RPU (recorded)', { baseCapacity: 12 }, /^ValidationException: The base capacity must be a multiple of 8\.$/],
  ['a maximum below the base', { baseCapacity: 16, maxCapacity: 8 }, /greater than or equal/],
  ['a port out of range', { port: 80 }, /5431-5455/],
  ['an unknown namespace', { namespaceName: 'none' }, /^ResourceNotFoundException: .*none not found\.$/],
])('CreateWorkgroup refuses %s', async (_what, changes, answer) => {
  await createNamespace()
  expect(await refusal(createWorkgroup(changes))).toMatch(answer)
})

test('a cluster comes and goes in states, and refuses what does not fit its state', async () => {
  await createCluster()
  expect((await describeCluster())?.Endpoint).toBeUndefined()
  expect(await refusal(createCluster())).toMatch(/^ClusterAlreadyExistsFault: /)
  expect(await refusal(deleteCluster())).toBe(
    'InvalidClusterStateFault: There is an operation running on the Cluster. Please try to delete it at a later time.',
  )
  for (const each of double.state.clusters.values()) settle(each)
  expect(await describeCluster()).toMatchObject({ ClusterStatus: 'available', Endpoint: { Port: 5439 } })
  const { MasterPasswordSecretArn: SecretId } = (await describeCluster()) ?? {}
  const secret = await clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  expect(secret.Name).toBe('redshift!events-admin')
  expect(JSON.parse(secret.SecretString ?? '')).toEqual({ username: 'admin', password: expect.any(String) })

  await clients.redshift.send(new redshift.PauseClusterCommand({ ClusterIdentifier: 'events' }))
  for (const each of double.state.clusters.values()) settle(each)
  expect((await describeCluster())?.ClusterStatus).toBe('paused')
  await clients.redshift.send(new redshift.ResumeClusterCommand({ ClusterIdentifier: 'events' }))
  expect((await describeCluster())?.ClusterStatus).toBe('resuming')
  for (const each of double.state.clusters.values()) settle(each)

  expect(await refusal(deleteCluster({}))).toMatch(/^InvalidParameterCombination: /)
  await deleteCluster({ FinalClusterSnapshotIdentifier: 'last', FinalClusterSnapshotRetentionPeriod: 7 })
  for (const each of double.state.clusters.values()) settle(each)
  expect(await refusal(describeCluster())).toBe('ClusterNotFoundFault: Cluster events not found.')
  expect(await refusal(clients.secrets.send(new GetSecretValueCommand({ SecretId })))).toMatch(/^ResourceNotFound/)
  expect(double.remaining()).toMatchObject([{ kind: 'snapshot', name: 'last' }])
})

test('a namespace stays while it has a workgroup, and either is busy while it changes', async () => {
  await createNamespace()
  expect(await refusal(createNamespace())).toMatch(/^ConflictException: /)
  await createWorkgroup({ baseCapacity: undefined, maxCapacity: undefined })
  const workgroup = () => clients.serverless.send(new serverless.GetWorkgroupCommand({ workgroupName: 'events' }))
  expect((await workgroup()).workgroup).toMatchObject({ status: 'CREATING', baseCapacity: 128 })
  for (const each of double.state.workgroups.values()) settle(each)
  const remove = () => clients.serverless.send(new serverless.DeleteNamespaceCommand({ namespaceName: 'events' }))
  expect(await refusal(remove())).toMatch(/^ConflictException: /)
  const removeWorkgroup = () =>
    clients.serverless.send(new serverless.DeleteWorkgroupCommand({ workgroupName: 'events' }))
  await removeWorkgroup()
  expect(await refusal(removeWorkgroup())).toBe(
    'ConflictException: There is an operation running on the workgroup. Try deleting the workgroup again later.',
  )
  for (const each of double.state.workgroups.values()) settle(each)
  expect((await errorOf(workgroup())).name).toBe('ResourceNotFoundException')
  await remove()
})

test('a scheduled action needs at() or cron() and a role that the scheduler may assume', async () => {
  const schedule = (Schedule: string) =>
    clients.redshift.send(
      new redshift.CreateScheduledActionCommand({
        ScheduledActionName: 'stop',
        Schedule,
        IamRole: role,
        TargetAction: { PauseCluster: { ClusterIdentifier: 'events' } },
      }),
    )
  expect(await refusal(schedule('2030-01-01T00:00:00'))).toBe(
    'InvalidScheduleFault: The schedule expression must be encapsulated by cron() or at().',
  )
  expect(await refusal(schedule('at(2030-01-01T00:00:00)'))).toMatch(
    /must delegate access to Amazon Redshift scheduler/,
  )
})

test('IAM is eventually consistent, and keeps a role that has policies', async () => {
  const RoleName = 'reader'
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'redshift.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const create = () =>
    clients.iam.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }))
  await create()
  const find = () => clients.iam.send(new iam.GetRoleCommand({ RoleName }))
  expect(await refusal(find())).toBe('NoSuchEntityException: The role with name reader cannot be found.')
  expect(await refusal(create())).toBe('EntityAlreadyExistsException: Role with name reader already exists.')
  expect(decodeURIComponent((await find()).Role?.AssumeRolePolicyDocument ?? '')).toBe(JSON.stringify(trust))
  expect(refusedAssumption(double.state, role, 'redshift.amazonaws.com')).toMatch(/too new/)
  const policy = { RoleName, PolicyName: 'read' }
  const PolicyDocument =
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::a"}]}'
  await clients.iam.send(new iam.PutRolePolicyCommand({ ...policy, PolicyDocument }))
  const remove = () => clients.iam.send(new iam.DeleteRoleCommand({ RoleName }))
  expect(await refusal(remove())).toBe('DeleteConflictException: Cannot delete entity, must delete policies first.')
  await clients.iam.send(new iam.DeleteRolePolicyCommand(policy))
  await remove()
})

describe('S3', () => {
  const Bucket = 'control'
  const create = (LocationConstraint: 'us-west-2' | 'eu-west-1' = 'us-west-2') =>
    clients.s3.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint } }))

  test('makes a bucket once and keeps it while it has objects; settings have defaults or none', async () => {
    expect(await refusal(create('eu-west-1'))).toMatch(/^IllegalLocationConstraintException: /)
    await create()
    expect(await refusal(create())).toMatch(/^BucketAlreadyOwnedByYou: /)
    const absent = [
      clients.s3.send(new s3.GetBucketTaggingCommand({ Bucket })),
      clients.s3.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket })),
      clients.s3.send(new s3.GetBucketPolicyCommand({ Bucket })),
    ]
    const names = await Promise.all(absent.map(async (call) => (await errorOf(call)).name))
    expect(names).toEqual(['NoSuchTagSet', 'NoSuchLifecycleConfiguration', 'NoSuchBucketPolicy'])
    const { PublicAccessBlockConfiguration } = await clients.s3.send(new s3.GetPublicAccessBlockCommand({ Bucket }))
    expect(PublicAccessBlockConfiguration?.BlockPublicPolicy).toBe(true)
    await clients.s3.send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))
    expect(await refusal(clients.s3.send(new s3.DeleteBucketCommand({ Bucket })))).toMatch(/^BucketNotEmpty: /)
  })

  test('redirects to the region of a bucket, and names of a missing one and of one of others', async () => {
    double.seedBucket('far', { region: 'eu-west-1', public: true })
    double.seedBucket('theirs', { owner: '999999999999' })
    const names: string[] = []
    for (const name of ['far', 'theirs', 'nowhere'])
      names.push((await errorOf(clients.s3.send(new s3.ListObjectsV2Command({ Bucket: name })))).name)
    expect(names).toEqual(['PermanentRedirect', 'AccessDenied', 'NoSuchBucket'])
  })

  test('lists keys in the order of their bytes, by prefix, in pages', async () => {
    const keys = ['a.json', 'log/', 'log/1.json', 'log_old/4.json', 'z ü+%.json', '\uFF5E', '\u{1F3B5}']
    double.seedBucket(Bucket, { objects: Object.fromEntries(keys.map((key) => [key, key])) })
    const found: unknown[] = []
    for await (const { Contents } of s3.paginateListObjectsV2({ client: clients.s3, pageSize: 3 }, { Bucket }))
      found.push(Contents?.map(({ Key }) => Key))
    expect(found).toEqual([keys.slice(0, 3), keys.slice(3, 6), keys.slice(6)])
    const { Contents } = await clients.s3.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'log' }))
    expect(Contents?.map(({ Key }) => Key)).toEqual(keys.slice(1, 4))
  })

  test('reads an object in part, and only if it is the version that is asked for', async () => {
    double.seedBucket(Bucket, { objects: { a: 'hello' } })
    const get = (options: object) => clients.s3.send(new s3.GetObjectCommand({ Bucket, Key: 'a', ...options }))
    const { ETag } = await get({})
    // The ETag of an object that was put in one piece is its MD5.
    expect(ETag).toBe('"5d41402abc4b2a76b9719d911017c592"')
    expect(await (await get({ IfMatch: ETag, Range: 'bytes=1-3' })).Body?.transformToString()).toBe('ell')
    expect(await errorOf(get({ IfMatch: '"other"' }))).toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    })
    expect((await errorOf(get({ Key: 'b' }))).name).toBe('NoSuchKey')
  })
})
