/** What each kind of statement does in one session, and what it answers. */
import { runCopy } from './copy.ts'
import type { CopyStatement } from './copy-statement.ts'
import { type Database, serverError } from './database.ts'
import type { Plan, Query } from './dialect.ts'
import type { StatementRecord } from './history.ts'
import { quoteText } from './lexer.ts'
import { commandComplete, type Message, notice, query, readFields, SqlError } from './messages.ts'
import type { Services } from './session.ts'
import type { Script } from './tables.ts'
import { Transactions } from './transaction.ts'

/** Who the session is. */
interface Identity {
  readonly process: number
  readonly database: string
  /** Schema that holds its temporary tables. */
  readonly temporarySchema: string
}

export class Runner {
  readonly transactions: Transactions
  hasTemporaryTables = false
  /** Milliseconds a statement may take; 0: as long as it likes. */
  timeout = 0
  readonly #services: Services
  readonly #identity: Identity
  readonly #write: (bytes: Buffer) => void
  #copied = { id: -1, count: 0 }

  constructor(services: Services, identity: Identity, write: (bytes: Buffer) => void) {
    this.#services = services
    this.#identity = identity
    this.#write = write
    this.transactions = new Transactions(services.engine, {
      settings: () => this.#settings(),
      nextTransaction: () => services.history.next('transaction'),
    })
  }

  /** SET statements that make a database act for this session. */
  #settings(): string {
    const { process, database, temporarySchema } = this.#identity
    // pg_last_copy_id() counts otherwise than the SYS views.
    const facts = { process, database, copy_id: this.#copied.id + 1_000_000, copy_count: this.#copied.count }
    return [
      `set search_path to "${temporarySchema}", redshift, pg_catalog, public`,
      'set standard_conforming_strings to off',
      'set escape_string_warning to off',
      'set backslash_quote to on',
      `set timezone to 'UTC'`,
      'set extra_float_digits to 0',
      ...Object.entries(facts).map(([name, value]) => `set double.${name} to ${quoteText(String(value))}`),
    ].join('; ')
  }

  /** Refused if it would change something in a transaction that is read-only. */
  verifyMay(planned: Plan): void {
    const writes = planned.kind === 'copy' || planned.kind === 'script' || (planned.kind === 'query' && !planned.reads)
    if (writes && this.transactions.current?.isReadOnly) throw new SqlError('25006', 'transaction is read-only')
  }

  /** Does what a plan says and writes the answer. */
  async run(planned: Plan, signal: AbortSignal, record: StatementRecord): Promise<void> {
    this.verifyMay(planned)
    switch (planned.kind) {
      case 'begin':
        if (this.transactions.status === 'I') this.transactions.begin({ isReadOnly: planned.isReadOnly })
        else this.#write(notice('WARNING', 'there is already a transaction in progress'))
        return this.#write(commandComplete('BEGIN'))
      case 'commit':
      case 'rollback':
        return this.#endTransaction(planned.kind)
      case 'timeout':
        this.timeout = planned.milliseconds
        return this.#write(commandComplete('SET'))
      case 'copy':
        return this.#copy(planned.copy, signal, record)
      case 'script':
        return this.#script(planned, signal)
      case 'query':
        return this.#query(planned, signal)
    }
  }

  /** Fills system tables and cancels other sessions: what a query does besides its SQL. */
  async prepare({ systemTables, cancels }: Query, database: Database): Promise<void> {
    const { history, faults, sessions } = this.#services
    const hideLoadErrors = faults.hiddenLoadErrorReads > 0 && systemTables.includes('sys_load_error_detail')
    if (hideLoadErrors) faults.hiddenLoadErrorReads -= 1
    await history.fill(database, systemTables, { hideLoadErrors })
    if (cancels !== undefined) sessions.get(cancels)?.cancel()
  }

  /** Hands on what PostgreSQL answered, as Redshift would; throws its first error. */
  relay(messages: readonly Message[]): void {
    for (const { type, body, bytes } of messages) {
      if (type === 'E') throw serverError(body)
      if (type === 'N') this.#write(notice('INFO', readFields(body).M ?? ''))
      else if (type !== 'Z' && type !== 'S') this.#write(bytes)
    }
  }

  async #query(planned: Query, signal: AbortSignal): Promise<void> {
    let changed = false
    try {
      const database = await this.transactions.enter({ reads: planned.reads, signal })
      await this.prepare(planned, database)
      this.relay(await database.send(query(planned.sql)))
      changed = !planned.reads
    } finally {
      this.transactions.leave({ changed })
    }
  }

  #script({ before, main, after }: Script, signal: AbortSignal): Promise<void> {
    return this.#atomically(signal, async (database) => {
      if (before.length > 0) this.hasTemporaryTables = true
      for (const sql of before) await database.run(sql)
      const messages = await database.send(query(main))
      const error = messages.find(({ type }) => type === 'E')
      if (error !== undefined) throw serverError(error.body)
      for (const sql of after) await database.run(sql)
      this.relay(messages)
    })
  }

  async #copy(copy: CopyStatement, signal: AbortSignal, { queryId }: StatementRecord): Promise<void> {
    const { copy: environment, history } = this.#services
    await this.#atomically(signal, async (database) => {
      this.#copied = { id: queryId, count: 0 }
      const load = await runCopy(copy, environment, {
        database,
        signal,
        queryId,
        session: this.#identity.process,
        loads: history.loads,
      })
      if (!copy.isDryRun) this.#copied = { id: queryId, count: load.rows }
    })
    this.#write(commandComplete('COPY'))
  }

  /** Runs in the transaction there is, or in one of its own. */
  async #atomically(signal: AbortSignal, work: (database: Database) => Promise<void>): Promise<void> {
    const isOwn = this.transactions.status === 'I'
    if (isOwn) this.transactions.begin({ isImplicit: true })
    try {
      await work(await this.transactions.enter({ reads: false, signal }))
      if (isOwn) await this.transactions.commit()
    } catch (error) {
      if (isOwn) await this.transactions.rollback()
      throw error
    } finally {
      this.transactions.leave({ changed: false })
    }
  }

  async #endTransaction(kind: 'commit' | 'rollback'): Promise<void> {
    const { status } = this.transactions
    if (status === 'I') this.#write(notice('WARNING', 'there is no transaction in progress'))
    else if (kind === 'commit' && status === 'T') await this.transactions.commit()
    else await this.transactions.rollback()
    this.#write(commandComplete(status === 'E' ? 'ROLLBACK' : kind.toUpperCase()))
  }
}
