/** One session from login to its end: the simple protocol, the log of statements, the statement timeout, cancelling. */
import type { CopyEnvironment } from './copy-source.ts'
import { type Plan, plan } from './dialect.ts'
import type { Engine } from './engine.ts'
import { Cut, type Faults } from './faults.ts'
import type { History, StatementRecord } from './history.ts'
import { errorResponse, readyForQuery, SqlError } from './messages.ts'
import { Runner } from './runner.ts'

/** What all sessions of one double share. */
export interface Services {
  readonly engine: Engine
  readonly history: History
  readonly faults: Faults
  readonly copy: CopyEnvironment
  readonly sessions: Map<number, Session>
}

export class Session {
  readonly process: number
  readonly runner: Runner
  readonly write: (bytes: Buffer) => void
  readonly #temporarySchema: string
  readonly #services: Services
  #running: AbortController | undefined

  constructor(services: Services, database: string, write: (bytes: Buffer) => void) {
    this.process = services.history.next('process')
    this.write = write
    this.#services = services
    this.#temporarySchema = `session_temp_${this.process}`
    this.runner = new Runner(
      services,
      { process: this.process, database, temporarySchema: this.#temporarySchema },
      write,
    )
    services.sessions.set(this.process, this)
  }

  ready(): void {
    this.write(readyForQuery(this.runner.transactions.status))
  }

  /** Refused inside a transaction that has failed, unless it ends it. */
  plan(text: string): Plan {
    const { status } = this.runner.transactions
    if (status === 'E' && !/^\s*(commit|rollback)\b/i.test(text))
      throw new SqlError('25P02', 'current transaction is aborted, commands ignored until end of transaction block')
    return plan(this.#services.faults.withPrivileges(text), {
      inTransaction: status !== 'I',
      temporarySchema: this.#temporarySchema,
    })
  }

  /** Asked by another session. */
  cancel(): void {
    this.#running?.abort(new SqlError('57014', "Query cancelled on user's request"))
  }

  /** The client is gone. Work outside a transaction goes on to its end; a transaction is rolled back. */
  lost(): void {
    if (this.runner.transactions.current?.isImplicit === false) this.cancel()
  }

  async close(): Promise<void> {
    const { engine, sessions } = this.#services
    await this.runner.transactions.rollback()
    sessions.delete(this.process)
    if (!this.runner.hasTemporaryTables) return
    const signal = AbortSignal.timeout(60_000)
    await engine.acquire(this.runner.transactions, { isLong: false, signal })
    await engine.main.run(`drop schema if exists ${this.#temporarySchema} cascade`).catch(() => undefined)
    engine.release(this.runner.transactions, { changed: true })
  }

  /** A Query message: one statement. */
  async simpleQuery(text: string): Promise<void> {
    try {
      await this.perform(text, async (signal, record) => this.runner.run(this.plan(text), signal, record))
    } catch (error) {
      await this.failed(error)
    }
    this.ready()
  }

  /** Answers an error and marks the transaction; anything but a SqlError goes on to the connection. */
  async failed(error: unknown): Promise<void> {
    if (!(error instanceof SqlError)) throw error
    await this.runner.transactions.fail()
    this.write(errorResponse(error))
  }

  /** Runs one statement under the log, the faults, the statement timeout and cancel requests. */
  async perform(text: string, run: (signal: AbortSignal, record: StatementRecord) => Promise<void>): Promise<void> {
    const { faults, history } = this.#services
    const record: StatementRecord = {
      queryId: history.next('query'),
      session: this.process,
      text,
      transactionId: this.runner.transactions.current?.id ?? history.next('transaction'),
      outcome: 'running',
    }
    history.statements.push(record)
    try {
      await this.guard(async (signal) => {
        await faults.meet(text, 'before', signal)
        await run(signal, record)
        await faults.meet(text, 'after', signal)
      })
      record.outcome = 'ok'
    } catch (error) {
      record.outcome = error instanceof SqlError ? error.code : error instanceof Cut ? 'cut' : 'XX000'
      throw error
    }
  }

  /** What runs inside can be cancelled and has the statement timeout. */
  async guard<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const { timeout } = this.runner
    this.#running = controller
    const timer = timeout > 0 ? setTimeout(() => this.cancel(), timeout) : undefined
    try {
      return await run(controller.signal)
    } finally {
      clearTimeout(timer)
      this.#running = undefined
    }
  }
}
