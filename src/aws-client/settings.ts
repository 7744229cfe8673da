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
  /** Name of the cluster, or of namespace and workgroup; with the region it names the deployment. */
  readonly identifier: string
  /** The name of the role that reads the source; if undefined it is derived from identifier and region. */
  readonly roleName?: string | undefined
  /** A role that is there already and reads the source: then none is made. */
  readonly roleArn?: string | undefined
  readonly database: string
  /** Administrator; AWS manages the password. */
  readonly user: string
  readonly port: number
  /** Where in S3 the source objects lie: what the role may read. */
  readonly sources: readonly SourcePrefix[]
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

/** The key of the tag that marks a thing as ours; its value is the deployment. */
export const tagKey = 'sparkify-warehouse'

export type Tags = Readonly<Record<string, string>>

/** Whose things are whose: one identifier in one region. Roles have no region of their own, so the tag holds it. */
export type Deployment = Pick<InfrastructureSettings, 'identifier' | 'region'>

/** The deployment in one word, such as `dwh@us-west-2`. */
export function deploymentName({ identifier, region }: Deployment): string {
  return `${identifier}@${region}`
}

/** The tags of everything that create-infrastructure makes. */
export function tagsFor(deployment: Deployment): Tags {
  return { [tagKey]: deploymentName(deployment) }
}

/** Tags as most services list them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** The tags of such a list. */
export function tagsOf(list: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value ?? '']))
}

interface Ownership {
  /** True if create-infrastructure made the thing for this deployment. */
  readonly isOurs: boolean
  /** The deployment that it belongs to; undefined if create-infrastructure did not make it. */
  readonly owner: string | undefined
}

/** What the tags of a thing say about whose it is. */
export function ownership(tags: Tags, deployment: Deployment): Ownership {
  const owner = tags[tagKey]
  return { isOurs: owner === deploymentName(deployment), owner }
}
