import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { addSecurityGroup, defaultVpcOf } from './network.ts'
import { integer, type Params, records, required, tags, text, texts } from './params.ts'
import { type CallContext, queryService } from './protocols.ts'
import type { Region } from './state.ts'
import type { SecurityGroup, SecurityGroupRule } from './types.ts'

type Values = string | readonly string[]

/** The things that pass all filters of a request; values of one filter are alternatives. */
function filtered<Thing>(
  params: Params,
  things: Iterable<Thing>,
  known: Readonly<Record<string, (thing: Thing) => Values>>,
): Thing[] {
  const tests = records(params, 'Filter').map((filter) => {
    const valuesOf = known[required(filter, 'Name')]
    if (valuesOf === undefined) throw new Error(`the double doesn't know the filter ${filter.Name}`)
    const wanted = texts(filter, 'Value')
    return (thing: Thing) => [valuesOf(thing)].flat().some((value) => wanted.includes(value))
  })
  return [...things].filter((thing) => tests.every((test) => test(thing)))
}

function groupOf(params: Params, region: Region): SecurityGroup {
  const id = required(params, 'GroupId')
  const group = region.securityGroups.get(id)
  if (group === undefined) throw new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
  return group
}

/** The groups that reads already see. */
function visibleGroups(region: Region): SecurityGroup[] {
  return [...region.securityGroups.values()].filter((group) => {
    if (group.readsUntilVisible === 0) return true
    group.readsUntilVisible -= 1
    return false
  })
}

function createSecurityGroup(params: Params, { state, region }: CallContext) {
  const name = required(params, 'GroupName')
  const description = required(params, 'GroupDescription')
  const vpcId = text(params, 'VpcId') ?? defaultVpcOf(region)?.id ?? ''
  if (!region.vpcs.has(vpcId)) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`)
  if (!/^(?!sg-)[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/.test(name) || !/^[ -~]{1,255}$/.test(description))
    throw new AwsError('InvalidParameterValue', `Value (${name}: ${description}) is invalid.`)
  if ([...region.securityGroups.values()].some((group) => group.name === name && group.vpcId === vpcId))
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`)
  const group = addSecurityGroup(state, region, { name, description, vpcId })
  group.tags = records(params, 'TagSpecification').flatMap((each) => tags(each, 'Tag'))
  group.readsUntilVisible = state.settings.polls.groupVisible
  return { groupId: group.id }
}

function deleteSecurityGroup(params: Params, { region }: CallContext) {
  const { id } = groupOf(params, region)
  const users = () => [...region.networkInterfaces.values()].filter(({ groupIds }) => groupIds.includes(id))
  // A refused delete counts as a poll, so that a caller who only retries gets there too.
  for (const each of users()) poll(each)
  if (users().length > 0) throw new AwsError('DependencyViolation', `resource ${id} has a dependent object`)
  region.securityGroups.delete(id)
}

/** The rules that a request spells out, one per address range. */
function rulesIn(params: Params, { state }: CallContext): SecurityGroupRule[] {
  return records(params, 'IpPermissions').flatMap((permission) =>
    records(permission, 'IpRanges').map((range) => ({
      id: state.id('sgr'),
      egress: false,
      protocol: required(permission, 'IpProtocol'),
      fromPort: integer(permission, 'FromPort') ?? -1,
      toPort: integer(permission, 'ToPort') ?? -1,
      cidr: required(range, 'CidrIp'),
      description: text(range, 'Description'),
    })),
  )
}

function authorizeIngress(params: Params, context: CallContext) {
  const group = groupOf(params, context.region)
  for (const rule of rulesIn(params, context)) {
    const { cidr, protocol, fromPort, toPort } = rule
    if (!/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(cidr))
      throw new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`)
    const isSame = (each: SecurityGroupRule) =>
      !each.egress && each.cidr === cidr && each.fromPort === fromPort && each.toPort === toPort
    if (group.rules.some(isSame))
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${cidr}, ${protocol.toUpperCase()}, from port: ${fromPort}, to port: ${toPort}, ALLOW" already exists`,
      )
    group.rules.push(rule)
  }
}

function revokeIngress(params: Params, { region }: CallContext) {
  const group = groupOf(params, region)
  const ids = texts(params, 'SecurityGroupRuleId')
  for (const id of ids)
    if (!group.rules.some((rule) => rule.id === id))
      throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
  group.rules = group.rules.filter((rule) => !ids.includes(rule.id))
}

/** EC2: the network, and the security groups in it. */
export const ec2 = queryService('ec2', 'http://ec2.amazonaws.com/doc/2016-11-15/', {
  DescribeVpcs(params, { region }) {
    const found = filtered(params, region.vpcs.values(), { 'is-default': ({ isDefault }) => String(isDefault) })
    const item = found.map(({ id, cidr, isDefault }) => ({ vpcId: id, cidrBlock: cidr, isDefault, state: 'available' }))
    return { vpcSet: { item } }
  },
  DescribeVpcAttribute(params, { region }) {
    const vpc = region.vpcs.get(required(params, 'VpcId'))
    const attribute = required(params, 'Attribute')
    if (vpc === undefined) throw new AwsError('InvalidVpcID.NotFound', 'The vpc ID does not exist')
    if (attribute !== 'enableDnsHostnames') throw new Error(`the double doesn't know the attribute ${attribute}`)
    return { vpcId: vpc.id, [attribute]: { value: vpc.dnsHostnames } }
  },
  DescribeSubnets(params, { region }) {
    const ids = texts(params, 'SubnetId')
    for (const id of ids)
      if (!region.subnets.has(id))
        throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${id}' does not exist`)
    const found = filtered(params, region.subnets.values(), { 'vpc-id': ({ vpcId }) => vpcId })
    const item = found
      .filter(({ id }) => ids.length === 0 || ids.includes(id))
      .map(({ id, vpcId, cidr, zone }) => ({ subnetId: id, vpcId, cidrBlock: cidr, availabilityZone: zone }))
    return { subnetSet: { item } }
  },
  DescribeRouteTables(params, { region }) {
    const found = filtered(params, region.routeTables.values(), { 'vpc-id': ({ vpcId }) => vpcId })
    const item = found.map(({ id, vpcId, routes, main, subnetIds }) => ({
      routeTableId: id,
      vpcId,
      routeSet: {
        item: routes.map(({ destination, target }) => ({
          destinationCidrBlock: destination,
          gatewayId: target,
          state: 'active',
        })),
      },
      // A subnet on the main table has no association of its own, as in EC2.
      associationSet: { item: main ? [{ main }] : subnetIds.map((subnetId) => ({ main, subnetId })) },
    }))
    return { routeTableSet: { item } }
  },
  DescribeNetworkInterfaces(params, { region }) {
    for (const each of region.networkInterfaces.values()) poll(each)
    const found = filtered(params, region.networkInterfaces.values(), { 'group-id': ({ groupIds }) => groupIds })
    const item = found.map(({ id, vpcId, description }) => ({ networkInterfaceId: id, vpcId, description }))
    return { networkInterfaceSet: { item } }
  },
  DescribeSecurityGroups(params, { region }) {
    const found = filtered(params, visibleGroups(region), {
      'group-name': ({ name }) => name,
      'vpc-id': ({ vpcId }) => vpcId,
    })
    const item = found.map((group) => ({
      groupId: group.id,
      groupName: group.name,
      groupDescription: group.description,
      vpcId: group.vpcId,
      tagSet: { item: group.tags },
    }))
    return { securityGroupInfo: { item } }
  },
  DescribeSecurityGroupRules(params, { region }) {
    const all = visibleGroups(region).flatMap((group) => group.rules.map((rule) => ({ ...rule, groupId: group.id })))
    const found = filtered(params, all, { 'group-id': ({ groupId }) => groupId })
    const item = found.map(({ id, groupId, egress, protocol, fromPort, toPort, cidr, description }) => ({
      ...{ securityGroupRuleId: id, groupId, isEgress: egress, ipProtocol: protocol },
      ...{ fromPort, toPort, cidrIpv4: cidr, description },
    }))
    return { securityGroupRuleSet: { item } }
  },
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  AuthorizeSecurityGroupIngress: authorizeIngress,
  RevokeSecurityGroupIngress: revokeIngress,
})
