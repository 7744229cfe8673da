import type { RedshiftServerless } from '@aws-sdk/client-redshift-serverless'
import { undefinedIfNotFound } from './sdk-middleware.ts'

export const missingServerless = ['ResourceNotFoundException']

export function findNamespace(serverless: RedshiftServerless, name: string) {
  return undefinedIfNotFound(missingServerless, async () => {
    const { namespace } = await serverless.getNamespace({ namespaceName: name })
    if (namespace === undefined) return undefined
    return {
      status: namespace.status ?? 'unknown',
      createdAt: namespace.creationDate,
      database: namespace.dbName ?? '',
      user: namespace.adminUsername ?? '',
      // An entry may be more than an ARN: IamRole(applyStatus=in-sync, iamRoleArn=arn:…).
      roleArns: (namespace.iamRoles ?? []).map((text) => /arn:[\w-]+:iam::\d+:role\/[^\s,)]+/.exec(text)?.[0] ?? text),
      secretArn: namespace.adminPasswordSecretArn,
      tags: await findTags(serverless, namespace.namespaceArn ?? ''),
    }
  })
}

export function findWorkgroup(serverless: RedshiftServerless, name: string) {
  return undefinedIfNotFound(missingServerless, async () => {
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

async function findTags(serverless: RedshiftServerless, resourceArn: string) {
  const answer = await undefinedIfNotFound(missingServerless, () => serverless.listTagsForResource({ resourceArn }))
  return Object.fromEntries((answer?.tags ?? []).map(({ key, value }) => [key, value ?? '']))
}
