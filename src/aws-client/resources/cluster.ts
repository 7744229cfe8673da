import { UserError } from '../../errors.ts'
import { waitFor } from '../poll.ts'
import { clusterPrice, pausedClusterPrice } from '../prices.ts'
import type { Cluster } from '../redshift-shapes.ts'
import { type AwsContext, type Difference, deadlines, type Resource, type ResourceIds, required } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'
import { ownership } from '../settings.ts'

const busy = ['InvalidClusterStateFault', 'InvalidClusterState']
/** States that waiting does not end. */
const broken = ['hardware-failure', 'storage-full', 'inaccessible-kms-key']

const isAvailable = (status: string) => status === 'available' || status.startsWith('available,')
const isDeleting = (status: string) => status === 'deleting' || status === 'final-snapshot'

/** The cluster: encrypted, its password managed by AWS, reachable through our group only. */
export function cluster(aws: AwsContext): Resource {
  const { clients, names, settings, placement, finalSnapshot } = aws
  const { region, cluster: shape } = settings
  const name = names.cluster
  return {
    kind: 'cluster',
    name,
    purpose: `the warehouse: ${shape.nodes} × ${shape.nodeType}, encrypted, the password managed by AWS`,
    price: clusterPrice(region, shape),
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
        price: found.status === 'paused' ? pausedClusterPrice : clusterPrice(region, found),
      }
    },
    async create(ids) {
      await (await clients.redshift()).createCluster(settings, {
        roleArn: required(ids, 'role'),
        groupId: required(ids, 'security group'),
        subnetGroup: placement?.subnetIds === undefined ? undefined : names.subnetGroup,
      })
    },
    waitUntilReady: ({ role }) => waitUntilAvailable(aws, role),
    async destroy() {
      const redshift = await clients.redshift()
      let isAsked = false
      await waitForCluster(aws, deadlines.clusterGone, async () => {
        if (!isAsked) isAsked = await unlessBusy(() => redshift.deleteCluster(name, finalSnapshot))
        const found = await redshift.findCluster(name)
        if (found !== undefined && isDeleting(found.status)) isAsked = true
        // AWS documents that a paused cluster can be deleted; users report otherwise. A resumed one surely can.
        else if (!isAsked && found?.status === 'paused') await unlessBusy(() => redshift.resumeCluster(name))
        return found?.status
      })
    },
    async waitUntilDeleted() {
      const redshift = await clients.redshift()
      await waitForCluster(aws, deadlines.clusterGone, async () => (await redshift.findCluster(name))?.status)
    },
  }
}

function waitForCluster({ names, poll }: AwsContext, deadlineMs: number, look: () => Promise<string | undefined>) {
  return waitFor({ what: `cluster ${names.cluster}`, deadlineMs, look }, poll)
}

/** Asks for a change. False if the cluster is busy with another one, so it has to be asked again. */
async function unlessBusy(change: () => Promise<void>): Promise<boolean> {
  try {
    await change()
    return true
  } catch (error) {
    if (!isNamed(error, ...busy)) throw error
    return false
  }
}

function differences(found: Cluster, ids: ResourceIds, aws: AwsContext): Difference[] {
  const { clients, names, settings } = aws
  const { cluster: shape, port } = settings
  const all: Difference[] = []
  const addFix = (what: string, change: () => Promise<void>) =>
    all.push({
      what,
      async fix() {
        // One change at a time: the status says available while a role is still being added.
        await waitUntilAvailable(aws, undefined)
        await waitForCluster(aws, deadlines.clusterAvailable, async () =>
          (await unlessBusy(change)) ? undefined : 'busy with another change',
        )
        await waitUntilAvailable(aws, ids.role)
      },
    })
  if (found.status === 'paused' || found.status === 'pausing')
    all.push({ what: `is ${found.status}`, fix: () => startResume(aws) })
  // While the cluster is being created, AWS may not show its role and group yet.
  const isKnown = isAvailable(found.status) || found.status === 'paused'
  const { role, 'security group': group } = isKnown ? ids : {}
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
    all.push({ what: `was created with the database ${found.database} instead of ${settings.database}` })
  return all
}

/** A tunnel or a double may listen elsewhere than the cluster does. */
function isAwsName(host: string): boolean {
  return host.includes('.amazonaws.com')
}

/** Resumes the cluster once it is paused; does not wait until it is available. */
async function startResume(aws: AwsContext): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, deadlines.clusterAvailable, async () => {
    const status = (await redshift.findCluster(aws.names.cluster))?.status
    if (status === 'pausing') return status
    if (status !== 'paused') return undefined
    return (await unlessBusy(() => redshift.resumeCluster(aws.names.cluster))) ? undefined : status
  })
}

/** Resumes the cluster and waits until it takes connections. If it is still being paused, waits for that first. */
export async function resumeCluster(aws: AwsContext): Promise<void> {
  await startResume(aws)
  await waitUntilAvailable(aws, undefined)
}

/** Pauses the cluster and waits until it is paused. AWS only pauses an idle cluster, so this waits for running changes. */
export async function pauseCluster(aws: AwsContext): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, deadlines.clusterPaused, async () => {
    const { status } = usable(await redshift.findCluster(aws.names.cluster), aws)
    if (status === 'paused') return undefined
    if (isAvailable(status)) await unlessBusy(() => redshift.pauseCluster(aws.names.cluster))
    return status
  })
}

/** Waits until the cluster takes connections and, if a role is given, until it may use it. */
async function waitUntilAvailable(aws: AwsContext, roleArn: string | undefined): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, deadlines.clusterAvailable, async () => {
    const { status, endpoint, roles } = usable(await redshift.findCluster(aws.names.cluster), aws)
    if (!isAvailable(status)) return status
    if (endpoint === undefined) return 'available, without an address'
    const role = roles.find(({ arn }) => arn === roleArn)
    return roleArn === undefined || role?.status === 'in-sync' ? undefined : 'available, its role being added'
  })
}

const fixes: Readonly<Record<string, string>> = {
  'storage-full': 'Delete data, or create the cluster again with more nodes.',
  'incompatible-network': 'Its subnets or addresses have changed in EC2.',
  'inaccessible-kms-key': "Its encryption key can't be used any more.",
  'hardware-failure': 'A node has failed; AWS replaces it only in a multi-node cluster.',
}

/** @throws UserError if the cluster is gone, being deleted or broken. */
function usable(cluster: Cluster | undefined, { names }: AwsContext): Cluster {
  if (cluster === undefined || isDeleting(cluster.status))
    throw new UserError(`The cluster ${names.cluster} ${cluster === undefined ? 'is gone' : 'is being deleted'}.`, {
      hint: 'Somebody else deleted it. Run create-infrastructure again to create a new one.',
    })
  const { status } = cluster
  if (!broken.includes(status) && !status.startsWith('incompatible-')) return cluster
  throw new UserError(`The cluster ${names.cluster} is ${status} and will not recover by itself.`, {
    hint: `${fixes[status] ?? 'See its events in the Redshift console.'} To start again: destroy-infrastructure --yes, then create-infrastructure.`,
  })
}
