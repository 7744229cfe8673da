import { throwIfInterrupted, waitFor } from '../aws-client/poll.ts'
import { type AwsContext, deadlines, type Resource, shortPollMs } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { isNamed } from '../aws-client/sdk-middleware.ts'
import { type ExitCode, exitCodes, refusal, UserError } from '../errors.ts'
import { type DeploymentPlace, type Inspected, inspect, placeOf } from './inspect.ts'
import { findOrphans, type Orphan } from './orphans.ts'

/** What destroy-infrastructure removed, and what it found afterwards. */
interface Receipt extends DeploymentPlace {
  readonly removed: readonly { readonly kind: string; readonly name: string }[]
  /** What still exists and could cost money. */
  readonly remaining: readonly Orphan[]
  /** Snapshots that expire. */
  readonly kept: readonly Orphan[]
  /** Resources of the same names that are not ours, left alone. */
  readonly foreign: readonly { readonly kind: string; readonly name: string }[]
  /** What was looked for at the end. */
  readonly verified: readonly string[]
  readonly exitCode: ExitCode
}

/** AWS may show a new resource, such as a role, only some seconds later, so everything is looked at several times. */
const rounds = 3

const verified = [
  ...['clusters', 'workgroups', 'namespaces', 'usage limits', 'snapshots', 'secrets'],
  ...['subnet groups', 'roles', 'schedules', 'buckets'],
]

/**
 * Removes everything that carries our tag, in the reverse order of creation, then looks for what is left. Safe to run again, whatever
 * happened before.
 */
export async function destroyInfrastructure(aws: AwsContext): Promise<Receipt> {
  const { log } = aws
  const resources = resourcesToDestroy(aws)
  const removed: { kind: string; name: string }[] = []
  let inspected = await inspect(resources, aws)
  for (let round = 1; ; round += 1) {
    const stuck = await removeAll(inspected, aws, (resource) => {
      removed.push({ kind: resource.kind, name: resource.name })
      log(`remove ${resource.kind} ${resource.name}`)
    })
    inspected = await inspect(resources, aws)
    const isClean = inspected.every(({ found }) => found === undefined || !found.isOurs)
    if (!isClean && !stuck && round < rounds) continue
    const receipt = await receiptOf(inspected, removed, aws)
    const { finalSnapshot } = aws
    if (finalSnapshot !== undefined && !receipt.kept.some(({ name }) => name === finalSnapshot.name))
      log(`no snapshot ${finalSnapshot.name}: there was no warehouse to take it from`)
    for (const { kind, name, note } of receipt.kept) log(`keep ${kind} ${name}: ${note}`)
    return receipt
  }
}

/** True if something could not be removed although it was waited for. */
async function removeAll(
  inspected: readonly Inspected[],
  aws: AwsContext,
  done: (resource: Resource) => void,
): Promise<boolean> {
  let isStuck = false
  for (const { resource, found } of inspected.toReversed()) {
    if (found === undefined || !found.isOurs) continue
    throwIfInterrupted(aws.poll, `before ${resource.kind} ${resource.name} was removed`)
    try {
      if (found.isDeleting) await resource.waitUntilDeleted?.()
      else await resource.destroy(found)
      done(resource)
    } catch (error) {
      // Somebody else uses it, or AWS is slow: the rest can be removed, and the receipt names it.
      if (!isRemainder(error, aws)) throw error
      // While the warehouse exists, what it needs can't be removed either, so waiting for that is pointless.
      if (resource.waitUntilDeleted !== undefined) return true
      isStuck = true
    }
  }
  return isStuck
}

function isRemainder(error: unknown, { poll }: AwsContext): boolean {
  if (poll.signal?.aborted) return false
  return error instanceof UserError || isNamed(error, 'BucketNotEmpty')
}

async function receiptOf(
  inspected: readonly Inspected[],
  removed: readonly { kind: string; name: string }[],
  aws: AwsContext,
): Promise<Receipt> {
  const ours: Orphan[] = []
  for (const { resource, found } of inspected) {
    if (found === undefined || !found.isOurs) continue
    ours.push({ kind: resource.kind, name: resource.name, note: found.status ?? 'still exists' })
  }
  const foreign = inspected
    .filter(({ found }) => found !== undefined && !found.isOurs)
    .map(({ resource }) => ({ kind: resource.kind, name: resource.name }))
  const { remaining: others, kept } = await orphansAtLast(aws, foreign)
  const remaining = [...ours, ...others]
  return {
    ...placeOf(aws),
    removed,
    remaining,
    kept,
    foreign,
    verified,
    exitCode: remaining.length > 0 ? exitCodes.leftOver : exitCodes.done,
  }
}

/** AWS deletes the secret of a warehouse shortly after the warehouse: only one that stays is an orphan. */
async function orphansAtLast(aws: AwsContext, foreign: readonly { kind: string }[]) {
  const begun = aws.poll.now().getTime()
  let orphans: { remaining: Orphan[]; kept: Orphan[] } = { remaining: [], kept: [] }
  const look = async () => {
    orphans = await findOrphans(aws, foreign)
    const isLate = aws.poll.now().getTime() - begun >= deadlines.orphan
    return isLate || !orphans.remaining.some(({ kind }) => kind === 'secret') ? undefined : 'still exists'
  }
  const deadlineMs = 2 * deadlines.orphan
  await waitFor({ what: 'secret of the warehouse', deadlineMs, pollMs: shortPollMs, look }, aws.poll)
  return orphans
}

/** @throws UserError (exit code 2) if AWS would refuse the name of the snapshot or the days it is kept. */
export function parseFinalSnapshot(name: string | undefined, retentionDays: number): AwsContext['finalSnapshot'] {
  if (name !== undefined && (!/^[a-z](-?[a-z0-9])*$/.test(name) || name.length > 63))
    throw refusal(
      `Invalid --final-snapshot ${JSON.stringify(name)}.`,
      'Use at most 63 lower-case letters, digits and single hyphens, a letter first.',
    )
  if (!Number.isInteger(retentionDays) || retentionDays < 1 || retentionDays > 3653)
    throw refusal(`Invalid --retention-days ${retentionDays}.`, 'Keep the snapshot for 1 to 3653 days; 7 is usual.')
  return name === undefined ? undefined : { name, retentionDays }
}

/** A receipt as text. */
export function renderReceipt(receipt: Receipt): string {
  const { removed, remaining, kept, foreign, identifier } = receipt
  const list = (verb: string, things: readonly { kind: string; name: string; note?: string }[]) =>
    things.map(({ kind, name, note }) => `${verb.padEnd(9)} ${kind} ${name}${note === undefined ? '' : `: ${note}`}`)
  const looked = `Looked for ${receipt.verified.join(', ')} of ${identifier} in account ${receipt.account}, ${receipt.region}`
  const end =
    remaining.length === 0
      ? `${looked}: nothing is left${kept.length > 0 ? ' but what expires' : ''}.`
      : `${looked}: the above is left.`
  const nothing = removed.length === 0 && remaining.length === 0 ? ['Nothing to remove.'] : []
  return [
    ...list('removed', removed),
    ...list('kept', kept),
    ...list('not ours', foreign),
    ...list('left', remaining),
    ...nothing,
    end,
  ].join('\n')
}
