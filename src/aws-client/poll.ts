import { setTimeout as pause } from 'node:timers/promises'
import { networkProblem, systemErrorCode, UserError } from '../errors.ts'
import { duration } from '../text.ts'
import { isNamed } from './sdk-middleware.ts'

/** What every wait needs from outside. */
export interface PollOptions {
  /** Time between two looks at something that takes minutes. */
  readonly pollMs: number
  now(): Date
  /** Called before each pause with what is waited for and for how long so far. */
  readonly progress?: ((text: string) => void) | undefined
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal | undefined
  /** A hint for waits that end early: how to continue, how to undo. */
  readonly goOn: string
}

export const minute = 60_000

/** Time between two looks at what takes seconds. */
export const shortPollMs = 2_000

interface Wait {
  /** What is waited for, as a noun with its name: `cluster dwh`. */
  readonly what: string
  readonly deadlineMs: number
  /** Looks once: the present state, or undefined when the wait is over. Throws a UserError if waiting does not help. */
  look(): Promise<string | undefined>
  /** Shorter pauses, for what takes seconds. */
  readonly pollMs?: number
}

/** How many looks in a row may fail because of throttling or the network. The SDK has retried each of them. */
const toleratedFailures = 4

/**
 * Looks until `look` has nothing more to wait for. Waits through throttling and short network failures; every other error, such as a
 * missing permission, ends the wait at once.
 *
 * @throws UserError when the deadline passes or the wait is interrupted; what was begun in AWS goes on.
 */
export async function waitFor({ what, deadlineMs, look, pollMs }: Wait, poll: PollOptions): Promise<void> {
  const begun = poll.now().getTime()
  const elapsed = () => poll.now().getTime() - begun
  let state: string | undefined = 'unknown'
  let failures = 0
  for (;;) {
    try {
      state = await look()
      if (state === undefined) return
      failures = 0
    } catch (error) {
      failures += 1
      if (!isPassing(error) || failures > toleratedFailures) throw error
    }
    throwIfInterrupted(poll, `while waiting for ${what} (${state}, ${duration(elapsed())})`)
    if (elapsed() >= deadlineMs)
      throw new UserError(`After ${duration(elapsed())} ${what} is still ${state}.`, {
        hint: `AWS may still finish it. ${poll.goOn}`,
      })
    poll.progress?.(`${what}: ${state}, ${duration(elapsed())}`)
    // Ctrl-C ends the pause; the next look is the last.
    await pause(Math.min(pollMs ?? poll.pollMs, poll.pollMs), undefined, { signal: poll.signal }).catch(() => undefined)
  }
}

/** @throws UserError if Ctrl-C was pressed. */
export function throwIfInterrupted(poll: PollOptions, when: string): void {
  if (poll.signal?.aborted)
    throw new UserError(`Interrupted ${when}. What was begun in AWS goes on and is billed.`, { hint: poll.goOn })
}

/** Temporary errors: too many requests, a failing server, a network that fails for a moment, a body that arrived broken. */
export function isPassing(error: unknown): boolean {
  if (isThrottling(error) || networkProblem(error) !== undefined) return true
  if (systemErrorCode(error) === 'ERR_STREAM_PREMATURE_CLOSE') return true
  const words = error instanceof Error ? `${error.name} ${error.message}` : ''
  if (/Checksum mismatch|aborted|socket hang up|NetworkingError/.test(words)) return true
  const status = (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode
  return status !== undefined && status >= 500
}

export function isThrottling(error: unknown): boolean {
  return isNamed(
    error,
    ...['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestThrottled', 'RequestThrottledException'],
    ...['RequestLimitExceeded', 'TooManyRequestsException', 'SlowDown', 'BandwidthLimitExceeded'],
    'PriorRequestNotComplete',
  )
}
