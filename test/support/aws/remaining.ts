import type { AwsState } from './state.ts'

/** Something that would cost money or lie around. */
export interface Leftover {
  kind: string
  name: string
  region: string
}

/** Everything callers have made that is still there. What a new account has and what tests seeded don't count. */
export function remainingIn(state: AwsState): Leftover[] {
  const groups = state.allRegions().flatMap((region) => {
    const made = {
      cluster: region.clusters.keys(),
      workgroup: region.workgroups.keys(),
      namespace: region.namespaces.keys(),
      snapshot: [...region.snapshots.keys(), ...region.serverlessSnapshots.keys()],
      secret: namesOf(region.secrets.values()),
      'subnet-group': region.subnetGroups.keys(),
      'scheduled-action': region.scheduledActions.keys(),
      'usage-limit': region.usageLimits.keys(),
    }
    return Object.entries(made).flatMap(([kind, names]) =>
      [...names].map((name) => ({ kind, name, region: region.name })),
    )
  })
  const roles = namesOf([...state.roles.values()].filter(({ path }) => path === '/'))
  const buckets = [...state.buckets.values()].filter(({ origin }) => origin === 'created')
  return [
    ...groups,
    ...roles.map((name) => ({ kind: 'role', name, region: 'global' })),
    ...buckets.map(({ name, region }) => ({ kind: 'bucket', name, region })),
  ]
}

function namesOf(things: Iterable<{ name: string }>): string[] {
  return [...things].map(({ name }) => name)
}
