import { describe, expect, test } from 'vitest'
import { isPassing, type PollOptions, waitFor } from '../../src/aws-client/poll.ts'
import { UserError } from '../../src/errors.ts'

/** A clock that goes on by ten seconds whenever it is looked at. */
function poll(changes: Partial<PollOptions> = {}): PollOptions & { shown: string[] } {
  let looks = 0
  const shown: string[] = []
  return {
    pollMs: 1,
    now: () => new Date(10_000 * looks++),
    progress: (text) => shown.push(text),
    goOn: 'Run it again.',
    shown,
    ...changes,
  }
}

function named(name: string, more: object = {}): Error {
  return Object.assign(new Error(name), { name, ...more })
}

/** Looks that answer one after the other: a state, an error to throw, or `done`. */
function wait(...answers: (string | Error)[]) {
  return {
    what: 'cluster dwh',
    deadlineMs: 600_000,
    async look() {
      const answer = answers.shift() ?? 'done'
      if (answer instanceof Error) throw answer
      return answer === 'done' ? undefined : answer
    },
  }
}

describe('waiting', () => {
  test('ends when it is done and says what for and how long', async () => {
    const options = poll()
    await waitFor(wait('creating', 'creating'), options)
    expect(options.shown[0]).toMatch(/^cluster dwh: creating, [\d.]+ s$/)
    expect(options.shown).toHaveLength(2)
  })

  test('ends at the deadline, and says that AWS may go on', async () => {
    const endless = wait(...Array(100).fill('creating'))
    await expect(waitFor(endless, poll())).rejects.toMatchObject({
      message: expect.stringMatching(/^After 10 min( \d+ s)? cluster dwh is still creating\.$/),
      hint: 'AWS may still finish it. Run it again.',
    })
  })

  test.each(['AccessDenied', 'ExpiredToken', 'ValidationException'])('ends at once with %s', async (name) => {
    const options = poll()
    await expect(waitFor(wait('creating', named(name), 'creating'), options)).rejects.toThrow(name)
    expect(options.shown).toHaveLength(1)
  })

  test('goes on over throttling, broken servers and broken connections', async () => {
    const troubles = [
      named('Throttling'),
      named('InternalFailure', { $metadata: { httpStatusCode: 500 } }),
      named('Error', { code: 'ECONNRESET' }),
      named('TimeoutError'),
    ]
    await expect(waitFor(wait(...troubles, 'creating', ...troubles), poll())).resolves.toBeUndefined()
  })

  test('does not go on for ever without an answer', async () => {
    const endless = wait(...Array(100).fill(named('Error', { code: 'ENOTFOUND' })))
    await expect(waitFor(endless, poll())).rejects.toMatchObject({ code: 'ENOTFOUND' })
  })

  test('ends soon after Ctrl-C, in the middle of a long pause too, and says how to go on', async () => {
    const controller = new AbortController()
    // The pause begins after the progress was shown.
    const progress = () => setImmediate(() => controller.abort())
    const paced = poll({ signal: controller.signal, pollMs: 3_600_000, progress })
    const error: UserError = await waitFor(wait('creating', 'creating'), paced).then(
      () => Promise.reject(new Error('it went on')),
      (caught) => caught,
    )
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toMatch(
      /^Interrupted while waiting for cluster dwh \(creating, .*\)\. What was begun in AWS goes on/,
    )
    expect(error.hint).toBe('Run it again.')
  })
})

test('only what passes by itself is waited out', () => {
  expect(isPassing(named('RequestLimitExceeded'))).toBe(true)
  expect(isPassing(named('AccessDenied', { $metadata: { httpStatusCode: 403 } }))).toBe(false)
  expect(isPassing('ECONNRESET')).toBe(false)
})
