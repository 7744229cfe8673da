import { dollars, type Price, pricesAsOf, total } from '../aws-client/prices.ts'
import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { type Inspected, inspect, inspectToCreate } from './inspect.ts'

/**
 * What would become of a thing. `create`, `change`, `remove`: it would be done. `keep`: it is as it should be. `absent`: there is
 * nothing to remove. `leave`: it is not ours.
 */
type PlannedAction = 'create' | 'change' | 'keep' | 'remove' | 'absent' | 'leave'

export interface PlannedResource {
  readonly kind: Kind
  readonly name: string
  readonly purpose: string
  readonly action: PlannedAction
  /** In AWS's word; null where it has none. */
  readonly status: string | null
  /** ISO 8601; null where it is not there or AWS does not say. */
  readonly since: string | null
  /** What would be changed. */
  readonly changes: readonly string[]
  /** What differs and stays as it is: only making the thing anew would change it. */
  readonly differs: readonly string[]
  /** US dollars; null where not known. */
  readonly perHour: number | null
  readonly perMonth: number | null
  readonly priceNote: string
  /** Where the price is not known: what it is in another region. */
  readonly elsewhere: Price['elsewhere'] | null
}

interface Plan {
  readonly verb: 'create' | 'destroy'
  readonly engine: string
  readonly identifier: string
  readonly account: string
  readonly region: string
  /** Who may connect; null for destroy. */
  readonly address: string | null
  readonly resources: readonly PlannedResource[]
  /** True if the command would do nothing. */
  readonly nothingToDo: boolean
  readonly perHour: number | null
  readonly perMonth: number | null
  readonly pricesAsOf: string
  /** A sentence: what forgetting it costs, or what stops costing. */
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
export function planOf(
  verb: Plan['verb'],
  inspected: readonly Inspected[],
  { settings, account, placement }: AwsContext,
): Plan {
  const resources = inspected.map((each) => planned(verb, each))
  const counted = resources.filter(({ action }) => action !== 'absent' && action !== 'leave')
  const perHour = sum(counted.map((each) => each.perHour))
  const perMonth = sum(counted.map((each) => each.perMonth))
  const nothingToDo = resources.every(({ action }) => ['keep', 'absent', 'leave'].includes(action))
  return {
    verb,
    engine: settings.engine,
    identifier: settings.identifier,
    account: account.id,
    region: settings.region,
    address: verb === 'create' ? (placement?.address ?? null) : null,
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
  const price: Price = (verb === 'destroy' ? found?.price : awakePrice(found?.status, found?.price)) ?? resource.price
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
    perHour: price.perHour ?? null,
    perMonth: price.perMonth ?? null,
    priceNote: price.note,
    elsewhere: price.elsewhere ?? null,
  }
}

/** create-infrastructure would wake a paused cluster: then it costs what an awake one costs. */
function awakePrice(status: string | undefined, price: Price | undefined): Price | undefined {
  return status === 'paused' || status === 'pausing' ? undefined : price
}

function sum(amounts: readonly (number | null)[]): number | null {
  return total(amounts.map((amount) => amount ?? undefined)) ?? null
}

function costSentence(
  verb: Plan['verb'],
  counted: readonly PlannedResource[],
  perHour: number | null,
  perMonth: number | null,
): string {
  if (counted.length === 0) return 'There is nothing that costs.'
  const isServerless = counted.some(({ kind }) => kind === 'workgroup')
  const amounts = (hour: number | null, month: number | null) =>
    isServerless
      ? `at most ${dollars(month ?? undefined)} a month`
      : `${dollars(month ?? undefined)} a month (${dollars(hour ?? undefined)} an hour)`
  const { region } = counted.find(({ elsewhere }) => elsewhere !== null)?.elsewhere ?? {}
  const measure = (field: 'perHour' | 'perMonth') =>
    sum(counted.map((each) => each[field] ?? each.elsewhere?.[field] ?? null))
  const elsewhere = region === undefined ? '' : `, in ${region} ${amounts(measure('perHour'), measure('perMonth'))}`
  const cost = perMonth !== null ? amounts(perHour, perMonth) : `what is not known for this region${elsewhere}`
  if (verb === 'destroy') return `Until it is removed it costs ${cost}.`
  if (isServerless)
    return `Forgotten, it costs its storage; queried all day, every day, ${cost}: the usage limit stops it then.`
  return `Forgotten, it costs ${cost}. destroy-infrastructure ends it, --ttl 8h pauses it in time.`
}

const words: Record<PlannedAction, string> = {
  create: 'would create',
  change: 'would change',
  keep: 'exists',
  remove: 'would remove',
  absent: 'is not there',
  leave: 'not ours, left alone',
}

/** A plan as text, one thing a line. */
export function renderPlan(plan: Plan): string {
  const shown = plan.resources.filter(({ action }) => action !== 'absent')
  const width = Math.max(0, ...shown.map(({ kind, name }) => kind.length + name.length + 1))
  const indent = ''.padEnd(13)
  const lines = shown.flatMap((each) => [
    `${words[each.action].padEnd(12)} ${`${each.kind} ${each.name}`.padEnd(width)}  ${each.purpose}${stateOf(each)}`,
    ...each.changes.map((change) => `${indent}differs: ${change}`),
    ...each.differs.map((difference) => `${indent}differs, and stays so: ${difference}`),
    ...(each.perHour === 0 && each.perMonth === 0 ? [] : [indent + priceOf(each)]),
  ])
  const address = plan.address === null ? '' : `, for ${plan.address}`
  const where = `account ${plan.account}, ${plan.region}${address}`
  const nothing = shown.length === 0 ? ['There is nothing of it.'] : plan.nothingToDo ? ['Nothing would change.'] : []
  return [
    `${plan.verb}-infrastructure of ${plan.identifier} (${plan.engine}) in ${where}:`,
    ...lines,
    ...nothing,
    `${plan.cost} Prices as of ${plan.pricesAsOf}.`,
  ].join('\n')
}

function stateOf({ status, since }: PlannedResource): string {
  const made = since === null || status === null ? '' : `, made ${since.slice(0, 16).replace('T', ' ')} UTC`
  return status === null ? '' : `; ${status}${made}`
}

function priceOf({ perHour, perMonth, priceNote, elsewhere }: PlannedResource): string {
  if (perHour !== null) return `${dollars(perHour)} an hour, ${dollars(perMonth ?? undefined)} a month: ${priceNote}`
  const measure = elsewhere ? ` (in ${elsewhere.region} ${dollars(elsewhere.perHour)} an hour)` : ''
  return `price unknown in this region${measure}: ${priceNote}`
}
