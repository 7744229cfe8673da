import type { AwsContext, Resource, ResourceIds } from './resource.ts'
import { cluster } from './resources/cluster.ts'
import { controlBucket } from './resources/control-bucket.ts'
import { pauseRole, warehouseRole } from './resources/roles.ts'
import { scheduledPause } from './resources/scheduled-pause.ts'
import { namespace, usageLimit, workgroup } from './resources/serverless.ts'
import { subnetGroup } from './resources/subnet-group.ts'

/** What create-infrastructure creates, in this order: each resource needs only those before it. */
export function resourcesToCreate(aws: AwsContext): readonly Resource[] {
  const { settings, ttlHours } = aws
  const role = settings.roleArn === undefined ? [warehouseRole] : []
  if (settings.engine === 'redshift-serverless')
    return [...role, controlBucket, namespace, workgroup, usageLimit].map((make) => make(aws))
  return [
    ...role,
    ...(ttlHours === undefined ? [] : [pauseRole]),
    controlBucket,
    ...(settings.subnetIds === undefined ? [] : [subnetGroup]),
    cluster,
    ...(ttlHours === undefined ? [] : [scheduledPause]),
  ].map((make) => make(aws))
}

/** Everything that can carry our tag, for both engines. destroy-infrastructure removes it in reverse order. */
export function resourcesToDestroy(aws: AwsContext): readonly Resource[] {
  return [
    warehouseRole,
    pauseRole,
    controlBucket,
    subnetGroup,
    cluster,
    scheduledPause,
    namespace,
    workgroup,
    usageLimit,
  ].map((make) => make(aws))
}

/** The ids known before the first resource: the role that the settings name, if they do. */
export function initialIds({ settings }: AwsContext): ResourceIds {
  return settings.roleArn === undefined ? {} : { role: settings.roleArn }
}
