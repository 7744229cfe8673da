import { paginateListUsageLimits } from '@aws-sdk/client-redshift-serverless'
import { free, namespacePrice, workgroupPrice } from '../prices.ts'
import { findNamespace, findWorkgroup, missingServerless } from '../redshift-serverless.ts'
import { type AwsContext, type Difference, type Resource, required } from '../resource.ts'
import { collect, undefinedIfNotFound } from '../sdk-middleware.ts'
import { type Deployment, tagList, tagsFor } from '../settings.ts'
import { existing, warehouseWaits } from './warehouse.ts'

/** The keys of tags are in lower case in this service. */
const tags = (deployment: Deployment) =>
  tagList(tagsFor(deployment)).map(({ Key, Value }) => ({ key: Key, value: Value }))

/** The data, the administrator and the role of a serverless warehouse. */
export function namespace(aws: AwsContext): Resource {
  const { clients, names, settings, finalSnapshot } = aws
  const namespaceName = names.namespace
  const findStatus = async () => (await findNamespace(await clients.redshiftServerless(), namespaceName))?.status
  const { remove, waitUntilReady } = warehouseWaits(aws, `namespace ${namespaceName}`, 10, findStatus)
  return {
    kind: 'namespace',
    name: namespaceName,
    purpose: 'has the data of the serverless warehouse, encrypted, the password managed by AWS',
    price: namespacePrice,
    async find({ role }) {
      const serverless = await clients.redshiftServerless()
      const found = await findNamespace(serverless, namespaceName)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      if (role !== undefined && !found.roleArns.includes(role))
        differences.push({
          what: 'lacks its role',
          async fix() {
            await waitUntilReady()
            const roles = { iamRoles: [...found.roleArns, role], defaultIamRoleArn: role }
            await serverless.updateNamespace({ namespaceName, ...roles })
          },
        })
      if (found.secretArn === undefined) differences.push({ what: 'has a password that AWS does not manage' })
      return existing(namespaceName, found, differences, settings)
    },
    async create(ids) {
      const serverless = await clients.redshiftServerless()
      const roleArn = required(ids, 'role')
      await serverless.createNamespace({
        namespaceName,
        dbName: settings.database,
        adminUsername: settings.user,
        manageAdminPassword: true,
        iamRoles: [roleArn],
        defaultIamRoleArn: roleArn,
        tags: tags(settings),
      })
    },
    waitUntilReady,
    async destroy(found) {
      const serverless = await clients.redshiftServerless()
      const snapshot = finalSnapshot && {
        finalSnapshotName: finalSnapshot.name,
        finalSnapshotRetentionPeriod: finalSnapshot.retentionDays,
      }
      const ask = () => serverless.deleteNamespace({ namespaceName, ...snapshot })
      await remove(found, () => undefinedIfNotFound(missingServerless, ask))
    },
  }
}

/** What computes: reachable through AWS's APIs only, between the base and the maximum capacity. */
export function workgroup(aws: AwsContext): Resource {
  const { clients, names, settings } = aws
  const workgroupName = names.workgroup
  const { serverless: shape, region } = settings
  const { baseCapacity, maxCapacity } = shape
  const findStatus = async () => {
    const found = await findWorkgroup(await clients.redshiftServerless(), workgroupName)
    const isWithout = found?.status === 'AVAILABLE' && found.endpoint === undefined
    return isWithout ? 'available, without an address' : found?.status
  }
  const { remove, waitUntilReady } = warehouseWaits(aws, `workgroup ${workgroupName}`, 20, findStatus)
  return {
    kind: 'workgroup',
    name: workgroupName,
    purpose: `computes, with ${baseCapacity} to ${maxCapacity} RPU, only while queries run`,
    price: workgroupPrice(region, shape),
    async find() {
      const serverless = await clients.redshiftServerless()
      const found = await findWorkgroup(serverless, workgroupName)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const add = (what: string, change: { baseCapacity?: number; maxCapacity?: number; publiclyAccessible?: false }) =>
        differences.push({
          what,
          async fix() {
            await waitUntilReady()
            await serverless.updateWorkgroup({ workgroupName, ...change })
            await waitUntilReady()
          },
        })
      if (found.baseCapacity !== baseCapacity || found.maxCapacity !== maxCapacity)
        add(
          `has ${found.baseCapacity} to ${found.maxCapacity ?? 'any number of'} RPU instead of ${baseCapacity} to ${maxCapacity}`,
          { baseCapacity, maxCapacity },
        )
      if (!found.isPrivate) add('can be reached from the internet', { publiclyAccessible: false })
      if (found.namespace !== names.namespace) differences.push({ what: `belongs to the namespace ${found.namespace}` })
      return existing(found.arn, found, differences, settings)
    },
    async create() {
      const serverless = await clients.redshiftServerless()
      await serverless.createWorkgroup({
        workgroupName,
        namespaceName: names.namespace,
        // Without both, AWS starts with 128 RPU and no upper bound.
        baseCapacity,
        maxCapacity,
        port: settings.port,
        publiclyAccessible: false,
        enhancedVpcRouting: false,
        // Without: those of the default VPC.
        ...(settings.subnetIds !== undefined && { subnetIds: [...settings.subnetIds] }),
        tags: tags(settings),
      })
    },
    waitUntilReady,
    async destroy(found) {
      const serverless = await clients.redshiftServerless()
      await remove(found, () =>
        undefinedIfNotFound(missingServerless, () => serverless.deleteWorkgroup({ workgroupName })),
      )
    },
  }
}

/** The dead-man switch of a serverless warehouse: after so many RPU-hours in a day, AWS stops queries until the next day. */
export function usageLimit({ clients, names, settings, ttlHours }: AwsContext): Resource {
  const { baseCapacity, dailyLimit } = settings.serverless
  const hours = ttlHours === undefined ? dailyLimit : Math.max(1, Math.ceil(baseCapacity * ttlHours))
  const limit = { amount: Math.min(dailyLimit, hours), breachAction: 'deactivate' } as const
  const usageType = 'serverless-compute'
  return {
    kind: 'usage limit',
    name: names.workgroup,
    purpose: `stops the workgroup after ${limit.amount} RPU-hours a day`,
    price: free,
    async find({ workgroup: resourceArn }) {
      if (resourceArn === undefined) return undefined
      const client = await clients.redshiftServerless()
      const pages = paginateListUsageLimits({ client }, { resourceArn, usageType })
      const limits = await undefinedIfNotFound(missingServerless, () =>
        collect(pages, ({ usageLimits }) => usageLimits),
      )
      const found = limits?.find(({ period }) => period === 'daily')
      if (found === undefined) return undefined
      const { usageLimitId = '', amount, breachAction } = found
      const stops = breachAction === limit.breachAction
      const what = stops ? `allows ${amount} RPU-hours a day instead of ${limit.amount}` : 'only warns'
      const fix = async () => void (await client.updateUsageLimit({ usageLimitId, ...limit }))
      return {
        id: usageLimitId,
        // It has no tags, but its workgroup has.
        isOurs: true,
        status: `${amount} RPU-hours a day`,
        differences: stops && amount === limit.amount ? [] : [{ what, fix }],
      }
    },
    async create(ids) {
      const serverless = await clients.redshiftServerless()
      const resourceArn = required(ids, 'workgroup')
      await serverless.createUsageLimit({ resourceArn, usageType, period: 'daily', ...limit })
    },
    async destroy({ id }) {
      const serverless = await clients.redshiftServerless()
      await undefinedIfNotFound(missingServerless, () => serverless.deleteUsageLimit({ usageLimitId: id }))
    },
  }
}
