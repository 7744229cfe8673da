import { filtered, specifiedTags, tagSet } from './ec2-shapes.ts'
import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { addSecurityGroup, defaultVpcOf } from './network.ts'
import { integer, type Params, page, records, required, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'
import type { Region } from './state.ts'
import type { SecurityGroup, SecurityGroupRule } from './types.ts'
import type { XmlValue } from './xml.ts'

function notFound(id: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${id}' does not exist`)
}

function groupById(region: Region, id: string): SecurityGroup {
  if (!/^sg-[0-9a-f]+$/.test(id))
    throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${id}" (expecting "sg-...")`)
  const group = region.securityGroups.get(id)
  if (group === undefined) throw notFound(id)
  return group
}

/** A group named by id, or by name in the default VPC. */
function groupOf(params: Params, region: Region): SecurityGroup {
  const id = text(params, 'GroupId')
  if (id !== undefined) return groupById(region, id)
  const name = required(params, 'GroupName')
  const vpc = defaultVpcOf(region)
  const group = [...region.securityGroups.values()].find((each) => each.name === name && each.vpcId === vpc?.id)
  if (group === undefined) throw notFound(name)
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

export function createSecurityGroup(params: Params, { state, region }: CallContext): XmlValue {
  const name = required(params, 'GroupName')
  const description = required(params, 'GroupDescription')
  const vpcId = text(params, 'VpcId') ?? defaultVpcOf(region)?.id
  if (vpcId === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user')
  if (!region.vpcs.has(vpcId)) throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`)
  if (name.startsWith('sg-') || name.length > 255)
    throw new AwsError('InvalidParameterValue', `Value (${name}) for parameter GroupName is invalid.`)
  if (!/^[\w .:/()#,@[\]+=&;{}!$*-]{1,255}$/.test(description))
    throw new AwsError(
      'InvalidParameterValue',
      `Value (${description}) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.`,
    )
  if ([...region.securityGroups.values()].some((group) => group.name === name && group.vpcId === vpcId))
    throw new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`)
  const group = addSecurityGroup(state, region, { name, description, vpcId })
  group.tags = specifiedTags(params, 'security-group')
  group.readsUntilVisible = state.settings.polls.groupVisible
  return {
    groupId: group.id,
    securityGroupArn: state.arn('ec2', region.name, `security-group/${group.id}`),
    return: true,
    tagSet: tagSet(group),
  }
}

export function deleteSecurityGroup(params: Params, { region }: CallContext): XmlValue {
  const group = groupOf(params, region)
  if (group.name === 'default')
    throw new AwsError('CannotDelete', `the specified group: "${group.id}" name: "default" cannot be deleted by a user`)
  // A refused delete counts as a poll, so that a caller who only retries gets there too.
  for (const each of [...region.networkInterfaces.values()]) if (each.groupIds.includes(group.id)) poll(each)
  const users = [...region.networkInterfaces.values()].filter(({ groupIds }) => groupIds.includes(group.id))
  const referrers = [...region.securityGroups.values()].filter(
    ({ id, rules }) => id !== group.id && rules.some(({ groupId }) => groupId === group.id),
  )
  if (users.length > 0 || referrers.length > 0)
    throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`)
  region.securityGroups.delete(group.id)
  return { return: true, groupId: group.id }
}

/** The rules that a request spells out, one per address range. */
function rulesIn(params: Params, context: CallContext): SecurityGroupRule[] {
  const listed = records(params, 'IpPermissions')
  const permissions = listed.length > 0 ? listed : [params]
  const rules = permissions.flatMap((permission) => {
    const ranges = [
      ...records(permission, 'IpRanges').map((range) => ({ ...range, cidr: required(range, 'CidrIp') })),
      ...records(permission, 'Ipv6Ranges').map((range) => ({ ...range, cidr6: required(range, 'CidrIpv6') })),
      ...records(permission, 'Groups').map((range) => ({ ...range, groupId: required(range, 'GroupId') })),
    ] as (Params & { cidr?: string; cidr6?: string; groupId?: string })[]
    const plain = text(permission, 'CidrIp')
    if (plain !== undefined) ranges.push({ cidr: plain })
    return ranges.map((range) => ({
      id: context.state.id('sgr'),
      egress: false,
      protocol: required(permission, 'IpProtocol'),
      fromPort: integer(permission, 'FromPort') ?? -1,
      toPort: integer(permission, 'ToPort') ?? -1,
      cidr: range.cidr,
      cidr6: range.cidr6,
      groupId: range.groupId,
      description: text(range, 'Description'),
      tags: specifiedTags(params, 'security-group-rule'),
    }))
  })
  if (rules.length === 0) throw new AwsError('MissingParameter', 'The request must contain the parameter ipPermissions')
  for (const { cidr, fromPort, toPort } of rules) {
    if (cidr !== undefined && !isCidr(cidr))
      throw new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`)
    if (fromPort > toPort)
      throw new AwsError('InvalidParameterValue', `Invalid TCP port range: from ${fromPort} to ${toPort}`)
  }
  return rules
}

function isCidr(text: string): boolean {
  const [, address = '', bits = ''] = /^(.+)\/(\d+)$/.exec(text) ?? []
  const parts = address.split('.')
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256) && Number(bits) <= 32
}

function sameRule(a: SecurityGroupRule, b: SecurityGroupRule): boolean {
  return (
    a.egress === b.egress &&
    a.protocol === b.protocol &&
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    a.cidr === b.cidr &&
    a.cidr6 === b.cidr6 &&
    a.groupId === b.groupId
  )
}

export function authorizeIngress(params: Params, context: CallContext): XmlValue {
  const group = groupOf(params, context.region)
  const added = rulesIn(params, context)
  for (const rule of added)
    if (group.rules.some((each) => sameRule(each, rule)))
      throw new AwsError(
        'InvalidPermission.Duplicate',
        `the specified rule "peer: ${rule.cidr ?? rule.cidr6 ?? rule.groupId}, ${rule.protocol.toUpperCase()}, from port: ${rule.fromPort}, to port: ${rule.toPort}, ALLOW" already exists`,
      )
  group.rules.push(...added)
  return { return: true, securityGroupRuleSet: { item: added.map((rule) => showRule(group, rule, context)) } }
}

export function revokeIngress(params: Params, context: CallContext): XmlValue {
  const group = groupOf(params, context.region)
  const ids = texts(params, 'SecurityGroupRuleId')
  for (const id of ids)
    if (!group.rules.some((rule) => rule.id === id))
      throw new AwsError('InvalidSecurityGroupRuleId.NotFound', `The security group rule ID '${id}' does not exist`)
  const named = ids.length > 0 ? [] : rulesIn(params, context)
  for (const rule of named)
    if (!group.rules.some((each) => sameRule(each, rule)))
      throw new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')
  group.rules = group.rules.filter((rule) => !ids.includes(rule.id) && !named.some((each) => sameRule(each, rule)))
  return { return: true }
}

function showRule(group: SecurityGroup, rule: SecurityGroupRule, { state, region }: CallContext): XmlValue {
  return {
    securityGroupRuleId: rule.id,
    securityGroupRuleArn: state.arn('ec2', region.name, `security-group-rule/${rule.id}`),
    groupId: group.id,
    groupOwnerId: state.settings.account,
    isEgress: rule.egress,
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort,
    toPort: rule.toPort,
    cidrIpv4: rule.cidr,
    cidrIpv6: rule.cidr6,
    description: rule.description,
    referencedGroupInfo: rule.groupId === undefined ? undefined : { groupId: rule.groupId },
    tagSet: tagSet(rule),
  }
}

/** Rules of one direction as the older IpPermissions: one entry a port range, its addresses in it. */
function permissions(rules: readonly SecurityGroupRule[]): XmlValue {
  const byPorts = new Map<string, SecurityGroupRule[]>()
  for (const rule of rules) {
    const ports = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`
    byPorts.set(ports, [...(byPorts.get(ports) ?? []), rule])
  }
  return {
    item: [...byPorts.values()].map((same) => ({
      ipProtocol: same[0]?.protocol,
      fromPort: same[0]?.protocol === '-1' ? undefined : same[0]?.fromPort,
      toPort: same[0]?.protocol === '-1' ? undefined : same[0]?.toPort,
      groups: { item: same.flatMap(({ groupId }) => (groupId === undefined ? [] : [{ groupId }])) },
      ipRanges: {
        item: same.flatMap(({ cidr, description }) => (cidr === undefined ? [] : [{ cidrIp: cidr, description }])),
      },
      ipv6Ranges: {
        item: same.flatMap(({ cidr6, description }) => (cidr6 === undefined ? [] : [{ cidrIpv6: cidr6, description }])),
      },
      prefixListIds: {},
    })),
  }
}

export function describeSecurityGroups(params: Params, { state, region }: CallContext): XmlValue {
  const visible = visibleGroups(region)
  const ids = texts(params, 'GroupId')
  for (const id of ids) {
    groupById(region, id)
    if (!visible.some((group) => group.id === id)) throw notFound(id)
  }
  const names = texts(params, 'GroupName')
  const vpc = defaultVpcOf(region)
  const picked = visible.filter(
    (group) =>
      (ids.length === 0 || ids.includes(group.id)) &&
      (names.length === 0 || (names.includes(group.name) && group.vpcId === vpc?.id)),
  )
  for (const name of names) if (!picked.some((group) => group.name === name)) throw notFound(name)
  const matching = filtered(params, picked, {
    'group-id': ({ id }) => id,
    'group-name': ({ name }) => name,
    'vpc-id': ({ vpcId }) => vpcId,
    description: ({ description }) => description,
    'owner-id': () => state.settings.account,
    'ip-permission.cidr': ({ rules }) => rules.flatMap(({ cidr, egress }) => (egress ? [] : (cidr ?? []))),
    'ip-permission.from-port': ({ rules }) => rules.map(({ fromPort }) => String(fromPort)),
    'ip-permission.to-port': ({ rules }) => rules.map(({ toPort }) => String(toPort)),
  })
  const { items, next } = page(matching, integer(params, 'MaxResults') ?? 1000, text(params, 'NextToken'))
  return {
    securityGroupInfo: {
      item: items.map((group) => ({
        ownerId: state.settings.account,
        groupId: group.id,
        securityGroupArn: state.arn('ec2', region.name, `security-group/${group.id}`),
        groupName: group.name,
        groupDescription: group.description,
        vpcId: group.vpcId,
        ipPermissions: permissions(group.rules.filter(({ egress }) => !egress)),
        ipPermissionsEgress: permissions(group.rules.filter(({ egress }) => egress)),
        tagSet: tagSet(group),
      })),
    },
    nextToken: next,
  }
}

export function describeSecurityGroupRules(params: Params, context: CallContext): XmlValue {
  const all = visibleGroups(context.region).flatMap((group) =>
    group.rules.map((rule) => ({ group, rule, tags: rule.tags })),
  )
  const ids = texts(params, 'SecurityGroupRuleId')
  const picked = ids.length === 0 ? all : all.filter(({ rule }) => ids.includes(rule.id))
  const matching = filtered(params, picked, {
    'group-id': ({ group }) => group.id,
    'security-group-rule-id': ({ rule }) => rule.id,
  })
  const { items, next } = page(matching, integer(params, 'MaxResults') ?? 1000, text(params, 'NextToken'))
  return {
    securityGroupRuleSet: { item: items.map(({ group, rule }) => showRule(group, rule, context)) },
    nextToken: next,
  }
}
