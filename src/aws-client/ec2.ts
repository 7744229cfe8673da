import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeVpcAttributeCommand,
  type EC2Client,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import { collect, isNamed, undefinedIfNotFound } from './sdk-middleware.ts'
import { type Tags, tagList, tagsOf } from './settings.ts'

export { EC2Client as Client } from '@aws-sdk/client-ec2'

export interface Subnet {
  readonly id: string
  readonly vpcId: string
}

export interface RouteTable {
  /** The table of every subnet that names none. */
  readonly main: boolean
  readonly subnetIds: readonly string[]
  /** True if 0.0.0.0/0 goes to an internet gateway. */
  readonly toInternet: boolean
}

export interface SecurityGroup {
  readonly id: string
  readonly vpcId: string
  readonly tags: Tags
}

/** A rule that allows incoming connections. */
export interface IngressRule {
  readonly id: string
  readonly cidr: string | undefined
  readonly protocol: string
  readonly fromPort: number
  readonly toPort: number
}

const missingGroup = ['InvalidGroup.NotFound', 'InvalidGroupId.NotFound']

/** EC2: the network, and the security group in it. */
export function verbs(client: EC2Client) {
  return {
    async findDefaultVpc(): Promise<string | undefined> {
      const pages = paginateDescribeVpcs({ client }, { Filters: filter('is-default', 'true') })
      return (await collect(pages, ({ Vpcs }) => Vpcs))[0]?.VpcId
    },
    async findSubnets(options: { vpcId: string } | { ids: readonly string[] }): Promise<Subnet[]> {
      const input = 'ids' in options ? { SubnetIds: [...options.ids] } : { Filters: filter('vpc-id', options.vpcId) }
      const subnets = await collect(paginateDescribeSubnets({ client }, input), ({ Subnets }) => Subnets)
      return subnets.map(({ SubnetId = '', VpcId = '' }) => ({ id: SubnetId, vpcId: VpcId }))
    },
    async findRouteTables(vpcId: string): Promise<RouteTable[]> {
      const pages = paginateDescribeRouteTables({ client }, { Filters: filter('vpc-id', vpcId) })
      const tables = await collect(pages, ({ RouteTables }) => RouteTables)
      return tables.map(({ Associations = [], Routes = [] }) => ({
        main: Associations.some(({ Main }) => Main === true),
        subnetIds: Associations.flatMap(({ SubnetId }) => SubnetId ?? []),
        toInternet: Routes.some(
          ({ DestinationCidrBlock, GatewayId, State }) =>
            DestinationCidrBlock === '0.0.0.0/0' && GatewayId?.startsWith('igw-') && State !== 'blackhole',
        ),
      }))
    },
    /** Whether hosts of the VPC get public names: without it a public cluster has a name that leads to its private address. */
    async hasPublicNames(vpcId: string): Promise<boolean> {
      const answer = await client.send(
        new DescribeVpcAttributeCommand({ VpcId: vpcId, Attribute: 'enableDnsHostnames' }),
      )
      return answer.EnableDnsHostnames?.Value === true
    },
    /** Groups of this name, in one VPC or in all. */
    async findGroups(name: string, vpcId?: string): Promise<SecurityGroup[]> {
      const filters = [...filter('group-name', name), ...(vpcId === undefined ? [] : filter('vpc-id', vpcId))]
      const pages = paginateDescribeSecurityGroups({ client }, { Filters: filters })
      const groups = await collect(pages, ({ SecurityGroups }) => SecurityGroups)
      return groups.map(({ GroupId = '', VpcId = '', Tags }) => ({ id: GroupId, vpcId: VpcId, tags: tagsOf(Tags) }))
    },
    async createGroup(options: { name: string; description: string; vpcId: string; tags: Tags }): Promise<void> {
      await client.send(
        new CreateSecurityGroupCommand({
          GroupName: options.name,
          Description: options.description,
          VpcId: options.vpcId,
          TagSpecifications: [{ ResourceType: 'security-group', Tags: tagList(options.tags) }],
        }),
      )
    },
    async findRules(groupId: string): Promise<IngressRule[]> {
      const rules: IngressRule[] = []
      for await (const page of paginateDescribeSecurityGroupRules({ client }, { Filters: filter('group-id', groupId) }))
        for (const rule of page.SecurityGroupRules ?? [])
          if (rule.IsEgress === false)
            rules.push({
              id: rule.SecurityGroupRuleId ?? '',
              cidr: rule.CidrIpv4,
              protocol: rule.IpProtocol ?? '',
              fromPort: rule.FromPort ?? -1,
              toPort: rule.ToPort ?? -1,
            })
      return rules
    },
    /** Allows one address at one port. An existing rule counts as success. */
    async allow(
      groupId: string,
      { address, port, description }: { address: string; port: number; description: string },
    ): Promise<void> {
      const IpRanges = [{ CidrIp: `${address}/32`, Description: description }]
      const permission = { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges }
      try {
        await client.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [permission] }))
      } catch (error) {
        if (!isNamed(error, 'InvalidPermission.Duplicate')) throw error
      }
    },
    /** Removes rules. Missing rules count as success. */
    async revoke(groupId: string, ruleIds: readonly string[]): Promise<void> {
      await undefinedIfNotFound(
        ['InvalidSecurityGroupRuleId.NotFound', 'InvalidPermission.NotFound', ...missingGroup],
        () =>
          client.send(new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: [...ruleIds] })),
      )
    },
    async deleteGroup(groupId: string): Promise<void> {
      await undefinedIfNotFound(missingGroup, () => client.send(new DeleteSecurityGroupCommand({ GroupId: groupId })))
    },
    /** The network interfaces that a group guards: while there are any, it can't be deleted. */
    async findInterfaces(groupId: string): Promise<{ id: string; description: string }[]> {
      const pages = paginateDescribeNetworkInterfaces({ client }, { Filters: filter('group-id', groupId) })
      const interfaces = await collect(pages, ({ NetworkInterfaces }) => NetworkInterfaces)
      return interfaces.map(({ NetworkInterfaceId: id = '', Description: description = '' }) => ({ id, description }))
    },
  }
}

function filter(name: string, value: string) {
  return [{ Name: name, Values: [value] }]
}

export type Ec2 = ReturnType<typeof verbs>
