/** A prefix of a bucket that means a folder: it ends with `/` or is empty. */
export interface SourcePrefix {
  readonly bucket: string
  readonly prefix: string
}

/** The infrastructure that is wanted: plain values, checked by the config and `verifyInfrastructureSettings`. */
export interface InfrastructureSettings {
  readonly engine: 'redshift' | 'redshift-serverless'
  readonly region: string
  /** Name of the cluster, or of namespace and workgroup; with the region it names the deployment. */
  readonly identifier: string
  /** Name of the role that reads the source; if undefined, it is derived from identifier and region. */
  readonly roleName?: string | undefined
  /** An existing role that reads the source; then none is created. */
  readonly roleArn?: string | undefined
  readonly database: string
  /** Administrator; AWS manages the password. */
  readonly user: string
  readonly port: number
  /** Where in S3 the source objects are: what the role may read. */
  readonly sources: readonly SourcePrefix[]
  /** ARN of the KMS key with which the source is encrypted, if it is. */
  readonly kmsKey?: string | undefined
  /** VPC and subnets to use instead of the default VPC: both or neither. */
  readonly vpcId?: string | undefined
  readonly subnetIds?: readonly string[] | undefined
  readonly cluster: { readonly type: 'single-node' | 'multi-node'; readonly nodes: number; readonly nodeType: string }
  /** Capacity in Redshift processing units (RPU). AWS takes no more queries on a day after `dailyLimit` RPU-hours. */
  readonly serverless: { readonly baseCapacity: number; readonly maxCapacity: number; readonly dailyLimit: number }
}

/** The smallest shapes, which every region offers. */
export const defaultShapes = {
  cluster: { type: 'single-node', nodes: 1, nodeType: 'ra3.large' },
  serverless: { baseCapacity: 4, maxCapacity: 8, dailyLimit: 8 },
} as const satisfies Pick<InfrastructureSettings, 'cluster' | 'serverless'>

/** The key of the tag that marks a resource as ours; its value is the deployment. */
export const tagKey = 'sparkify-warehouse'

export type Tags = Readonly<Record<string, string>>

/** Owner of resources: one identifier in one region. The tag names the region too, because roles have none. */
export type Deployment = Pick<InfrastructureSettings, 'identifier' | 'region'>

/** The deployment in one word, such as `dwh@us-west-2`. */
export const deploymentName = ({ identifier, region }: Deployment): string => `${identifier}@${region}`

/** The tags of everything that create-infrastructure creates. */
export const tagsFor = (deployment: Deployment): Tags => ({ [tagKey]: deploymentName(deployment) })

/** Tags as most services list them. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
}

/** The tags of such a list. */
export function tagsOf(list: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value ?? '']))
}

/** Whether a resource is of this deployment, and the deployment that it belongs to (undefined: not of create-infrastructure), by its tags. */
export function ownership(tags: Tags, deployment: Deployment) {
  const owner = tags[tagKey]
  return { isOurs: owner === deploymentName(deployment), owner }
}
