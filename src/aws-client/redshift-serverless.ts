import {
  CreateNamespaceCommand,
  CreateUsageLimitCommand,
  CreateWorkgroupCommand,
  DeleteNamespaceCommand,
  DeleteUsageLimitCommand,
  DeleteWorkgroupCommand,
  GetNamespaceCommand,
  GetWorkgroupCommand,
  ListTagsForResourceCommand,
  paginateListSnapshots,
  paginateListUsageLimits,
  type RedshiftServerlessClient,
  UpdateNamespaceCommand,
  UpdateUsageLimitCommand,
  UpdateWorkgroupCommand,
} from '@aws-sdk/client-redshift-serverless'
import type { Snapshot } from './redshift-shapes.ts'
import { undefinedIfNotFound } from './sdk-middleware.ts'
import type { ServerlessSettings, Tags } from './settings.ts'

export { RedshiftServerlessClient as Client } from '@aws-sdk/client-redshift-serverless'

export interface Namespace {
  readonly arn: string
  readonly status: string
  readonly createdAt: Date | undefined
  readonly database: string
  readonly user: string
  readonly roleArns: readonly string[]
  readonly secretArn: string | undefined
  readonly tags: Tags
}

export interface Workgroup {
  readonly arn: string
  readonly status: string
  readonly createdAt: Date | undefined
  readonly namespace: string
  readonly baseCapacity: number
  readonly maxCapacity: number | undefined
  readonly public: boolean
  readonly groupIds: readonly string[]
  readonly endpoint: { readonly host: string; readonly port: number } | undefined
  readonly tags: Tags
}

export interface UsageLimit {
  readonly id: string
  readonly arn: string
  readonly amount: number
  readonly period: string
  readonly breachAction: string
}

const missing = ['ResourceNotFoundException']
const usageType = 'serverless-compute'

/** Redshift Serverless: a namespace holds the data, a workgroup computes on it, a usage limit stops it. */
export function verbs(client: RedshiftServerlessClient) {
  async function findTags(arn: string): Promise<Tags> {
    const answer = await undefinedIfNotFound(missing, () =>
      client.send(new ListTagsForResourceCommand({ resourceArn: arn })),
    )
    return Object.fromEntries((answer?.tags ?? []).map(({ key, value }) => [key, value ?? '']))
  }
  return {
    findNamespace(name: string): Promise<Namespace | undefined> {
      return undefinedIfNotFound(missing, async () => {
        const { namespace } = await client.send(new GetNamespaceCommand({ namespaceName: name }))
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
            tags: await findTags(namespace.namespaceArn ?? ''),
          }
        )
      })
    },
    async createNamespace(options: {
      name: string
      database: string
      user: string
      roleArn: string
      tags: Tags
    }): Promise<void> {
      await client.send(
        new CreateNamespaceCommand({
          namespaceName: options.name,
          dbName: options.database,
          adminUsername: options.user,
          manageAdminPassword: true,
          iamRoles: [options.roleArn],
          defaultIamRoleArn: options.roleArn,
          tags: tagList(options.tags),
        }),
      )
    },
    async setRoles(namespace: string, roleArns: readonly string[], defaultRoleArn: string): Promise<void> {
      await client.send(
        new UpdateNamespaceCommand({
          namespaceName: namespace,
          iamRoles: [...roleArns],
          defaultIamRoleArn: defaultRoleArn,
        }),
      )
    },
    async deleteNamespace(name: string, finalSnapshot?: { name: string; retentionDays: number }): Promise<void> {
      await undefinedIfNotFound(missing, () =>
        client.send(
          new DeleteNamespaceCommand({
            namespaceName: name,
            ...(finalSnapshot !== undefined && {
              finalSnapshotName: finalSnapshot.name,
              finalSnapshotRetentionPeriod: finalSnapshot.retentionDays,
            }),
          }),
        ),
      )
    },
    findWorkgroup(name: string): Promise<Workgroup | undefined> {
      return undefinedIfNotFound(missing, async () => {
        const { workgroup } = await client.send(new GetWorkgroupCommand({ workgroupName: name }))
        if (workgroup === undefined) return undefined
        const { address: host, port } = workgroup.endpoint ?? {}
        return {
          arn: workgroup.workgroupArn ?? '',
          status: workgroup.status ?? 'unknown',
          createdAt: workgroup.creationDate,
          namespace: workgroup.namespaceName ?? '',
          baseCapacity: workgroup.baseCapacity ?? 0,
          maxCapacity: workgroup.maxCapacity,
          public: workgroup.publiclyAccessible === true,
          groupIds: workgroup.securityGroupIds ?? [],
          endpoint: host === undefined || port === undefined ? undefined : { host, port },
          tags: await findTags(workgroup.workgroupArn ?? ''),
        }
      })
    },
    async createWorkgroup(options: {
      name: string
      namespace: string
      shape: ServerlessSettings
      port: number
      groupId: string
      /** Undefined: those of the default VPC. */
      subnetIds: readonly string[] | undefined
      tags: Tags
    }): Promise<void> {
      await client.send(
        new CreateWorkgroupCommand({
          workgroupName: options.name,
          namespaceName: options.namespace,
          // Both always: left out, AWS starts with 128 RPU and without an upper bound.
          baseCapacity: options.shape.baseCapacity,
          maxCapacity: options.shape.maxCapacity,
          port: options.port,
          publiclyAccessible: true,
          enhancedVpcRouting: false,
          securityGroupIds: [options.groupId],
          ...(options.subnetIds !== undefined && { subnetIds: [...options.subnetIds] }),
          tags: tagList(options.tags),
        }),
      )
    },
    async setAccess(name: string, groupId: string): Promise<void> {
      await client.send(
        new UpdateWorkgroupCommand({ workgroupName: name, securityGroupIds: [groupId], publiclyAccessible: true }),
      )
    },
    async setCapacity(name: string, { baseCapacity, maxCapacity }: ServerlessSettings): Promise<void> {
      await client.send(new UpdateWorkgroupCommand({ workgroupName: name, baseCapacity, maxCapacity }))
    },
    async deleteWorkgroup(name: string): Promise<void> {
      await undefinedIfNotFound(missing, () => client.send(new DeleteWorkgroupCommand({ workgroupName: name })))
    },
    /** The limit on compute of a workgroup, if it has one. */
    async findUsageLimit(workgroupArn: string): Promise<UsageLimit | undefined> {
      const limits: UsageLimit[] = []
      await undefinedIfNotFound(missing, async () => {
        for await (const page of paginateListUsageLimits({ client }, { resourceArn: workgroupArn, usageType }))
          for (const limit of page.usageLimits ?? [])
            limits.push({
              id: limit.usageLimitId ?? '',
              arn: limit.usageLimitArn ?? '',
              amount: limit.amount ?? 0,
              period: limit.period ?? '',
              breachAction: limit.breachAction ?? '',
            })
      })
      return limits.find(({ period }) => period === 'daily')
    },
    async createUsageLimit(workgroupArn: string, amount: number): Promise<void> {
      await client.send(
        new CreateUsageLimitCommand({
          resourceArn: workgroupArn,
          usageType,
          amount,
          period: 'daily',
          breachAction: 'deactivate',
        }),
      )
    },
    async setUsageLimit(id: string, amount: number): Promise<void> {
      await client.send(new UpdateUsageLimitCommand({ usageLimitId: id, amount, breachAction: 'deactivate' }))
    },
    async deleteUsageLimit(id: string): Promise<void> {
      await undefinedIfNotFound(missing, () => client.send(new DeleteUsageLimitCommand({ usageLimitId: id })))
    },
    async findSnapshots(namespace: string): Promise<Snapshot[]> {
      const snapshots: Snapshot[] = []
      await undefinedIfNotFound(missing, async () => {
        for await (const page of paginateListSnapshots({ client }, { namespaceName: namespace }))
          for (const snapshot of page.snapshots ?? [])
            snapshots.push({
              name: snapshot.snapshotName ?? '',
              createdAt: snapshot.snapshotCreateTime,
              status: snapshot.status ?? '',
              remainingDays:
                (snapshot.snapshotRetentionPeriod ?? -1) < 0
                  ? undefined
                  : (snapshot.snapshotRemainingDays ?? snapshot.snapshotRetentionPeriod),
            })
      })
      return snapshots
    },
  }
}

function tagList(tags: Tags) {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
