import { UserError } from '../errors.ts'
import { isNamed } from './sdk-middleware.ts'

/** How waiting is done: all that a wait needs from outside. */
export interface PollOptions {
  /** Time between two looks at something that takes minutes. */
  readonly pollMs: number
  now(): Date
  /** Called before each pause with what is waited for and for how long already. */
  readonly progress?: ((text: string) => void) | undefined
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal | undefined
  /** What a person can do when a wait ends early: how to go on, how to undo. */
  readonly goOn: string
}

export interface Wait<Result> {
  /** What is waited for, as a noun with its name: `cluster dwh`. */
  readonly what: string
  readonly deadlineMs: number
  /** One look. `done` ends the wait; `state` is shown meanwhile. Throw a UserError where no waiting helps. */
  look(): Promise<{ done: true; result: Result } | { done: false; state: string }>
  /** Shorter pauses for what takes seconds. */
  readonly pollMs?: number
}

/** Looks in a row that may fail by throttling or by the network. Each has been tried several times by the SDK. */
const toleratedFailures = 4

/**
 * Looks until it is done. Throttling and a network that fails for a moment are waited out; every other error, a missing permission
 * above all, ends the wait at once.
 *
 * @throws UserError when the deadline passes or the wait is interrupted; what was begun in AWS goes on.
 */
export async function waitFor<Result>(wait: Wait<Result>, poll: PollOptions): Promise<Result> {
  const begun = poll.now().getTime()
  const elapsed = () => poll.now().getTime() - begun
  let state = 'unknown'
  let failures = 0
  for (;;) {
    try {
      const look = await wait.look()
      if (look.done) return look.result
      state = look.state
      failures = 0
    } catch (error) {
      failures += 1
      if (!isPassing(error) || failures > toleratedFailures) throw error
    }
    throwIfInterrupted(poll, `while waiting for ${wait.what} (${state}, ${spoken(elapsed())})`)
    if (elapsed() >= wait.deadlineMs)
      throw new UserError(`After ${spoken(elapsed())} ${wait.what} is still ${state}.`, {
        hint: `AWS may still finish it. ${poll.goOn}`,
      })
    poll.progress?.(`${wait.what}: ${state}, ${spoken(elapsed())}`)
    await pause(Math.min(wait.pollMs ?? poll.pollMs, poll.pollMs), poll.signal)
  }
}

/** @throws UserError if Ctrl-C was pressed. */
export function throwIfInterrupted(poll: PollOptions, when: string): void {
  if (poll.signal?.aborted)
    throw new UserError(`Interrupted ${when}. What was begun in AWS goes on, and costs what it costs.`, {
      hint: poll.goOn,
    })
}

/** Errors that pass by themselves: too many requests, a broken server, a network that fails for a moment. */
export function isPassing(error: unknown): boolean {
  if (isThrottling(error) || isNetworkProblem(error)) return true
  const status = (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode
  return status !== undefined && status >= 500
}

export function isThrottling(error: unknown): boolean {
  return isNamed(
    error,
    ...['Throttling', 'ThrottlingException', 'ThrottledException', 'RequestLimitExceeded', 'TooManyRequestsException'],
    ...[
      'SlowDown',
      'RequestThrottled',
      'RequestThrottledException',
      'BandwidthLimitExceeded',
      'PriorRequestNotComplete',
    ],
  )
}

const networkCodes = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
]

export function isNetworkProblem(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'TimeoutError' || ('code' in error && networkCodes.includes(String(error.code)))
}

/** A duration as a person says it: `45 s`, `3 min 12 s`, `2 h 5 min`. */
export function spoken(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** Waits, but no longer than until the signal is aborted. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end, { once: true })
  })
}
