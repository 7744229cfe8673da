import { createHash } from 'node:crypto'
import type { InfrastructureSettings } from './settings.ts'

/** Who and where: what the derived names depend on beside the settings. */
export interface Account {
  readonly id: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

/** The names of everything that create-infrastructure makes, derived from the settings: nothing has to be remembered. */
export function resourceNames(
  settings: Pick<InfrastructureSettings, 'identifier' | 'region' | 'roleName'>,
  account: Account,
) {
  const { identifier, region, roleName } = settings
  return {
    role: roleName,
    rolePolicy: 'read-sources-and-control-bucket',
    // Bucket names are shared by all accounts of the world: account and region make this one ours, and destroy finds it again.
    bucket: fitted(`sparkify-${identifier}-${account.id}-${region}`, 63),
    securityGroup: `sparkify-${identifier}`,
    subnetGroup: `sparkify-${identifier}`,
    cluster: identifier,
    namespace: identifier,
    workgroup: identifier,
    pauseRole: fitted(`sparkify-${identifier}-pause`, 64),
    pausePolicy: 'pause-the-cluster',
    pause: fitted(`sparkify-${identifier}-pause`, 60),
  }
}

export type ResourceNames = ReturnType<typeof resourceNames>

/** The ARN of a cluster, before it exists. */
export function clusterArn(region: string, account: Account, identifier: string): string {
  return `arn:${account.partition}:redshift:${region}:${account.id}:cluster:${identifier}`
}

/** A name cut to what AWS allows, with a digest of the whole so that two long names stay two. */
function fitted(name: string, length: number): string {
  if (name.length <= length) return name
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, length - 9).replace(/-+$/, '')}-${digest}`
}
