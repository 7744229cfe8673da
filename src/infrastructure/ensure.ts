import { notOurs } from '../aws-client/explain.ts'
import { isPassing, minute, shortPollMs, throwIfInterrupted, waitFor } from '../aws-client/poll.ts'
import type { AwsContext, Existing, Resource, ResourceIds } from '../aws-client/resource.ts'
import { controlBucket } from '../aws-client/resources/control-bucket.ts'
import { isNamed } from '../aws-client/sdk-middleware.ts'
import { type Inspected, inspect, verifyOurs } from './inspect.ts'

/** What became of a resource. */
interface Ensured {
  readonly id: string
  readonly outcome: 'created' | 'changed' | 'unchanged'
  /** What was changed of a resource that existed. */
  readonly changes: readonly string[]
  /** What differs from the settings and stays. */
  readonly differs: readonly string[]
}

/**
 * Brings one resource to what the settings say: finds it, creates it if it does not exist, changes what differs,
 * puts what AWS takes again and again.
 *
 * `isUntouched`: no resource before it was created since it was inspected, so it need not be looked at again.
 */
export async function ensure(
  { resource, found: before }: Inspected,
  ids: ResourceIds,
  aws: AwsContext,
  isUntouched: boolean,
): Promise<Ensured> {
  const { poll, settings } = aws
  const { kind, name } = resource
  throwIfInterrupted(poll, `before ${kind} ${name}`)
  if (before?.isDeleting) await resource.destroy(before)
  const isNew = before === undefined || before.isDeleting === true
  const again = isNew ? undefined : isUntouched ? before : await resource.find(ids)
  const found = again ?? (await make(resource, ids, aws))
  if (!found.isOurs) throw notOurs(kind, name, settings, found.owner)
  const changes: string[] = []
  const differs: string[] = []
  for (const { what, fix } of found.differences) {
    throwIfInterrupted(poll, `before ${kind} ${name} was changed`)
    await fix?.()
    if (fix === undefined) differs.push(what)
    else if (!isNew) changes.push(what)
  }
  await resource.put?.()
  return { id: found.id, outcome: isNew ? 'created' : changes.length > 0 ? 'changed' : 'unchanged', changes, differs }
}

/** Each service's error for "already exists". */
const alreadyThere = [
  ...['EntityAlreadyExistsException', 'BucketAlreadyOwnedByYou', 'ConflictException'],
  ...['ClusterSubnetGroupAlreadyExistsFault', 'ClusterAlreadyExistsFault', 'ScheduledActionAlreadyExistsFault'],
]

/**
 * Creates the resource and waits until AWS shows it. "Already exists" is the answer if the first answer was lost, and also while AWS is
 * busy with the name: only looking tells.
 */
async function make(resource: Resource, ids: ResourceIds, { poll }: AwsContext): Promise<Existing> {
  let isAsked = false
  let problem: unknown
  let made: Existing | undefined
  const begun = poll.now().getTime()
  const deadlineMs = 2 * minute
  const look = async () => {
    try {
      if (!isAsked) await resource.create(ids)
      isAsked = true
    } catch (error) {
      if (!isNamed(error, ...alreadyThere)) throw error
      problem = error
    }
    made = await resource.find(ids)
    if (made !== undefined && !made.isDeleting) return undefined
    const isLate = poll.now().getTime() - begun >= deadlineMs
    if (isLate && problem !== undefined && !isPassing(problem)) throw problem
    return isAsked ? 'not visible' : 'not possible'
  }
  const what = `${resource.kind} ${resource.name}`
  await waitFor({ what, deadlineMs, pollMs: shortPollMs, look }, poll)
  if (made === undefined) throw new Error(`${what} is awaited and not found`)
  return made
}

/** Finds or creates only the bucket for manifests, for a warehouse that we didn't create. Answers with its name. */
export async function ensureControlBucket(aws: AwsContext): Promise<string> {
  const inspected = await inspect([controlBucket(aws)], aws)
  verifyOurs(inspected, aws)
  for (const each of inspected) await ensure(each, {}, aws, true)
  return aws.names.bucket
}
