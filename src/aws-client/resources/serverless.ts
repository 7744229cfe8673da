import { free, namespacePrice, workgroupPrice } from '../prices.ts'
import { type AwsContext, type Difference, deadlines, type Resource, required } from '../resource.ts'
import { ownership } from '../settings.ts'
import { serverlessWaits } from './serverless-waits.ts'

/** The data, the administrator and the role of a serverless warehouse. */
export function namespace(aws: AwsContext): Resource {
  const { clients, names, settings, finalSnapshot } = aws
  const name = names.namespace
  const status = async () => (await (await clients.redshiftServerless()).findNamespace(name))?.status
  const { waitUntilReady, waitUntilDeleted, remove } = serverlessWaits(
    aws,
    `namespace ${name}`,
    deadlines.namespace,
    status,
  )
  return {
    kind: 'namespace',
    name,
    purpose: 'has the data of the serverless warehouse, encrypted, the password managed by AWS',
    price: namespacePrice,
    async find(ids) {
      const serverless = await clients.redshiftServerless()
      const found = await serverless.findNamespace(name)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const { role } = ids
      if (role !== undefined && !found.roleArns.includes(role))
        differences.push({
          what: 'lacks its role',
          async fix() {
            await waitUntilReady()
            await serverless.setRoles(name, [...found.roleArns, role], role)
          },
        })
      if (found.secretArn === undefined) differences.push({ what: 'has a password that AWS does not manage' })
      return {
        id: name,
        ...ownership(found.tags, settings),
        status: found.status,
        since: found.createdAt,
        isDeleting: found.status === 'DELETING',
        differences: found.status === 'DELETING' ? [] : differences,
      }
    },
    async create(ids) {
      await (await clients.redshiftServerless()).createNamespace(settings, required(ids, 'role'))
    },
    waitUntilReady,
    async destroy() {
      const serverless = await clients.redshiftServerless()
      await remove(() => serverless.deleteNamespace(name, finalSnapshot))
    },
    waitUntilDeleted,
  }
}

/** What computes: reachable through our group only, between the base and the maximum capacity. */
export function workgroup(aws: AwsContext): Resource {
  const { clients, names, settings, placement } = aws
  const name = names.workgroup
  const { serverless: shape, region } = settings
  const status = async () => {
    const found = await (await clients.redshiftServerless()).findWorkgroup(name)
    return found?.status === 'AVAILABLE' && found.endpoint === undefined
      ? 'available, without an address'
      : found?.status
  }
  const { waitUntilReady, waitUntilDeleted, remove } = serverlessWaits(
    aws,
    `workgroup ${name}`,
    deadlines.workgroup,
    status,
  )
  return {
    kind: 'workgroup',
    name,
    purpose: `computes, with ${shape.baseCapacity} to ${shape.maxCapacity} RPU, only while queries run`,
    price: workgroupPrice(region, shape),
    async find(ids) {
      const serverless = await clients.redshiftServerless()
      const found = await serverless.findWorkgroup(name)
      if (found === undefined) return undefined
      const differences: Difference[] = []
      const group = ids['security group']
      const addFix = (what: string, change: () => Promise<void>) =>
        differences.push({
          what,
          async fix() {
            await waitUntilReady()
            await change()
            await waitUntilReady()
          },
        })
      if (found.baseCapacity !== shape.baseCapacity || found.maxCapacity !== shape.maxCapacity)
        addFix(
          `has ${found.baseCapacity} to ${found.maxCapacity ?? 'any number of'} RPU instead of ${shape.baseCapacity} to ${shape.maxCapacity}`,
          () => serverless.setCapacity(name, shape),
        )
      const isReachable = found.public && found.groupIds.length === 1 && found.groupIds[0] === group
      if (group !== undefined && !isReachable)
        addFix('is not reachable through its own security group alone', () => serverless.setAccess(name, group))
      if (found.namespace !== names.namespace) differences.push({ what: `belongs to the namespace ${found.namespace}` })
      return {
        id: found.arn,
        ...ownership(found.tags, settings),
        status: found.status,
        since: found.createdAt,
        isDeleting: found.status === 'DELETING',
        differences: found.status === 'DELETING' ? [] : differences,
      }
    },
    async create(ids) {
      const serverless = await clients.redshiftServerless()
      await serverless.createWorkgroup(settings, required(ids, 'security group'), placement?.subnetIds)
    },
    waitUntilReady,
    needs: ['namespace'],
    async destroy() {
      const serverless = await clients.redshiftServerless()
      await remove(() => serverless.deleteWorkgroup(name))
    },
    waitUntilDeleted,
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
      const found = await serverless.findUsageLimit(workgroupArn)
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
                fix: () => serverless.setUsageLimit(found.id, amount),
              },
            ],
      }
    },
    async create(ids) {
      await (await clients.redshiftServerless()).createUsageLimit(required(ids, 'workgroup'), amount)
    },
    async destroy({ id }) {
      await (await clients.redshiftServerless()).deleteUsageLimit(id)
    },
  }
}
