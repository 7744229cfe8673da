import {
  ClusterNotFoundFault,
  CreateClusterCommand,
  type CreateClusterCommandInput,
  CreateTagsCommand,
  DeleteClusterCommand,
  DeleteClusterSnapshotCommand,
  DescribeClusterSnapshotsCommand,
  DescribeClustersCommand,
  DescribeTagsCommand,
  GetClusterCredentialsCommand,
  GetClusterCredentialsWithIAMCommand,
  ModifyClusterCommand,
  ModifyClusterIamRolesCommand,
  PauseClusterCommand,
  paginateDescribeClusters,
  ResumeClusterCommand,
} from '@aws-sdk/client-redshift'
import { GetSecretValueCommand, ListSecretsCommand } from '@aws-sdk/client-secrets-manager'
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
const good: CreateClusterCommandInput = {
  ClusterIdentifier: 'events',
  NodeType: 'ra3.large',
  ClusterType: 'single-node',
  MasterUsername: 'admin',
  ManageMasterPassword: true,
  IamRoles: [role],
  DefaultIamRoleArn: role,
  PubliclyAccessible: true,
  Tags: [{ Key: 'project', Value: 'sparkify' }],
}

const create = (changes: Partial<CreateClusterCommandInput> = {}) =>
  clients.redshift.send(new CreateClusterCommand({ ...good, ...changes }))

const described = async () => {
  const { Clusters = [] } = await clients.redshift.send(new DescribeClustersCommand({ ClusterIdentifier: 'events' }))
  return Clusters[0]
}

async function createdAndReady(changes: Partial<CreateClusterCommandInput> = {}) {
  await create(changes)
  for (const cluster of double.state.clusters.values()) settle(cluster)
}

describe('a cluster', () => {
  test('is created, available, in sync, deleted: each after some polls', async () => {
    const { Cluster } = await create()
    expect(Cluster).toMatchObject({ ClusterStatus: 'creating', Encrypted: true, DBName: 'dev' })
    expect(Cluster?.Endpoint).toBeUndefined()
    const seen = []
    for (let polls = 0; polls < 4; polls += 1) {
      const cluster = await described()
      seen.push([cluster?.ClusterStatus, cluster?.IamRoles?.[0]?.ApplyStatus, cluster?.Endpoint?.Port])
    }
    expect(seen).toEqual([
      ['creating', 'adding', undefined],
      ['creating', 'adding', undefined],
      ['available', 'adding', 5439],
      ['available', 'in-sync', 5439],
    ])
    await clients.redshift.send(
      new DeleteClusterCommand({ ClusterIdentifier: 'events', SkipFinalClusterSnapshot: true }),
    )
    expect([(await described())?.ClusterStatus, (await described())?.ClusterStatus]).toEqual(['deleting', 'deleting'])
    const gone = await errorOf(described())
    expect(gone).toBeInstanceOf(ClusterNotFoundFault)
    expect(gone.message).toBe('Cluster events not found.')
    expect(double.remaining()).toEqual([])
  })

  test('listens where the test wants it to', async () => {
    double.state.settings.endpoint = { host: '127.0.0.1', port: 15439 }
    await createdAndReady()
    expect((await described())?.Endpoint).toMatchObject({ Address: '127.0.0.1', Port: 15439 })
  })

  test('has its password in Secrets Manager for as long as it lives', async () => {
    await createdAndReady()
    const { MasterPasswordSecretArn: SecretId } = (await described()) ?? {}
    const { Name, SecretString = '' } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }))
    expect(Name).toBe('redshift!events-admin')
    const { username, password } = JSON.parse(SecretString)
    expect(username).toBe('admin')
    expect(double.state.canaries.has(password)).toBe(true)
    await clients.redshift.send(
      new DeleteClusterCommand({ ClusterIdentifier: 'events', SkipFinalClusterSnapshot: true }),
    )
    for (const cluster of double.state.clusters.values()) settle(cluster)
    expect((await errorOf(clients.secrets.send(new GetSecretValueCommand({ SecretId })))).name).toBe(
      'ResourceNotFoundException',
    )
    expect((await clients.secrets.send(new ListSecretsCommand())).SecretList).toEqual([])
  })

  test('is made once', async () => {
    await create()
    expect((await errorOf(create())).name).toBe('ClusterAlreadyExistsFault')
  })

  test('refuses to be deleted or changed while something is going on, and gets there by being asked', async () => {
    await create()
    const remove = () =>
      clients.redshift.send(new DeleteClusterCommand({ ClusterIdentifier: 'events', SkipFinalClusterSnapshot: true }))
    const busy = await errorOf(remove())
    expect([busy.name, busy.message]).toEqual([
      'InvalidClusterStateFault',
      'There is an operation running on the Cluster. Please try to delete it at a later time.',
    ])
    await errorOf(remove())
    await errorOf(remove())
    await remove()
    expect((await described())?.ClusterStatus).toBe('deleting')
  })

  test('asks for a final snapshot unless told not to, and leaves it behind', async () => {
    await createdAndReady()
    const plain = await errorOf(clients.redshift.send(new DeleteClusterCommand({ ClusterIdentifier: 'events' })))
    expect(plain.name).toBe('InvalidParameterCombination')
    const tooLong = new DeleteClusterCommand({
      ClusterIdentifier: 'events',
      FinalClusterSnapshotIdentifier: 'last',
      FinalClusterSnapshotRetentionPeriod: 4000,
    })
    expect((await errorOf(clients.redshift.send(tooLong))).name).toBe('InvalidRetentionPeriodFault')
    const { Cluster } = await clients.redshift.send(
      new DeleteClusterCommand({
        ClusterIdentifier: 'events',
        FinalClusterSnapshotIdentifier: 'last',
        FinalClusterSnapshotRetentionPeriod: 7,
      }),
    )
    expect(Cluster?.ClusterStatus).toBe('final-snapshot')
    for (const cluster of double.state.clusters.values()) settle(cluster)
    expect(double.state.clusters.size).toBe(0)
    const early = new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'last' })
    expect((await errorOf(clients.redshift.send(early))).name).toBe('InvalidClusterSnapshotStateFault')
    const { Snapshots } = await clients.redshift.send(
      new DescribeClusterSnapshotsCommand({ ClusterIdentifier: 'events' }),
    )
    expect(Snapshots?.[0]).toMatchObject({
      SnapshotIdentifier: 'last',
      SnapshotType: 'manual',
      ManualSnapshotRetentionPeriod: 7,
      Tags: [],
    })
    expect(double.remaining().map(({ kind, name }) => `${kind} ${name}`)).toEqual(['snapshot last'])
    await clients.redshift.send(new DeleteClusterSnapshotCommand({ SnapshotIdentifier: 'last' }))
    expect(double.remaining()).toEqual([])
  })

  test('pauses and resumes', async () => {
    await createdAndReady()
    const ClusterIdentifier = 'events'
    await clients.redshift.send(new PauseClusterCommand({ ClusterIdentifier }))
    expect((await errorOf(clients.redshift.send(new PauseClusterCommand({ ClusterIdentifier })))).name).toBe(
      'InvalidClusterStateFault',
    )
    const statuses = [(await described())?.ClusterStatus]
    await clients.redshift.send(new ResumeClusterCommand({ ClusterIdentifier }))
    statuses.push((await described())?.ClusterStatus, (await described())?.ClusterStatus)
    expect(statuses).toEqual(['paused', 'resuming', 'available'])
  })

  test('takes other settings and other roles', async () => {
    await createdAndReady()
    const ClusterIdentifier = 'events'
    await clients.redshift.send(new ModifyClusterCommand({ ClusterIdentifier, PubliclyAccessible: false }))
    expect((await described())?.ClusterStatus).toBe('modifying')
    expect((await described())?.PubliclyAccessible).toBe(false)
    await clients.redshift.send(
      new ModifyClusterIamRolesCommand({ ClusterIdentifier, AddIamRoles: [`${role}2`], RemoveIamRoles: [role] }),
    )
    expect((await described())?.IamRoles?.map(({ ApplyStatus }) => ApplyStatus)).toEqual(['removing', 'adding'])
    expect((await described())?.IamRoles).toEqual([{ IamRoleArn: `${role}2`, ApplyStatus: 'in-sync' }])
  })

  test('has tags that can be read and added to', async () => {
    await createdAndReady()
    const ResourceName = 'arn:aws:redshift:us-west-2:123456789012:cluster:events'
    await clients.redshift.send(new CreateTagsCommand({ ResourceName, Tags: [{ Key: 'more', Value: 'yes' }] }))
    const { TaggedResources } = await clients.redshift.send(new DescribeTagsCommand({ ResourceName }))
    expect(TaggedResources?.map(({ Tag }) => Tag?.Key)).toEqual(['project', 'more'])
    const byTag = await clients.redshift.send(new DescribeClustersCommand({ TagKeys: ['none'] }))
    expect(byTag.Clusters).toEqual([])
  })

  test('can end where it does not come out of, and be deleted there', async () => {
    double.state.settings.clusterOutcome = 'incompatible-network'
    await createdAndReady()
    expect((await described())?.ClusterStatus).toBe('incompatible-network')
    await clients.redshift.send(
      new DeleteClusterCommand({ ClusterIdentifier: 'events', SkipFinalClusterSnapshot: true }),
    )
    expect((await described())?.ClusterStatus).toBe('deleting')
  })

  test('is listed in pages', async () => {
    for (let number = 0; number < 45; number += 1) await create({ ClusterIdentifier: `events-${number}` })
    const found = []
    for await (const { Clusters = [] } of paginateDescribeClusters({ client: clients.redshift, pageSize: 20 }, {}))
      found.push(Clusters.length)
    expect(found).toEqual([20, 20, 5])
  })

  test('gives temporary credentials', async () => {
    await createdAndReady()
    const named = await clients.redshift.send(
      new GetClusterCredentialsCommand({ ClusterIdentifier: 'events', DbUser: 'analyst' }),
    )
    const own = await clients.redshift.send(new GetClusterCredentialsWithIAMCommand({ ClusterIdentifier: 'events' }))
    expect([named.DbUser, own.DbUser]).toEqual(['IAM:analyst', 'IAM:sparkify'])
    expect(double.state.canaries.has(own.DbPassword ?? '')).toBe(true)
  })
})
