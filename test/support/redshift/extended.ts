/** The extended query protocol: statements with parameters. A batch of messages up to Sync keeps the database it started on. */
import type { Database } from './database.ts'
import { serverError, statementName } from './database.ts'
import { splitStatements } from './lexer.ts'
import {
  bindComplete,
  closeComplete,
  emptyQueryResponse,
  type Message,
  message,
  noData,
  noParameters,
  parseComplete,
  readText,
  SqlError,
  sync,
} from './messages.ts'
import type { Plan } from './plan.ts'
import type { Session } from './session.ts'

interface Prepared {
  readonly name: string
  readonly text: string
  /** Undefined: an empty statement. */
  readonly plan: Plan | undefined
  /** The types the client gave its parameters. */
  readonly types: Buffer
  /** Where PostgreSQL knows it. */
  parsedOn: Database | undefined
}

const letter = (text: 'S' | 'P') => Buffer.from(text)

export class ExtendedProtocol {
  readonly #session: Session
  readonly #prepared = new Map<string, Prepared>()
  readonly #portals = new Map<string, Prepared>()
  #database: Database | undefined
  #changed = false
  #skips = false

  constructor(session: Session) {
    this.#session = session
  }

  async handle({ type, body }: Message): Promise<void> {
    if (type === 'S') return this.#sync()
    if (this.#skips) return
    try {
      if (type === 'P') await this.#parse(body)
      else if (type === 'B') await this.#bind(body)
      else if (type === 'D') await this.#describe(body)
      else if (type === 'E') await this.#execute(body)
      else if (type === 'C') await this.#close(body)
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

  async #enter(plan: Plan & { readonly kind: 'query' }): Promise<Database> {
    this.#database ??= await this.#session.guard(0, (signal) =>
      this.#session.runner.transactions.enter({ reads: plan.reads, signal }),
    )
    return this.#database
  }

  async #parse(body: Buffer): Promise<void> {
    const { value: name, next } = readText(body, 0)
    const { value: given, next: rest } = readText(body, next)
    const statements = splitStatements(given)
    if (statements.length > 1) {
      throw new SqlError('42601', 'cannot insert multiple commands into a prepared statement')
    }
    const [text = ''] = statements
    let plan: Plan | undefined
    if (text !== '') {
      try {
        plan = this.#session.plan(text)
      } catch (error) {
        await this.#session.perform(text, () => Promise.reject(error))
      }
    }
    const prepared: Prepared = { name, text, plan, types: body.subarray(rest), parsedOn: undefined }
    if (plan?.kind === 'query') await this.#parseOn(await this.#enter(plan), prepared, plan)
    this.#prepared.set(name, prepared)
    this.#session.write(parseComplete)
  }

  async #parseOn(database: Database, prepared: Prepared, plan: Plan & { readonly kind: 'query' }): Promise<void> {
    const name = statementName(this.#session.process, prepared.name)
    await this.#session.runner.prepare(plan, database)
    const forget = message('C', letter('S'), name)
    const parse = message('P', name, Buffer.from(`${plan.sql}\0`), prepared.types)
    for (const { type, body } of await database.send(Buffer.concat([forget, parse])))
      if (type === 'E') throw serverError(body)
    prepared.parsedOn = database
  }

  async #bind(body: Buffer): Promise<void> {
    const { value: portal, next } = readText(body, 0)
    const { value: name, next: rest } = readText(body, next)
    const prepared = this.#prepared.get(name)
    if (prepared === undefined) throw new SqlError('26000', `prepared statement "${name}" does not exist`)
    if (prepared.plan?.kind === 'query') {
      const isNew = this.#database === undefined
      const database = await this.#enter(prepared.plan)
      if (prepared.parsedOn !== database) await this.#parseOn(database, prepared, prepared.plan)
      else if (isNew) await this.#session.runner.prepare(prepared.plan, database)
      const inside = statementName(this.#session.process, name)
      this.#session.runner.relay(
        await database.send(message('B', Buffer.from(`${portal}\0`), inside, body.subarray(rest))),
      )
    } else this.#session.write(bindComplete)
    this.#portals.set(portal, prepared)
  }

  async #describe(body: Buffer): Promise<void> {
    const { value: name } = readText(body, 1)
    const isStatement = body[0] === letter('S')[0]
    const prepared = (isStatement ? this.#prepared : this.#portals).get(name)
    if (prepared === undefined) throw new SqlError('34000', `portal "${name}" does not exist`)
    if (prepared.plan?.kind !== 'query') {
      if (isStatement) this.#session.write(noParameters)
      return this.#session.write(noData)
    }
    const database = await this.#enter(prepared.plan)
    if (isStatement && prepared.parsedOn !== database) await this.#parseOn(database, prepared, prepared.plan)
    const inside = isStatement ? statementName(this.#session.process, name) : Buffer.from(`${name}\0`)
    this.#session.runner.relay(await database.send(message('D', letter(isStatement ? 'S' : 'P'), inside)))
  }

  async #execute(body: Buffer): Promise<void> {
    const { value: name } = readText(body, 0)
    const prepared = this.#portals.get(name)
    if (prepared === undefined) throw new SqlError('34000', `portal "${name}" does not exist`)
    const { plan } = prepared
    if (plan === undefined) return this.#session.write(emptyQueryResponse)
    await this.#session.perform(prepared.text, async (signal, record) => {
      if (plan.kind !== 'query') {
        // As if a Sync had come: what runs now has a transaction of its own.
        await this.#leave()
        return this.#session.runner.run(this.#session.plan(prepared.text), signal, record)
      }
      const database = await this.#enter(plan)
      record.ranOn = this.#session.runner.ranOn(database)
      this.#changed ||= !plan.reads
      this.#session.runner.relay(await database.send(message('E', body)))
    })
  }

  async #close(body: Buffer): Promise<void> {
    const { value: name } = readText(body, 1)
    if (body[0] === letter('S')[0]) this.#prepared.delete(name)
    else this.#portals.delete(name)
    this.#session.write(closeComplete)
  }
}
