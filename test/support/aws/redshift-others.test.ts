import { CreateRoleCommand } from '@aws-sdk/client-iam'
import {
  CreateClusterSubnetGroupCommand,
  CreateScheduledActionCommand,
  DeleteClusterSubnetGroupCommand,
  DeleteScheduledActionCommand,
  DescribeClusterSubnetGroupsCommand,
  DescribeOrderableClusterOptionsCommand,
  DescribeScheduledActionsCommand,
  ModifyScheduledActionCommand,
} from '@aws-sdk/client-redshift'
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

const tags = [{ Key: 'project', Value: 'sparkify' }]

test('a subnet group needs subnets of one VPC, and is made once', async () => {
  const SubnetIds = [...double.state.subnets.keys()]
  const group = { ClusterSubnetGroupName: 'mine', Description: 'mine', SubnetIds, Tags: tags }
  await clients.redshift.send(new CreateClusterSubnetGroupCommand(group))
  expect((await errorOf(clients.redshift.send(new CreateClusterSubnetGroupCommand(group)))).name).toBe(
    'ClusterSubnetGroupAlreadyExistsFault',
  )
  const bad = new CreateClusterSubnetGroupCommand({ ...group, ClusterSubnetGroupName: 'x', SubnetIds: ['subnet-0'] })
  expect((await errorOf(clients.redshift.send(bad))).name).toBe('InvalidSubnet')
  const { ClusterSubnetGroups } = await clients.redshift.send(new DescribeClusterSubnetGroupsCommand())
  expect(ClusterSubnetGroups?.[0]).toMatchObject({ ClusterSubnetGroupName: 'mine', Tags: tags })
  expect(ClusterSubnetGroups?.[0]?.Subnets).toHaveLength(3)
  await clients.redshift.send(new DeleteClusterSubnetGroupCommand({ ClusterSubnetGroupName: 'mine' }))
  expect(double.remaining()).toEqual([])
})

test('what can be ordered', async () => {
  const options = async (NodeType: string) =>
    (
      await clients.redshift.send(new DescribeOrderableClusterOptionsCommand({ NodeType }))
    ).OrderableClusterOptions?.map(({ ClusterType }) => ClusterType)
  expect([await options('rg.large'), await options('ra3.16xlarge'), await options('dc2.large')]).toEqual([
    ['single-node', 'multi-node'],
    ['multi-node'],
    [],
  ])
})

describe('a scheduled action', () => {
  const schedule = (Schedule: string) =>
    new CreateScheduledActionCommand({
      ScheduledActionName: 'stop',
      Schedule,
      IamRole: 'arn:aws:iam::123456789012:role/scheduler',
      TargetAction: { PauseCluster: { ClusterIdentifier: 'events' } },
    })

  test('needs cron() or at(), and a role the scheduler may take on', async () => {
    const bare = await errorOf(clients.redshift.send(schedule('2030-01-01T00:00:00')))
    expect([bare.name, bare.message]).toEqual([
      'InvalidScheduleFault',
      'The schedule expression must be encapsulated by cron() or at().',
    ])
    const create = () => clients.redshift.send(schedule('at(2030-01-01T00:00:00)'))
    const unknownRole = await errorOf(create())
    expect([unknownRole.name, unknownRole.message]).toEqual([
      'InvalidParameterValue',
      expect.stringContaining('The IAM role must delegate access to Amazon Redshift scheduler'),
    ])
    const trust = {
      Effect: 'Allow',
      Principal: { Service: 'scheduler.redshift.amazonaws.com' },
      Action: 'sts:AssumeRole',
    }
    await clients.iam.send(
      new CreateRoleCommand({
        RoleName: 'scheduler',
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
      }),
    )
    // A new role is not believed at once.
    await errorOf(create())
    await errorOf(create())
    const made = await create()
    expect(made).toMatchObject({
      State: 'ACTIVE',
      TargetAction: { PauseCluster: { ClusterIdentifier: 'events' } },
      NextInvocations: [new Date('2030-01-01T00:00:00Z')],
    })
    expect((await errorOf(create())).name).toBe('ScheduledActionAlreadyExistsFault')
    await clients.redshift.send(
      new ModifyScheduledActionCommand({ ScheduledActionName: 'stop', Schedule: 'cron(0 22 * * ? *)', Enable: false }),
    )
    const { ScheduledActions } = await clients.redshift.send(
      new DescribeScheduledActionsCommand({ TargetActionType: 'PauseCluster' }),
    )
    expect(ScheduledActions).toMatchObject([{ Schedule: 'cron(0 22 * * ? *)', State: 'DISABLED' }])
    const remove = () => clients.redshift.send(new DeleteScheduledActionCommand({ ScheduledActionName: 'stop' }))
    await remove()
    expect((await errorOf(remove())).name).toBe('ScheduledActionNotFoundFault')
  })
})
