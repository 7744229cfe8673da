import {
  CreateClusterCommand,
  type CreateClusterCommandInput,
  CreateClusterSubnetGroupCommand,
  DeleteClusterSubnetGroupCommand,
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

describe('what CreateCluster refuses', () => {
  test.each<[string, Partial<CreateClusterCommandInput>, string, string | RegExp]>([
    ['a retired node type', { NodeType: 'dc2.large' }, 'InvalidParameterValue', 'Invalid node type: dc2.large'],
    [
      'one node as a multi-node cluster',
      { ClusterType: 'multi-node', NumberOfNodes: 1 },
      'InvalidParameterValue',
      'Number of nodes for cluster type multi-node must be greater than or equal to 2.',
    ],
    [
      'two nodes as a single-node cluster',
      { NumberOfNodes: 2 },
      'InvalidParameterValue',
      'Number of nodes must be 1 or not be supplied for cluster type single-node.',
    ],
    ['a large node alone', { NodeType: 'ra3.4xlarge' }, 'InvalidParameterCombination', /single-node/],
    ['a bad identifier', { ClusterIdentifier: 'Bad--Id-' }, 'InvalidParameterValue', /not a valid identifier/],
    ['a password both given and managed', { MasterUserPassword: 'Secret123' }, 'InvalidParameterValue', /opting in/],
    ['no encryption', { Encrypted: false }, 'InvalidParameterValue', /[Ee]ncrypt/],
    ['a port out of range', { Port: 1234 }, 'InvalidParameterValue', /5431-5455/],
    ['no automated snapshots', { AutomatedSnapshotRetentionPeriod: 0 }, 'InvalidParameterValue', /1 and 35/],
    [
      'a retention beyond ten years',
      { ManualSnapshotRetentionPeriod: 4000 },
      'InvalidRetentionPeriodFault',
      'Retention period cannot exceed 3653 days.',
    ],
    ['a default role not among the roles', { IamRoles: [] }, 'InvalidParameterValue', /default IAM Role/],
    ['an unknown subnet group', { ClusterSubnetGroupName: 'nowhere' }, 'ClusterSubnetGroupNotFoundFault', /nowhere/],
    [
      'an unknown security group',
      { VpcSecurityGroupIds: ['sg-0'] },
      'InvalidParameterValue',
      /sg-0 does not exist in VPC/,
    ],
    [
      'another zone',
      { AvailabilityZone: 'us-west-2d' },
      'InvalidVPCNetworkStateFault',
      "Cluster subnet group default doesn't cover the AZ specified.",
    ],
  ])('%s', async (_what, changes, name, message) => {
    const error = await errorOf(create(changes))
    expect(error.name).toBe(name)
    if (typeof message === 'string') expect(error.message).toBe(message)
    else expect(error.message).toMatch(message)
    expect(double.remaining()).toEqual([])
  })

  test('a place in an account without a default VPC', async () => {
    const other = await startAwsDouble({ network: 'no-default-vpc' })
    const { redshift } = clientsOf(other)
    expect((await errorOf(redshift.send(new CreateClusterCommand(good)))).name).toBe('ClusterSubnetGroupNotFoundFault')
    await redshift.send(
      new CreateClusterSubnetGroupCommand({
        ClusterSubnetGroupName: 'mine',
        Description: 'mine',
        SubnetIds: [...other.state.subnets.keys()],
      }),
    )
    await redshift.send(new CreateClusterCommand({ ...good, ClusterSubnetGroupName: 'mine' }))
    const remove = () => redshift.send(new DeleteClusterSubnetGroupCommand({ ClusterSubnetGroupName: 'mine' }))
    expect((await errorOf(remove())).name).toBe('InvalidClusterSubnetGroupStateFault')
    await other.close()
  })
})
