/**
 * The extended query protocol, as far as a client uses it that sends one statement without parameters and names nothing.
 * A batch of messages up to Sync keeps the database it started on.
 */
import { type Database, serverError } from './database.ts'
import type { Plan, Query } from './dialect.ts'
import { bindComplete, type Message, message, noData, parseComplete, readText, SqlError, sync } from './messages.ts'
import type { Session } from './session.ts'

export class ExtendedProtocol {
  readonly #session: Session
  #prepared: { readonly text: string; readonly plan: Plan } | undefined
  #database: Database | undefined
  #changed = false
  #skips = false

  constructor(session: Session) {
    this.#session = session
  }

  async handle({ type, body, bytes }: Message): Promise<void> {
    if (type === 'S') return this.#sync()
    if (this.#skips) return
    try {
      if (type === 'P') return await this.#parse(body)
      const prepared = this.#prepared
      if (prepared === undefined) throw new SqlError('26000', 'prepared statement "" does not exist')
      if (type === 'E') return await this.#execute(prepared, bytes)
      const { plan } = prepared
      if (plan.kind !== 'query') this.#session.write(type === 'B' ? bindComplete : noData)
      else this.#session.runner.relay(await (await this.#enter(plan)).send(bytes))
    } catch (error) {
      this.#skips = true
      // Without Sync PostgreSQL would ignore the rollback too.
      await this.#leave()
      await this.#session.failed(error)
    }
  }

  async #sync(): Promise<void> {
    this.#skips = false
    try {
      await this.#leave()
    } catch (error) {
      await this.#session.failed(error)
    }
    this.#session.ready()
  }

  async #leave(): Promise<void> {
    const database = this.#database
    if (database === undefined) return
    this.#database = undefined
    await database.send(sync)
    this.#session.runner.transactions.leave({ changed: this.#changed })
    this.#changed = false
  }

  async #enter({ reads }: Query): Promise<Database> {
    this.#database ??= await this.#session.guard((signal) => this.#session.runner.transactions.enter({ reads, signal }))
    return this.#database
  }

  async #parse(body: Buffer): Promise<void> {
    const { value: name, next } = readText(body, 0)
    const { value: text, next: rest } = readText(body, next)
    if (name !== '' || body.readInt16BE(rest) !== 0)
      throw new SqlError('0A000', "the double doesn't know prepared statements with a name or parameters")
    try {
      this.#prepared = { text, plan: this.#session.plan(text) }
    } catch (error) {
      return await this.#session.perform(text, () => Promise.reject(error))
    }
    const { plan } = this.#prepared
    if (plan.kind === 'query') {
      const database = await this.#enter(plan)
      await this.#session.runner.prepare(plan, database)
      for (const { type, body } of await database.send(message('P', Buffer.from(`\0${plan.sql}\0\0\0`))))
        if (type === 'E') throw serverError(body)
    }
    this.#session.write(parseComplete)
  }

  #execute({ text, plan }: { readonly text: string; readonly plan: Plan }, bytes: Buffer): Promise<void> {
    return this.#session.perform(text, async (signal, record) => {
      if (plan.kind !== 'query') return this.#session.runner.run(this.#session.plan(text), signal, record)
      this.#session.runner.verifyMay(plan)
      const database = await this.#enter(plan)
      this.#changed ||= !plan.reads
      this.#session.runner.relay(await database.send(bytes))
    })
  }
}
