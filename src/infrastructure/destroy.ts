import { findOrphans, type Orphan } from '../aws-client/orphans.ts'
import { minute, shortPollMs, throwIfInterrupted, waitFor } from '../aws-client/poll.ts'
import type { AwsContext, Resource } from '../aws-client/resource.ts'
import { resourcesToDestroy } from '../aws-client/resource-list.ts'
import { isNamed } from '../aws-client/sdk-middleware.ts'
import { type ExitCode, exitCodes, refusal, UserError } from '../errors.ts'
import { type DeploymentPlace, type Inspected, inspect, placeOf } from './inspect.ts'

/** A thing of AWS's, as a receipt lists it. */
type Listed = Pick<Orphan, 'kind' | 'name'>

/** What destroy-infrastructure removed, and what it found afterwards. */
interface Receipt extends DeploymentPlace {
  readonly removed: readonly Listed[]
  /** What still exists and could cost money. */
  readonly remaining: readonly Orphan[]
  /** Snapshots that expire. */
  readonly kept: readonly Orphan[]
  /** Resources of the same names that are not ours, left alone. */
  readonly foreign: readonly Listed[]
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
  const resources = resourcesToDestroy(aws)
  const removed: Listed[] = []
  let inspected = await inspect(resources, aws)
  for (let round = 1; ; round += 1) {
    const isStuck = await removeAll(inspected, aws, ({ kind, name }) => {
      removed.push({ kind, name })
      aws.log(`remove ${kind} ${name}`)
    })
    inspected = await inspect(resources, aws)
    if (isStuck || round === rounds || !inspected.some(({ found }) => found?.isOurs)) break
  }
  const receipt = await receiptOf(inspected, removed, aws)
  const { finalSnapshot } = aws
  if (finalSnapshot !== undefined && !receipt.kept.some(({ name }) => name === finalSnapshot.name))
    aws.log(`no snapshot ${finalSnapshot.name}: there was no warehouse to take it from`)
  for (const { kind, name, note } of receipt.kept) aws.log(`keep ${kind} ${name}: ${note}`)
  return receipt
}

/** True if something could not be removed although it was waited for. */
async function removeAll(
  inspected: readonly Inspected[],
  { poll }: AwsContext,
  done: (resource: Resource) => void,
): Promise<boolean> {
  let isStuck = false
  for (const { resource, found } of inspected.toReversed()) {
    if (found === undefined || !found.isOurs) continue
    throwIfInterrupted(poll, `before ${resource.kind} ${resource.name} was removed`)
    try {
      await resource.destroy(found)
      done(resource)
    } catch (error) {
      // Somebody else uses it, or AWS is slow: the rest can be removed, and the receipt names it.
      const isRemainder = error instanceof UserError || isNamed(error, 'BucketNotEmpty')
      if (poll.signal?.aborted || !isRemainder) throw error
      // While the warehouse exists, what it needs can't be removed either, so waiting for that is pointless.
      if (resource.waitUntilReady !== undefined) return true
      isStuck = true
    }
  }
  return isStuck
}

async function receiptOf(
  inspected: readonly Inspected[],
  removed: readonly Listed[],
  aws: AwsContext,
): Promise<Receipt> {
  const listed = (isOurs: boolean) =>
    inspected.flatMap(({ resource: { kind, name }, found }) =>
      found?.isOurs === isOurs ? [{ kind, name, note: found.status ?? 'still exists' }] : [],
    )
  const foreign = listed(false).map(({ kind, name }) => ({ kind, name }))
  const { remaining: others, kept } = await orphansAtLast(aws, foreign)
  const remaining = [...listed(true), ...others]
  const exitCode = remaining.length > 0 ? exitCodes.leftOver : exitCodes.done
  return { ...placeOf(aws), removed, remaining, kept, foreign, verified, exitCode }
}

/** AWS deletes the secret of a warehouse shortly after the warehouse: only one that stays is an orphan. */
async function orphansAtLast(aws: AwsContext, foreign: readonly Listed[]) {
  const begun = aws.poll.now().getTime()
  let orphans: Awaited<ReturnType<typeof findOrphans>> = { remaining: [], kept: [] }
  const look = async () => {
    orphans = await findOrphans(aws, foreign)
    const isLate = aws.poll.now().getTime() - begun >= 2 * minute
    return isLate || !orphans.remaining.some(({ kind }) => kind === 'secret') ? undefined : 'still exists'
  }
  await waitFor({ what: 'secret of the warehouse', deadlineMs: 4 * minute, pollMs: shortPollMs, look }, aws.poll)
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
export function renderReceipt({ removed, remaining, kept, foreign, verified, ...place }: Receipt): string {
  const list = (verb: string, things: readonly (Listed & { readonly note?: string })[]) =>
    things.map(({ kind, name, note }) => `${verb.padEnd(9)} ${kind} ${name}${note === undefined ? '' : `: ${note}`}`)
  const isClean = remaining.length === 0
  const end = isClean ? `nothing is left${kept.length > 0 ? ' but what expires' : ''}` : 'the above is left'
  return [
    ...list('removed', removed),
    ...list('kept', kept),
    ...list('not ours', foreign),
    ...list('left', remaining),
    ...(removed.length === 0 && isClean ? ['Nothing to remove.'] : []),
    `Looked for ${verified.join(', ')} of ${place.identifier} in account ${place.account}, ${place.region}: ${end}.`,
  ].join('\n')
}
