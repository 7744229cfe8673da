import { UserError } from '../../errors.ts'
import { minute, waitFor } from '../poll.ts'
import type { AwsContext, Difference, Existing } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'
import { type InfrastructureSettings, ownership, type Tags } from '../settings.ts'

/** What cluster, namespace and workgroup have in common, as AWS shows it. */
interface Part {
  readonly status: string
  readonly createdAt: Date | undefined
  readonly tags: Tags
}

/** A part of the warehouse as it exists. What differs does not matter while AWS is deleting it. */
export function existing(
  id: string,
  { status, createdAt, tags }: Part,
  differences: readonly Difference[],
  settings: InfrastructureSettings,
): Existing {
  const isGoing = isDeleting(status)
  const shown = isGoing ? [] : differences
  return { id, ...ownership(tags, settings), status, since: createdAt, isDeleting: isGoing, differences: shown }
}

function isDeleting(status: string | undefined): boolean {
  return ['deleting', 'final-snapshot'].includes(status?.toLowerCase() ?? '')
}

/** @throws UserError if a part of the warehouse, such as `cluster dwh`, is gone or being deleted. */
export function verifyKept(what: string, status: string | undefined): string {
  if (status !== undefined && !isDeleting(status)) return status
  throw new UserError(`The ${what} is ${status === undefined ? 'gone' : 'being deleted'}.`, {
    hint: 'Somebody else deleted it. Run create-infrastructure again to create a new one.',
  })
}

/** Asks for a change. False if AWS is busy with another one, so it has to be asked again. */
export async function unlessBusy(change: () => Promise<unknown>): Promise<boolean> {
  try {
    await change()
    return true
  } catch (error) {
    const isBusy = isNamed(error, 'InvalidClusterStateFault', 'InvalidClusterState', 'ConflictException')
    // Waiting does not help if a snapshot of that name exists.
    if (!isBusy || /snapshot.*exists/i.test((error as Error).message)) throw error
    return false
  }
}

/** Waits for one part of the warehouse. `findStatus` finds AWS's word for its state; undefined if it does not exist. */
export function warehouseWaits(
  { poll }: AwsContext,
  what: string,
  minutes: number,
  findStatus: () => Promise<string | undefined>,
) {
  const wait = (look: () => Promise<string | undefined>) => waitFor({ what, deadlineMs: minutes * minute, look }, poll)
  const shown = async () => (await findStatus())?.toLowerCase()
  return {
    waitUntilReady: () =>
      wait(async () => {
        const status = verifyKept(what, await shown())
        return status === 'available' ? undefined : status
      }),
    /**
     * Deletes what was found and waits until it is gone; asks again while AWS is busy with it, but not if AWS is deleting it already.
     * `resume` wakes what AWS does not delete while it is paused.
     */
    remove(found: Existing, ask: () => Promise<unknown>, resume?: () => Promise<unknown>): Promise<void> {
      let isAsked = found.isDeleting === true
      return wait(async () => {
        isAsked ||= await unlessBusy(ask)
        const status = await shown()
        isAsked ||= isDeleting(status)
        if (!isAsked && resume !== undefined && status === 'paused') await unlessBusy(resume)
        return status
      })
    },
  }
}
