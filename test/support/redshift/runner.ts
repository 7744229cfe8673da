/** What each kind of statement does in one session, and what it answers. */
import { runCopy } from './copy.ts'
import type { CopyEnvironment } from './copy-source.ts'
import { type Database, serverError } from './database.ts'
import type { Engine } from './engine.ts'
import type { Faults } from './faults.ts'
import type { History, StatementRecord } from './history.ts'
import { commandComplete, type Message, notice, query, readFields } from './messages.ts'
import type { Plan } from './plan.ts'
import type { Session } from './session.ts'
import { SessionSettings } from './settings.ts'
import { Transactions } from './transaction.ts'

/** What all sessions of one double share. */
export interface Services {
  readonly engine: Engine
  readonly history: History
  readonly faults: Faults
  readonly copy: CopyEnvironment
  readonly sessions: Map<number, Session>
}

/** Who the session is. */
export interface Identity {
  readonly process: number
  readonly user: string
  readonly database: string
  /** Schema that holds its temporary tables. */
  readonly temporarySchema: string
}

type Copied = { readonly id: number; readonly count: number }

/** PostgreSQL's notices in Redshift's words. */
const inform = (told: string) =>
  told
    .replace(/^table "(.*)" does not exist, skipping$/, 'Table "$1" does not exist and will be skipped')
    .replace(/^relation "(.*)" already exists, skipping$/, 'Relation "$1" already exists and will be skipped')

export class Runner {
  readonly settings: SessionSettings
  readonly transactions: Transactions
  hasTemporaryTables = false
  readonly #services: Services
  readonly #identity: Identity
  readonly #write: (bytes: Buffer) => void
  #copied: Copied = { id: -1, count: 0 }
  /** What pg_last_copy_id() goes back to if the transaction is rolled back. */
  #copiedBefore: Copied | undefined

  constructor(
    services: Services,
    identity: Identity,
    startup: ReadonlyMap<string, string>,
    write: (bytes: Buffer) => void,
  ) {
    this.#services = services
    this.#identity = identity
    this.#write = write
    this.settings = new SessionSettings(startup)
    const { process, user, database, temporarySchema } = identity
    this.transactions = new Transactions(services.engine, {
      settings: () =>
        this.settings.statements(temporarySchema, {
          process,
          user_name: user,
          database,
          transaction: this.transactions.current?.id ?? 0,
          copy_id: this.#copied.id,
          copy_count: this.#copied.count,
        }),
      nextTransaction: () => services.history.next('transaction'),
      ended: (how) => this.#transactionEnded(how),
    })
  }

  /** Does what a plan says and writes the answer. */
  async run(planned: Plan, signal: AbortSignal, record: StatementRecord): Promise<void> {
    switch (planned.kind) {
      case 'begin':
        if (this.transactions.current?.isImplicit === true) this.transactions.makeExplicit()
        else if (this.transactions.status !== 'I')
          this.#write(notice('WARNING', 'there is already a transaction in progress'))
        else this.transactions.begin()
        return this.#write(commandComplete(planned.tag))
      case 'commit':
      case 'rollback':
        return this.#endTransaction(planned.kind, planned.tag)
      case 'set':
        this.settings.set(planned.name, planned.value)
        return this.#write(commandComplete(planned.tag))
      case 'nothing':
        return this.#write(commandComplete(planned.tag))
      case 'copy':
        return this.#copy(planned, signal, record)
      case 'script':
        return this.#script(planned, signal, record)
      case 'query':
        return this.#query(planned, signal, record)
    }
  }

  /** Fills system tables, notes locks and cancels other sessions: what a query does besides its SQL. */
  async prepare(planned: Plan & { readonly kind: 'query' }, database: Database): Promise<void> {
    const { history, faults, sessions } = this.#services
    const hideLoadErrors = faults.hiddenLoadErrorReads > 0 && planned.systemTables.includes('sys_load_error_detail')
    if (hideLoadErrors) faults.hiddenLoadErrorReads -= 1
    await history.fill(database, planned.systemTables, { hideLoadErrors })
    this.#lock(planned.writes)
    const other = planned.cancels === undefined ? undefined : sessions.get(planned.cancels.process)
    if (planned.cancels?.terminate === true) other?.terminate()
    else other?.cancel()
  }

  /** Hands on what PostgreSQL answered, as Redshift would; throws its first error. */
  relay(messages: readonly Message[]): void {
    for (const { type, body, bytes } of messages) {
      if (type === 'E') throw serverError(body)
      if (type === 'N') this.#write(notice('INFO', inform(readFields(body).M ?? '')))
      else if (type !== 'Z' && type !== 'S') this.#write(bytes)
    }
  }

  ranOn(database: Database): 'main' | 'snapshot' {
    return database === this.#services.engine.main ? 'main' : 'snapshot'
  }

  async #query(
    planned: Plan & { readonly kind: 'query' },
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<void> {
    let changed = false
    try {
      const database = await this.transactions.enter({ reads: planned.reads, signal })
      record.ranOn = this.ranOn(database)
      await this.prepare(planned, database)
      this.relay(await database.send(query(planned.sql)))
      changed = !planned.reads
    } finally {
      this.transactions.leave({ changed })
    }
  }

  async #script(
    script: Plan & { readonly kind: 'script' },
    signal: AbortSignal,
    record: StatementRecord,
  ): Promise<void> {
    await this.#atomically(signal, record, async (database) => {
      this.#lock(script.writes)
      if (script.before.length > 0) this.hasTemporaryTables = true
      for (const sql of script.before) await database.run(sql)
      const messages = await database.send(query(script.main))
      const error = messages.find(({ type }) => type === 'E')
      if (error !== undefined) throw serverError(error.body)
      for (const sql of script.after) await database.run(sql)
      this.relay(messages)
    })
    if (script.commits === true && this.transactions.status === 'T') await this.transactions.commit()
  }

  async #copy({ copy }: Plan & { readonly kind: 'copy' }, signal: AbortSignal, record: StatementRecord): Promise<void> {
    const { copy: environment, history } = this.#services
    let hasBegun = false
    try {
      await this.#atomically(signal, record, async (database) => {
        this.#lock([copy.table])
        const load = await runCopy(copy, environment, {
          database,
          history,
          signal,
          began: () => {
            hasBegun = true
            this.#copied = { id: record.queryId, count: 0 }
          },
          queryId: record.queryId,
          transactionId: this.transactions.current?.id ?? record.transactionId,
          session: this.#identity.process,
          databaseName: this.#identity.database,
        })
        if (!copy.isDryRun) this.#copied = { id: record.queryId, count: load.rows }
        const refused = load.errors.length
        this.#write(
          notice('INFO', `Load into table '${copy.table}' completed, ${load.rows} record(s) loaded successfully.`),
        )
        if (refused > 0) {
          const told = `Load into table '${copy.table}' completed, ${refused} record(s) could not be loaded. Check 'sys_load_error_detail' system table for details.`
          this.#write(notice('INFO', told))
        }
      })
      this.#write(commandComplete('COPY'))
    } catch (error) {
      if (hasBegun && this.transactions.status === 'I') this.#copied = { id: record.queryId, count: 0 }
      throw error
    }
  }

  /** Runs in the transaction there is, or in one of its own. */
  async #atomically(
    signal: AbortSignal,
    record: StatementRecord,
    work: (database: Database) => Promise<void>,
  ): Promise<void> {
    const isOwn = this.transactions.status === 'I'
    if (isOwn) this.transactions.begin({ isImplicit: true })
    try {
      const database = await this.transactions.enter({ reads: false, signal })
      record.ranOn = 'main'
      await work(database)
      if (isOwn) await this.transactions.commit()
    } catch (error) {
      if (isOwn) await this.transactions.rollback()
      throw error
    } finally {
      this.transactions.leave({ changed: false })
    }
  }

  async #endTransaction(kind: 'commit' | 'rollback', tag: string): Promise<void> {
    const { status } = this.transactions
    if (status === 'I') this.#write(notice('WARNING', 'there is no transaction in progress'))
    else if (kind === 'commit' && status === 'T') await this.transactions.commit()
    else await this.transactions.rollback()
    this.#write(commandComplete(status === 'E' ? 'ROLLBACK' : tag))
  }

  #lock(tables: readonly string[]): void {
    const { current } = this.transactions
    if (current === undefined || tables.length === 0) return
    const { process, user } = this.#identity
    const { locks } = this.#services.history
    const held = locks.get(process) ?? []
    const more = tables.filter((table) => !held.some((lock) => lock.table === table))
    const { id: transactionId, startedAt } = current
    locks.set(process, [...held, ...more.map((table) => ({ process, user, transactionId, startedAt, table }))])
    this.#copiedBefore ??= this.#copied
  }

  #transactionEnded(how: 'commit' | 'rollback'): void {
    this.#services.history.locks.delete(this.#identity.process)
    if (how === 'rollback' && this.#copiedBefore !== undefined) this.#copied = this.#copiedBefore
    this.#copiedBefore = undefined
  }
}
