import { createHash } from 'node:crypto'
import type { InfrastructureSettings } from './settings.ts'

/** What the derived names depend on besides the settings. */
export interface Account {
  readonly id: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

/** The names of everything that create-infrastructure creates, derived from the settings, so that nothing has to be stored. */
export function resourceNames(
  settings: Pick<InfrastructureSettings, 'identifier' | 'region' | 'roleName'>,
  account: Account,
) {
  const { identifier, region, roleName } = settings
  const name = `sparkify-${identifier}`
  return {
    // Role names must be unique in the account, bucket names in all of AWS.
    role: roleName ?? fitted(name, `-${region}-reader`, 64),
    rolePolicy: 'read-sources-and-control-bucket',
    bucket: fitted(name, `-${account.id}-${region}`, 63),
    subnetGroup: name,
    cluster: identifier,
    namespace: identifier,
    workgroup: identifier,
    pauseRole: fitted(name, `-${region}-pause`, 64),
    pausePolicy: 'pause-the-cluster',
    pause: fitted(name, '-pause', 60),
  }
}

/** What the names of our roles match, whatever identifier and region are; `reader` only where the config gives no name. */
export const rolePatterns = { reader: 'sparkify-*-reader', pause: 'sparkify-*-pause' } as const

export type ResourceNames = ReturnType<typeof resourceNames>

/** The ARN of a cluster, before it exists. */
export function clusterArn(region: string, account: Account, identifier: string): string {
  return `arn:${account.partition}:redshift:${region}:${account.id}:cluster:${identifier}`
}

/** A name and its end. A name longer than AWS allows is cut and gets a digest, so that two long names stay different. */
function fitted(name: string, end: string, length: number): string {
  if (name.length + end.length <= length) return name + end
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8)
  return `${name.slice(0, length - end.length - 9).replace(/-+$/, '')}-${digest}${end}`
}
