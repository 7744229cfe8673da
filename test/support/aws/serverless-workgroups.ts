import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { defaultVpcOf } from './network.ts'
import { flag, integer, type Params, required, tags, texts } from './params.ts'
import type { CallContext } from './protocols.ts'
import { badPort, isPort } from './redshift-validation.ts'
import type { Region } from './state.ts'
import type { Namespace, Workgroup } from './types.ts'

const invalid = (message: string) => new AwsError('ValidationException', message)
const conflict = (message: string) => new AwsError('ConflictException', message)

function workgroupOf(params: Params, region: Region): Workgroup {
  const name = required(params, 'workgroupName')
  const workgroup = region.workgroups.get(name)
  if (workgroup === undefined)
    throw new AwsError('ResourceNotFoundException', `Serverless workgroup ${name} not found.`)
  return workgroup
}

/** A workgroup as GetWorkgroup shows it; the address comes when it is available. */
function show(workgroup: Workgroup, { state, region }: CallContext) {
  const { endpoint, account } = state.settings
  const address = `${workgroup.name}.${account}.${region.name}.redshift-serverless.amazonaws.com`
  const { name, arn, hasEndpoint, createdAt, tags: _tags, pending: _pending, ...rest } = workgroup
  return {
    workgroup: {
      ...rest,
      workgroupName: name,
      workgroupArn: arn,
      creationDate: createdAt.toISOString(),
      endpoint: hasEndpoint
        ? { address: endpoint?.host ?? address, port: endpoint?.port ?? workgroup.port }
        : undefined,
    },
  }
}

/** GetWorkgroup. */
export function describeWorkgroup(params: Params, context: CallContext) {
  poll(workgroupOf(params, context.region))
  // The poll may have been the last one of a workgroup that is going.
  return show(workgroupOf(params, context.region), context)
}

/** RPU rules. The first two sentences were recorded live in September 2026. */
function validateCapacity(base: number, most: number | undefined): void {
  for (const [what, capacity = 8] of [
    ['base', base],
    ['max', most],
  ] as const) {
    if (capacity < 4) throw invalid(`The ${what} capacity can't be less than 4 RPUs.`)
    if (capacity > 4 && capacity % 8 !== 0) throw invalid(`The ${what} capacity must be a multiple of 8.`)
  }
  if (base > 1024) throw invalid("The base capacity can't be greater than 1024 RPUs.")
  if (most !== undefined && most < base)
    throw invalid('The max capacity must be greater than or equal to the base capacity.')
}

function placementIn(params: Params, region: Region): { vpcId: string; subnetIds: string[] } {
  const vpc = defaultVpcOf(region)
  const given = texts(params, 'subnetIds')
  if (given.length === 0 && vpc === undefined)
    throw invalid("There isn't a default VPC. Create a default VPC, or specify subnets of another VPC.")
  const isTaken = (id: string, vpcId: string) => (given.length > 0 ? given.includes(id) : vpcId === vpc?.id)
  const subnets = [...region.subnets.values()].filter(({ id, vpcId }) => isTaken(id, vpcId))
  const [vpcId, ...others] = new Set(subnets.map((subnet) => subnet.vpcId))
  if (vpcId === undefined || others.length > 0 || (given.length > 0 && given.length !== subnets.length))
    throw invalid('The specified subnets do not exist or are not all in the same VPC.')
  return { vpcId, subnetIds: subnets.map(({ id }) => id) }
}

export function createWorkgroup(params: Params, context: CallContext, namespace: Namespace) {
  const { state, region } = context
  const name = required(params, 'workgroupName')
  if (!/^[a-z0-9-]{3,64}$/.test(name)) throw invalid(`Value '${name}' at 'workgroupName' failed to satisfy constraint`)
  const baseCapacity = integer(params, 'baseCapacity') ?? 128
  const maxCapacity = integer(params, 'maxCapacity')
  validateCapacity(baseCapacity, maxCapacity)
  const port = integer(params, 'port') ?? 5439
  if (!isPort(port)) throw invalid(badPort)
  if (region.workgroups.has(name)) throw conflict(`Serverless workgroup ${name} already exists.`)
  if (namespace.status !== 'AVAILABLE') {
    poll(namespace)
    throw conflict('There is an operation running on the namespace. Try again later.')
  }
  if ([...region.workgroups.values()].some(({ namespaceName }) => namespaceName === namespace.name))
    throw conflict(`The namespace ${namespace.name} already has a workgroup.`)
  const { vpcId, subnetIds } = placementIn(params, region)
  const workgroup: Workgroup = {
    ...{ name, vpcId, subnetIds, baseCapacity, maxCapacity, port },
    arn: state.arn('redshift-serverless', region.name, `workgroup/${state.id('wg')}`),
    namespaceName: namespace.name,
    status: 'CREATING',
    publiclyAccessible: flag(params, 'publiclyAccessible') ?? false,
    enhancedVpcRouting: flag(params, 'enhancedVpcRouting') ?? false,
    hasEndpoint: false,
    createdAt: new Date(),
    tags: tags(params, 'tags'),
    pending: undefined,
  }
  region.workgroups.set(name, workgroup)
  begin(workgroup, state.settings.polls.workgroupAvailable, () => {
    Object.assign(workgroup, { status: 'AVAILABLE', hasEndpoint: true })
  })
  return show(workgroup, context)
}

function refuseWhileBusy(workgroup: Workgroup, verb: string): void {
  if (workgroup.status === 'AVAILABLE') return
  // The refusal counts as a poll, so that a caller who only retries gets there too.
  poll(workgroup)
  throw conflict(`There is an operation running on the workgroup. Try ${verb} the workgroup again later.`)
}

export function updateWorkgroup(params: Params, context: CallContext) {
  const { state, region } = context
  const workgroup = workgroupOf(params, region)
  refuseWhileBusy(workgroup, 'updating')
  // Users were told this one; which settings may go together is not documented. Capacities are sent together by Terraform.
  if ('publiclyAccessible' in params && ('baseCapacity' in params || 'maxCapacity' in params))
    throw invalid("Can't update multiple configurations at the same time for workgroup.")
  const baseCapacity = integer(params, 'baseCapacity') ?? workgroup.baseCapacity
  const maxCapacity = integer(params, 'maxCapacity') ?? workgroup.maxCapacity
  validateCapacity(baseCapacity, maxCapacity)
  const publiclyAccessible = flag(params, 'publiclyAccessible') ?? workgroup.publiclyAccessible
  workgroup.status = 'MODIFYING'
  begin(workgroup, state.settings.polls.workgroupModified, () => {
    Object.assign(workgroup, { status: 'AVAILABLE', baseCapacity, maxCapacity, publiclyAccessible })
  })
  return show(workgroup, context)
}

export function deleteWorkgroup(params: Params, context: CallContext) {
  const { state, region } = context
  const workgroup = workgroupOf(params, region)
  refuseWhileBusy(workgroup, 'deleting')
  workgroup.status = 'DELETING'
  begin(workgroup, state.settings.polls.workgroupDeleted, () => {
    region.workgroups.delete(workgroup.name)
    // Whether limits go with their workgroup is not documented; they are of no use without it.
    for (const limit of region.usageLimits.values())
      if (limit.resourceArn === workgroup.arn) region.usageLimits.delete(limit.id)
  })
  return show(workgroup, context)
}
