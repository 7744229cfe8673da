import {
  type ContextEntry,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  type IAMClient,
  PutRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  paginateSimulatePrincipalPolicy,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import type { PolicyDocument } from './policies.ts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { type Tags, tagList, tagsOf } from './settings.ts'

export { IAMClient as Client } from '@aws-sdk/client-iam'

const missing = ['NoSuchEntityException']

/** IAM: roles and their inline policies. */
export function verbs(client: IAMClient) {
  return {
    /** A role made seconds ago may not be visible yet. */
    findRole(name: string) {
      return undefinedIfNotFound(missing, async () => {
        const { Role: role } = await client.send(new GetRoleCommand({ RoleName: name }))
        return {
          arn: role?.Arn ?? '',
          createdAt: role?.CreateDate,
          tags: tagsOf(role?.Tags),
          trust: parsed(role?.AssumeRolePolicyDocument),
        }
      })
    },
    async createRole(options: { name: string; description: string; trust: PolicyDocument; tags: Tags }): Promise<void> {
      await client.send(
        new CreateRoleCommand({
          RoleName: options.name,
          Description: options.description,
          AssumeRolePolicyDocument: JSON.stringify(options.trust),
          Tags: tagList(options.tags),
        }),
      )
    },
    async setTrust(name: string, trust: PolicyDocument): Promise<void> {
      await client.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: JSON.stringify(trust) }))
    },
    async putRolePolicy(role: string, policy: string, document: PolicyDocument): Promise<void> {
      await client.send(
        new PutRolePolicyCommand({ RoleName: role, PolicyName: policy, PolicyDocument: JSON.stringify(document) }),
      )
    },
    /**
     * The actions, of those asked for, that the policies of a user or role do not allow on a resource. Nothing is done.
     *
     * @param principal ARN of a user or role; IAM knows no other.
     * @param prefix what is listed of a bucket; policies may allow it for some prefixes only.
     */
    async findDenied(
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
      return results.flatMap(({ EvalActionName = '', EvalDecision }) =>
        EvalDecision === 'allowed' ? [] : EvalActionName,
      )
    },
    /** Deletes a role with all its policies, ours or not: IAM refuses to delete a role that has some. */
    async deleteRole(name: string): Promise<void> {
      await undefinedIfNotFound(missing, async () => {
        for await (const page of paginateListRolePolicies({ client }, { RoleName: name }))
          for (const PolicyName of page.PolicyNames ?? [])
            await undefinedIfNotFound(missing, () =>
              client.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName })),
            )
        for await (const page of paginateListAttachedRolePolicies({ client }, { RoleName: name }))
          for (const { PolicyArn } of page.AttachedPolicies ?? [])
            await undefinedIfNotFound(missing, () =>
              client.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn })),
            )
        await client.send(new DeleteRoleCommand({ RoleName: name }))
      })
    },
  }
}

/** IAM sends policies percent-encoded. */
function parsed(document: string | undefined): unknown {
  return document === undefined ? undefined : JSON.parse(decodeURIComponent(document))
}
