import { randomUUID } from 'node:crypto'
import { explaining } from '../aws-client/explain.ts'
import type { DataService, DataTarget, StatementOutcome } from '../aws-client/redshift-data.ts'
import { isNamed } from '../aws-client/sdk-middleware.ts'
import { type Sql, sql } from '../sql-queries/index.ts'
import { ConnectionLost } from './known-errors.ts'
import { explainedRedshiftError } from './redshift-errors.ts'

/** A warehouse behind the Data API, asked of AWS when a session begins. */
export interface DataWarehouse {
  readonly service: DataService
  readonly target: DataTarget
  /** The user of the database, for messages. */
  readonly user: string
  /** Where AWS's errors are explained from. */
  readonly region: string
  readonly profile?: string | undefined
}

interface SessionOptions {
  find(): Promise<DataWarehouse>
  readonly statementTimeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** How long a session, and with it an open transaction, outlives its last statement. */
  readonly keepAliveSeconds: number
}

interface RunOptions {
  /** Called once if the batch takes more than some seconds, with the statement that runs. */
  readonly onSlow?: ((running: Sql) => void) | undefined
  /** The batch ends a transaction: the session is needed for some seconds more at most. */
  readonly isLast?: boolean
}

/** How long a session lives outside of a transaction: long enough to ask it for the details of an error. */
const lastSeconds = 30
const slowSeconds = 5
const waitSeconds = 20
/** How long a cancelled statement may take to end. */
const cancelMs = 20_000

/** A batch that was sent. */
interface Submitted {
  readonly batchId: string
  readonly warehouse: DataWarehouse
  readonly keepAliveSeconds: number
}

/** What became of a statement: its outcome and where its result is, or why it failed. */
export type Answer =
  | { readonly warehouse: DataWarehouse; readonly outcome: StatementOutcome }
  | { readonly error: unknown }

/**
 * A session of the Data API, which runs one batch after the other. It begins with the first batch, and again after it was dropped. While
 * `isOpen()` says that a transaction is open, a batch is never sent into a session that may have ended: outside of the
 * transaction its statements would be committed.
 */
export function dataSession(options: SessionOptions, isOpen: () => boolean) {
  const { signal } = options
  let warehouse: DataWarehouse | undefined
  let id: string | undefined
  let aliveUntil = 0

  const lost = (cause: unknown): ConnectionLost => {
    id = undefined
    return new ConnectionLost(cause instanceof Error ? cause : new Error(String(cause)))
  }

  /**
   * Sends a batch. If a new session can't be opened, nothing has run, and the error says why. If an existing session fails, the batch
   * may have run.
   */
  async function submit(statements: readonly Sql[], isLast: boolean): Promise<Submitted> {
    if (id !== undefined && performance.now() > aliveUntil) {
      id = undefined
      if (isOpen()) throw lost(`the session was idle for too long`)
    }
    if (id === undefined && isOpen() && statements[0] !== 'begin') throw lost('the session has ended')
    warehouse ??= await options.find()
    const { service, target, region, profile } = warehouse
    const keepAliveSeconds =
      isOpen() && !isLast ? options.keepAliveSeconds : Math.min(lastSeconds, options.keepAliveSeconds)
    const batch = { keepAliveSeconds, token: randomUUID() }
    if (id === undefined) {
      const first = sql`set statement_timeout to ${Math.round(options.statementTimeoutMs)}`
      const begun = await explaining({ region, profile }, () =>
        service.submit({ ...batch, statements: [first, ...statements], on: target }),
      )
      id = begun.sessionId
      return { batchId: begun.id, warehouse, keepAliveSeconds }
    }
    try {
      const begun = await service.submit({ ...batch, statements, on: { sessionId: id } })
      return { batchId: begun.id, warehouse, keepAliveSeconds }
    } catch (error) {
      // Refused, so nothing ran: outside of a transaction another session does as well.
      const isRefused = isNamed(error, 'ValidationException', 'ResourceNotFoundException')
      id = undefined
      if (isRefused && (!isOpen() || statements[0] === 'begin')) return submit(statements, isLast)
      throw lost(error)
    }
  }

  /** Waits until a batch has ended. */
  async function finish(
    service: DataService,
    batchId: string,
    statements: readonly Sql[],
    onSlow: RunOptions['onSlow'],
  ) {
    let cancelledAt: number | undefined
    const cancel = () => {
      cancelledAt = performance.now()
      // If it fails, the session ends some minutes later, with a rollback.
      service.cancel(batchId).catch(() => {})
    }
    if (signal?.aborted) cancel()
    else signal?.addEventListener('abort', cancel, { once: true })
    try {
      for (let seconds = slowSeconds; ; seconds = cancelledAt === undefined ? waitSeconds : 1) {
        const askedAt = performance.now()
        const described = await service.describe(batchId, seconds)
        const outcomes = described.statements.slice(-statements.length)
        if (!described.isRunning) return { ...described, outcomes, askedAt }
        if (cancelledAt !== undefined && askedAt - cancelledAt > cancelMs) throw new Error('a statement did not end')
        const running = statements[outcomes.findIndex(({ isFinished }) => !isFinished)]
        if (seconds === slowSeconds && running !== undefined) onSlow?.(running)
      }
    } catch (error) {
      throw lost(error)
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  return {
    /** True if a rollback would reach the transaction. */
    isAlive: () => id !== undefined && performance.now() <= aliveUntil,
    drop(): void {
      id = undefined
    },
    /**
     * Runs statements one after the other, also past one that fails.
     *
     * @throws ConnectionLost if it is not known what became of them.
     */
    async run(statements: readonly Sql[], { onSlow, isLast = false }: RunOptions = {}): Promise<Answer[]> {
      const { batchId, warehouse, keepAliveSeconds } = await submit(statements, isLast)
      const {
        askedAt,
        error,
        status,
        statements: all,
        outcomes,
      } = await finish(warehouse.service, batchId, statements, onSlow)
      // Some seconds less than it lives, for the way there and back.
      aliveUntil = askedAt + keepAliveSeconds * 800
      // The engine ends a statement as failed. Aborted without our asking, it may have been carried out, a commit too.
      if (status === 'ABORTED' && isOpen() && !signal?.aborted) throw lost(error ?? 'the statement was aborted')
      const setting = all.slice(0, -statements.length).find((each) => each.error !== undefined)
      if (setting !== undefined) throw explainedStatement(setting.error ?? '', warehouse)
      return statements.map((_, index) => {
        const outcome = outcomes[index]
        if (outcome?.isFinished) return { warehouse, outcome }
        const said = outcome?.error ?? error ?? `the statement was ${status.toLowerCase()}`
        return { error: explainedStatement(said, warehouse) }
      })
    },
  }
}

/** Explains what the engine says about a statement. */
function explainedStatement(said: string, { target: { cluster, workgroup, database }, user }: DataWarehouse): unknown {
  const host = cluster === undefined ? `workgroup ${workgroup}` : `cluster ${cluster}`
  const error = new Error(said.replace(/^ERROR:\s*/, ''))
  return explainedRedshiftError(error, { host, port: 5439, database, user })
}
