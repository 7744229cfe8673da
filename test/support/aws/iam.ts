import { AwsError } from './errors.ts'
import { type Params, records, required, tagList, tags, text, texts } from './params.ts'
import { isPolicyDocument, roleAllows } from './policy.ts'
import { queryService } from './protocols.ts'
import type { AwsState } from './state.ts'
import type { Role } from './types.ts'

const noSuchEntity = (message: string) => new AwsError('NoSuchEntity', message, 404)

/** The role of a call. Changes go to where the role was made, so they see it at once; a read doesn't see a new one: IAM is eventually consistent. */
function roleOf(state: AwsState, params: Params, use: 'read' | 'change'): Role {
  const name = required(params, 'RoleName')
  const role = state.roles.get(name)
  const isHidden = use === 'read' && role !== undefined && role.readsUntilVisible > 0
  if (isHidden) role.readsUntilVisible -= 1
  if (role === undefined || isHidden) throw noSuchEntity(`The role with name ${name} cannot be found.`)
  return role
}

/** A role as IAM describes it. Policies are percent-encoded there, as RFC 3986 has it. */
function describeRole(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encodeURIComponent(role.trustPolicy),
    Description: role.description,
    Tags: { member: tagList(role.tags) },
  }
}

function policyDocument(params: Params, name: string, options: { trust: boolean }): string {
  const document = required(params, name)
  if (!isPolicyDocument(document, options)) throw new AwsError('MalformedPolicyDocument', 'Syntax errors in policy.')
  return document
}

function inlinePolicy(role: Role, params: Params): { name: string; document: string } {
  const name = required(params, 'PolicyName')
  const document = role.inlinePolicies.get(name)
  if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`)
  return { name, document }
}

/** IAM: roles and their policies. */
export const iam = queryService('iam', 'https://iam.amazonaws.com/doc/2010-05-08/', {
  CreateRole(params, { state }) {
    const name = required(params, 'RoleName')
    const trustPolicy = policyDocument(params, 'AssumeRolePolicyDocument', { trust: true })
    if (!/^[\w+=,.@-]{1,64}$/.test(name))
      throw new AwsError('ValidationError', `Value '${name}' at 'roleName' failed to satisfy constraint`)
    if (state.roles.has(name)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409)
    const role = state.addRole({ name, path: '/', trustPolicy, tags: tags(params, 'Tags') })
    role.description = text(params, 'Description') ?? ''
    role.readsUntilVisible = state.settings.polls.roleVisible
    role.usesUntilAssumable = state.settings.polls.roleAssumable
    return { Role: describeRole(role) }
  },
  DeleteRole(params, { state }) {
    const role = roleOf(state, params, 'change')
    if (role.inlinePolicies.size > 0)
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409)
    if (role.attachedPolicies.length > 0)
      throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409)
    // Nothing keeps IAM from deleting a role that a cluster still uses.
    state.roles.delete(role.name)
  },
  GetRole: (params, { state }) => ({ Role: describeRole(roleOf(state, params, 'read')) }),
  PutRolePolicy(params, { state }) {
    const document = policyDocument(params, 'PolicyDocument', { trust: false })
    roleOf(state, params, 'change').inlinePolicies.set(required(params, 'PolicyName'), document)
  },
  GetRolePolicy(params, { state }) {
    const role = roleOf(state, params, 'read')
    const { name, document } = inlinePolicy(role, params)
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(document) }
  },
  DeleteRolePolicy(params, { state }) {
    const role = roleOf(state, params, 'change')
    role.inlinePolicies.delete(inlinePolicy(role, params).name)
  },
  ListRolePolicies: (params, { state }) => ({
    PolicyNames: { member: [...roleOf(state, params, 'read').inlinePolicies.keys()] },
    IsTruncated: false,
  }),
  ListAttachedRolePolicies(params, { state }) {
    const { attachedPolicies } = roleOf(state, params, 'read')
    const member = attachedPolicies.map((arn) => ({ PolicyName: arn.split('/').at(-1), PolicyArn: arn }))
    return { AttachedPolicies: { member }, IsTruncated: false }
  },
  DetachRolePolicy(params, { state }) {
    const role = roleOf(state, params, 'change')
    const at = role.attachedPolicies.indexOf(required(params, 'PolicyArn'))
    if (at === -1) throw noSuchEntity(`Policy ${text(params, 'PolicyArn')} was not found.`)
    role.attachedPolicies.splice(at, 1)
  },
  UpdateAssumeRolePolicy(params, { state }) {
    roleOf(state, params, 'change').trustPolicy = policyDocument(params, 'PolicyDocument', { trust: true })
  },
  SimulatePrincipalPolicy(params, { state }) {
    const source = required(params, 'PolicySourceArn')
    // Sessions (sts) and the root user have no policies of their own to simulate.
    if (!/^arn:aws:iam::\d{12}:(user|role)\//.test(source))
      throw new AwsError('InvalidInput', `Invalid Entity Arn: ${source} does not clearly define entity type and name.`)
    const role = [...state.roles.values()].find(({ arn }) => arn === source)
    if (source.includes(':role/') && role === undefined)
      throw noSuchEntity(`The role with name ${source.split('/').at(-1)} cannot be found.`)
    const [resource = '*'] = texts(params, 'ResourceArns')
    const values = Object.fromEntries(
      records(params, 'ContextEntries').map((entry) => {
        required(entry, 'ContextKeyType')
        return [required(entry, 'ContextKeyName'), texts(entry, 'ContextKeyValues')[0]]
      }),
    )
    // The caller may be a role whose policies the double does not know: what it may not do is in `denied`.
    const isAllowed = (action: string) =>
      role !== undefined && role.inlinePolicies.size + role.tags.length > 0
        ? roleAllows(role, action, resource, values)
        : !state.isDenied(action)
    const member = texts(params, 'ActionNames').map((action) => ({
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: isAllowed(action) ? 'allowed' : 'implicitDeny',
    }))
    return { IsTruncated: false, EvaluationResults: { member } }
  },
})

/** STS: who am I. Works for every valid key: AWS asks for no permission here, not even where a policy denies it. */
export const sts = queryService('sts', 'https://sts.amazonaws.com/doc/2011-06-15/', {
  GetCallerIdentity: (_params, { state, caller }) => ({
    UserId: caller?.userId,
    Account: state.settings.account,
    Arn: caller?.arn,
  }),
})
