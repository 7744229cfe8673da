import { notOurs } from '../aws-client/explain.ts'
import { throwIfInterrupted } from '../aws-client/poll.ts'
import type { AwsContext, Existing, Kind, Resource } from '../aws-client/resource.ts'
import { initialIds, resourcesToCreate } from '../aws-client/resource-list.ts'
import { cluster } from '../aws-client/resources/cluster.ts'
import { namespace } from '../aws-client/resources/serverless.ts'
import { deploymentName } from '../aws-client/settings.ts'
import { refusal } from '../errors.ts'

/** A resource and what exists of it. */
export interface Inspected {
  readonly resource: Resource
  readonly found: Existing | undefined
}

/** What every result names: the deployment and where it is. */
export interface DeploymentPlace {
  readonly engine: string
  readonly identifier: string
  readonly account: string
  readonly region: string
}

/** The deployment and where it is, for the result of a command. */
export function placeOf({ settings, account }: AwsContext): DeploymentPlace {
  const { engine, identifier, region } = settings
  return { engine, identifier, account: account.id, region }
}

/** Looks at every resource in order. Changes nothing. */
export async function inspect(resources: readonly Resource[], aws: AwsContext): Promise<Inspected[]> {
  const { poll } = aws
  const ids: Partial<Record<Kind, string>> = { ...initialIds(aws) }
  const inspected: Inspected[] = []
  for (const resource of resources) {
    throwIfInterrupted(poll, 'while looking at what exists')
    poll.progress?.(`looking for ${resource.kind} ${resource.name}`)
    const found = await resource.find(ids)
    if (found?.isOurs) ids[resource.kind] = found.id
    inspected.push({ resource, found })
  }
  return inspected
}

/** @throws UserError (exit code 2) if something that exists keeps the warehouse from being created. Changes nothing. */
export async function inspectToCreate(aws: AwsContext): Promise<Inspected[]> {
  const inspected = await inspect(resourcesToCreate(aws), aws)
  verifyOurs(inspected, aws)
  await verifyOneEngine(aws)
  return inspected
}

/** @throws UserError (exit code 2) if one of the names is taken by something that is not ours. */
export function verifyOurs(inspected: readonly Inspected[], { settings }: AwsContext): void {
  for (const { resource, found } of inspected)
    if (found !== undefined && !found.isOurs) throw notOurs(resource.kind, resource.name, settings, found.owner)
}

/**
 * A deployment has one warehouse: a cluster and a namespace of the same name would share role, bucket and secret name, and the next
 * destroy-infrastructure would remove both.
 *
 * @throws UserError (exit code 2) if the deployment has a warehouse of the other engine.
 */
async function verifyOneEngine(aws: AwsContext): Promise<void> {
  const { settings } = aws
  const isCluster = settings.engine === 'redshift'
  const { kind, name, find } = (isCluster ? namespace : cluster)(aws)
  const found = await find({})
  if (!found?.isOurs) return
  throw refusal(
    `${deploymentName(settings)} has a ${kind} ${name}, created with ENGINE = ${isCluster ? 'redshift-serverless' : 'redshift'}.`,
    'Choose another DWH_CLUSTER_IDENTIFIER, or run destroy-infrastructure first: it removes the warehouse of both engines. Nothing was changed.',
  )
}
