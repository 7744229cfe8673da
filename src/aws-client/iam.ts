import {
  type IAM,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateSimulatePrincipalPolicy,
} from '@aws-sdk/client-iam'
import type { STS } from '@aws-sdk/client-sts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { tagsOf } from './settings.ts'

const missing = ['NoSuchEntityException']

/** Who is calling. */
export interface Caller {
  readonly account: string
  readonly arn: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

export async function findCaller(sts: STS): Promise<Caller> {
  const { Account: account = '', Arn: arn = '' } = await sts.getCallerIdentity({})
  return { account, arn, partition: arn.split(':')[1] ?? 'aws' }
}

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
  const ofPrefix = { ContextKeyName: 's3:prefix', ContextKeyValues: [prefix ?? ''], ContextKeyType: 'string' as const }
  const input = {
    PolicySourceArn: principal,
    ActionNames: [...actions],
    ResourceArns: [resource],
    ...(prefix !== undefined && { ContextEntries: [ofPrefix] }),
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
