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
import { remainingDays, type Snapshot } from './redshift-shapes.ts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { type InfrastructureSettings, type ServerlessSettings, tagList, tagsFor } from './settings.ts'

export { RedshiftServerlessClient as Client } from '@aws-sdk/client-redshift-serverless'

const missing = ['ResourceNotFoundException']
const usageType = 'serverless-compute'

/** Redshift Serverless: a namespace holds the data, a workgroup computes on it, a usage limit stops it. */
export function verbs(client: RedshiftServerlessClient) {
  async function findTags(arn: string) {
    const answer = await undefinedIfNotFound(missing, () =>
      client.send(new ListTagsForResourceCommand({ resourceArn: arn })),
    )
    return Object.fromEntries((answer?.tags ?? []).map(({ key, value }) => [key, value ?? '']))
  }
  return {
    findNamespace(name: string) {
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
    async createNamespace(settings: InfrastructureSettings, roleArn: string): Promise<void> {
      await client.send(
        new CreateNamespaceCommand({
          namespaceName: settings.identifier,
          dbName: settings.database,
          adminUsername: settings.user,
          manageAdminPassword: true,
          iamRoles: [roleArn],
          defaultIamRoleArn: roleArn,
          tags: tagsOfOurs(settings),
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
    findWorkgroup(name: string) {
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
          isPrivate: workgroup.publiclyAccessible === false,
          endpoint: host === undefined || port === undefined ? undefined : { host, port },
          tags: await findTags(workgroup.workgroupArn ?? ''),
        }
      })
    },
    async createWorkgroup(settings: InfrastructureSettings): Promise<void> {
      const { subnetIds } = settings
      const { baseCapacity, maxCapacity } = settings.serverless
      await client.send(
        new CreateWorkgroupCommand({
          workgroupName: settings.identifier,
          namespaceName: settings.identifier,
          // Without both, AWS starts with 128 RPU and no upper bound.
          baseCapacity,
          maxCapacity,
          port: settings.port,
          publiclyAccessible: false,
          enhancedVpcRouting: false,
          // Without: those of the default VPC.
          ...(subnetIds !== undefined && { subnetIds: [...subnetIds] }),
          tags: tagsOfOurs(settings),
        }),
      )
    },
    async makePrivate(name: string): Promise<void> {
      await client.send(new UpdateWorkgroupCommand({ workgroupName: name, publiclyAccessible: false }))
    },
    async setCapacity(name: string, { baseCapacity, maxCapacity }: ServerlessSettings): Promise<void> {
      await client.send(new UpdateWorkgroupCommand({ workgroupName: name, baseCapacity, maxCapacity }))
    },
    async deleteWorkgroup(name: string): Promise<void> {
      await undefinedIfNotFound(missing, () => client.send(new DeleteWorkgroupCommand({ workgroupName: name })))
    },
    /** The limit on compute of a workgroup, if it has one. */
    async findUsageLimit(workgroupArn: string) {
      const pages = paginateListUsageLimits({ client }, { resourceArn: workgroupArn, usageType })
      const limits = await undefinedIfNotFound(missing, () => collect(pages, ({ usageLimits }) => usageLimits))
      const limit = limits?.find(({ period }) => period === 'daily')
      return (
        limit && { id: limit.usageLimitId ?? '', amount: limit.amount ?? 0, breachAction: limit.breachAction ?? '' }
      )
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
      const pages = paginateListSnapshots({ client }, { namespaceName: namespace })
      const found = await undefinedIfNotFound(missing, () => collect(pages, ({ snapshots }) => snapshots))
      return (found ?? []).map((snapshot) => ({
        name: snapshot.snapshotName ?? '',
        remainingDays: remainingDays(snapshot.snapshotRetentionPeriod, snapshot.snapshotRemainingDays),
      }))
    },
  }
}

/** The keys of tags are in lower case in this service. */
function tagsOfOurs(settings: InfrastructureSettings) {
  return tagList(tagsFor(settings)).map(({ Key, Value }) => ({ key: Key, value: Value }))
}
