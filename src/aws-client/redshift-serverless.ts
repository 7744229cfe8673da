import {
  paginateListSnapshots,
  paginateListUsageLimits,
  type RedshiftServerless,
} from '@aws-sdk/client-redshift-serverless'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { type Deployment, tagList, tagsFor } from './settings.ts'
import { remainingDays, type Snapshot } from './snapshots.ts'

const missing = ['ResourceNotFoundException']
/** What a usage limit limits. */
export const usageType = 'serverless-compute'

export function findNamespace(serverless: RedshiftServerless, name: string) {
  return undefinedIfNotFound(missing, async () => {
    const { namespace } = await serverless.getNamespace({ namespaceName: name })
    return (
      namespace && {
        arn: namespace.namespaceArn ?? '',
        status: namespace.status ?? 'unknown',
        createdAt: namespace.creationDate,
        database: namespace.dbName ?? '',
        user: namespace.adminUsername ?? '',
        // An entry may be more than an ARN: IamRole(applyStatus=in-sync, iamRoleArn=arn:…).
        roleArns: (namespace.iamRoles ?? []).map(
          (text) => /arn:[\w-]+:iam::\d+:role\/[^\s,)]+/.exec(text)?.[0] ?? text,
        ),
        secretArn: namespace.adminPasswordSecretArn,
        tags: await findTags(serverless, namespace.namespaceArn ?? ''),
      }
    )
  })
}

export async function deleteNamespace(
  serverless: RedshiftServerless,
  name: string,
  finalSnapshot?: { name: string; retentionDays: number },
): Promise<void> {
  await undefinedIfNotFound(missing, () =>
    serverless.deleteNamespace({
      namespaceName: name,
      ...(finalSnapshot !== undefined && {
        finalSnapshotName: finalSnapshot.name,
        finalSnapshotRetentionPeriod: finalSnapshot.retentionDays,
      }),
    }),
  )
}

export function findWorkgroup(serverless: RedshiftServerless, name: string) {
  return undefinedIfNotFound(missing, async () => {
    const { workgroup } = await serverless.getWorkgroup({ workgroupName: name })
    if (workgroup === undefined) return undefined
    const { address: host, port } = workgroup.endpoint ?? {}
    return {
      arn: workgroup.workgroupArn ?? '',
      status: workgroup.status ?? 'unknown',
      createdAt: workgroup.creationDate,
      namespace: workgroup.namespaceName ?? '',
      baseCapacity: workgroup.baseCapacity ?? 0,
      maxCapacity: workgroup.maxCapacity,
      isPrivate: workgroup.publiclyAccessible === false,
      endpoint: host === undefined || port === undefined ? undefined : { host, port },
      tags: await findTags(serverless, workgroup.workgroupArn ?? ''),
    }
  })
}

export async function deleteWorkgroup(serverless: RedshiftServerless, name: string): Promise<void> {
  await undefinedIfNotFound(missing, () => serverless.deleteWorkgroup({ workgroupName: name }))
}

/** The limit on compute of a workgroup, if it has one. */
export async function findUsageLimit(client: RedshiftServerless, workgroupArn: string) {
  const pages = paginateListUsageLimits({ client }, { resourceArn: workgroupArn, usageType })
  const limits = await undefinedIfNotFound(missing, () => collect(pages, ({ usageLimits }) => usageLimits))
  const limit = limits?.find(({ period }) => period === 'daily')
  return limit && { id: limit.usageLimitId ?? '', amount: limit.amount ?? 0, breachAction: limit.breachAction ?? '' }
}

export async function deleteUsageLimit(serverless: RedshiftServerless, id: string): Promise<void> {
  await undefinedIfNotFound(missing, () => serverless.deleteUsageLimit({ usageLimitId: id }))
}

export async function findNamespaceSnapshots(client: RedshiftServerless, namespace: string): Promise<Snapshot[]> {
  const pages = paginateListSnapshots({ client }, { namespaceName: namespace })
  const found = await undefinedIfNotFound(missing, () => collect(pages, ({ snapshots }) => snapshots))
  return (found ?? []).map((snapshot) => ({
    name: snapshot.snapshotName ?? '',
    remainingDays: remainingDays(snapshot.snapshotRetentionPeriod, snapshot.snapshotRemainingDays),
  }))
}

async function findTags(serverless: RedshiftServerless, arn: string) {
  const answer = await undefinedIfNotFound(missing, () => serverless.listTagsForResource({ resourceArn: arn }))
  return Object.fromEntries((answer?.tags ?? []).map(({ key, value }) => [key, value ?? '']))
}

/** The tags of everything that create-infrastructure creates; their keys are in lower case in this service. */
export function serverlessTags(deployment: Deployment) {
  return tagList(tagsFor(deployment)).map(({ Key, Value }) => ({ key: Key, value: Value }))
}
