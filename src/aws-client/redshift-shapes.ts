import type { Cluster as ApiCluster } from '@aws-sdk/client-redshift'
import { type ClusterSettings, type Tags, tagsOf } from './settings.ts'

/** A cluster as it is. */
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

/** A cluster as it is to be. */
export interface NewCluster {
  readonly identifier: string
  readonly shape: ClusterSettings
  readonly database: string
  readonly user: string
  readonly port: number
  readonly roleArn: string
  readonly groupId: string
  /** Undefined: the group `default`, which Redshift makes of the default VPC. */
  readonly subnetGroup: string | undefined
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
  readonly createdAt: Date | undefined
  readonly status: string
  /** Days until AWS deletes it; undefined: it is kept, and billed, for ever. */
  readonly remainingDays: number | undefined
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
