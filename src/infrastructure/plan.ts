import { dollars, type Price, sourceOf, total } from '../aws-client/prices.ts'
import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { type DeploymentPlace, type Inspected, inspect, inspectToCreate, placeOf } from './inspect.ts'

/** What a command would do with a resource, and how a plan says it. `leave`: it is not ours. */
const actions = {
  create: 'would create',
  change: 'would change',
  keep: 'exists',
  remove: 'would remove',
  absent: 'does not exist',
  leave: 'not ours, left alone',
}

export interface PlannedResource {
  readonly kind: Kind
  readonly name: string
  readonly purpose: string
  readonly action: keyof typeof actions
  /** The status that AWS reports; null if it has none. */
  readonly status: string | null
  /** ISO 8601; null if it does not exist or AWS does not say. */
  readonly since: string | null
  /** What would be changed. */
  readonly changes: readonly string[]
  /** What differs and stays: only deleting and creating the resource again would change it. */
  readonly differs: readonly string[]
  readonly price: Price
}

interface Plan extends DeploymentPlace {
  readonly verb: 'create' | 'destroy'
  readonly resources: readonly PlannedResource[]
  /** True if the command would do nothing. */
  readonly nothingToDo: boolean
  /** US dollars; null if not known. */
  readonly perHour: number | null
  readonly perMonth: number | null
  /** What it costs if you forget it, or what no longer costs, and where the prices are from. */
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
  const perHour = total(counted.map(({ price }) => price.perHour))
  const perMonth = total(counted.map(({ price }) => price.perMonth))
  const nothingToDo = resources.every(({ action }) => ['keep', 'absent', 'leave'].includes(action))
  const words = `${costOf(verb, counted, perHour, perMonth)} ${sourceOf(counted.map(({ price }) => price))}`
  const cost = counted.length === 0 ? 'Nothing costs anything.' : words
  return { verb, ...placeOf(aws), resources, nothingToDo, perHour, perMonth, cost }
}

function planned(verb: Plan['verb'], { resource, found }: Inspected): PlannedResource {
  const { kind, name, purpose } = resource
  // create-infrastructure would resume a paused cluster, which then costs what a running one costs.
  const willResume = verb === 'create' && ['paused', 'pausing'].includes(found?.status ?? '')
  const differences = verb === 'create' ? (found?.differences ?? []) : []
  const changes = differences.filter(({ fix }) => fix !== undefined)
  const isNew = found === undefined || found.isDeleting === true
  const create = isNew ? 'create' : !found.isOurs ? 'leave' : changes.length > 0 ? 'change' : 'keep'
  const destroy = found === undefined ? 'absent' : found.isOurs ? 'remove' : 'leave'
  return {
    kind,
    name,
    purpose,
    action: verb === 'create' ? create : destroy,
    status: found?.status ?? null,
    since: found?.since?.toISOString() ?? null,
    changes: changes.map(({ what }) => what),
    differs: differences.filter((each) => !changes.includes(each)).map(({ what }) => what),
    price: (willResume ? undefined : found?.price) ?? resource.price,
  }
}

function costOf(
  verb: Plan['verb'],
  counted: readonly PlannedResource[],
  perHour: number | null,
  perMonth: number | null,
): string {
  const isServerless = counted.some(({ kind }) => kind === 'workgroup')
  const amount = isServerless
    ? `at most ${dollars(perMonth)} per month`
    : `${dollars(perMonth)} per month (${dollars(perHour)} per hour)`
  const cost = perMonth === null ? 'an amount that is not known' : amount
  if (verb === 'destroy') return `Until you remove it, it costs ${cost} plus storage.`
  if (isServerless)
    return `If you forget it, it costs its storage. If it is queried all day, every day, it costs ${cost}: then the usage limit stops it.`
  return `If you forget it, it costs ${cost}. destroy-infrastructure removes it; --ttl 8h pauses it in time.`
}

/** A plan as text, one resource per line. */
export function renderPlan(plan: Plan): string {
  const shown = plan.resources.filter(({ action }) => action !== 'absent')
  const width = Math.max(0, ...shown.map(({ kind, name }) => kind.length + name.length + 1))
  const indent = ''.padEnd(13)
  const lines = shown.flatMap((each) => [
    `${actions[each.action].padEnd(12)} ${`${each.kind} ${each.name}`.padEnd(width)}  ${each.purpose}${stateOf(each)}`,
    ...each.changes.map((change) => `${indent}differs: ${change}`),
    ...each.differs.map((difference) => `${indent}differs and stays: ${difference}`),
    ...(each.price.perHour === 0 ? [] : [indent + priceText(each.price)]),
  ])
  const nothing = shown.length === 0 ? ['No resources found.'] : plan.nothingToDo ? ['Nothing would change.'] : []
  return [
    `${plan.verb}-infrastructure of ${plan.identifier} (${plan.engine}) in account ${plan.account}, ${plan.region}:`,
    ...lines,
    ...nothing,
    plan.cost,
  ].join('\n')
}

function stateOf({ status, since }: PlannedResource): string {
  const created = since === null || status === null ? '' : `, created ${since.slice(0, 16).replace('T', ' ')} UTC`
  return status === null ? '' : `; ${status}${created}`
}

function priceText({ perHour, perMonth, note, region }: Price): string {
  if (perHour === null) return `price unknown: ${note}`
  return `${dollars(perHour)} per hour, ${dollars(perMonth)} per month${region ? ` in ${region}` : ''}: ${note}`
}
