import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import { CreateClusterCommand, DeleteClusterCommand, DescribeClustersCommand } from '@aws-sdk/client-redshift'
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

const createGroup = (GroupName = 'sparkify') =>
  clients.ec2.send(
    new CreateSecurityGroupCommand({
      GroupName,
      Description: 'lets one address in',
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'project', Value: 'sparkify' }] }],
    }),
  )

describe('the network', () => {
  test('of a new account: a default VPC, three public subnets', async () => {
    const { Vpcs } = await clients.ec2.send(
      new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
    )
    expect(Vpcs).toHaveLength(1)
    const VpcId = Vpcs?.[0]?.VpcId ?? ''
    const inVpc = [{ Name: 'vpc-id', Values: [VpcId] }]
    const { Subnets } = await clients.ec2.send(new DescribeSubnetsCommand({ Filters: inVpc }))
    expect(Subnets?.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual(['us-west-2a', 'us-west-2b', 'us-west-2c'])
    const { RouteTables } = await clients.ec2.send(new DescribeRouteTablesCommand({ Filters: inVpc }))
    expect(
      RouteTables?.[0]?.Routes?.map(({ DestinationCidrBlock, GatewayId }) => [
        DestinationCidrBlock,
        GatewayId?.slice(0, 4),
      ]),
    ).toEqual([
      ['172.31.0.0/16', 'loca'],
      ['0.0.0.0/0', 'igw-'],
    ])
    expect(RouteTables?.[0]?.Associations?.[0]?.Main).toBe(true)
    const { InternetGateways } = await clients.ec2.send(
      new DescribeInternetGatewaysCommand({ Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }] }),
    )
    expect(InternetGateways).toHaveLength(1)
    const { EnableDnsHostnames } = await clients.ec2.send(
      new DescribeVpcAttributeCommand({ VpcId, Attribute: 'enableDnsHostnames' }),
    )
    expect(EnableDnsHostnames?.Value).toBe(true)
    const { AvailabilityZones } = await clients.ec2.send(new DescribeAvailabilityZonesCommand())
    expect(AvailabilityZones).toHaveLength(4)
    expect((await clients.ec2.send(new DescribeAddressesCommand())).Addresses).toEqual([])
  })

  test.each([
    ['no-default-vpc', 1, 0, 2],
    ['no-vpc', 0, 0, 0],
    ['no-internet-route', 1, 1, 1],
  ] as const)('can be %s', async (network, vpcs, defaults, routes) => {
    const other = await startAwsDouble({ network })
    const { ec2 } = clientsOf(other)
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand())
    expect([Vpcs.length, Vpcs.filter(({ IsDefault }) => IsDefault).length]).toEqual([vpcs, defaults])
    const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand())
    expect(RouteTables?.flatMap(({ Routes = [] }) => Routes)).toHaveLength(routes)
    await other.close()
  })

  test('refuses filters it does not know, and ids that are not there', async () => {
    const badFilter = await errorOf(
      clients.ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'colour', Values: ['x'] }] })),
    )
    expect([badFilter.name, badFilter.message]).toEqual(['InvalidParameterValue', "The filter 'colour' is invalid"])
    const missing = await errorOf(clients.ec2.send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-0'] })))
    expect(missing.name).toBe('InvalidSubnetID.NotFound')
  })
})

test('a dry run says whether it would have worked', async () => {
  const dryRun = () =>
    clients.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'b', DryRun: true }))
  expect((await errorOf(dryRun())).name).toBe('DryRunOperation')
  double.state.denied.add('ec2:CreateSecurityGroup')
  expect((await errorOf(dryRun())).name).toBe('UnauthorizedOperation')
  expect(double.remaining()).toEqual([])
})

describe('security groups', () => {
  test('are made once, tagged, found by tag and name', async () => {
    const { GroupId } = await createGroup()
    const again = await errorOf(createGroup())
    expect([again.name, again.message]).toEqual([
      'InvalidGroup.Duplicate',
      `The security group 'sparkify' already exists for VPC '${[...double.state.vpcs.keys()][0]}'`,
    ])
    await clients.ec2.send(new CreateTagsCommand({ Resources: [GroupId ?? ''], Tags: [{ Key: 'more', Value: 'yes' }] }))
    const { SecurityGroups } = await clients.ec2.send(
      new DescribeSecurityGroupsCommand({
        Filters: [
          { Name: 'tag:project', Values: ['spark*'] },
          { Name: 'group-name', Values: ['sparkify'] },
        ],
      }),
    )
    expect(SecurityGroups?.[0]?.Tags).toEqual([
      { Key: 'project', Value: 'sparkify' },
      { Key: 'more', Value: 'yes' },
    ])
  })

  test('take rules, refuse them twice, give them back by id', async () => {
    const { GroupId } = await createGroup()
    const rule = {
      GroupId,
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 5439,
          ToPort: 5439,
          IpRanges: [{ CidrIp: '203.0.113.10/32', Description: 'me' }],
        },
      ],
    }
    const { SecurityGroupRules } = await clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule))
    const again = await errorOf(clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule)))
    expect([again.name, again.message]).toEqual([
      'InvalidPermission.Duplicate',
      'the specified rule "peer: 203.0.113.10/32, TCP, from port: 5439, to port: 5439, ALLOW" already exists',
    ])
    const { SecurityGroups } = await clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }))
    expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject(rule.IpPermissions)
    const filter = { Filters: [{ Name: 'group-id', Values: [GroupId ?? ''] }] }
    const rules = await clients.ec2.send(new DescribeSecurityGroupRulesCommand(filter))
    expect(rules.SecurityGroupRules?.map(({ IsEgress, CidrIpv4 }) => [IsEgress, CidrIpv4])).toEqual([
      [true, '0.0.0.0/0'],
      [false, '203.0.113.10/32'],
    ])
    const id = SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? ''
    await clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [id] }))
    const gone = await errorOf(clients.ec2.send(new RevokeSecurityGroupIngressCommand(rule)))
    expect(gone.name).toBe('InvalidPermission.NotFound')
  })

  test('the default one stays; ids are checked', async () => {
    const [group] = double.state.securityGroups.values()
    const refused = await errorOf(clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId: group?.id })))
    expect([refused.name, refused.message]).toEqual([
      'CannotDelete',
      `the specified group: "${group?.id}" name: "default" cannot be deleted by a user`,
    ])
    const nameOf = async (GroupId: string) =>
      (await errorOf(clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })))).name
    expect([await nameOf('nonsense'), await nameOf('sg-0123')]).toEqual([
      'InvalidGroupId.Malformed',
      'InvalidGroup.NotFound',
    ])
  })

  test('can stay out of sight at first', async () => {
    double.state.settings.polls.groupVisible = 1
    const { GroupId = '' } = await createGroup()
    const early = await errorOf(clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] })))
    expect(early.name).toBe('InvalidGroup.NotFound')
    const later = await clients.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [GroupId] }))
    expect(later.SecurityGroups).toHaveLength(1)
  })

  test('stay until the interface of a deleted cluster is released', async () => {
    const { GroupId = '' } = await createGroup()
    await clients.redshift.send(
      new CreateClusterCommand({
        ClusterIdentifier: 'events',
        NodeType: 'ra3.large',
        ClusterType: 'single-node',
        MasterUsername: 'admin',
        ManageMasterPassword: true,
        VpcSecurityGroupIds: [GroupId],
      }),
    )
    const cluster = double.state.clusters.get('events')
    if (cluster === undefined) throw new Error('no cluster')
    settle(cluster)
    const filter = new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] })
    const { NetworkInterfaces } = await clients.ec2.send(filter)
    expect(NetworkInterfaces?.[0]).toMatchObject({ Description: 'RedshiftNetworkInterface', RequesterManaged: true })
    await clients.redshift.send(
      new DeleteClusterCommand({ ClusterIdentifier: 'events', SkipFinalClusterSnapshot: true }),
    )
    const remove = () => clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId }))
    const busy = await errorOf(remove())
    expect([busy.name, busy.message]).toEqual(['DependencyViolation', `resource ${GroupId} has a dependent object`])
    for (let polls = 0; polls < 2; polls += 1) await clients.redshift.send(new DescribeClustersCommand())
    expect((await clients.redshift.send(new DescribeClustersCommand())).Clusters).toEqual([])
    expect([(await errorOf(remove())).name, (await errorOf(remove())).name]).toEqual([
      'DependencyViolation',
      'DependencyViolation',
    ])
    await remove()
    expect(double.remaining()).toEqual([])
    expect((await errorOf(remove())).name).toBe('InvalidGroup.NotFound')
  })
})
