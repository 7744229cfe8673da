import type { Cluster as ApiCluster, Redshift } from '@aws-sdk/client-redshift'
import { undefinedIfNotFound } from './sdk-middleware.ts'
import { tagsOf } from './settings.ts'

export const missingCluster = ['ClusterNotFoundFault', 'ClusterNotFound']

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
    roles: (cluster.IamRoles ?? []).map(({ IamRoleArn: arn = '', ApplyStatus: status = '' }) => ({ arn, status })),
    // AWS gives the address when the cluster has been available.
    endpoint: host === undefined || port === undefined ? undefined : { host, port },
    secretArn: cluster.MasterPasswordSecretArn,
    tags: tagsOf(cluster.Tags),
  }
}
