import { dollars } from '../aws-client/prices.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { UserError } from '../errors.ts'
import { findEndpoint, type WarehouseEndpoint } from './connection.ts'
import { type DeploymentPlace, type Inspected, inspect, placeOf } from './inspect.ts'
import { type PlannedResource, planOf } from './plan.ts'

export interface InfrastructureStatus extends DeploymentPlace {
  /** True if the cluster or workgroup exists. */
  readonly exists: boolean
  /** The status that AWS reports; null if it does not exist. */
  readonly status: string | null
  /** ISO 8601; null if it does not exist. */
  readonly since: string | null
  /** Null if it can't be connected to now. */
  readonly endpoint: WarehouseEndpoint | null
  readonly resources: readonly PlannedResource[]
  readonly perHour: number | null
  readonly perMonth: number | null
  /** US dollars to the cent, estimated from its age as if it had never been paused. Null if not known. */
  readonly costSoFar: number | null
  /** What it costs and has cost so far, in words, and where the prices are from. */
  readonly cost: string
  /** A sentence: what stops it if you forget it. */
  readonly deadManSwitch: string
}

/** What exists, since when, where it listens, what it costs and what would stop it. Changes nothing. */
export async function describeInfrastructure(aws: AwsContext): Promise<InfrastructureStatus> {
  const inspected = await inspect(resourcesToDestroy(aws), aws)
  const { perHour, perMonth, resources, cost } = planOf('destroy', inspected, aws)
  const isCluster = aws.settings.engine === 'redshift'
  const kind = isCluster ? 'cluster' : 'workgroup'
  const { resource, found } = inspected.find(({ resource, found }) => resource.kind === kind && found?.isOurs) ?? {}
  const endpoint = found === undefined ? null : await findEndpoint(aws).catch(unlessUnready)
  const hours = found?.since && (aws.poll.now().getTime() - found.since.getTime()) / 3_600_000
  // The cost so far assumes that it always ran, whatever its price is now.
  const runningPerHour = (found?.status === 'paused' ? resource?.price.perHour : perHour) ?? null
  const soFar = isCluster && hours !== undefined && runningPerHour !== null ? hours * runningPerHour : null
  const soFarText = soFar === null ? '' : `, ${dollars(soFar)} so far if it was never paused`
  const usage = isCluster ? '' : ' The view sys_serverless_usage shows what queries have used.'
  return {
    ...placeOf(aws),
    exists: found !== undefined,
    status: found?.status ?? null,
    since: found?.since?.toISOString() ?? null,
    endpoint,
    resources: resources.filter(({ action }) => action !== 'absent'),
    perHour,
    perMonth,
    costSoFar: soFar && Math.round(soFar * 100) / 100,
    cost: hours === undefined ? cost : `${cost} It has existed for ${hours.toFixed(1)} hours${soFarText}.${usage}`,
    deadManSwitch: isCluster ? scheduledPause(inspected) : usageLimit(inspected),
  }
}

function unlessUnready(error: unknown): null {
  if (error instanceof UserError) return null
  throw error
}

const ours = (inspected: readonly Inspected[], kind: string) =>
  inspected.find(({ resource, found }) => resource.kind === kind && found?.isOurs)?.found

function usageLimit(inspected: readonly Inspected[]): string {
  const limit = ours(inspected, 'usage limit')
  if (limit === undefined) return 'It has no usage limit: run create-infrastructure.'
  return `AWS stops queries after ${limit.status}.`
}

function scheduledPause(inspected: readonly Inspected[]): string {
  const pause = ours(inspected, 'scheduled pause')
  if (pause !== undefined) return `AWS pauses the cluster: ${pause.status}.`
  return 'Nothing stops it if you forget it: create-infrastructure --ttl 8h sets a dead-man switch.'
}
