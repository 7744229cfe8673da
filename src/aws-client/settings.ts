/** A prefix of a bucket, which ends with `/` or is empty, and so means a folder. */
export interface SourcePrefix {
  readonly bucket: string
  readonly prefix: string
}

/** The shape of a provisioned cluster. */
export interface ClusterSettings {
  readonly type: 'single-node' | 'multi-node'
  readonly nodes: number
  readonly nodeType: string
}

/** The shape of a serverless workgroup, in Redshift processing units (RPU). */
export interface ServerlessSettings {
  readonly baseCapacity: number
  readonly maxCapacity: number
  /** RPU-hours a day after which AWS stops taking queries until the next day. */
  readonly dailyLimit: number
}

/** What the infrastructure is to be: plain values, checked by `verifyInfrastructureSettings`. */
export interface InfrastructureSettings {
  readonly engine: 'redshift' | 'redshift-serverless'
  readonly region: string
  /** Name of the cluster, or of namespace and workgroup, and the value of the tag on everything. */
  readonly identifier: string
  readonly roleName: string
  /** A role that is there already and reads the source: then none is made. */
  readonly roleArn?: string | undefined
  readonly database: string
  /** Administrator; AWS manages the password. */
  readonly user: string
  readonly port: number
  /** Where in S3 the source objects lie: what the role may read. */
  readonly sources: readonly SourcePrefix[]
  /** A jsonpaths object outside of the control bucket. */
  readonly jsonpaths?: { readonly bucket: string; readonly key: string } | undefined
  /** The public IPv4 address that may connect; looked up if undefined. */
  readonly address?: string | undefined
  /** VPC and subnets to use instead of the default VPC: both or neither. */
  readonly vpcId?: string | undefined
  readonly subnetIds?: readonly string[] | undefined
  readonly cluster: ClusterSettings
  readonly serverless: ServerlessSettings
}

/** The smallest shapes that every region has. */
export const defaultShapes = {
  cluster: { type: 'single-node', nodes: 1, nodeType: 'ra3.large' },
  serverless: { baseCapacity: 4, maxCapacity: 8, dailyLimit: 8 },
} as const satisfies Pick<InfrastructureSettings, 'cluster' | 'serverless'>

/** The key of the tag that marks a thing as ours; its value is the identifier. */
export const tagKey = 'sparkify-warehouse'

export type Tags = Readonly<Record<string, string>>

/** The tags of everything that create-infrastructure makes. */
export function tagsFor(identifier: string): Tags {
  return { [tagKey]: identifier }
}

/** True if the tags say that create-infrastructure made the thing for this identifier. */
export function isOurs(tags: Tags, identifier: string): boolean {
  return tags[tagKey] === identifier
}
