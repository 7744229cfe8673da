import type { Cluster as ApiCluster } from '@aws-sdk/client-redshift'
import { type Tags, tagsOf } from './settings.ts'

/** A cluster as it exists. */
export interface Cluster {
  readonly status: string
  readonly createdAt: Date | undefined
  readonly nodeType: string
  readonly nodes: number
  readonly database: string
  readonly user: string
  readonly encrypted: boolean
  readonly public: boolean
  readonly groupIds: readonly string[]
  readonly roles: readonly { readonly arn: string; readonly status: string }[]
  /** Undefined until the cluster has been available. */
  readonly endpoint: { readonly host: string; readonly port: number } | undefined
  readonly secretArn: string | undefined
  readonly tags: Tags
}

/** A scheduled action that pauses a cluster. */
export interface ScheduledPause {
  /** When it happens. */
  readonly at: Date | undefined
  /** Identifier of the cluster that it pauses. */
  readonly cluster: string | undefined
  readonly roleArn: string
  readonly active: boolean
}

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
export function clusterOf(cluster: ApiCluster): Cluster {
  const { Address: host, Port: port } = cluster.Endpoint ?? {}
  return {
    status: cluster.ClusterStatus ?? 'unknown',
    createdAt: cluster.ClusterCreateTime,
    nodeType: cluster.NodeType ?? '',
    nodes: cluster.NumberOfNodes ?? 1,
    database: cluster.DBName ?? '',
    user: cluster.MasterUsername ?? '',
    encrypted: cluster.Encrypted === true,
    public: cluster.PubliclyAccessible === true,
    groupIds: (cluster.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
    roles: (cluster.IamRoles ?? []).map(({ IamRoleArn = '', ApplyStatus = '' }) => ({
      arn: IamRoleArn,
      status: ApplyStatus,
    })),
    endpoint: host === undefined || port === undefined ? undefined : { host, port },
    secretArn: cluster.MasterPasswordSecretArn,
    tags: tagsOf(cluster.Tags),
  }
}
