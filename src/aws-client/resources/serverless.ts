import { free, namespacePrice, workgroupPrice } from '../prices.ts'
import {
  deleteNamespace,
  deleteUsageLimit,
  deleteWorkgroup,
  findNamespace,
  findUsageLimit,
  findWorkgroup,
  serverlessTags,
  usageType,
} from '../redshift-serverless.ts'
import { type AwsContext, type Difference, deadlines, type Resource, required } from '../resource.ts'
import { existing, warehouseWaits } from './warehouse.ts'

/** The data, the administrator and the role of a serverless warehouse. */
export function namespace(aws: AwsContext): Resource {
  const { clients, names, settings, finalSnapshot } = aws
  const name = names.namespace
  const findStatus = async () => (await findNamespace(await clients.redshiftServerless(), name))?.status
  const { remove, ...waits } = warehouseWaits(aws, `namespace ${name}`, deadlines.namespace, findStatus)
  return {
    kind: 'namespace',
    name,
    purpose: 'has the data of the serverless warehouse, encrypted, the password managed by AWS',
    price: namespacePrice,
    async find(ids) {
      const serverless = await clients.redshiftServerless()
      const found = await findNamespace(serverless, name)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const { role } = ids
      if (role !== undefined && !found.roleArns.includes(role))
        differences.push({
          what: 'lacks its role',
          async fix() {
            await waits.waitUntilReady()
            const roles = { iamRoles: [...found.roleArns, role], defaultIamRoleArn: role }
            await serverless.updateNamespace({ namespaceName: name, ...roles })
          },
        })
      if (found.secretArn === undefined) differences.push({ what: 'has a password that AWS does not manage' })
      return existing(name, found, differences, settings)
    },
    async create(ids) {
      const serverless = await clients.redshiftServerless()
      const roleArn = required(ids, 'role')
      await serverless.createNamespace({
        namespaceName: name,
        dbName: settings.database,
        adminUsername: settings.user,
        manageAdminPassword: true,
        iamRoles: [roleArn],
        defaultIamRoleArn: roleArn,
        tags: serverlessTags(settings),
      })
    },
    ...waits,
    async destroy() {
      const serverless = await clients.redshiftServerless()
      await remove(() => deleteNamespace(serverless, name, finalSnapshot))
    },
  }
}

/** What computes: reachable through AWS's APIs only, between the base and the maximum capacity. */
export function workgroup(aws: AwsContext): Resource {
  const { clients, names, settings } = aws
  const name = names.workgroup
  const { serverless: shape, region } = settings
  const findStatus = async () => {
    const found = await findWorkgroup(await clients.redshiftServerless(), name)
    return found?.status === 'AVAILABLE' && found.endpoint === undefined
      ? 'available, without an address'
      : found?.status
  }
  const { remove, ...waits } = warehouseWaits(aws, `workgroup ${name}`, deadlines.workgroup, findStatus)
  return {
    kind: 'workgroup',
    name,
    purpose: `computes, with ${shape.baseCapacity} to ${shape.maxCapacity} RPU, only while queries run`,
    price: workgroupPrice(region, shape),
    async find() {
      const serverless = await clients.redshiftServerless()
      const found = await findWorkgroup(serverless, name)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const addFix = (what: string, change: () => Promise<unknown>) =>
        differences.push({
          what,
          async fix() {
            await waits.waitUntilReady()
            await change()
            await waits.waitUntilReady()
          },
        })
      if (found.baseCapacity !== shape.baseCapacity || found.maxCapacity !== shape.maxCapacity)
        addFix(
          `has ${found.baseCapacity} to ${found.maxCapacity ?? 'any number of'} RPU instead of ${shape.baseCapacity} to ${shape.maxCapacity}`,
          () =>
            serverless.updateWorkgroup({
              workgroupName: name,
              baseCapacity: shape.baseCapacity,
              maxCapacity: shape.maxCapacity,
            }),
        )
      if (!found.isPrivate)
        addFix('can be reached from the internet', () =>
          serverless.updateWorkgroup({ workgroupName: name, publiclyAccessible: false }),
        )
      if (found.namespace !== names.namespace) differences.push({ what: `belongs to the namespace ${found.namespace}` })
      return existing(found.arn, found, differences, settings)
    },
    async create() {
      const serverless = await clients.redshiftServerless()
      await serverless.createWorkgroup({
        workgroupName: name,
        namespaceName: names.namespace,
        // Without both, AWS starts with 128 RPU and no upper bound.
        baseCapacity: shape.baseCapacity,
        maxCapacity: shape.maxCapacity,
        port: settings.port,
        publiclyAccessible: false,
        enhancedVpcRouting: false,
        // Without: those of the default VPC.
        ...(settings.subnetIds !== undefined && { subnetIds: [...settings.subnetIds] }),
        tags: serverlessTags(settings),
      })
    },
    ...waits,
    needs: ['namespace'],
    async destroy() {
      const serverless = await clients.redshiftServerless()
      await remove(() => deleteWorkgroup(serverless, name))
    },
  }
}

/** The dead-man switch of a serverless warehouse: after so many RPU-hours in a day, AWS stops queries until the next day. */
export function usageLimit({ clients, names, settings, ttlHours }: AwsContext): Resource {
  const { baseCapacity, dailyLimit } = settings.serverless
  const amount =
    ttlHours === undefined ? dailyLimit : Math.min(dailyLimit, Math.max(1, Math.ceil(baseCapacity * ttlHours)))
  return {
    kind: 'usage limit',
    name: names.workgroup,
    purpose: `stops the workgroup after ${amount} RPU-hours a day`,
    price: free,
    needs: ['workgroup'],
    async find({ workgroup: workgroupArn }) {
      if (workgroupArn === undefined) return undefined
      const serverless = await clients.redshiftServerless()
      const found = await findUsageLimit(serverless, workgroupArn)
      if (found === undefined) return undefined
      const stops = found.breachAction === 'deactivate'
      const isSame = stops && found.amount === amount
      return {
        id: found.id,
        // It has no tags, but its workgroup has.
        isOurs: true,
        status: `${found.amount} RPU-hours a day`,
        differences: isSame
          ? []
          : [
              {
                what: stops ? `allows ${found.amount} RPU-hours a day instead of ${amount}` : 'only warns',
                async fix() {
                  await serverless.updateUsageLimit({ usageLimitId: found.id, amount, breachAction: 'deactivate' })
                },
              },
            ],
      }
    },
    async create(ids) {
      const serverless = await clients.redshiftServerless()
      const resourceArn = required(ids, 'workgroup')
      await serverless.createUsageLimit({ resourceArn, usageType, amount, period: 'daily', breachAction: 'deactivate' })
    },
    async destroy({ id }) {
      await deleteUsageLimit(await clients.redshiftServerless(), id)
    },
  }
}
