import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { initialIds } from '../aws-client/resource-list.ts'
import { type Endpoint, findEndpoint } from './connection.ts'
import type { InfrastructureEffects } from './effects.ts'
import { ensure } from './ensure.ts'
import type { Inspected } from './inspect.ts'

export interface CreatedResource {
  readonly kind: Kind
  readonly name: string
  readonly outcome: 'created' | 'changed' | 'unchanged'
  readonly changes: readonly string[]
  /** What differs from the settings and stays so. */
  readonly differs: readonly string[]
}

export interface CreateResult {
  readonly engine: string
  readonly identifier: string
  readonly account: string
  readonly region: string
  readonly address: string | null
  readonly resources: readonly CreatedResource[]
  /** True if everything was there as it should be. */
  readonly unchanged: boolean
  readonly endpoint: Endpoint
}

/** Makes what is missing, changes what differs, waits until it can be used. Everything was looked at before. */
export async function create(
  inspected: readonly Inspected[],
  aws: AwsContext,
  { log }: Pick<InfrastructureEffects, 'log'>,
): Promise<CreateResult> {
  const ids: Partial<Record<Kind, string>> = { ...initialIds(aws) }
  const resources: CreatedResource[] = []
  const settled = new Set<Kind>()
  let isUntouched = true
  const waitUntilReady = async (kind: Kind) => {
    const { resource } = inspected.find((each) => each.resource.kind === kind) ?? {}
    if (resource === undefined || settled.has(kind)) return
    await resource.waitUntilReady?.(ids)
    settled.add(kind)
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
    log(`${verb} ${resource.kind} ${resource.name}${changes.length > 0 ? `: ${changes.join('; ')}` : ''}`)
    for (const difference of differs)
      log(`differs ${resource.kind} ${resource.name}: ${difference}; only making it anew would change that`)
  }
  // Last, so that a dead-man switch is set before the minutes that a cluster takes.
  for (const { resource } of inspected) await waitUntilReady(resource.kind)
  const { settings, account, placement } = aws
  return {
    engine: settings.engine,
    identifier: settings.identifier,
    account: account.id,
    region: settings.region,
    address: placement?.address ?? null,
    resources,
    unchanged: resources.every(({ outcome }) => outcome === 'unchanged'),
    endpoint: await findEndpoint(aws),
  }
}
