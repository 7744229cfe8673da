import { dollars } from '../../aws-client/prices.ts'
import type { Workshop } from '../../aws-client/resource.ts'
import { UserError } from '../../errors.ts'
import type { Endpoint } from './connection.ts'
import { findEndpoint } from './connection.ts'
import type { Inspected } from './inspect.ts'
import { type PlannedResource, planOf } from './plan.ts'

export interface InfrastructureStatus {
  readonly engine: string
  readonly identifier: string
  readonly account: string
  readonly region: string
  /** True if the warehouse itself, cluster or workgroup, is there. */
  readonly exists: boolean
  /** AWS's word for its state; null if it is not there. */
  readonly status: string | null
  /** ISO 8601; null if it is not there. */
  readonly since: string | null
  /** Null if it can't be connected to now. */
  readonly endpoint: Endpoint | null
  readonly resources: readonly PlannedResource[]
  readonly perHour: number | null
  readonly perMonth: number | null
  /** A sentence: what it has cost so far, as far as that is known. */
  readonly cost: string
  /** A sentence: what stops it if it is forgotten. */
  readonly deadManSwitch: string
}

/** What is there, since when, what it costs and what would stop it. */
export async function describe(inspected: readonly Inspected[], workshop: Workshop): Promise<InfrastructureStatus> {
  const { settings, pacing } = workshop
  const { cost: _cost, verb: _verb, ...plan } = planOf('destroy', inspected, workshop)
  const kind = settings.engine === 'redshift' ? 'cluster' : 'workgroup'
  const warehouse = inspected.find(({ resource, found }) => resource.kind === kind && found?.isOurs)?.found
  const endpoint = warehouse === undefined ? null : await findEndpoint(workshop).catch(unlessUnready)
  const hours =
    warehouse?.since === undefined ? undefined : (pacing.now().getTime() - warehouse.since.getTime()) / 3_600_000
  return {
    engine: plan.engine,
    identifier: plan.identifier,
    account: plan.account,
    region: plan.region,
    exists: warehouse !== undefined,
    status: warehouse?.status ?? null,
    since: warehouse?.since?.toISOString() ?? null,
    endpoint,
    resources: plan.resources.filter(({ action }) => action !== 'absent'),
    perHour: plan.perHour,
    perMonth: plan.perMonth,
    cost: costSoFar(kind, hours, plan.perHour),
    deadManSwitch: deadManSwitch(inspected, kind),
  }
}

function unlessUnready(error: unknown): null {
  if (error instanceof UserError) return null
  throw error
}

function costSoFar(kind: string, hours: number | undefined, perHour: number | null): string {
  if (hours === undefined) return 'Nothing is there that costs by the hour.'
  if (kind === 'workgroup') return 'It costs while queries run; sys_serverless_usage tells how much that was.'
  if (perHour === null) return `It has been there for ${hours.toFixed(1)} hours; its price is not known here.`
  return `It has been there for ${hours.toFixed(1)} hours, about ${dollars(hours * perHour)} if it was never paused.`
}

function deadManSwitch(inspected: readonly Inspected[], kind: string): string {
  const find = (wanted: string) =>
    inspected.find(({ resource, found }) => resource.kind === wanted && found?.isOurs)?.found
  if (kind === 'workgroup') {
    const limit = find('usage limit')
    return limit === undefined
      ? 'There is no usage limit: run create-infrastructure.'
      : `AWS takes no more queries after ${limit.status}.`
  }
  const pause = find('scheduled pause')
  if (pause === undefined) return 'None: create-infrastructure --ttl 8h sets one.'
  return `AWS pauses the cluster: ${pause.status}.`
}
