import type { AwsContext } from '../aws-client/resource.ts'
import { resourcesToCreate, resourcesToDestroy } from '../aws-client/resource-list.ts'
import { controlBucket } from '../aws-client/resources/control-bucket.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { refusal } from '../errors.ts'
import * as connection from './connection.ts'
import { type CreateResult, create } from './create.ts'
import { describe, type InfrastructureStatus } from './describe.ts'
import { destroy, type Receipt } from './destroy.ts'
import { type InfrastructureEffects, withAws } from './effects.ts'
import { ensure } from './ensure.ts'
import { type Inspected, inspect, verifyOneEngine, verifyOrderable, verifyOurs } from './inspect.ts'
import { findPlacement } from './network-placement.ts'
import { type Plan, planOf } from './plan.ts'

export type { InfrastructureSettings } from '../aws-client/settings.ts'
export type { Endpoint } from './connection.ts'
export type { CreatedResource, CreateResult } from './create.ts'
export type { InfrastructureStatus } from './describe.ts'
export { type Receipt, renderReceipt } from './destroy.ts'
export type { InfrastructureEffects } from './effects.ts'
export type { Orphan } from './orphans.ts'
export { changePause, type PauseResult, planPause } from './pause-resume.ts'
export { type Plan, type PlannedResource, renderPlan } from './plan.ts'

export interface CreateOptions {
  /** Hours after which AWS itself stops the warehouse. */
  readonly ttlHours?: number | undefined
}

export interface DestroyOptions {
  /** Name of a snapshot to take last. */
  readonly finalSnapshot?: string | undefined
  /** Days until AWS deletes that snapshot. */
  readonly retentionDays?: number | undefined
}

/** Days that a final snapshot is kept if nobody says otherwise. For ever would cost for ever. */
export const defaultRetentionDays = 7

/** What create-infrastructure would do. Changes nothing. */
export function planInfrastructure(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  { ttlHours }: CreateOptions = {},
): Promise<Plan> {
  verifyTtl(ttlHours)
  const options = { ttlHours, findPlacement: (aws: Parameters<typeof findPlacement>[0]) => findPlacement(aws, effects) }
  return withAws(settings, effects, 'look', options, async (aws) => planOf('create', await inspectToCreate(aws), aws))
}

/** @throws UserError (exit code 2) if what is there keeps the warehouse from being made: then nothing is touched. */
async function inspectToCreate(aws: AwsContext): Promise<Inspected[]> {
  const inspected = await inspect(resourcesToCreate(aws), aws)
  verifyOurs(inspected, aws)
  await verifyOneEngine(aws)
  await verifyOrderable(inspected, aws)
  return inspected
}

/** Finds or makes what the warehouse needs and waits until it can be used. Safe to run again, whatever happened before. */
export function createInfrastructure(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  { ttlHours }: CreateOptions = {},
): Promise<CreateResult> {
  verifyTtl(ttlHours)
  const options = { ttlHours, findPlacement: (aws: Parameters<typeof findPlacement>[0]) => findPlacement(aws, effects) }
  return withAws(settings, effects, 'create', options, async (aws) => create(await inspectToCreate(aws), aws, effects))
}

/** What destroy-infrastructure would do. Changes nothing. */
export function planDestruction(settings: InfrastructureSettings, effects: InfrastructureEffects): Promise<Plan> {
  return withAws(settings, effects, 'look', {}, async (aws) =>
    planOf('destroy', await inspect(resourcesToDestroy(aws), aws), aws),
  )
}

/** Removes everything that carries our tag and proves what is left. Safe to run again, whatever happened before. */
export function destroyInfrastructure(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  { finalSnapshot, retentionDays = defaultRetentionDays }: DestroyOptions = {},
): Promise<Receipt> {
  verifySnapshot(finalSnapshot, retentionDays)
  const options = finalSnapshot === undefined ? {} : { finalSnapshot: { name: finalSnapshot, retentionDays } }
  return withAws(settings, effects, 'destroy', options, async (aws) => {
    const resources = resourcesToDestroy(aws)
    return destroy(resources, await inspect(resources, aws), aws, effects)
  })
}

/** What is there, since when, where it listens, what it costs and what would stop it. Changes nothing. */
export function describeInfrastructure(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
): Promise<InfrastructureStatus> {
  return withAws(settings, effects, 'look', {}, async (aws) =>
    describe(await inspect(resourcesToDestroy(aws), aws), aws),
  )
}

/** Where the warehouse listens, with which role it reads and where the control bucket is. */
export function findEndpoint(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
): Promise<connection.Endpoint> {
  return withAws(settings, effects, 'look', {}, connection.findEndpoint)
}

/** The endpoint, and user and password for one connection: they change by themselves and are kept nowhere. */
export function findCredentials(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
): Promise<{ endpoint: connection.Endpoint; user: string; password: string }> {
  return withAws(settings, effects, 'look', {}, async (aws) => {
    const endpoint = await connection.findEndpoint(aws)
    return { endpoint, ...(await connection.findCredentials(aws, endpoint.secretArn)) }
  })
}

/** Finds or makes the bucket for manifests alone, for a warehouse that somebody else made. Answers with its name. */
export function ensureControlBucket(settings: InfrastructureSettings, effects: InfrastructureEffects): Promise<string> {
  return withAws(settings, effects, 'create', {}, async (aws) => {
    const [inspected] = await inspect([controlBucket(aws)], aws)
    if (inspected === undefined) throw new Error('inspect lost a resource')
    verifyOurs([inspected], aws)
    const { found } = await ensure(inspected, {}, aws, true)
    return found.id
  })
}

/** Hours of `--ttl`: `8h`, `90m`, `2d`. */
export function parseTtl(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([mhd])$/.exec(text.trim()) ?? []
  const hours = Number(amount) * ({ m: 1 / 60, h: 1, d: 24 }[unit] ?? Number.NaN)
  if (Number.isNaN(hours))
    throw refusal(`--ttl ${JSON.stringify(text)} is no duration.`, 'Write one such as 8h, 90m or 2d.')
  verifyTtl(hours)
  return hours
}

function verifyTtl(hours: number | undefined): void {
  if (hours === undefined || (hours >= 1 && hours <= 24 * 30)) return
  throw refusal(
    'A time to live must be between 1 hour and 30 days.',
    'Write one such as 8h: a cluster takes minutes to come up.',
  )
}

function verifySnapshot(name: string | undefined, retentionDays: number): void {
  if (name !== undefined && (!/^[a-z](-?[a-z0-9])*$/.test(name) || name.length > 63))
    throw refusal(
      `The snapshot name ${JSON.stringify(name)} is refused by AWS.`,
      'Use lower-case letters, digits and single hyphens, a letter first, at most 63.',
    )
  if (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > 3653)
    throw refusal(`A snapshot can't be kept for ${retentionDays} days.`, 'Keep it for 1 to 3653 days; 7 is usual.')
}
