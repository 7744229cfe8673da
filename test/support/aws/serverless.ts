import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { flag, integer, type Params, required, tags, text, texts } from './params.ts'
import { type CallContext, jsonService } from './protocols.ts'
import { badRoles } from './redshift-validation.ts'
import { createWorkgroup, deleteWorkgroup, describeWorkgroup, updateWorkgroup } from './serverless-workgroups.ts'
import type { Region } from './state.ts'
import type { Namespace, UsageLimit } from './types.ts'

const invalid = (message: string) => new AwsError('ValidationException', message)
const notFound = (what: string) => new AwsError('ResourceNotFoundException', `${what} not found.`)
const conflict = (message: string) => new AwsError('ConflictException', message)

function namespaceOf(params: Params, region: Region): Namespace {
  const name = required(params, 'namespaceName')
  const namespace = region.namespaces.get(name)
  if (namespace === undefined) throw notFound(`Serverless namespace ${name}`)
  return namespace
}

/** A namespace as GetNamespace shows it. Roles are texts that hold more than the ARN, as AWS sends them. */
function describeNamespace(namespace: Namespace) {
  return {
    namespaceName: namespace.name,
    namespaceArn: namespace.arn,
    status: namespace.status,
    adminUsername: namespace.adminUsername,
    dbName: namespace.dbName,
    iamRoles: namespace.roles.map((arn) => `IamRole(applyStatus=in-sync, iamRoleArn=${arn})`),
    adminPasswordSecretArn: namespace.secretArn,
    creationDate: namespace.createdAt.toISOString(),
  }
}

function rolesIn(params: Params): string[] {
  const roles = texts(params, 'iamRoles')
  const problem = badRoles(roles, text(params, 'defaultIamRoleArn'))
  if (problem !== undefined) throw invalid(problem)
  return roles
}

function createNamespace(params: Params, { state, region }: CallContext) {
  const name = required(params, 'namespaceName')
  if (!/^[a-z0-9-]{3,64}$/.test(name)) throw invalid(`Value '${name}' at 'namespaceName' failed to satisfy constraint`)
  if (region.namespaces.has(name)) throw conflict(`Serverless namespace ${name} already exists.`)
  // The double knows managed passwords only.
  if (!flag(params, 'manageAdminPassword')) throw invalid('adminUserPassword is required.')
  const roles = rolesIn(params)
  const adminUsername = required(params, 'adminUsername')
  state.addServiceLinkedRole()
  const namespace: Namespace = {
    ...{ name, adminUsername, roles },
    arn: state.arn('redshift-serverless', region.name, `namespace/${state.id('ns')}`),
    // The only states are AVAILABLE, MODIFYING and DELETING: a namespace is there at once.
    status: 'AVAILABLE',
    dbName: text(params, 'dbName') ?? 'dev',
    secretArn: state.addManagedSecret(region, name, adminUsername),
    createdAt: new Date(),
    tags: tags(params, 'tags'),
    pending: undefined,
  }
  region.namespaces.set(name, namespace)
  return { namespace: describeNamespace(namespace) }
}

function refuseWhileBusy(namespace: Namespace, verb: string): void {
  if (namespace.status === 'AVAILABLE') return
  poll(namespace)
  throw conflict(`There is an operation running on the namespace. Try ${verb} the namespace again later.`)
}

function updateNamespace(params: Params, { state, region }: CallContext) {
  const namespace = namespaceOf(params, region)
  refuseWhileBusy(namespace, 'updating')
  const roles = rolesIn(params)
  namespace.status = 'MODIFYING'
  begin(namespace, state.settings.polls.namespaceModified, () => {
    Object.assign(namespace, { status: 'AVAILABLE', roles })
  })
  return { namespace: describeNamespace(namespace) }
}

function deleteNamespace(params: Params, { state, region }: CallContext) {
  const namespace = namespaceOf(params, region)
  // That it is refused is documented, the sentence isn't.
  if ([...region.workgroups.values()].some(({ namespaceName }) => namespaceName === namespace.name))
    throw conflict(`A workgroup is associated with the namespace ${namespace.name}. Delete the workgroup first.`)
  refuseWhileBusy(namespace, 'deleting')
  const identifier = text(params, 'finalSnapshotName')
  // Kept for ever, and billed, unless a retention is given.
  const retention = integer(params, 'finalSnapshotRetentionPeriod') ?? -1
  if (identifier !== undefined) {
    if (region.serverlessSnapshots.has(identifier)) throw conflict(`Snapshot ${identifier} already exists.`)
    const arn = state.arn('redshift-serverless', region.name, `snapshot/${state.id('snap')}`)
    region.serverlessSnapshots.set(identifier, {
      ...{ identifier, arn, retention, source: namespace.name, adminUsername: namespace.adminUsername },
      ...{ kind: 'manual', status: 'AVAILABLE', createdAt: new Date(), tags: [], pending: undefined },
    })
  }
  namespace.status = 'DELETING'
  begin(namespace, state.settings.polls.namespaceDeleted, () => {
    region.namespaces.delete(namespace.name)
    if (namespace.secretArn !== undefined) region.secrets.delete(namespace.secretArn)
  })
  return { namespace: describeNamespace(namespace) }
}

function describeLimit({ id, arn, ...rest }: UsageLimit) {
  return { usageLimitId: id, usageLimitArn: arn, ...rest }
}

function limitOf(params: Params, region: Region): UsageLimit {
  const id = required(params, 'usageLimitId')
  const limit = region.usageLimits.get(id)
  if (limit === undefined) throw notFound(`Usage limit ${id}`)
  return limit
}

function amountIn(params: Params): number {
  const amount = integer(params, 'amount') ?? 0
  if (amount <= 0) throw invalid('The amount must be a positive number.')
  return amount
}

function limitsOf(params: Params, region: Region): UsageLimit[] {
  const [resourceArn, usageType] = [required(params, 'resourceArn'), required(params, 'usageType')]
  return [...region.usageLimits.values()].filter(
    (limit) => limit.resourceArn === resourceArn && limit.usageType === usageType,
  )
}

function createUsageLimit(params: Params, { state, region }: CallContext) {
  const resourceArn = required(params, 'resourceArn')
  const period = required(params, 'period')
  if (![...region.workgroups.values()].some(({ arn }) => arn === resourceArn))
    throw notFound(`Serverless workgroup ${resourceArn}`)
  // The documents name the exception; what makes two limits the same is our reading of them.
  if (limitsOf(params, region).some((limit) => limit.period === period))
    throw conflict('A usage limit of this type and period already exists for the resource.')
  const id = state.id('limit')
  const limit: UsageLimit = {
    ...{ id, resourceArn, period },
    arn: state.arn('redshift-serverless', region.name, `usagelimit/${id}`),
    usageType: required(params, 'usageType'),
    amount: amountIn(params),
    breachAction: required(params, 'breachAction'),
  }
  region.usageLimits.set(id, limit)
  return { usageLimit: describeLimit(limit) }
}

/** Redshift Serverless: namespaces, workgroups and their limits. */
export const serverless = jsonService('redshift-serverless', {
  CreateNamespace: createNamespace,
  UpdateNamespace: updateNamespace,
  DeleteNamespace: deleteNamespace,
  GetNamespace(params, { region }) {
    poll(namespaceOf(params, region))
    // The poll may have been the last one of a namespace that is going.
    return { namespace: describeNamespace(namespaceOf(params, region)) }
  },
  CreateWorkgroup: (params, context) => createWorkgroup(params, context, namespaceOf(params, context.region)),
  UpdateWorkgroup: updateWorkgroup,
  DeleteWorkgroup: deleteWorkgroup,
  GetWorkgroup: describeWorkgroup,
  CreateUsageLimit: createUsageLimit,
  ListUsageLimits: (params, { region }) => ({ usageLimits: limitsOf(params, region).map(describeLimit) }),
  UpdateUsageLimit(params, { region }) {
    const limit = limitOf(params, region)
    Object.assign(limit, { amount: amountIn(params), breachAction: required(params, 'breachAction') })
    return { usageLimit: describeLimit(limit) }
  },
  DeleteUsageLimit(params, { region }) {
    const limit = limitOf(params, region)
    region.usageLimits.delete(limit.id)
    return { usageLimit: describeLimit(limit) }
  },
  ListSnapshots(params, { region }) {
    const namespace = required(params, 'namespaceName')
    const found = [...region.serverlessSnapshots.values()].filter(({ source }) => source === namespace)
    const snapshots = found.map(({ identifier, source, createdAt, status, retention }) => ({
      snapshotName: identifier,
      namespaceName: source,
      snapshotCreateTime: createdAt.toISOString(),
      status,
      snapshotRetentionPeriod: retention,
      snapshotRemainingDays: retention,
    }))
    return { snapshots }
  },
  ListTagsForResource(params, { region }) {
    const arn = required(params, 'resourceArn')
    const thing = [...region.namespaces.values(), ...region.workgroups.values()].find((each) => each.arn === arn)
    if (thing === undefined) throw notFound(`Resource ${arn}`)
    return { tags: thing.tags }
  },
})
