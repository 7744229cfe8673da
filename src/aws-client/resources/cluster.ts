import { UserError } from '../../errors.ts'
import { waitFor } from '../poll.ts'
import { clusterPrice, type Price, pausedClusterPrice } from '../prices.ts'
import type { Cluster } from '../redshift-shapes.ts'
import { type AwsContext, type Difference, deadlines, type Resource, type ResourceIds, required } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'
import { ownership, tagsFor } from '../settings.ts'

const busy = ['InvalidClusterStateFault', 'InvalidClusterState']
/** States out of which a cluster does not come by waiting. */
const broken = ['hardware-failure', 'storage-full', 'inaccessible-kms-key']

export function isAvailable(status: string): boolean {
  return status === 'available' || status.startsWith('available,')
}

export function isDeleting(status: string): boolean {
  return status === 'deleting' || status === 'final-snapshot'
}

export function isBroken(status: string): boolean {
  return broken.includes(status) || status.startsWith('incompatible-')
}

/** The cluster: encrypted, its password managed by AWS, reachable through our group only. */
export function cluster(aws: AwsContext): Resource {
  const { clients, names, settings, placement, finalSnapshot } = aws
  const { region, cluster: shape } = settings
  const name = names.cluster
  const price = clusterPrice(region, shape)
  return {
    kind: 'cluster',
    name,
    purpose: `the warehouse: ${shape.nodes} × ${shape.nodeType}, encrypted, the password managed by AWS`,
    price,
    async find(ids) {
      const found = await (await clients.redshift()).findCluster(name)
      if (found === undefined) return undefined
      return {
        id: name,
        ...ownership(found.tags, settings),
        status: found.status,
        since: found.createdAt,
        isDeleting: isDeleting(found.status),
        differences: isDeleting(found.status) ? [] : differences(found, ids, aws),
        price: foundPrice(region, found),
      }
    },
    async create(ids) {
      await (await clients.redshift()).createCluster({
        identifier: name,
        shape,
        database: settings.database,
        user: settings.user,
        port: settings.port,
        roleArn: required(ids, 'role'),
        groupId: required(ids, 'security group'),
        subnetGroup: placement?.subnetIds === undefined ? undefined : names.subnetGroup,
        tags: tagsFor(settings),
      })
    },
    waitUntilReady: (ids) => waitUntilAvailable(aws, ids.role),
    async destroy() {
      const redshift = await clients.redshift()
      let isAsked = false
      await waitFor(
        {
          what: `cluster ${name}`,
          deadlineMs: deadlines.clusterGone,
          async look() {
            if (!isAsked) isAsked = await unlessBusy(() => redshift.deleteCluster(name, finalSnapshot))
            const found = await redshift.findCluster(name)
            if (found === undefined) return { done: true, result: undefined }
            if (isDeleting(found.status)) isAsked = true
            // AWS's documents let a paused cluster be deleted, its users report otherwise: awake it surely can.
            else if (!isAsked && found.status === 'paused') await unlessBusy(() => redshift.resumeCluster(name))
            return { done: false, state: found.status }
          },
        },
        aws.poll,
      )
    },
    async waitUntilDeleted() {
      const redshift = await clients.redshift()
      await waitFor(
        {
          what: `cluster ${name}`,
          deadlineMs: deadlines.clusterGone,
          async look() {
            const found = await redshift.findCluster(name)
            return found === undefined ? { done: true, result: undefined } : { done: false, state: found.status }
          },
        },
        aws.poll,
      )
    },
  }
}

/** Asks for a change; false where the cluster is busy with another one and has to be asked again. */
export async function unlessBusy(change: () => Promise<void>): Promise<boolean> {
  try {
    await change()
    return true
  } catch (error) {
    if (!isNamed(error, ...busy)) throw error
    return false
  }
}

function foundPrice(region: string, { nodeType, nodes, status }: Cluster): Price {
  const price = clusterPrice(region, { nodeType, nodes })
  if (status !== 'paused') return price
  return pausedClusterPrice
}

function differences(found: Cluster, ids: ResourceIds, aws: AwsContext): Difference[] {
  const { clients, names, settings } = aws
  const { shape, port } = { shape: settings.cluster, port: settings.port }
  const all: Difference[] = []
  const addFix = (what: string, change: () => Promise<void>) =>
    all.push({
      what,
      async fix() {
        // One change at a time: the status says available while a role is still being added.
        await waitUntilAvailable(aws, undefined)
        await retried(aws, change)
        await waitUntilAvailable(aws, ids.role)
      },
    })
  if (found.status === 'paused' || found.status === 'pausing')
    all.push({ what: `is ${found.status}`, fix: () => startResume(aws) })
  // While it is being made, AWS may not show all of it yet; what it was made with stands in one call.
  const isAwake = isAvailable(found.status) || found.status === 'paused'
  const { role, 'security group': group } = isAwake ? ids : {}
  if (role !== undefined && !found.roles.some(({ arn }) => arn === role))
    addFix('lacks its role', async () => (await clients.redshift()).addRole(names.cluster, role))
  const isReachable = found.public && found.groupIds.length === 1 && found.groupIds[0] === group
  if (group !== undefined && !isReachable)
    addFix('is not reachable through its own security group alone', async () =>
      (await clients.redshift()).setAccess(names.cluster, group),
    )
  if (found.nodeType !== shape.nodeType || found.nodes !== shape.nodes)
    all.push({ what: `has ${found.nodes} × ${found.nodeType} instead of ${shape.nodes} × ${shape.nodeType}` })
  if (!found.encrypted) all.push({ what: 'is not encrypted' })
  if (found.secretArn === undefined) all.push({ what: 'has a password that AWS does not manage' })
  if (found.endpoint !== undefined && found.endpoint.port !== port && isAwsName(found.endpoint.host))
    all.push({ what: `listens on port ${found.endpoint.port} instead of ${port}` })
  if (found.database !== settings.database)
    all.push({ what: `was made with the database ${found.database} instead of ${settings.database}` })
  return all
}

/** A tunnel or a double may listen elsewhere than the cluster does. */
function isAwsName(host: string): boolean {
  return host.includes('.amazonaws.com')
}

/** Changes a cluster that says it is available and yet may be busy for a moment. */
async function retried({ names, poll }: AwsContext, change: () => Promise<void>): Promise<void> {
  await waitFor(
    {
      what: `cluster ${names.cluster}`,
      deadlineMs: deadlines.clusterAvailable,
      look: async () =>
        (await unlessBusy(change))
          ? { done: true, result: undefined }
          : { done: false, state: 'busy with another change' },
    },
    poll,
  )
}

/** Wakes the cluster, once it is asleep; does not wait until it is awake. */
export async function startResume({ clients, names, poll }: AwsContext): Promise<void> {
  const redshift = await clients.redshift()
  await waitFor(
    {
      what: `cluster ${names.cluster}`,
      deadlineMs: deadlines.clusterAvailable,
      async look() {
        const status = (await redshift.findCluster(names.cluster))?.status ?? 'gone'
        if (status !== 'paused') return { done: status !== 'pausing', result: undefined, state: status }
        return { done: await unlessBusy(() => redshift.resumeCluster(names.cluster)), result: undefined, state: status }
      },
    },
    poll,
  )
}

/** Waits until the cluster takes connections and, if a role is given, until it may use it. */
export async function waitUntilAvailable(
  { clients, names, poll }: AwsContext,
  roleArn: string | undefined,
): Promise<void> {
  const redshift = await clients.redshift()
  await waitFor(
    {
      what: `cluster ${names.cluster}`,
      deadlineMs: deadlines.clusterAvailable,
      async look() {
        const found = await redshift.findCluster(names.cluster)
        const status = found?.status ?? 'gone'
        if (found === undefined || isDeleting(status) || isBroken(status)) throw unusable(names.cluster, status)
        if (!isAvailable(status)) return { done: false, state: status }
        if (found.endpoint === undefined) return { done: false, state: 'available, without an address' }
        const role = found.roles.find(({ arn }) => arn === roleArn)
        if (roleArn !== undefined && role?.status !== 'in-sync')
          return { done: false, state: 'available, its role being added' }
        return { done: true, result: undefined }
      },
    },
    poll,
  )
}

export function unusable(name: string, status: string): UserError {
  if (isDeleting(status) || status === 'gone')
    return new UserError(
      `The cluster ${name} is ${status === 'gone' ? 'gone' : `being deleted (${status})`}: somebody removes it.`,
      {
        hint: 'Run create-infrastructure again to make a new one.',
      },
    )
  const cures: Record<string, string> = {
    'storage-full': 'Delete data, or make it anew with more nodes.',
    'incompatible-network': 'Its subnets or addresses have changed in EC2.',
    'inaccessible-kms-key': 'Its encryption key can not be used any more.',
    'hardware-failure': 'A node has failed; AWS replaces it in a multi-node cluster only.',
  }
  return new UserError(`The cluster ${name} is ${status} and does not get out of that by itself.`, {
    hint: `${cures[status] ?? 'Its events in the Redshift console say why.'} To start anew: destroy-infrastructure --yes, then create-infrastructure.`,
  })
}
