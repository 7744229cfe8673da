import type { AwsContext, Resource, ResourceIds } from './resource.ts'
import { cluster } from './resources/cluster.ts'
import { controlBucket } from './resources/control-bucket.ts'
import { securityGroup, subnetGroup } from './resources/network.ts'
import { pauseRole, warehouseRole } from './resources/roles.ts'
import { scheduledPause } from './resources/scheduled-pause.ts'
import { namespace, usageLimit, workgroup } from './resources/serverless.ts'

/** What create-infrastructure makes, in this order: each thing needs only those before it. */
export function resourcesToCreate(aws: AwsContext): readonly Resource[] {
  const { settings, placement, ttlHours } = aws
  const role = settings.roleArn === undefined ? [warehouseRole] : []
  if (settings.engine === 'redshift-serverless')
    return [...role, controlBucket, securityGroup, namespace, workgroup, usageLimit].map((make) => make(aws))
  return [
    ...role,
    ...(ttlHours === undefined ? [] : [pauseRole]),
    controlBucket,
    securityGroup,
    ...(placement?.subnetIds === undefined ? [] : [subnetGroup]),
    cluster,
    ...(ttlHours === undefined ? [] : [scheduledPause]),
  ].map((make) => make(aws))
}

/** Everything that carries our tag, whatever the engine was when it was made. destroy-infrastructure goes through it from the end. */
export function resourcesToDestroy(aws: AwsContext): readonly Resource[] {
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
  ].map((make) => make(aws))
}

/** What is known before the first resource: the user's own role, if the settings name one. */
export function initialIds({ settings }: AwsContext): ResourceIds {
  return settings.roleArn === undefined ? {} : { role: settings.roleArn }
}
