import { UserError } from '../../errors.ts'
import { waitFor } from '../poll.ts'
import { clusterPrice, pausedClusterPrice } from '../prices.ts'
import { type Cluster, deleteCluster, findCluster } from '../redshift.ts'
import { type AwsContext, type Difference, deadlines, type Resource, type ResourceIds, required } from '../resource.ts'
import { tagList, tagsFor } from '../settings.ts'
import { existing, unlessBusy, verifyKept, warehouseWaits } from './warehouse.ts'

const isAvailable = (status: string) => status === 'available' || status.startsWith('available,')

/** The cluster: encrypted, its password managed by AWS, reachable through AWS's APIs only. */
export function cluster(aws: AwsContext): Resource {
  const { clients, names, settings, finalSnapshot } = aws
  const { region, cluster: shape } = settings
  const name = names.cluster
  const findStatus = async () => (await findCluster(await clients.redshift(), name))?.status
  const { remove, waitUntilDeleted } = warehouseWaits(aws, `cluster ${name}`, deadlines.clusterGone, findStatus)
  return {
    kind: 'cluster',
    name,
    purpose: `the warehouse: ${shape.nodes} × ${shape.nodeType}, encrypted, the password managed by AWS`,
    price: clusterPrice(region, shape),
    async find(ids) {
      const found = await findCluster(await clients.redshift(), name)
      if (found === undefined) return undefined
      const price = found.status === 'paused' ? pausedClusterPrice : clusterPrice(region, found)
      return { ...existing(name, found, differences(found, ids, aws), settings), price }
    },
    async create(ids) {
      const redshift = await clients.redshift()
      const roleArn = required(ids, 'role')
      await redshift.createCluster({
        ClusterIdentifier: name,
        ClusterType: shape.type,
        ...(shape.type === 'multi-node' && { NumberOfNodes: shape.nodes }),
        NodeType: shape.nodeType,
        DBName: settings.database,
        MasterUsername: settings.user,
        ManageMasterPassword: true,
        Port: settings.port,
        Encrypted: true,
        // Statements come by the Data API, so nobody needs to reach it: the VPC's default security group stays as it is.
        PubliclyAccessible: false,
        // COPY goes to S3 over the internet: with enhanced routing it would need an endpoint in the VPC.
        EnhancedVpcRouting: false,
        // Without: the group `default`, which Redshift creates for the default VPC.
        ...(settings.subnetIds !== undefined && { ClusterSubnetGroupName: names.subnetGroup }),
        IamRoles: [roleArn],
        DefaultIamRoleArn: roleArn,
        AutomatedSnapshotRetentionPeriod: 1,
        // Snapshots that somebody takes by hand end too: kept for ever, they are billed for ever.
        ManualSnapshotRetentionPeriod: 7,
        Tags: tagList(tagsFor(settings)),
      })
    },
    waitUntilReady: ({ role }) => waitUntilAvailable(aws, role),
    async destroy() {
      const redshift = await clients.redshift()
      const ask = () => deleteCluster(redshift, name, finalSnapshot)
      // AWS documents that a paused cluster can be deleted; users report otherwise. A resumed one surely can.
      await remove(ask, () => redshift.resumeCluster({ ClusterIdentifier: name }))
    },
    waitUntilDeleted,
  }
}

function waitForCluster({ names, poll }: AwsContext, deadlineMs: number, look: () => Promise<string | undefined>) {
  return waitFor({ what: `cluster ${names.cluster}`, deadlineMs, look }, poll)
}

function differences(found: Cluster, ids: ResourceIds, aws: AwsContext): Difference[] {
  const { clients, names, settings } = aws
  const { cluster: shape, port } = settings
  const all: Difference[] = []
  const addFix = (what: string, change: () => Promise<unknown>) =>
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
  // While the cluster is being created, AWS may not show its role yet.
  const isKnown = isAvailable(found.status) || found.status === 'paused'
  const { role } = isKnown ? ids : {}
  if (role !== undefined && !found.roles.some(({ arn }) => arn === role))
    addFix('lacks its role', async () => {
      const change = { ClusterIdentifier: names.cluster, AddIamRoles: [role], DefaultIamRoleArn: role }
      return (await clients.redshift()).modifyClusterIamRoles(change)
    })
  if (isKnown && !found.isPrivate)
    addFix('can be reached from the internet', async () =>
      (await clients.redshift()).modifyCluster({ ClusterIdentifier: names.cluster, PubliclyAccessible: false }),
    )
  if (found.nodeType !== shape.nodeType || found.nodes !== shape.nodes)
    all.push({ what: `has ${found.nodes} × ${found.nodeType} instead of ${shape.nodes} × ${shape.nodeType}` })
  if (!found.encrypted) all.push({ what: 'is not encrypted' })
  if (found.secretArn === undefined) all.push({ what: 'has a password that AWS does not manage' })
  // A tunnel or a double may listen elsewhere than the cluster does.
  const listener = found.endpoint?.host.includes('.amazonaws.com') ? found.endpoint : undefined
  if (listener !== undefined && listener.port !== port)
    all.push({ what: `listens on port ${listener.port} instead of ${port}` })
  if (found.database !== settings.database)
    all.push({ what: `was created with the database ${found.database} instead of ${settings.database}` })
  return all
}

/** Resumes the cluster once it is paused; does not wait until it is available. */
async function startResume(aws: AwsContext): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, deadlines.clusterAvailable, async () => {
    const status = (await findCluster(redshift, aws.names.cluster))?.status
    if (status === 'pausing') return status
    if (status !== 'paused') return undefined
    return (await unlessBusy(() => redshift.resumeCluster({ ClusterIdentifier: aws.names.cluster })))
      ? undefined
      : status
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
    const status = usableStatus(await findCluster(redshift, aws.names.cluster), aws)
    if (status === 'paused') return undefined
    if (isAvailable(status)) await unlessBusy(() => redshift.pauseCluster({ ClusterIdentifier: aws.names.cluster }))
    return status
  })
}

/** Waits until the cluster takes connections and, if a role is given, until it may use it. */
async function waitUntilAvailable(aws: AwsContext, roleArn: string | undefined): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, deadlines.clusterAvailable, async () => {
    const found = await findCluster(redshift, aws.names.cluster)
    const status = usableStatus(found, aws)
    if (!isAvailable(status)) return status
    if (found?.endpoint === undefined) return 'available, without an address'
    const role = found.roles.find(({ arn }) => arn === roleArn)
    return roleArn === undefined || role?.status === 'in-sync' ? undefined : 'available, its role being added'
  })
}

/** States that waiting does not end, and what to do about them. */
const fixes: Readonly<Record<string, string>> = {
  'storage-full': 'Delete data, or create the cluster again with more nodes.',
  'incompatible-network': 'Its subnets or addresses have changed in EC2.',
  'inaccessible-kms-key': "Its encryption key can't be used any more.",
  'hardware-failure': 'A node has failed; AWS replaces it only in a multi-node cluster.',
}

/** @throws UserError if the cluster is gone, being deleted or broken. */
function usableStatus(cluster: Cluster | undefined, { names }: AwsContext): string {
  const status = verifyKept(`cluster ${names.cluster}`, cluster?.status)
  if (!(status in fixes) && !status.startsWith('incompatible-')) return status
  throw new UserError(`The cluster ${names.cluster} is ${status} and will not recover by itself.`, {
    hint: `${fixes[status] ?? 'See its events in the Redshift console.'} To start again: destroy-infrastructure --yes, then create-infrastructure.`,
  })
}
