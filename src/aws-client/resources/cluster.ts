import { UserError } from '../../errors.ts'
import { minute, waitFor } from '../poll.ts'
import { clusterPrice, pausedClusterPrice } from '../prices.ts'
import { type Cluster, findCluster, missingCluster } from '../redshift.ts'
import { type AwsContext, type Difference, type Resource, type ResourceIds, required } from '../resource.ts'
import { undefinedIfNotFound } from '../sdk-middleware.ts'
import { tagList, tagsFor } from '../settings.ts'
import { existing, unlessBusy, verifyKept, warehouseWaits } from './warehouse.ts'

const isAvailable = (status: string) => status === 'available' || status.startsWith('available,')

/** The cluster: encrypted, its password managed by AWS, reachable through AWS's APIs only. */
export function cluster(aws: AwsContext): Resource {
  const { clients, names, settings, finalSnapshot } = aws
  const { region, cluster: shape } = settings
  const name = names.cluster
  const findStatus = async () => (await findCluster(await clients.redshift(), name))?.status
  const { remove } = warehouseWaits(aws, `cluster ${name}`, 40, findStatus)
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
    async destroy(found) {
      const redshift = await clients.redshift()
      const snapshot = finalSnapshot && {
        FinalClusterSnapshotIdentifier: finalSnapshot.name,
        FinalClusterSnapshotRetentionPeriod: finalSnapshot.retentionDays,
      }
      const request = { ClusterIdentifier: name, SkipFinalClusterSnapshot: snapshot === undefined, ...snapshot }
      const ask = () => undefinedIfNotFound(missingCluster, () => redshift.deleteCluster(request))
      // AWS documents that a paused cluster can be deleted; users report otherwise. A resumed one surely can.
      await remove(found, ask, () => redshift.resumeCluster({ ClusterIdentifier: name }))
    },
  }
}

/** Looks again and again, for half an hour at most. `look` gets the cluster and answers with what is waited for. */
async function waitForCluster(
  { clients, names, poll }: AwsContext,
  look: (found: Cluster | undefined) => Promise<string | undefined>,
): Promise<void> {
  const redshift = await clients.redshift()
  const lookOnce = async () => look(await findCluster(redshift, names.cluster))
  await waitFor({ what: `cluster ${names.cluster}`, deadlineMs: 30 * minute, look: lookOnce }, poll)
}

function differences(found: Cluster, { role }: ResourceIds, aws: AwsContext): Difference[] {
  const { clients, names, settings } = aws
  const { cluster: shape } = settings
  const ClusterIdentifier = names.cluster
  const all: Difference[] = []
  const add = (isDifferent: boolean, what: string, fix?: Difference['fix']) => {
    if (isDifferent) all.push({ what, ...(fix && { fix }) })
  }
  /** One change at a time: the status says available while a role is still being added. */
  const changing = (change: () => Promise<unknown>) => async () => {
    await waitUntilAvailable(aws, undefined)
    await waitForCluster(aws, async () => ((await unlessBusy(change)) ? undefined : 'busy with another change'))
    await waitUntilAvailable(aws, role)
  }
  add(['paused', 'pausing'].includes(found.status), `is ${found.status}`, () => startResume(aws))
  // While the cluster is being created, AWS may not show its role yet.
  const isKnown = isAvailable(found.status) || found.status === 'paused'
  if (isKnown && role !== undefined)
    add(
      !found.roles.some(({ arn }) => arn === role),
      'lacks its role',
      changing(async () => {
        const roles = { AddIamRoles: [role], DefaultIamRoleArn: role }
        return (await clients.redshift()).modifyClusterIamRoles({ ClusterIdentifier, ...roles })
      }),
    )
  add(
    isKnown && !found.isPrivate,
    'can be reached from the internet',
    changing(async () => (await clients.redshift()).modifyCluster({ ClusterIdentifier, PubliclyAccessible: false })),
  )
  add(
    found.nodeType !== shape.nodeType || found.nodes !== shape.nodes,
    `has ${found.nodes} × ${found.nodeType} instead of ${shape.nodes} × ${shape.nodeType}`,
  )
  add(!found.encrypted, 'is not encrypted')
  add(found.secretArn === undefined, 'has a password that AWS does not manage')
  const { host = '', port = settings.port } = found.endpoint ?? {}
  // A tunnel or a double may listen elsewhere than the cluster does.
  const isMoved = host.includes('.amazonaws.com') && port !== settings.port
  add(isMoved, `listens on port ${port} instead of ${settings.port}`)
  add(
    found.database !== settings.database,
    `was created with the database ${found.database} instead of ${settings.database}`,
  )
  return all
}

/** Resumes the cluster once it is paused; does not wait until it is available. */
async function startResume(aws: AwsContext): Promise<void> {
  const redshift = await aws.clients.redshift()
  await waitForCluster(aws, async (found) => {
    if (found?.status !== 'paused') return found?.status === 'pausing' ? found.status : undefined
    const isAsked = await unlessBusy(() => redshift.resumeCluster({ ClusterIdentifier: aws.names.cluster }))
    return isAsked ? undefined : found.status
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
  await waitForCluster(aws, async (found) => {
    const status = usableStatus(found, aws)
    if (status === 'paused') return undefined
    if (isAvailable(status)) await unlessBusy(() => redshift.pauseCluster({ ClusterIdentifier: aws.names.cluster }))
    return status
  })
}

/** Waits until the cluster takes connections and, if a role is given, until it may use it. */
function waitUntilAvailable(aws: AwsContext, roleArn: string | undefined): Promise<void> {
  return waitForCluster(aws, async (found) => {
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
