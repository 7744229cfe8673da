import {
  ConflictException,
  CreateNamespaceCommand,
  CreateUsageLimitCommand,
  CreateWorkgroupCommand,
  type CreateWorkgroupCommandInput,
  DeleteNamespaceCommand,
  DeleteSnapshotCommand,
  DeleteUsageLimitCommand,
  DeleteWorkgroupCommand,
  GetCredentialsCommand,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  ListNamespacesCommand,
  ListSnapshotsCommand,
  ListTagsForResourceCommand,
  ListUsageLimitsCommand,
  ListWorkgroupsCommand,
  ResourceNotFoundException,
  TagResourceCommand,
  UpdateNamespaceCommand,
  UpdateUsageLimitCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless'
import { DescribeSecretCommand, GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, settle, startAwsDouble } from './index.ts'

let double: AwsDouble
let clients: ReturnType<typeof clientsOf>

beforeEach(async () => {
  double = await startAwsDouble()
  clients = clientsOf(double)
})
afterEach(() => double.close())

const role = 'arn:aws:iam::123456789012:role/reader'
const tags = [{ key: 'project', value: 'sparkify' }]

const createNamespace = () =>
  clients.serverless.send(
    new CreateNamespaceCommand({
      namespaceName: 'events',
      adminUsername: 'admin',
      manageAdminPassword: true,
      iamRoles: [role],
      defaultIamRoleArn: role,
      tags,
    }),
  )
const createWorkgroup = (changes: Partial<CreateWorkgroupCommandInput> = {}) =>
  clients.serverless.send(
    new CreateWorkgroupCommand({
      workgroupName: 'events',
      namespaceName: 'events',
      baseCapacity: 4,
      maxCapacity: 8,
      publiclyAccessible: true,
      tags,
      ...changes,
    }),
  )
const namespace = async () =>
  (await clients.serverless.send(new GetNamespaceCommand({ namespaceName: 'events' }))).namespace
const workgroup = async () =>
  (await clients.serverless.send(new GetWorkgroupCommand({ workgroupName: 'events' }))).workgroup
const deleteWorkgroup = () => clients.serverless.send(new DeleteWorkgroupCommand({ workgroupName: 'events' }))
const deleteNamespace = () => clients.serverless.send(new DeleteNamespaceCommand({ namespaceName: 'events' }))

test('namespace and workgroup come and go, each in its time', async () => {
  const missing = await errorOf(namespace())
  expect(missing).toBeInstanceOf(ResourceNotFoundException)
  expect(missing.message).toBe('Serverless namespace events not found.')
  await createNamespace()
  expect(await namespace()).toMatchObject({
    status: 'AVAILABLE',
    dbName: 'dev',
    iamRoles: [expect.stringContaining(role)],
    defaultIamRoleArn: role,
  })
  expect((await errorOf(createNamespace())).name).toBe('ConflictException')
  const { workgroup: made } = await createWorkgroup()
  expect([made?.status, made?.endpoint]).toEqual(['CREATING', undefined])
  expect([(await workgroup())?.status, (await workgroup())?.status]).toEqual(['CREATING', 'CREATING'])
  expect(await workgroup()).toMatchObject({
    status: 'AVAILABLE',
    baseCapacity: 4,
    maxCapacity: 8,
    endpoint: { address: 'events.123456789012.us-west-2.redshift-serverless.amazonaws.com', port: 5439 },
  })
  const early = await errorOf(deleteNamespace())
  expect(early).toBeInstanceOf(ConflictException)
  await deleteWorkgroup()
  const busy = await errorOf(deleteWorkgroup())
  expect([busy.name, busy.message]).toEqual([
    'ConflictException',
    'There is an operation running on the workgroup. Try deleting the workgroup again later.',
  ])
  expect((await workgroup())?.status).toBe('DELETING')
  expect((await errorOf(workgroup())).name).toBe('ResourceNotFoundException')
  await deleteNamespace()
  expect((await namespace())?.status).toBe('DELETING')
  expect((await errorOf(namespace())).name).toBe('ResourceNotFoundException')
  expect(double.remaining()).toEqual([])
})

test('the admin secret lives as long as its namespace', async () => {
  await createNamespace()
  const { adminPasswordSecretArn: SecretId } = (await namespace()) ?? {}
  const { Name, SecretString = '' } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  expect([Name, JSON.parse(SecretString).username]).toEqual(['redshift!events-admin', 'admin'])
  expect(await clients.secrets.send(new DescribeSecretCommand({ SecretId: Name }))).toMatchObject({
    OwningService: 'redshift',
    CreatedDate: expect.any(Date),
  })
  const { SecretList } = await clients.secrets.send(
    new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['redshift!events'] }] }),
  )
  expect(SecretList).toHaveLength(1)
  await deleteNamespace()
  for (const each of double.state.namespaces.values()) settle(each)
  expect((await errorOf(clients.secrets.send(new GetSecretValueCommand({ SecretId })))).name).toBe(
    'ResourceNotFoundException',
  )
})

describe('what CreateWorkgroup refuses', () => {
  test.each<[string, Partial<CreateWorkgroupCommandInput>, string, string | RegExp]>([
    ['3 RPU', { baseCapacity: 3 }, 'ValidationException', "The base capacity can't be less than 4 RPUs."],
    ['12 RPU', { baseCapacity: 12 }, 'ValidationException', 'The base capacity must be a multiple of 8.'],
    ['a maximum below the base', { baseCapacity: 16, maxCapacity: 8 }, 'ValidationException', /greater than or equal/],
    ['a port out of range', { port: 80 }, 'ValidationException', /5431-5455/],
    [
      'an unknown namespace',
      { namespaceName: 'none' },
      'ResourceNotFoundException',
      'Serverless namespace none not found.',
    ],
    [
      'an unknown group',
      { securityGroupIds: ['sg-0'] },
      'ValidationException',
      /^VPC Security group sg-0 does not exist in VPC vpc-/,
    ],
    ['a bad name', { workgroupName: 'Ev' }, 'ValidationException', /workgroupName/],
  ])('%s', async (_what, changes, name, message) => {
    await createNamespace()
    const error = await errorOf(createWorkgroup(changes))
    expect(error.name).toBe(name)
    if (typeof message === 'string') expect(error.message).toBe(message)
    else expect(error.message).toMatch(message)
  })

  test('two zones with enhanced routing', async () => {
    await createNamespace()
    const subnetIds = [...double.state.subnets.keys()].slice(0, 2)
    expect((await errorOf(createWorkgroup({ subnetIds, enhancedVpcRouting: true }))).message).toMatch(
      /37 free IP addresses in 3 subnets/,
    )
    await createWorkgroup({ subnetIds })
  })

  test('a second workgroup, and a network that is not there', async () => {
    await createNamespace()
    await createWorkgroup()
    expect((await errorOf(createWorkgroup({ workgroupName: 'second' }))).name).toBe('ConflictException')
    const other = await startAwsDouble({ network: 'no-default-vpc' })
    const { serverless } = clientsOf(other)
    await serverless.send(new CreateNamespaceCommand({ namespaceName: 'events' }))
    const error = await errorOf(
      serverless.send(
        new CreateWorkgroupCommand({ workgroupName: 'events', namespaceName: 'events', baseCapacity: 4 }),
      ),
    )
    expect(error.name).toBe('ValidationException')
    await other.close()
  })
})

test('without a base capacity it is 128 RPU', async () => {
  await createNamespace()
  await createWorkgroup({ baseCapacity: undefined, maxCapacity: undefined })
  expect((await workgroup())?.baseCapacity).toBe(128)
})

test('changes take a poll, one kind at a time', async () => {
  await createNamespace()
  await createWorkgroup()
  for (const each of double.state.workgroups.values()) settle(each)
  const update = (changes: object) =>
    clients.serverless.send(new UpdateWorkgroupCommand({ workgroupName: 'events', ...changes }))
  expect((await errorOf(update({ publiclyAccessible: false, port: 5440 }))).name).toBe('ValidationException')
  await update({ baseCapacity: 8, maxCapacity: 16 })
  expect((await errorOf(update({ port: 5440 }))).name).toBe('ConflictException')
  expect(await workgroup()).toMatchObject({ status: 'AVAILABLE', baseCapacity: 8, maxCapacity: 16 })
  await clients.serverless.send(new UpdateNamespaceCommand({ namespaceName: 'events', iamRoles: [role, `${role}2`] }))
  expect((await namespace())?.status).toBe('MODIFYING')
  expect((await namespace())?.iamRoles).toHaveLength(2)
})

test('usage limits', async () => {
  await createNamespace()
  const { workgroup: made } = await createWorkgroup()
  const limit = {
    resourceArn: made?.workgroupArn ?? '',
    usageType: 'serverless-compute' as const,
    amount: 4,
    period: 'daily' as const,
    breachAction: 'deactivate' as const,
  }
  const { usageLimit } = await clients.serverless.send(new CreateUsageLimitCommand(limit))
  expect(usageLimit).toMatchObject(limit)
  expect((await errorOf(clients.serverless.send(new CreateUsageLimitCommand(limit)))).name).toBe('ConflictException')
  const usageLimitId = usageLimit?.usageLimitId ?? ''
  await clients.serverless.send(new UpdateUsageLimitCommand({ usageLimitId, amount: 8 }))
  const { usageLimits } = await clients.serverless.send(new ListUsageLimitsCommand({ resourceArn: made?.workgroupArn }))
  expect(usageLimits).toMatchObject([{ amount: 8 }])
  await clients.serverless.send(new DeleteUsageLimitCommand({ usageLimitId }))
  expect((await errorOf(clients.serverless.send(new DeleteUsageLimitCommand({ usageLimitId })))).name).toBe(
    'ResourceNotFoundException',
  )
})

test('tags, lists, credentials, final snapshot', async () => {
  const { namespace: made } = await createNamespace()
  await createWorkgroup()
  const resourceArn = made?.namespaceArn
  await clients.serverless.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'more', value: 'yes' }] }))
  const listed = await clients.serverless.send(new ListTagsForResourceCommand({ resourceArn }))
  expect(listed.tags).toEqual([...tags, { key: 'more', value: 'yes' }])
  expect((await clients.serverless.send(new ListNamespacesCommand())).namespaces).toHaveLength(1)
  expect((await clients.serverless.send(new ListWorkgroupsCommand())).workgroups).toHaveLength(1)
  const credentials = await clients.serverless.send(new GetCredentialsCommand({ workgroupName: 'events' }))
  expect(credentials).toMatchObject({ dbUser: 'IAM:sparkify', expiration: expect.any(Date) })
  for (const each of double.state.workgroups.values()) settle(each)
  await deleteWorkgroup()
  for (const each of double.state.workgroups.values()) settle(each)
  await clients.serverless.send(
    new DeleteNamespaceCommand({ namespaceName: 'events', finalSnapshotName: 'last', finalSnapshotRetentionPeriod: 7 }),
  )
  for (const each of double.state.namespaces.values()) settle(each)
  const { snapshots } = await clients.serverless.send(new ListSnapshotsCommand())
  expect(snapshots).toMatchObject([{ snapshotName: 'last', snapshotRetentionPeriod: 7 }])
  await clients.serverless.send(new DeleteSnapshotCommand({ snapshotName: 'last' }))
  expect(double.remaining()).toEqual([])
})
