import type { Known, Resource, Workshop } from './resource.ts'
import { cluster } from './resources/cluster.ts'
import { controlBucket } from './resources/control-bucket.ts'
import { securityGroup, subnetGroup } from './resources/network.ts'
import { pauseRole, warehouseRole } from './resources/roles.ts'
import { scheduledPause } from './resources/scheduled-pause.ts'
import { namespace, usageLimit, workgroup } from './resources/serverless.ts'

/** What create-infrastructure makes, in this order: each thing needs only those before it. */
export function resourcesToCreate(workshop: Workshop): readonly Resource[] {
  const { settings, site, ttlHours } = workshop
  const role = settings.roleArn === undefined ? [warehouseRole] : []
  if (settings.engine === 'redshift-serverless')
    return [...role, controlBucket, securityGroup, namespace, workgroup, usageLimit].map((make) => make(workshop))
  return [
    ...role,
    ...(ttlHours === undefined ? [] : [pauseRole]),
    controlBucket,
    securityGroup,
    ...(site.network?.subnetIds === undefined ? [] : [subnetGroup]),
    cluster,
    ...(ttlHours === undefined ? [] : [scheduledPause]),
  ].map((make) => make(workshop))
}

/** Everything that carries our tag, whatever the engine was when it was made. destroy-infrastructure goes through it from the end. */
export function resourcesToDestroy(workshop: Workshop): readonly Resource[] {
  return [
    warehouseRole,
    pauseRole,
    controlBucket,
    securityGroup,
    subnetGroup,
    cluster,
    scheduledPause,
    namespace,
    workgroup,
    usageLimit,
  ].map((make) => make(workshop))
}

/** What is known before the first resource: the user's own role, if the settings name one. */
export function knownAtFirst({ settings }: Workshop): Known {
  return settings.roleArn === undefined ? {} : { role: settings.roleArn }
}
