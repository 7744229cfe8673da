import { AwsError } from './errors.ts'
import { poll } from './lifecycle.ts'
import { integer, type Params, page, required, text } from './params.ts'
import { type CallContext, jsonService } from './protocols.ts'
import {
  createNamespace,
  deleteNamespace,
  describeNamespace,
  namespaceOf,
  updateNamespace,
} from './serverless-namespaces.ts'
import {
  createWorkgroup,
  deleteWorkgroup,
  describeWorkgroup,
  updateWorkgroup,
  workgroupOf,
} from './serverless-workgroups.ts'
import type { Region } from './state.ts'
import type { Snapshot, Tagged, UsageLimit } from './types.ts'

function paged<Item>(params: Params, items: readonly Item[], listName: string, show: (item: Item) => unknown) {
  const { items: some, next } = page(items, integer(params, 'maxResults') ?? 100, text(params, 'nextToken'))
  return { [listName]: some.map(show), nextToken: next }
}

function describeLimit(limit: UsageLimit) {
  const { id, arn, ...rest } = limit
  return { usageLimitId: id, usageLimitArn: arn, ...rest }
}

function limitOf(params: Params, region: Region): UsageLimit {
  const id = required(params, 'usageLimitId')
  const limit = region.usageLimits.get(id)
  if (limit === undefined) throw new AwsError('ResourceNotFoundException', `Usage limit ${id} not found.`)
  return limit
}

function amountOf(params: Params): number {
  const amount = integer(params, 'amount') ?? 0
  if (amount <= 0) throw new AwsError('ValidationException', 'The amount must be a positive number.')
  return amount
}

function createUsageLimit(params: Params, { state, region }: CallContext) {
  const resourceArn = required(params, 'resourceArn')
  const usageType = required(params, 'usageType')
  const period = text(params, 'period') ?? 'monthly'
  if (![...region.workgroups.values()].some(({ arn }) => arn === resourceArn))
    throw new AwsError('ResourceNotFoundException', `Serverless workgroup ${resourceArn} not found.`)
  const same = [...region.usageLimits.values()].some(
    (limit) => limit.resourceArn === resourceArn && limit.usageType === usageType && limit.period === period,
  )
  // The documents name the exception; what makes two limits the same is our reading of them.
  if (same)
    throw new AwsError('ConflictException', 'A usage limit of this type and period already exists for the resource.')
  const id = state.uuid()
  const limit: UsageLimit = {
    id,
    arn: state.arn('redshift-serverless', region.name, `usagelimit/${id}`),
    resourceArn,
    usageType,
    amount: amountOf(params),
    period,
    breachAction: text(params, 'breachAction') ?? 'log',
  }
  region.usageLimits.set(id, limit)
  return { usageLimit: describeLimit(limit) }
}

function describeSnapshot(snapshot: Snapshot) {
  return {
    snapshotName: snapshot.identifier,
    namespaceName: snapshot.source,
    snapshotArn: snapshot.arn,
    snapshotCreateTime: snapshot.createdAt.toISOString(),
    adminUsername: snapshot.adminUsername,
    status: snapshot.status,
    snapshotRetentionPeriod: snapshot.retention,
    snapshotRemainingDays: snapshot.retention,
  }
}

/** Everything of this service that has tags, by its ARN. */
function thingByArn(params: Params, region: Region): Tagged {
  const arn = required(params, 'resourceArn')
  const things = [...region.namespaces.values(), ...region.workgroups.values(), ...region.serverlessSnapshots.values()]
  const thing = things.find((each) => each.arn === arn)
  if (thing === undefined) throw new AwsError('ResourceNotFoundException', `Resource ${arn} not found.`)
  return thing
}

/** Redshift Serverless: namespaces, workgroups and their limits. */
export const serverless = jsonService('redshift-serverless', {
  CreateNamespace: createNamespace,
  UpdateNamespace: updateNamespace,
  DeleteNamespace: deleteNamespace,
  GetNamespace(params, { region }) {
    const namespace = region.namespaces.get(required(params, 'namespaceName'))
    if (namespace !== undefined) poll(namespace)
    return { namespace: describeNamespace(namespaceOf(params, region)) }
  },
  ListNamespaces(params, { region }) {
    for (const namespace of [...region.namespaces.values()]) poll(namespace)
    return paged(params, [...region.namespaces.values()], 'namespaces', describeNamespace)
  },
  CreateWorkgroup: createWorkgroup,
  UpdateWorkgroup: updateWorkgroup,
  DeleteWorkgroup: deleteWorkgroup,
  GetWorkgroup(params, context) {
    const workgroup = context.region.workgroups.get(required(params, 'workgroupName'))
    if (workgroup !== undefined) poll(workgroup)
    return { workgroup: describeWorkgroup(workgroupOf(params, context.region), context) }
  },
  CreateUsageLimit: createUsageLimit,
  ListUsageLimits(params, { region }) {
    const resourceArn = text(params, 'resourceArn')
    const usageType = text(params, 'usageType')
    const found = [...region.usageLimits.values()].filter(
      (limit) =>
        (resourceArn === undefined || limit.resourceArn === resourceArn) &&
        (usageType === undefined || limit.usageType === usageType),
    )
    return paged(params, found, 'usageLimits', describeLimit)
  },
  UpdateUsageLimit(params, { region }) {
    const limit = limitOf(params, region)
    if ('amount' in params) limit.amount = amountOf(params)
    limit.breachAction = text(params, 'breachAction') ?? limit.breachAction
    return { usageLimit: describeLimit(limit) }
  },
  DeleteUsageLimit(params, { region }) {
    const limit = limitOf(params, region)
    region.usageLimits.delete(limit.id)
    return { usageLimit: describeLimit(limit) }
  },
  ListSnapshots(params, { region }) {
    const namespace = text(params, 'namespaceName')
    for (const snapshot of region.serverlessSnapshots.values()) poll(snapshot)
    const found = [...region.serverlessSnapshots.values()].filter(
      ({ source }) => namespace === undefined || source === namespace,
    )
    return paged(params, found, 'snapshots', describeSnapshot)
  },
  ListTagsForResource: (params, { region }) => ({ tags: thingByArn(params, region).tags }),
})
