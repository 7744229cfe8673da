import { AwsError } from './errors.ts'
import { integer, type Params, page, required, tagList, tags, text, texts } from './params.ts'
import { isPolicyDocument } from './policy.ts'
import { type CallContext, queryService } from './protocols.ts'
import type { AwsState } from './state.ts'
import type { Role } from './types.ts'
import type { XmlValue } from './xml.ts'

function noSuchRole(name: string): AwsError {
  return new AwsError('NoSuchEntity', `The role with name ${name} cannot be found.`, 404)
}

/** A role to be changed. Changes go to where the role was made, so they see it at once. */
function roleToChange(state: AwsState, params: Params): Role {
  const name = required(params, 'RoleName')
  const role = state.roles.get(name)
  if (role === undefined) throw noSuchRole(name)
  if (role.path.startsWith('/aws-service-role/'))
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    )
  return role
}

/** A role to be read. A new one stays out of sight for some reads: IAM is eventually consistent. */
function roleToRead(state: AwsState, params: Params): Role {
  const name = required(params, 'RoleName')
  const role = state.roles.get(name)
  if (role === undefined) throw noSuchRole(name)
  if (role.readsUntilVisible > 0) {
    role.readsUntilVisible -= 1
    throw noSuchRole(name)
  }
  return role
}

/** A role as IAM describes it. Policies are percent-encoded there, as RFC 3986 has it. */
function describeRole(role: Role, { withTags: showTags }: { withTags: boolean }): XmlValue {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description || undefined,
    MaxSessionDuration: role.maxSessionDuration,
    Tags: showTags && role.tags.length > 0 ? { member: tagList(role.tags) } : undefined,
    RoleLastUsed: showTags ? {} : undefined,
  }
}

function policyDocument(params: Params, name: string, { trust }: { trust: boolean }): string {
  const document = required(params, name)
  if (!isPolicyDocument(document, { trust }))
    throw new AwsError('MalformedPolicyDocument', 'Syntax errors in policy.', 400)
  return document
}

function paged(params: Params, items: readonly XmlValue[], listName: string): XmlValue {
  const { items: member, next } = page(items, integer(params, 'MaxItems') ?? 100, text(params, 'Marker'))
  return { [listName]: { member }, IsTruncated: next !== undefined, Marker: next }
}

function createRole(params: Params, { state }: CallContext): XmlValue {
  const name = required(params, 'RoleName')
  const trustPolicy = policyDocument(params, 'AssumeRolePolicyDocument', { trust: true })
  if (!/^[\w+=,.@-]{1,64}$/.test(name))
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${name}' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+`,
    )
  if (state.roles.has(name)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
  const path = text(params, 'Path') ?? '/'
  const role: Role = {
    name,
    path,
    arn: state.arn('iam', '', `role${path}${name}`),
    id: `AROA${state.hex(17).toUpperCase()}`,
    description: text(params, 'Description') ?? '',
    createdAt: new Date(),
    trustPolicy,
    maxSessionDuration: integer(params, 'MaxSessionDuration') ?? 3600,
    inlinePolicies: new Map(),
    attachedPolicies: [],
    tags: tags(params, 'Tags'),
    readsUntilVisible: state.settings.polls.roleVisible,
    usesUntilAssumable: state.settings.polls.roleAssumable,
  }
  state.roles.set(name, role)
  return { Role: describeRole(role, { withTags: true }) }
}

function deleteRole(params: Params, { state }: CallContext): XmlValue {
  const role = roleToChange(state, params)
  if (role.inlinePolicies.size > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409)
  if (role.attachedPolicies.length > 0)
    throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409)
  // Nothing keeps IAM from deleting a role that a cluster still uses.
  state.roles.delete(role.name)
  return {}
}

function inlinePolicy(role: Role, params: Params): string {
  const name = required(params, 'PolicyName')
  const document = role.inlinePolicies.get(name)
  if (document === undefined)
    throw new AwsError('NoSuchEntity', `The role policy with name ${name} cannot be found.`, 404)
  return document
}

/** IAM: roles and their policies. */
export const iam = queryService('iam', 'https://iam.amazonaws.com/doc/2010-05-08/', {
  CreateRole: createRole,
  DeleteRole: deleteRole,
  GetRole: (params, { state }) => ({ Role: describeRole(roleToRead(state, params), { withTags: true }) }),
  PutRolePolicy(params, { state }) {
    const role = roleToChange(state, params)
    role.inlinePolicies.set(required(params, 'PolicyName'), policyDocument(params, 'PolicyDocument', { trust: false }))
    return {}
  },
  GetRolePolicy(params, { state }) {
    const role = roleToRead(state, params)
    const document = inlinePolicy(role, params)
    return {
      RoleName: role.name,
      PolicyName: required(params, 'PolicyName'),
      PolicyDocument: encodeURIComponent(document),
    }
  },
  DeleteRolePolicy(params, { state }) {
    const role = roleToChange(state, params)
    inlinePolicy(role, params)
    role.inlinePolicies.delete(required(params, 'PolicyName'))
    return {}
  },
  ListRolePolicies: (params, { state }) =>
    paged(params, [...roleToRead(state, params).inlinePolicies.keys()], 'PolicyNames'),
  ListAttachedRolePolicies: (params, { state }) =>
    paged(
      params,
      roleToRead(state, params).attachedPolicies.map((arn) => ({
        PolicyName: arn.split('/').at(-1),
        PolicyArn: arn,
      })),
      'AttachedPolicies',
    ),
  DetachRolePolicy(params, { state }) {
    const role = roleToChange(state, params)
    const arn = required(params, 'PolicyArn')
    if (!role.attachedPolicies.includes(arn)) throw new AwsError('NoSuchEntity', `Policy ${arn} was not found.`, 404)
    role.attachedPolicies = role.attachedPolicies.filter((each) => each !== arn)
    return {}
  },
  UpdateAssumeRolePolicy(params, { state }) {
    const role = roleToChange(state, params)
    role.trustPolicy = policyDocument(params, 'PolicyDocument', { trust: true })
    return {}
  },
  SimulatePrincipalPolicy(params, { state }) {
    const source = required(params, 'PolicySourceArn')
    // Sessions (sts) and the root user have no policies of their own to simulate.
    if (!/^arn:aws[\w-]*:iam::\d{12}:(user|group|role)\//.test(source))
      throw new AwsError('InvalidInput', `Invalid Entity Arn: ${source} does not clearly define entity type and name.`)
    if (source.includes(':role/') && ![...state.roles.values()].some(({ arn }) => arn === source))
      throw new AwsError('NoSuchEntity', `The role with name ${source.split('/').at(-1)} cannot be found.`, 404)
    const resources = texts(params, 'ResourceArns')
    return {
      IsTruncated: false,
      EvaluationResults: {
        member: texts(params, 'ActionNames').flatMap((action) =>
          (resources.length === 0 ? ['*'] : resources).map((resource) => ({
            EvalActionName: action,
            EvalResourceName: resource,
            EvalDecision: isDenied(state, action) ? 'implicitDeny' : 'allowed',
            MatchedStatements: {},
            MissingContextValues: {},
          })),
        ),
      },
    }
  },
})

/** Whether the caller lacks the permission for an action. */
export function isDenied(state: AwsState, action: string): boolean {
  return state.denied.has(action) || state.denied.has(`${action.split(':')[0]}:*`)
}

/** Refuses role ARNs that could not be a role of this or another account. Whether the role exists is found out when it is used. */
export function verifyRoleArns(arns: readonly string[]): void {
  for (const arn of arns)
    if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(arn))
      throw new AwsError('InvalidParameterValue', `The IAM role ARN ${arn} is not valid.`)
}
