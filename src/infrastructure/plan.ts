import { dollars, type Price, pricesAsOf, total } from '../aws-client/prices.ts'
import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { type DeploymentPlace, type Inspected, inspect, inspectToCreate, placeOf } from './inspect.ts'

/**
 * What a command would do with a resource. `keep`: it is already as the settings say. `absent`: it does not exist, so nothing is removed.
 * `leave`: it is not ours.
 */
type PlannedAction = 'create' | 'change' | 'keep' | 'remove' | 'absent' | 'leave'

export interface PlannedResource {
  readonly kind: Kind
  readonly name: string
  readonly purpose: string
  readonly action: PlannedAction
  /** The status that AWS reports; null if it has none. */
  readonly status: string | null
  /** ISO 8601; null if it does not exist or AWS does not say. */
  readonly since: string | null
  /** What would be changed. */
  readonly changes: readonly string[]
  /** What differs and stays: only deleting and creating the resource again would change it. */
  readonly differs: readonly string[]
  /** US dollars; null if not known. */
  readonly perHour: number | null
  readonly perMonth: number | null
  readonly priceNote: string
  /** If the price is not known: what it is in another region. */
  readonly elsewhere: Price['elsewhere'] | null
}

interface Plan extends DeploymentPlace {
  readonly verb: 'create' | 'destroy'
  readonly resources: readonly PlannedResource[]
  /** True if the command would do nothing. */
  readonly nothingToDo: boolean
  readonly perHour: number | null
  readonly perMonth: number | null
  readonly pricesAsOf: string
  /** A sentence: what it costs if you forget it, or what no longer costs. */
  readonly cost: string
}

/** What create-infrastructure would do. Changes nothing. */
export async function planCreation(aws: AwsContext): Promise<Plan> {
  return planOf('create', await inspectToCreate(aws), aws)
}

/** What destroy-infrastructure would do. Changes nothing. */
export async function planDestruction(aws: AwsContext): Promise<Plan> {
  return planOf('destroy', await inspect(resourcesToDestroy(aws), aws), aws)
}

/** What a command would do about what exists. */
export function planOf(verb: Plan['verb'], inspected: readonly Inspected[], aws: AwsContext): Plan {
  const resources = inspected.map((each) => planned(verb, each))
  const counted = resources.filter(({ action }) => action !== 'absent' && action !== 'leave')
  const perHour = total(counted.map((each) => each.perHour))
  const perMonth = total(counted.map((each) => each.perMonth))
  const nothingToDo = resources.every(({ action }) => ['keep', 'absent', 'leave'].includes(action))
  return {
    verb,
    ...placeOf(aws),
    resources,
    nothingToDo,
    perHour,
    perMonth,
    pricesAsOf,
    cost: costSentence(verb, counted, perHour, perMonth),
  }
}

function planned(verb: Plan['verb'], { resource, found }: Inspected): PlannedResource {
  const { kind, name, purpose } = resource
  // create-infrastructure would resume a paused cluster, which then costs what a running one costs.
  const willResume = verb === 'create' && ['paused', 'pausing'].includes(found?.status ?? '')
  const price: Price = (willResume ? undefined : found?.price) ?? resource.price
  const fixable = found?.differences.filter(({ fix }) => fix !== undefined) ?? []
  const fixed = found?.differences.filter(({ fix }) => fix === undefined) ?? []
  const isNew = found === undefined || found.isDeleting === true
  const create = isNew ? 'create' : !found.isOurs ? 'leave' : fixable.length > 0 ? 'change' : 'keep'
  const destroy = found === undefined ? 'absent' : found.isOurs ? 'remove' : 'leave'
  return {
    kind,
    name,
    purpose,
    action: verb === 'create' ? create : destroy,
    status: found?.status ?? null,
    since: found?.since?.toISOString() ?? null,
    changes: verb === 'create' ? fixable.map(({ what }) => what) : [],
    differs: verb === 'create' ? fixed.map(({ what }) => what) : [],
    perHour: price.perHour,
    perMonth: price.perMonth,
    priceNote: price.note,
    elsewhere: price.elsewhere ?? null,
  }
}

function costSentence(
  verb: Plan['verb'],
  counted: readonly PlannedResource[],
  perHour: number | null,
  perMonth: number | null,
): string {
  if (counted.length === 0) return 'Nothing costs anything.'
  const isServerless = counted.some(({ kind }) => kind === 'workgroup')
  const amounts = (hour: number | null, month: number | null) =>
    isServerless ? `at most ${dollars(month)} per month` : `${dollars(month)} per month (${dollars(hour)} per hour)`
  const { region } = counted.find(({ elsewhere }) => elsewhere !== null)?.elsewhere ?? {}
  const measure = (field: 'perHour' | 'perMonth') =>
    total(counted.map((each) => each[field] ?? each.elsewhere?.[field] ?? null))
  const elsewhere = region === undefined ? '' : `, in ${region} ${amounts(measure('perHour'), measure('perMonth'))}`
  const cost =
    perMonth !== null ? amounts(perHour, perMonth) : `an amount that is not known for this region${elsewhere}`
  if (verb === 'destroy') return `Until you remove it, it costs ${cost}.`
  if (isServerless)
    return `If you forget it, it costs its storage. If it is queried all day, every day, it costs ${cost}: then the usage limit stops it.`
  return `If you forget it, it costs ${cost}. destroy-infrastructure removes it; --ttl 8h pauses it in time.`
}

const words: Record<PlannedAction, string> = {
  create: 'would create',
  change: 'would change',
  keep: 'exists',
  remove: 'would remove',
  absent: 'does not exist',
  leave: 'not ours, left alone',
}

/** A plan as text, one resource per line. */
export function renderPlan(plan: Plan): string {
  const shown = plan.resources.filter(({ action }) => action !== 'absent')
  const width = Math.max(0, ...shown.map(({ kind, name }) => kind.length + name.length + 1))
  const indent = ''.padEnd(13)
  const lines = shown.flatMap((each) => [
    `${words[each.action].padEnd(12)} ${`${each.kind} ${each.name}`.padEnd(width)}  ${each.purpose}${stateOf(each)}`,
    ...each.changes.map((change) => `${indent}differs: ${change}`),
    ...each.differs.map((difference) => `${indent}differs and stays: ${difference}`),
    ...(each.perHour === 0 && each.perMonth === 0 ? [] : [indent + priceOf(each)]),
  ])
  const where = `account ${plan.account}, ${plan.region}`
  const nothing = shown.length === 0 ? ['No resources found.'] : plan.nothingToDo ? ['Nothing would change.'] : []
  return [
    `${plan.verb}-infrastructure of ${plan.identifier} (${plan.engine}) in ${where}:`,
    ...lines,
    ...nothing,
    `${plan.cost} Prices as of ${plan.pricesAsOf}.`,
  ].join('\n')
}

function stateOf({ status, since }: PlannedResource): string {
  const created = since === null || status === null ? '' : `, created ${since.slice(0, 16).replace('T', ' ')} UTC`
  return status === null ? '' : `; ${status}${created}`
}

function priceOf({ perHour, perMonth, priceNote, elsewhere }: PlannedResource): string {
  if (perHour !== null) return `${dollars(perHour)} per hour, ${dollars(perMonth)} per month: ${priceNote}`
  const measure = elsewhere ? ` (in ${elsewhere.region} ${dollars(elsewhere.perHour)} per hour)` : ''
  return `price unknown in this region${measure}: ${priceNote}`
}
