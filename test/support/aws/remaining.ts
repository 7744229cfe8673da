import type { AwsState } from './state.ts'

/** Something that would cost money or lie around. */
export interface Leftover {
  kind:
    | 'cluster'
    | 'workgroup'
    | 'namespace'
    | 'snapshot'
    | 'secret'
    | 'security-group'
    | 'network-interface'
    | 'subnet-group'
    | 'role'
    | 'scheduled-action'
    | 'usage-limit'
    | 'bucket'
  name: string
  region: string
}

/** Everything callers have made that is still there. What a new account has, what tests seeded and interfaces that AWS is already releasing don't count. */
export function remainingIn(state: AwsState): Leftover[] {
  const found: Leftover[] = []
  for (const region of state.allRegions()) {
    const add = (kind: Leftover['kind'], names: Iterable<string>) => {
      for (const name of names) found.push({ kind, name, region: region.name })
    }
    add('cluster', region.clusters.keys())
    add('workgroup', region.workgroups.keys())
    add('namespace', region.namespaces.keys())
    add('snapshot', region.snapshots.keys())
    add('snapshot', region.serverlessSnapshots.keys())
    add(
      'secret',
      [...region.secrets.values()].map(({ name }) => name),
    )
    add(
      'security-group',
      [...region.securityGroups.values()]
        .filter(({ name }) => name !== 'default')
        .map(({ id, name }) => `${id} ${name}`),
    )
    add(
      'network-interface',
      [...region.networkInterfaces.values()].filter(({ pending }) => pending === undefined).map(({ id }) => id),
    )
    add('subnet-group', region.subnetGroups.keys())
    add('scheduled-action', region.scheduledActions.keys())
    add('usage-limit', region.usageLimits.keys())
  }
  for (const { name, path } of state.roles.values())
    if (!path.startsWith('/aws-service-role/')) found.push({ kind: 'role', name, region: 'global' })
  for (const { name, origin, region } of state.buckets.values())
    if (origin === 'created') found.push({ kind: 'bucket', name, region })
  return found
}
