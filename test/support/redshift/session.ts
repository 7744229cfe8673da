/** One session from login to its end: the simple protocol, the log, the statement timeout, cancelling. */
import { plan } from './dialect.ts'
import { Cut } from './faults.ts'
import type { StatementRecord } from './history.ts'
import { splitStatements } from './lexer.ts'
import { emptyQueryResponse, errorResponse, readyForQuery, SqlError } from './messages.ts'
import type { Context, Plan } from './plan.ts'
import { Runner, type Services } from './runner.ts'

export interface Connection {
  write(bytes: Buffer): void
  /** Ends the connection without another word. */
  destroy(): void
}

export class Session {
  readonly process: number
  readonly secret = Math.floor(Math.random() * 0x7fffffff)
  readonly runner: Runner
  readonly #user: string
  readonly #temporarySchema: string
  readonly #services: Services
  readonly #connection: Connection
  #running: AbortController | undefined

  constructor(services: Services, connection: Connection, startup: ReadonlyMap<string, string>) {
    const process = services.history.next('process')
    const user = startup.get('user') ?? ''
    const database = startup.get('database') ?? user
    const temporarySchema = `session_temp_${process}`
    this.process = process
    this.#user = user
    this.#temporarySchema = temporarySchema
    this.#services = services
    this.#connection = connection
    this.runner = new Runner(services, { process, user, database, temporarySchema }, startup, (bytes) =>
      this.write(bytes),
    )
    services.sessions.set(process, this)
    services.history.sessions.set(process, { process, user, database, startedAt: new Date() })
  }

  write(bytes: Buffer): void {
    this.#connection.write(bytes)
  }

  ready(): void {
    this.write(readyForQuery(this.runner.transactions.status))
  }

  /** Refused inside a transaction that has failed, unless it ends it. */
  plan(given: string): Plan {
    const text = this.#services.faults.withPrivileges(given)
    const context: Context = {
      inTransaction: this.runner.transactions.status !== 'I',
      schema: this.runner.settings.path[0] ?? 'public',
      temporarySchema: this.#temporarySchema,
      parameter: (name) => this.runner.settings.get(name),
    }
    if (this.runner.transactions.status !== 'E') return plan(text, context)
    const isEnd = /^\s*(commit|end|rollback|abort)\b/i.test(text)
    if (isEnd) return plan(text, context)
    throw new SqlError('25P02', 'current transaction is aborted, commands ignored until end of transaction block')
  }

  /** Asked by another connection, or by SQL. */
  cancel(): void {
    this.#running?.abort(new SqlError('57014', "Query cancelled on user's request"))
  }

  terminate(): void {
    this.cancel()
    this.#connection.destroy()
  }

  /** The client is gone. Work outside a transaction goes on to its end; a transaction is rolled back. */
  lost(): void {
    if (this.runner.transactions.current?.isImplicit === false) this.cancel()
  }

  async close(): Promise<void> {
    const { engine, history, sessions } = this.#services
    await this.runner.transactions.rollback()
    sessions.delete(this.process)
    history.sessions.delete(this.process)
    if (!this.runner.hasTemporaryTables) return
    const signal = AbortSignal.timeout(60_000)
    await engine.acquire(this.runner.transactions, { isLong: false, signal })
    await engine.main.run(`drop schema if exists ${this.#temporarySchema} cascade`).catch(() => undefined)
    engine.release(this.runner.transactions, { changed: true })
  }

  /** A Query message: one or more statements, all or nothing. */
  async simpleQuery(text: string): Promise<void> {
    try {
      const statements = splitStatements(text)
      if (statements.length === 0) this.write(emptyQueryResponse)
      if (statements.length > 1 && this.runner.transactions.status === 'I')
        this.runner.transactions.begin({ isImplicit: true })
      for (const statement of statements) {
        await this.perform(statement, async (signal, record) => this.runner.run(this.plan(statement), signal, record))
      }
      if (this.runner.transactions.current?.isImplicit === true) await this.runner.transactions.commit()
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
      user: this.#user,
      text,
      queryGroup: this.runner.settings.get('query_group'),
      transactionId: this.runner.transactions.current?.id ?? history.next('transaction'),
      startedAt: new Date(),
      milliseconds: 0,
      outcome: 'running',
      error: undefined,
      ranOn: 'none',
    }
    history.statements.push(record)
    const from = performance.now()
    try {
      await this.guard(record.queryId, async (signal) => {
        await faults.meet(text, 'before', signal)
        await run(signal, record)
        await faults.meet(text, 'after', signal)
      })
      record.outcome = 'ok'
    } catch (error) {
      record.outcome = error instanceof SqlError ? error.code : error instanceof Cut ? 'cut' : 'XX000'
      record.error = error instanceof Error ? error.message : String(error)
      throw error
    } finally {
      record.milliseconds = performance.now() - from
    }
  }

  /** What runs inside can be cancelled and has the statement timeout. */
  async guard<T>(queryId: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const cancelled = new SqlError('57014', `Query (${queryId}) cancelled on user's request`)
    const timeout = Number(this.runner.settings.get('statement_timeout'))
    const timer = timeout > 0 ? setTimeout(() => controller.abort(cancelled), timeout) : undefined
    this.#running = controller
    try {
      return await run(controller.signal)
    } finally {
      clearTimeout(timer)
      this.#running = undefined
    }
  }
}
