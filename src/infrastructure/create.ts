import type { AwsContext, Kind, Resource } from '../aws-client/resource.ts'
import { initialIds } from '../aws-client/resource-list.ts'
import { refusal } from '../errors.ts'
import { findEndpoint, type WarehouseEndpoint } from './connection.ts'
import { ensure } from './ensure.ts'
import { type DeploymentPlace, inspectToCreate, placeOf } from './inspect.ts'

interface CreatedResource extends Pick<Awaited<ReturnType<typeof ensure>>, 'outcome' | 'changes' | 'differs'> {
  readonly kind: Kind
  readonly name: string
}

interface CreateResult extends DeploymentPlace {
  readonly resources: readonly CreatedResource[]
  /** True if everything existed as the settings say; policies and the bucket's settings are put again in any case. */
  readonly unchanged: boolean
  readonly endpoint: WarehouseEndpoint
}

/** The cluster takes minutes, so it is awaited last, when the scheduled pause is set. */
const isAwaitedLast = ({ kind }: Resource) => kind === 'cluster'

/**
 * Creates what is missing, changes what differs and waits until the warehouse can be used. Safe to run again, whatever happened before.
 *
 * @throws UserError (exit code 2) if something that exists is in the way; then nothing is changed.
 */
export async function createInfrastructure(aws: AwsContext): Promise<CreateResult> {
  const inspected = await inspectToCreate(aws)
  const ids: Partial<Record<Kind, string>> = { ...initialIds(aws) }
  const resources: CreatedResource[] = []
  for (const each of inspected) {
    const { resource } = each
    const { kind, name } = resource
    const isUntouched = resources.every(({ outcome }) => outcome !== 'created')
    const { id, outcome, changes, differs } = await ensure(each, ids, aws, isUntouched)
    ids[kind] = id
    resources.push({ kind, name, outcome, changes, differs })
    const verb = { created: 'create', changed: 'change', unchanged: 'find' }[outcome]
    aws.log(`${verb} ${kind} ${name}${changes.length > 0 ? `: ${changes.join('; ')}` : ''}`)
    for (const difference of differs)
      aws.log(`differs ${kind} ${name}: ${difference}; only deleting and creating it again would change that`)
    if (!isAwaitedLast(resource)) await resource.waitUntilReady?.(ids)
  }
  for (const { resource } of inspected) if (isAwaitedLast(resource)) await resource.waitUntilReady?.(ids)
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
