/**
 * The transactions of one session: where its statements run, when it holds the main database, what a rollback takes back.
 * BEGIN costs nothing until the first statement; a transaction that only read gives way to one that writes.
 */
import type { Database } from './database.ts'
import type { Engine, Holder } from './engine.ts'

interface Transaction {
  readonly id: number
  /** Of one statement, although nobody said BEGIN. */
  readonly isImplicit: boolean
  readonly isReadOnly: boolean
  hasFailed: boolean
  isOnMain: boolean
  hasWritten: boolean
  snapshot: Database | undefined
}

interface TransactionEvents {
  /** SET statements that make a database act for the session. */
  settings(): string
  nextTransaction(): number
}

export class Transactions implements Holder {
  readonly #engine: Engine
  readonly #events: TransactionEvents
  #current: Transaction | undefined
  #isBusy = false
  #yielding: Promise<unknown> = Promise.resolve()

  constructor(engine: Engine, events: TransactionEvents) {
    this.#engine = engine
    this.#events = events
  }

  get status(): 'I' | 'T' | 'E' {
    if (this.#current === undefined) return 'I'
    return this.#current.hasFailed ? 'E' : 'T'
  }

  get current(): Pick<Transaction, 'id' | 'isImplicit' | 'isReadOnly'> | undefined {
    return this.#current
  }

  begin({ isImplicit = false, isReadOnly = false } = {}): void {
    this.#current = {
      id: this.#events.nextTransaction(),
      isImplicit,
      isReadOnly,
      hasFailed: false,
      isOnMain: false,
      hasWritten: false,
      snapshot: undefined,
    }
  }

  /** The database the next statement runs on. Every `enter` is followed by a `leave`. */
  async enter({ reads, signal }: { readonly reads: boolean; readonly signal: AbortSignal }): Promise<Database> {
    this.#isBusy = true
    await this.#yielding
    try {
      return await this.#start(reads, signal)
    } catch (error) {
      this.leave({ changed: false })
      throw error
    }
  }

  /** The statement is over. Outside a transaction the main database goes to the next in line. */
  leave({ changed }: { readonly changed: boolean }): void {
    this.#isBusy = false
    if (this.#current === undefined) this.#engine.release(this, { changed })
  }

  async commit(): Promise<void> {
    if (this.#current?.isOnMain === true) await this.#engine.main.run('commit')
    this.#end({ changed: this.#current?.hasWritten === true })
  }

  async rollback(): Promise<void> {
    await this.#rollbackMain()
    this.#end({ changed: false })
  }

  /** A statement failed: everything is undone at once, and the transaction only waits for its ROLLBACK. */
  async fail(): Promise<void> {
    if (this.#current === undefined) return
    await this.#rollbackMain()
    if (this.#current.isImplicit) this.#end({ changed: false })
    else this.#current.hasFailed = true
  }

  async yieldMain(): Promise<boolean> {
    const transaction = this.#current
    if (transaction === undefined || this.#isBusy || !transaction.isOnMain || transaction.hasWritten) return false
    const move = this.#engine.snapshot().then(async (snapshot) => {
      if (this.#current !== transaction || !transaction.isOnMain) return
      transaction.snapshot = snapshot
      await this.#rollbackMain()
    })
    this.#yielding = move
    await move
    return true
  }

  async #start(reads: boolean, signal: AbortSignal): Promise<Database> {
    const transaction = this.#current
    const database = await this.#find(transaction, reads, signal)
    await database.become(this.#events.settings())
    if (database !== this.#engine.main || transaction === undefined) return database
    if (!transaction.isOnMain) await database.run('begin')
    transaction.isOnMain = true
    transaction.snapshot = undefined
    transaction.hasWritten ||= !reads
    return database
  }

  async #find(transaction: Transaction | undefined, reads: boolean, signal: AbortSignal): Promise<Database> {
    if (transaction?.isOnMain === true) return this.#engine.main
    if (reads && transaction?.snapshot !== undefined) return transaction.snapshot
    if (reads && this.#engine.isHeldFrom(this)) {
      const snapshot = await this.#engine.snapshot()
      if (transaction !== undefined) transaction.snapshot = snapshot
      return snapshot
    }
    await this.#engine.acquire(this, { isLong: transaction !== undefined, signal })
    return this.#engine.main
  }

  async #rollbackMain(): Promise<void> {
    const transaction = this.#current
    if (transaction?.isOnMain !== true) return
    await this.#engine.main.run('rollback')
    this.#engine.main.forgetSettings()
    transaction.isOnMain = false
    this.#engine.release(this, { changed: false })
  }

  #end({ changed }: { readonly changed: boolean }): void {
    this.#current = undefined
    this.#engine.release(this, { changed })
  }
}
