import { dollars, pricesAsOf } from '../aws-client/prices.ts'
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
  /** US dollars to the cent, estimated from its age and the prices of `pricesAsOf` as if it had never been paused. Null if not known. */
  readonly costSoFar: number | null
  readonly pricesAsOf: string
  /** What it costs and has cost so far, in words. */
  readonly cost: string
  /** A sentence: what stops it if you forget it. */
  readonly deadManSwitch: string
}

/** What exists, since when, where it listens, what it costs and what would stop it. Changes nothing. */
export async function describeInfrastructure(aws: AwsContext): Promise<InfrastructureStatus> {
  const { settings, poll } = aws
  const inspected = await inspect(resourcesToDestroy(aws), aws)
  const { cost: _cost, verb: _verb, ...plan } = planOf('destroy', inspected, aws)
  const kind = settings.engine === 'redshift' ? 'cluster' : 'workgroup'
  const { resource, found: warehouse } =
    inspected.find(({ resource, found }) => resource.kind === kind && found?.isOurs) ?? {}
  const endpoint = warehouse === undefined ? null : await findEndpoint(aws).catch(unlessUnready)
  const hours =
    warehouse?.since === undefined ? undefined : (poll.now().getTime() - warehouse.since.getTime()) / 3_600_000
  // The cost so far assumes that it always ran, whatever its price is now.
  const isPaused = warehouse?.status === 'paused'
  const runningPerHour = (isPaused ? resource?.price.perHour : plan.perHour) ?? null
  const costSoFar =
    kind === 'workgroup' || hours === undefined || runningPerHour === null ? null : hours * runningPerHour
  return {
    ...placeOf(aws),
    exists: warehouse !== undefined,
    status: warehouse?.status ?? null,
    since: warehouse?.since?.toISOString() ?? null,
    endpoint,
    resources: plan.resources.filter(({ action }) => action !== 'absent'),
    perHour: plan.perHour,
    perMonth: plan.perMonth,
    costSoFar: costSoFar === null ? null : Math.round(costSoFar * 100) / 100,
    pricesAsOf,
    cost: costOf(kind, hours, isPaused, plan, costSoFar),
    deadManSwitch: deadManSwitch(inspected, kind),
  }
}

function unlessUnready(error: unknown): null {
  if (error instanceof UserError) return null
  throw error
}

function costOf(
  kind: string,
  hours: number | undefined,
  isPaused: boolean,
  { perHour, perMonth }: Pick<InfrastructureStatus, 'perHour' | 'perMonth'>,
  soFar: number | null,
): string {
  if (hours === undefined) return 'Nothing exists that costs by the hour.'
  const month = dollars(perMonth)
  if (kind === 'workgroup') {
    const price = perHour === null ? 'an amount that is not known for this region' : `${dollars(perHour)} per hour`
    const most = perMonth === null ? '' : ` and at most ${month} per month`
    return `It costs ${price} while queries run${most}; sys_serverless_usage shows how much that was. Prices as of ${pricesAsOf}.`
  }
  const now = isPaused
    ? `Paused, it costs ${month} per month plus storage.`
    : perHour === null
      ? 'Its price in this region is not known.'
      : `It costs ${dollars(perHour)} per hour, ${month} per month.`
  const asIf = isPaused ? 'if it had never been paused' : 'if it was never paused'
  const soFarWords = soFar === null ? '' : `, ${soFar < 0.01 ? '' : 'about '}${dollars(soFar)} so far ${asIf}`
  return `${now} It has existed for ${hours.toFixed(1)} hours${soFarWords}. Prices as of ${pricesAsOf}.`
}

function deadManSwitch(inspected: readonly Inspected[], kind: string): string {
  const find = (wanted: string) =>
    inspected.find(({ resource, found }) => resource.kind === wanted && found?.isOurs)?.found
  if (kind === 'workgroup') {
    const limit = find('usage limit')
    return limit === undefined
      ? 'It has no usage limit: run create-infrastructure.'
      : `AWS stops queries after ${limit.status}.`
  }
  const pause = find('scheduled pause')
  if (pause === undefined)
    return 'Nothing stops it if you forget it: create-infrastructure --ttl 8h sets a dead-man switch.'
  return `AWS pauses the cluster: ${pause.status}.`
}
