import type { Cluster as ApiCluster } from '@aws-sdk/client-redshift'
import { tagsOf } from './settings.ts'

/** A snapshot that was asked for. */
export interface Snapshot {
  readonly name: string
  /** Days until AWS deletes it; undefined: it is kept, and billed, forever. */
  readonly remainingDays: number | undefined
}

/** Days until AWS deletes a snapshot, from its retention and what AWS says remains. */
export function remainingDays(retention: number | undefined, remaining: number | undefined): number | undefined {
  return retention === undefined || retention < 0 ? undefined : (remaining ?? retention)
}

/** A cluster as the API returns it. */
export function clusterOf(cluster: ApiCluster) {
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

/** A cluster as it exists. */
export type Cluster = ReturnType<typeof clusterOf>
