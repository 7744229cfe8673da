import type { ClusterSettings, Tags } from './settings.ts'

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
