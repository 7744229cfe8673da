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
  const when = (isWanted: boolean, ...makers: ((aws: AwsContext) => Resource)[]) => (isWanted ? makers : [])
  const isCluster = settings.engine === 'redshift'
  const isPaused = isCluster && ttlHours !== undefined
  return [
    ...when(settings.roleArn === undefined, warehouseRole),
    ...when(isPaused, pauseRole),
    controlBucket,
    ...when(isCluster && settings.subnetIds !== undefined, subnetGroup),
    ...when(isCluster, cluster),
    ...when(isPaused, scheduledPause),
    ...when(!isCluster, namespace, workgroup, usageLimit),
  ].map((make) => make(aws))
}

/** Everything that can carry our tag, for both engines. destroy-infrastructure removes it in reverse order. */
export function resourcesToDestroy(aws: AwsContext): readonly Resource[] {
  const ofCluster = [subnetGroup, cluster, scheduledPause]
  const ofServerless = [namespace, workgroup, usageLimit]
  return [warehouseRole, pauseRole, controlBucket, ...ofCluster, ...ofServerless].map((make) => make(aws))
}

/** The ids known before the first resource: the role that the settings name, if they do. */
export function initialIds({ settings }: AwsContext): ResourceIds {
  return settings.roleArn === undefined ? {} : { role: settings.roleArn }
}
