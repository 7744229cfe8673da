import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { attachInterface, defaultGroupOf, defaultVpcOf, releaseInterfaces } from './network.ts'
import { flag, integer, type Params, records, required, tags, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'
import { namespaceOf } from './serverless-namespaces.ts'
import type { Region } from './state.ts'
import type { Workgroup } from './types.ts'

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** The workgroup of a call, or ResourceNotFoundException. */
export function workgroupOf(params: Params, region: Region): Workgroup {
  const name = required(params, 'workgroupName')
  const workgroup = region.workgroups.get(name)
  if (workgroup === undefined)
    throw new AwsError('ResourceNotFoundException', `Serverless workgroup ${name} not found.`)
  return workgroup
}

/** A workgroup as GetWorkgroup shows it; the address comes when it is available. */
export function describeWorkgroup(workgroup: Workgroup, { state, region }: CallContext): Record<string, unknown> {
  const { endpoint, account } = state.settings
  const interfaces = [...region.networkInterfaces.values()].filter(({ owner }) => owner === workgroup.arn)
  return {
    workgroupName: workgroup.name,
    workgroupArn: workgroup.arn,
    workgroupId: workgroup.id,
    namespaceName: workgroup.namespaceName,
    status: workgroup.status,
    baseCapacity: workgroup.baseCapacity,
    maxCapacity: workgroup.maxCapacity,
    publiclyAccessible: workgroup.publiclyAccessible,
    enhancedVpcRouting: workgroup.enhancedVpcRouting,
    securityGroupIds: workgroup.securityGroupIds,
    subnetIds: workgroup.subnetIds,
    port: workgroup.port,
    configParameters: workgroup.parameters,
    ipAddressType: 'ipv4',
    trackName: 'current',
    creationDate: workgroup.createdAt.toISOString(),
    endpoint: workgroup.hasEndpoint
      ? {
          address: endpoint?.host ?? `${workgroup.name}.${account}.${region.name}.redshift-serverless.amazonaws.com`,
          port: endpoint?.port ?? workgroup.port,
          vpcEndpoints: [
            {
              vpcEndpointId: `vpce-${workgroup.id.slice(0, 8)}`,
              vpcId: interfaces[0]?.vpcId,
              networkInterfaces: interfaces.map((each) => ({
                networkInterfaceId: each.id,
                subnetId: each.subnetId,
                privateIpAddress: each.privateAddress,
                availabilityZone: each.zone,
              })),
            },
          ],
        }
      : undefined,
  }
}

/** RPU rules. The first two sentences were recorded live in September 2026. */
function validateCapacity(base: number, most: number | undefined): void {
  for (const [what, capacity] of [
    ['base', base],
    ['max', most],
  ] as const) {
    if (capacity === undefined) continue
    if (capacity < 4) throw invalid(`The ${what} capacity can't be less than 4 RPUs.`)
    if (capacity > 8 && capacity % 8 !== 0) throw invalid(`The ${what} capacity must be a multiple of 8.`)
    if (capacity > 4 && capacity < 8) throw invalid(`The ${what} capacity must be a multiple of 8.`)
    if (what === 'base' && capacity > 1024) throw invalid("The base capacity can't be greater than 1024 RPUs.")
  }
  if (most !== undefined && most < base)
    throw invalid('The max capacity must be greater than or equal to the base capacity.')
}

function placementOf(params: Params, region: Region): { vpcId: string; subnetIds: string[]; groupIds: string[] } {
  const vpc = defaultVpcOf(region)
  const given = texts(params, 'subnetIds')
  if (given.length === 0 && vpc === undefined)
    throw invalid("There isn't a default VPC. Create a default VPC, or specify subnets of another VPC.")
  const subnetIds =
    given.length > 0 ? given : [...region.subnets.values()].filter(({ vpcId }) => vpcId === vpc?.id).map(({ id }) => id)
  const subnets = subnetIds.map((id) => region.subnets.get(id))
  const vpcId = subnets[0]?.vpcId
  if (vpcId === undefined || subnets.some((subnet) => subnet?.vpcId !== vpcId))
    throw invalid('The specified subnets do not exist or are not all in the same VPC.')
  if (flag(params, 'enhancedVpcRouting') === true && new Set(subnets.map((subnet) => subnet?.zone)).size < 3)
    throw invalid(
      `There aren't enough free IP addresses in subnets ${subnetIds.join(', ')}. Amazon Redshift Serverless needs at least 37 free IP addresses in 3 subnets.`,
    )
  const groups = texts(params, 'securityGroupIds')
  for (const id of groups)
    if (region.securityGroups.get(id)?.vpcId !== vpcId)
      throw invalid(`VPC Security group ${id} does not exist in VPC ${vpcId}`)
  const defaultGroup = defaultGroupOf(region, vpcId)?.id
  return { vpcId, subnetIds, groupIds: groups.length > 0 || defaultGroup === undefined ? groups : [defaultGroup] }
}

function parametersOf(params: Params): Workgroup['parameters'] {
  return records(params, 'configParameters').map((each) => ({
    parameterKey: text(each, 'parameterKey') ?? '',
    parameterValue: text(each, 'parameterValue') ?? '',
  }))
}

/** The provisioned port ranges hold here too. */
function portOf(params: Params): number | undefined {
  const port = integer(params, 'port')
  if (port !== undefined && !(port >= 5431 && port <= 5455) && !(port >= 8191 && port <= 8215))
    throw invalid(`The port ${port} is not valid. The port must be within the ranges 5431-5455 or 8191-8215.`)
  return port
}

export function createWorkgroup(params: Params, context: CallContext) {
  const { state, region } = context
  const name = required(params, 'workgroupName')
  if (!/^[a-z0-9-]{3,64}$/.test(name))
    throw invalid(
      `1 validation error detected: Value '${name}' at 'workgroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z0-9-]+`,
    )
  const baseCapacity = integer(params, 'baseCapacity') ?? 128
  const maxCapacity = integer(params, 'maxCapacity')
  validateCapacity(baseCapacity, maxCapacity)
  const port = portOf(params) ?? 5439
  if (region.workgroups.has(name))
    throw new AwsError('ConflictException', `Serverless workgroup ${name} already exists.`)
  const namespace = namespaceOf(params, region)
  if (namespace.status !== 'AVAILABLE') {
    poll(namespace)
    throw new AwsError('ConflictException', 'There is an operation running on the namespace. Try again later.')
  }
  if ([...region.workgroups.values()].some(({ namespaceName }) => namespaceName === namespace.name))
    throw new AwsError('ConflictException', `The namespace ${namespace.name} already has a workgroup.`)
  const placement = placementOf(params, region)
  const id = state.uuid()
  const workgroup: Workgroup = {
    name,
    id,
    arn: state.arn('redshift-serverless', region.name, `workgroup/${id}`),
    namespaceName: namespace.name,
    status: 'CREATING',
    baseCapacity,
    maxCapacity,
    publiclyAccessible: flag(params, 'publiclyAccessible') ?? false,
    enhancedVpcRouting: flag(params, 'enhancedVpcRouting') ?? false,
    securityGroupIds: placement.groupIds,
    subnetIds: placement.subnetIds,
    port,
    hasEndpoint: false,
    parameters: parametersOf(params),
    createdAt: new Date(),
    tags: tags(params, 'tags'),
    pending: undefined,
  }
  region.workgroups.set(name, workgroup)
  for (const subnetId of placement.subnetIds)
    attachInterface(state, region, workgroup.arn, {
      subnetId,
      groupIds: placement.groupIds,
      isPublic: workgroup.publiclyAccessible,
    })
  begin(workgroup, state.settings.polls.workgroupAvailable, () => {
    workgroup.status = 'AVAILABLE'
    workgroup.hasEndpoint = true
  })
  return { workgroup: describeWorkgroup(workgroup, context) }
}

function refuseWhileBusy(workgroup: Workgroup, verb: string): void {
  if (workgroup.status === 'AVAILABLE') return
  // The refusal counts as a poll, so that a caller who only retries gets there too.
  poll(workgroup)
  throw new AwsError(
    'ConflictException',
    `There is an operation running on the workgroup. Try ${verb} the workgroup again later.`,
  )
}

const changeable = [
  'baseCapacity',
  'maxCapacity',
  'publiclyAccessible',
  'enhancedVpcRouting',
  'port',
  'configParameters',
]

export function updateWorkgroup(params: Params, context: CallContext) {
  const { state, region } = context
  const workgroup = workgroupOf(params, region)
  refuseWhileBusy(workgroup, 'updating')
  // Users were told this one; which settings may go together is not documented. Capacities are sent together by Terraform.
  const groupsOfChanges = new Set(
    changeable.filter((name) => name in params).map((name) => (name.endsWith('Capacity') ? 'capacity' : name)),
  )
  if (groupsOfChanges.size > 1) throw invalid("Can't update multiple configurations at the same time for workgroup.")
  const baseCapacity = integer(params, 'baseCapacity') ?? workgroup.baseCapacity
  const maxCapacity = integer(params, 'maxCapacity') ?? workgroup.maxCapacity
  validateCapacity(baseCapacity, maxCapacity)
  const port = portOf(params) ?? workgroup.port
  const placement = placementOf({ subnetIds: workgroup.subnetIds, ...params }, region)
  const groupIds = 'securityGroupIds' in params ? placement.groupIds : workgroup.securityGroupIds
  workgroup.status = 'MODIFYING'
  begin(workgroup, state.settings.polls.workgroupModified, () => {
    Object.assign(workgroup, { status: 'AVAILABLE', baseCapacity, maxCapacity, port, securityGroupIds: groupIds })
    workgroup.publiclyAccessible = flag(params, 'publiclyAccessible') ?? workgroup.publiclyAccessible
    workgroup.enhancedVpcRouting = flag(params, 'enhancedVpcRouting') ?? workgroup.enhancedVpcRouting
    if ('configParameters' in params) workgroup.parameters = parametersOf(params)
    for (const each of region.networkInterfaces.values()) if (each.owner === workgroup.arn) each.groupIds = groupIds
  })
  return { workgroup: describeWorkgroup(workgroup, context) }
}

export function deleteWorkgroup(params: Params, context: CallContext) {
  const { state, region } = context
  const workgroup = workgroupOf(params, region)
  refuseWhileBusy(workgroup, 'deleting')
  workgroup.status = 'DELETING'
  begin(workgroup, state.settings.polls.workgroupDeleted, () => {
    region.workgroups.delete(workgroup.name)
    // Whether limits go with their workgroup is not documented; they are of no use without it.
    for (const limit of [...region.usageLimits.values()])
      if (limit.resourceArn === workgroup.arn) region.usageLimits.delete(limit.id)
    releaseInterfaces(state, region, workgroup.arn)
  })
  return { workgroup: describeWorkgroup(workgroup, context) }
}
