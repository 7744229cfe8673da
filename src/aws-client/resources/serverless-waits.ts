import { UserError } from '../../errors.ts'
import { waitFor } from '../poll.ts'
import type { AwsContext } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'

/** AWS's word for the state of a thing; undefined if it is not there. */
type Status = () => Promise<string | undefined>
type Polling = Pick<AwsContext, 'poll'>

/** Waits until a thing is AVAILABLE. */
export async function waitUntilStatusAvailable(
  { poll }: Polling,
  what: string,
  deadlineMs: number,
  status: Status,
): Promise<void> {
  await waitFor(
    {
      what,
      deadlineMs,
      async look() {
        const found = await status()
        if (found === 'DELETING' || found === undefined)
          throw new UserError(
            `The ${what} is ${found === undefined ? 'gone' : 'being deleted'}: somebody removes it.`,
            {
              hint: 'Run create-infrastructure again to make a new one.',
            },
          )
        return found === 'AVAILABLE' ? { done: true, result: undefined } : { done: false, state: spelled(found) }
      },
    },
    poll,
  )
}

/** Waits until a thing is gone. */
export async function waitUntilAbsent(
  { poll }: Polling,
  what: string,
  deadlineMs: number,
  status: Status,
): Promise<void> {
  await waitFor(
    {
      what,
      deadlineMs,
      async look() {
        const found = await status()
        return found === undefined ? { done: true, result: undefined } : { done: false, state: spelled(found) }
      },
    },
    poll,
  )
}

/** Deletes and waits; asks again while AWS is busy with the thing. */
export async function remove(
  { poll }: Polling,
  what: string,
  deadlineMs: number,
  status: Status,
  ask: () => Promise<void>,
): Promise<void> {
  let isAsked = false
  await waitFor(
    {
      what,
      deadlineMs,
      async look() {
        if (!isAsked) {
          try {
            await ask()
            isAsked = true
          } catch (error) {
            // A snapshot of that name is no matter of waiting.
            if (!isNamed(error, 'ConflictException') || /snapshot.*exists/i.test((error as Error).message)) throw error
          }
        }
        const found = await status()
        if (found === undefined) return { done: true, result: undefined }
        if (found === 'DELETING') isAsked = true
        return { done: false, state: spelled(found) }
      },
    },
    poll,
  )
}

/** AWS shouts its states here. */
function spelled(status: string): string {
  return status.toLowerCase()
}
