import type { Sql } from '../sql-queries/index.ts'
import type { Answer } from './data-session.ts'

/** A statement whose answer somebody waits for. */
interface Sent {
  readonly statement: Sql
  answer(answer: Answer): void
}

/**
 * Collects the statements that are sent without waiting for each other and runs them in batches of at most `size`. After a statement that
 * fails, what was collected with it and isn't in its batch isn't run.
 */
export function statementBatches(size: number, run: (statements: readonly Sql[]) => Promise<readonly Answer[]>) {
  let waiting: Sent[] = []
  let running: Promise<void> = Promise.resolve()

  async function runWaiting(): Promise<void> {
    const sent = waiting
    waiting = []
    let failure: { readonly error: unknown } | undefined
    while (sent.length > 0) {
      const batch = sent.splice(0, size)
      const answers =
        failure ?? (await run(batch.map(({ statement }) => statement)).catch((error: unknown) => ({ error })))
      const isFailure = 'error' in answers
      for (const [index, { answer }] of batch.entries()) answer((isFailure ? answers : answers[index]) as Answer)
      failure = isFailure ? answers : answers.find((answer) => 'error' in answer)
    }
  }

  /** @throws what `run` throws, or the error of the statement. */
  return async (statement: Sql): Promise<Exclude<Answer, { readonly error: unknown }>> => {
    const answer = await new Promise<Answer>((answer) => {
      waiting.push({ statement, answer })
      if (waiting.length === 1)
        setImmediate(() => {
          running = running.then(runWaiting)
        })
    })
    if ('error' in answer) throw answer.error
    return answer
  }
}
