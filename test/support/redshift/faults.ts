/** Faults a test arranges in advance: for the nth statement that matches, cut the connection, wait, or refuse. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SqlError } from './messages.ts'

export interface FaultOptions {
  /** Which of the matching statements is hit first, from 1. Default 1. */
  readonly nth?: number
  /** How many of the matching statements are hit. Default 1. */
  readonly times?: number
}

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly detail?: string
}

/** Thrown to end the connection without another word. */
export class Cut extends Error {
  override readonly name = 'Cut'
}

interface Fault {
  readonly matches: RegExp
  readonly when: 'before' | 'after'
  readonly nth: number
  readonly times: number
  readonly act: (signal: AbortSignal) => Promise<void>
  seen: number
}

export class Faults {
  /** A client that connects gets no answer at all: neither to its SSL request nor to its startup. */
  silent = false
  /** A client that connects is cut off at once. */
  refuseConnections = false
  /** A new session is refused with this after its password was accepted. */
  refuseLogin: Refusal | undefined
  /** The next n reads of SYS_LOAD_ERROR_DETAIL find nothing, as when the view lags. */
  hiddenLoadErrorReads = 0
  /** Privileges that the user lacks, as has_table_privilege is asked for them: `'songplays', 'insert'`. */
  readonly withheld = new Set<string>()
  readonly #faults: Fault[] = []

  /** Cuts the connection before the statement runs, or after it ran (and, if it is a COMMIT, committed) but before the client hears of it. */
  cut(matches: RegExp, options: FaultOptions & { readonly when: 'before' | 'after' }): void {
    this.#add(matches, options.when, options, async () => {
      throw new Cut()
    })
  }

  /** Calls `act` and waits for it, before the statement runs or after it ran but before the client hears of it. */
  call(matches: RegExp, act: () => Promise<void>, options: FaultOptions & { readonly when: 'before' | 'after' }): void {
    this.#add(matches, options.when, options, act)
  }

  /** Waits before the statement runs. A cancel request and the statement timeout end the wait. */
  delay(matches: RegExp, milliseconds: number, options: FaultOptions = {}): void {
    this.#add(matches, 'before', options, (signal) => wait(milliseconds, signal))
  }

  /** Refuses the statement; a transaction it stands in is aborted. */
  refuse(matches: RegExp, { code, message, detail }: Refusal, options: FaultOptions = {}): void {
    this.#add(matches, 'before', options, async () => {
      throw new SqlError(code, message, { detail })
    })
  }

  /** What a concurrent write gets under serializable isolation. */
  serializationConflict(matches: RegExp, table: string, options: FaultOptions = {}): void {
    const detail = `Serializable isolation violation on table - ${table}, transactions forming the cycle are: 5002, 5010 (pid:1073742000)`
    this.refuse(matches, { code: '40001', message: '1023', detail }, options)
  }

  clear(): void {
    this.#faults.length = 0
    this.withheld.clear()
    this.silent = false
    this.refuseConnections = false
    this.refuseLogin = undefined
    this.hiddenLoadErrorReads = 0
  }

  /** The statement with the answers of has_table_privilege for what is withheld: the database itself takes everybody for a superuser. */
  withPrivileges(statement: string): string {
    return [...this.withheld].reduce(
      (text, privilege) => text.replaceAll(`has_table_privilege(${privilege})`, 'false'),
      statement,
    )
  }

  /** Called with every statement before and after it runs. */
  async meet(statement: string, when: 'before' | 'after', signal: AbortSignal): Promise<void> {
    for (const fault of this.#faults) {
      if (fault.when !== when || !fault.matches.test(statement)) continue
      fault.seen += 1
      if (fault.seen >= fault.nth && fault.seen < fault.nth + fault.times) await fault.act(signal)
    }
  }

  #add(given: RegExp, when: Fault['when'], { nth = 1, times = 1 }: FaultOptions, act: Fault['act']): void {
    // Without the flags that make a RegExp remember where it was.
    const matches = new RegExp(given.source, given.flags.replace(/[gy]/g, ''))
    this.#faults.push({ matches, when, nth, times, act, seen: 0 })
  }
}

/** Waits; rejects with the signal's reason if that fires first. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted())
}
