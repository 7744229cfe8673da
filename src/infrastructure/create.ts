import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { initialIds } from '../aws-client/resource-list.ts'
import { refusal } from '../errors.ts'
import { findEndpoint, type WarehouseEndpoint } from './connection.ts'
import { ensure } from './ensure.ts'
import { type DeploymentPlace, inspectToCreate, placeOf } from './inspect.ts'

interface CreatedResource {
  readonly kind: Kind
  readonly name: string
  readonly outcome: 'created' | 'changed' | 'unchanged'
  readonly changes: readonly string[]
  /** What differs from the settings and stays. */
  readonly differs: readonly string[]
}

interface CreateResult extends DeploymentPlace {
  readonly resources: readonly CreatedResource[]
  /** True if everything existed as the settings say; policies and the bucket's settings are put again in any case. */
  readonly unchanged: boolean
  readonly endpoint: WarehouseEndpoint
}

/**
 * Creates what is missing, changes what differs and waits until the warehouse can be used. Safe to run again, whatever happened before.
 *
 * @throws UserError (exit code 2) if something that exists is in the way; then nothing is changed.
 */
export async function createInfrastructure(aws: AwsContext): Promise<CreateResult> {
  const inspected = await inspectToCreate(aws)
  const ids: Partial<Record<Kind, string>> = { ...initialIds(aws) }
  const resources: CreatedResource[] = []
  const ready = new Set<Kind>()
  let isUntouched = true
  const waitUntilReady = async (kind: Kind) => {
    const { resource } = inspected.find((each) => each.resource.kind === kind) ?? {}
    if (resource === undefined || ready.has(kind)) return
    await resource.waitUntilReady?.(ids)
    ready.add(kind)
  }
  for (const each of inspected) {
    const { resource } = each
    for (const kind of resource.needs ?? []) await waitUntilReady(kind)
    const { found, isNew, changes, differs } = await ensure(each, ids, aws, isUntouched)
    ids[resource.kind] = found.id
    isUntouched &&= !isNew
    const outcome = isNew ? 'created' : changes.length > 0 ? 'changed' : 'unchanged'
    resources.push({ kind: resource.kind, name: resource.name, outcome, changes, differs })
    const verb = { created: 'create', changed: 'change', unchanged: 'find' }[outcome]
    aws.log(`${verb} ${resource.kind} ${resource.name}${changes.length > 0 ? `: ${changes.join('; ')}` : ''}`)
    for (const difference of differs)
      aws.log(
        `differs ${resource.kind} ${resource.name}: ${difference}; only deleting and creating it again would change that`,
      )
  }
  // Last, so that the scheduled pause is set before the minutes that a cluster takes.
  for (const { resource } of inspected) await waitUntilReady(resource.kind)
  return {
    ...placeOf(aws),
    resources,
    unchanged: resources.every(({ outcome }) => outcome === 'unchanged'),
    endpoint: await findEndpoint(aws),
  }
}

/** Parses the duration of `--ttl` to hours: `8h`, `90m`, `2d`. */
export function parseTtl(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)\s*([mhd])$/.exec(text.trim()) ?? []
  const hours = Number(amount) * ({ m: 1 / 60, h: 1, d: 24 }[unit] ?? Number.NaN)
  if (hours >= 1 && hours <= 24 * 30) return hours
  throw refusal(
    `Invalid --ttl ${JSON.stringify(text)}.`,
    'Give a time between 1 hour and 30 days, such as 8h, 90m or 2d.',
  )
}
