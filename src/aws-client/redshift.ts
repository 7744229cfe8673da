import {
  type Cluster as ApiCluster,
  paginateDescribeClusterSnapshots,
  paginateDescribeOrderableClusterOptions,
  type Redshift,
} from '@aws-sdk/client-redshift'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'
import { tagsOf } from './settings.ts'
import { remainingDays, type Snapshot } from './snapshots.ts'

const missingCluster = ['ClusterNotFoundFault', 'ClusterNotFound']
const missingSubnetGroup = ['ClusterSubnetGroupNotFoundFault', 'ClusterSubnetGroupNotFound']
const missingAction = ['ScheduledActionNotFoundFault', 'ScheduledActionNotFound']

/** A cluster as it exists. */
export type Cluster = ReturnType<typeof clusterOf>

export function findCluster(redshift: Redshift, identifier: string): Promise<Cluster | undefined> {
  return undefinedIfNotFound(missingCluster, async () => {
    const { Clusters } = await redshift.describeClusters({ ClusterIdentifier: identifier })
    return Clusters?.[0] && clusterOf(Clusters[0])
  })
}

function clusterOf(cluster: ApiCluster) {
  const { Address: host, Port: port } = cluster.Endpoint ?? {}
  return {
    status: cluster.ClusterStatus ?? 'unknown',
    createdAt: cluster.ClusterCreateTime,
    nodeType: cluster.NodeType ?? '',
    nodes: cluster.NumberOfNodes ?? 1,
    database: cluster.DBName ?? '',
    user: cluster.MasterUsername ?? '',
    encrypted: cluster.Encrypted === true,
    isPrivate: cluster.PubliclyAccessible === false,
    roles: (cluster.IamRoles ?? []).map(({ IamRoleArn = '', ApplyStatus = '' }) => ({
      arn: IamRoleArn,
      status: ApplyStatus,
    })),
    // AWS gives the address when the cluster has been available.
    endpoint: host === undefined || port === undefined ? undefined : { host, port },
    secretArn: cluster.MasterPasswordSecretArn,
    tags: tagsOf(cluster.Tags),
  }
}

/** Cluster types (`single-node`, `multi-node`) in which a node type can be ordered in this region. */
export async function findOrderableTypes(
  client: Redshift,
  nodeType?: string,
): Promise<{ nodeType: string; clusterType: string }[]> {
  const pages = paginateDescribeOrderableClusterOptions(
    { client },
    nodeType === undefined ? {} : { NodeType: nodeType },
  )
  const options = await collect(pages, ({ OrderableClusterOptions }) => OrderableClusterOptions)
  return options.map(({ NodeType = '', ClusterType = '' }) => ({ nodeType: NodeType, clusterType: ClusterType }))
}

export async function deleteCluster(
  redshift: Redshift,
  identifier: string,
  finalSnapshot?: { name: string; retentionDays: number },
): Promise<void> {
  await undefinedIfNotFound(missingCluster, () =>
    redshift.deleteCluster({
      ClusterIdentifier: identifier,
      SkipFinalClusterSnapshot: finalSnapshot === undefined,
      ...(finalSnapshot !== undefined && {
        FinalClusterSnapshotIdentifier: finalSnapshot.name,
        FinalClusterSnapshotRetentionPeriod: finalSnapshot.retentionDays,
      }),
    }),
  )
}

/** Manual snapshots of a cluster, which stay when it goes. The automated ones go with it. */
export async function findClusterSnapshots(client: Redshift, identifier: string): Promise<Snapshot[]> {
  const pages = paginateDescribeClusterSnapshots({ client }, { ClusterIdentifier: identifier, SnapshotType: 'manual' })
  const found = await undefinedIfNotFound(missingCluster, () => collect(pages, ({ Snapshots }) => Snapshots))
  return (found ?? []).map((snapshot) => ({
    name: snapshot.SnapshotIdentifier ?? '',
    remainingDays: remainingDays(snapshot.ManualSnapshotRetentionPeriod, snapshot.ManualSnapshotRemainingDays),
  }))
}

export function findSubnetGroup(redshift: Redshift, name: string) {
  return undefinedIfNotFound(missingSubnetGroup, async () => {
    const { ClusterSubnetGroups } = await redshift.describeClusterSubnetGroups({ ClusterSubnetGroupName: name })
    const [group] = ClusterSubnetGroups ?? []
    const subnetIds = (group?.Subnets ?? []).flatMap(({ SubnetIdentifier }) => SubnetIdentifier ?? [])
    return group && { vpcId: group.VpcId ?? '', subnetIds, tags: tagsOf(group.Tags) }
  })
}

export async function deleteSubnetGroup(redshift: Redshift, name: string): Promise<void> {
  await undefinedIfNotFound(missingSubnetGroup, () =>
    redshift.deleteClusterSubnetGroup({ ClusterSubnetGroupName: name }),
  )
}

/** When and by whose role the scheduler pauses which cluster. */
export function findPause(redshift: Redshift, name: string) {
  return undefinedIfNotFound(missingAction, async () => {
    const { ScheduledActions } = await redshift.describeScheduledActions({ ScheduledActionName: name })
    const [action] = ScheduledActions ?? []
    const at = /^at\((.*)\)$/.exec(action?.Schedule ?? '')?.[1]
    return (
      action && {
        at: at === undefined ? undefined : new Date(`${at}Z`),
        cluster: action.TargetAction?.PauseCluster?.ClusterIdentifier,
        roleArn: action.IamRole ?? '',
        active: action.State === 'ACTIVE',
      }
    )
  })
}

export async function deletePause(redshift: Redshift, name: string): Promise<void> {
  await undefinedIfNotFound(missingAction, () => redshift.deleteScheduledAction({ ScheduledActionName: name }))
}
