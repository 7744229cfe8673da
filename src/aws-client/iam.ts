import {
  type ContextEntry,
  type IAM,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { tagsOf } from './settings.ts'

const missing = ['NoSuchEntityException']

/** A role made seconds ago may not be visible yet. */
export function findRole(iam: IAM, name: string) {
  return undefinedIfNotFound(missing, async () => {
    const { Role: role } = await iam.getRole({ RoleName: name })
    const trust = role?.AssumeRolePolicyDocument
    return {
      arn: role?.Arn ?? '',
      createdAt: role?.CreateDate,
      tags: tagsOf(role?.Tags),
      // IAM sends policies percent-encoded.
      trust: trust === undefined ? undefined : (JSON.parse(decodeURIComponent(trust)) as unknown),
    }
  })
}

/**
 * The actions, of those asked for, that the policies of a user or role do not allow on a resource. Nothing is done.
 *
 * @param principal ARN of a user or role; IAM knows no other.
 * @param prefix what is listed of a bucket; policies may allow it for some prefixes only.
 */
export async function findDenied(
  client: IAM,
  principal: string,
  actions: readonly string[],
  resource: string,
  prefix?: string,
): Promise<string[]> {
  const context: ContextEntry = {
    ContextKeyName: 's3:prefix',
    ContextKeyValues: [prefix ?? ''],
    ContextKeyType: 'string',
  }
  const input = {
    PolicySourceArn: principal,
    ActionNames: [...actions],
    ResourceArns: [resource],
    ...(prefix !== undefined && { ContextEntries: [context] }),
  }
  const pages = paginateSimulatePrincipalPolicy({ client }, input)
  const results = await collect(pages, ({ EvaluationResults }) => EvaluationResults)
  return results.flatMap(({ EvalActionName = '', EvalDecision }) => (EvalDecision === 'allowed' ? [] : EvalActionName))
}

/** Deletes a role with all its policies, ours or not: IAM refuses to delete a role that has some. */
export async function deleteRole(iam: IAM, RoleName: string): Promise<void> {
  const unlessMissing = (change: () => Promise<unknown>) => undefinedIfNotFound(missing, change)
  await unlessMissing(async () => {
    for await (const { PolicyNames = [] } of paginateListRolePolicies({ client: iam }, { RoleName }))
      for (const PolicyName of PolicyNames) await unlessMissing(() => iam.deleteRolePolicy({ RoleName, PolicyName }))
    for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client: iam }, { RoleName }))
      for (const { PolicyArn } of AttachedPolicies)
        await unlessMissing(() => iam.detachRolePolicy({ RoleName, PolicyArn }))
    await iam.deleteRole({ RoleName })
  })
}
