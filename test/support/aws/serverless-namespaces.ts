import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { flag, integer, type Params, required, tags, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'
import type { Region } from './state.ts'
import type { Namespace } from './types.ts'

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** The namespace of a call, or ResourceNotFoundException. */
export function namespaceOf(params: Params, region: Region): Namespace {
  const name = required(params, 'namespaceName')
  const namespace = region.namespaces.get(name)
  if (namespace === undefined)
    throw new AwsError('ResourceNotFoundException', `Serverless namespace ${name} not found.`)
  return namespace
}

/** A namespace as GetNamespace shows it. Roles are texts that hold more than the ARN, as AWS sends them. */
export function describeNamespace(namespace: Namespace): Record<string, unknown> {
  return {
    namespaceName: namespace.name,
    namespaceArn: namespace.arn,
    namespaceId: namespace.id,
    status: namespace.status,
    adminUsername: namespace.adminUsername,
    dbName: namespace.dbName,
    kmsKeyId: 'AWS_OWNED_KMS_KEY',
    iamRoles: namespace.roles.map((arn) => `IamRole(applyStatus=in-sync, iamRoleArn=${arn})`),
    defaultIamRoleArn: namespace.defaultRoleArn,
    adminPasswordSecretArn: namespace.secretArn,
    adminPasswordSecretKmsKeyId: namespace.secretArn === undefined ? undefined : 'alias/aws/secretsmanager',
    logExports: [],
    creationDate: namespace.createdAt.toISOString(),
  }
}

function validateName(name: string): void {
  if (!/^[a-z0-9-]{3,64}$/.test(name))
    throw invalid(
      `1 validation error detected: Value '${name}' at 'namespaceName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z0-9-]+`,
    )
}

function validateRoles(roles: readonly string[], defaultRole: string | undefined): void {
  for (const arn of roles)
    if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(arn)) throw invalid(`The IAM role ARN ${arn} is not valid.`)
  if (defaultRole !== undefined && !roles.includes(defaultRole))
    throw invalid(
      `Invalid default IAM Role ${defaultRole}. The IAM roles list isnt specified or it doesnt contain a default IAM Role.`,
    )
}

export function createNamespace(params: Params, { state, region }: CallContext) {
  const name = required(params, 'namespaceName')
  validateName(name)
  const roles = texts(params, 'iamRoles')
  const defaultRole = text(params, 'defaultIamRoleArn')
  validateRoles(roles, defaultRole)
  const managed = flag(params, 'manageAdminPassword') ?? false
  if (managed && text(params, 'adminUserPassword') !== undefined)
    throw invalid("You can't specify adminUserPassword when manageAdminPassword is true.")
  if (region.namespaces.has(name))
    throw new AwsError('ConflictException', `Serverless namespace ${name} already exists.`)
  const adminUsername = text(params, 'adminUsername') ?? 'admin'
  const id = state.uuid()
  const namespaceTags = tags(params, 'tags')
  state.addServiceLinkedRole()
  const namespace: Namespace = {
    name,
    id,
    arn: state.arn('redshift-serverless', region.name, `namespace/${id}`),
    // The only states are AVAILABLE, MODIFYING and DELETING: a namespace is there at once.
    status: 'AVAILABLE',
    adminUsername,
    dbName: text(params, 'dbName') ?? 'dev',
    roles,
    defaultRoleArn: defaultRole,
    secretArn: managed ? state.addManagedSecret(region, name, adminUsername, namespaceTags).arn : undefined,
    createdAt: new Date(),
    tags: namespaceTags,
    pending: undefined,
  }
  region.namespaces.set(name, namespace)
  return { namespace: describeNamespace(namespace) }
}

function refuseWhileBusy(namespace: Namespace, verb: string): void {
  if (namespace.status === 'AVAILABLE') return
  poll(namespace)
  throw new AwsError(
    'ConflictException',
    `There is an operation running on the namespace. Try ${verb} the namespace again later.`,
  )
}

export function updateNamespace(params: Params, { state, region }: CallContext) {
  const namespace = namespaceOf(params, region)
  refuseWhileBusy(namespace, 'updating')
  const roles = 'iamRoles' in params ? texts(params, 'iamRoles') : namespace.roles
  const defaultRole = text(params, 'defaultIamRoleArn') ?? namespace.defaultRoleArn
  validateRoles(roles, defaultRole)
  const managed = flag(params, 'manageAdminPassword')
  if (managed === true && namespace.secretArn === undefined)
    namespace.secretArn = state.addManagedSecret(region, namespace.name, namespace.adminUsername, namespace.tags).arn
  if (managed === false && namespace.secretArn !== undefined) {
    region.secrets.delete(namespace.secretArn)
    namespace.secretArn = undefined
  }
  namespace.status = 'MODIFYING'
  begin(namespace, state.settings.polls.namespaceModified, () => {
    namespace.status = 'AVAILABLE'
    namespace.roles = roles
    namespace.defaultRoleArn = defaultRole
  })
  return { namespace: describeNamespace(namespace) }
}

export function deleteNamespace(params: Params, { state, region }: CallContext) {
  const namespace = namespaceOf(params, region)
  const users = [...region.workgroups.values()].filter(({ namespaceName }) => namespaceName === namespace.name)
  for (const workgroup of users) if (workgroup.status === 'DELETING') poll(workgroup)
  // That it is refused is documented, the sentence isn't.
  if (users.some(({ name }) => region.workgroups.has(name)))
    throw new AwsError(
      'ConflictException',
      `You can't delete the namespace ${namespace.name} because a workgroup is associated with it. Delete the workgroup first.`,
    )
  refuseWhileBusy(namespace, 'deleting')
  const finalSnapshot = text(params, 'finalSnapshotName')
  if (finalSnapshot !== undefined) {
    if (region.serverlessSnapshots.has(finalSnapshot))
      throw new AwsError('ConflictException', `Snapshot ${finalSnapshot} already exists.`)
    region.serverlessSnapshots.set(finalSnapshot, {
      identifier: finalSnapshot,
      arn: state.arn('redshift-serverless', region.name, `snapshot/${state.uuid()}`),
      source: namespace.name,
      kind: 'manual',
      status: 'AVAILABLE',
      createdAt: new Date(),
      // Kept for ever, and billed, unless a retention is given.
      retention: integer(params, 'finalSnapshotRetentionPeriod') ?? -1,
      adminUsername: namespace.adminUsername,
      tags: [],
      pending: undefined,
    })
  }
  namespace.status = 'DELETING'
  begin(namespace, state.settings.polls.namespaceDeleted, () => {
    region.namespaces.delete(namespace.name)
    if (namespace.secretArn !== undefined) region.secrets.delete(namespace.secretArn)
  })
  return { namespace: describeNamespace(namespace) }
}
