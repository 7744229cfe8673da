import { UserError } from '../../errors.ts'
import { waitFor } from '../poll.ts'
import type { AwsContext } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'

/** Waits for one serverless resource. `status` finds AWS's word for its state; undefined if it does not exist. */
export function serverlessWaits(
  { poll }: AwsContext,
  what: string,
  deadlineMs: number,
  status: () => Promise<string | undefined>,
) {
  const wait = (look: () => Promise<string | undefined>) => waitFor({ what, deadlineMs, look }, poll)
  const shown = async () => (await status())?.toLowerCase()
  return {
    waitUntilReady: () =>
      wait(async () => {
        const found = await shown()
        if (found === undefined || found === 'deleting')
          throw new UserError(`The ${what} is ${found === undefined ? 'gone' : 'being deleted'}.`, {
            hint: 'Somebody else deleted it. Run create-infrastructure again to create a new one.',
          })
        return found === 'available' ? undefined : found
      }),
    waitUntilDeleted: () => wait(shown),
    /** Deletes and waits until it is gone; asks again while AWS is busy with it. */
    async remove(ask: () => Promise<void>): Promise<void> {
      let isAsked = false
      await wait(async () => {
        try {
          if (!isAsked) await ask()
          isAsked = true
        } catch (error) {
          // Waiting does not help if a snapshot of that name exists.
          if (!isNamed(error, 'ConflictException') || /snapshot.*exists/i.test((error as Error).message)) throw error
        }
        const found = await shown()
        if (found === 'deleting') isAsked = true
        return found
      })
    },
  }
}
