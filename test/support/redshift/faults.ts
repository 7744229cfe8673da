/** Faults a test arranges in advance: for the nth statement that matches, cut the connection, wait, or refuse. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SqlError } from './messages.ts'

interface FaultMoment {
  readonly when: 'before' | 'after'
  /** Which of the matching statements is hit, from 1. Default 1. */
  readonly nth?: number
}

/** Thrown to end the connection without another word. */
export class Cut extends Error {
  override readonly name = 'Cut'
}

interface Fault extends Required<FaultMoment> {
  readonly matches: RegExp
  readonly act: (signal: AbortSignal) => Promise<void>
  seen: number
}

export class Faults {
  /** A client that connects gets no answer at all: neither to its SSL request nor to its startup. */
  silent = false
  /** The next n reads of SYS_LOAD_ERROR_DETAIL find nothing, as when the view lags. */
  hiddenLoadErrorReads = 0
  /** Privileges that the user lacks, as has_table_privilege is asked for them: `'songplays', 'insert'`. */
  readonly withheld = new Set<string>()
  readonly #faults: Fault[] = []

  /** Cuts the connection before the statement runs, or after it ran (and, if it is a COMMIT, committed) but before the client hears of it. */
  cut(matches: RegExp, moment: FaultMoment): void {
    this.#add(matches, moment, async () => {
      throw new Cut()
    })
  }

  /** Calls `act` and waits for it, before the statement runs or after it ran but before the client hears of it. */
  call(matches: RegExp, act: () => Promise<void>, moment: FaultMoment): void {
    this.#add(matches, moment, act)
  }

  /** Waits before the statement runs. A cancel request and the statement timeout end the wait. */
  delay(matches: RegExp, milliseconds: number): void {
    this.#add(matches, { when: 'before' }, async (signal) => {
      await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted())
    })
  }

  /** Refuses the statement; a transaction it stands in is aborted. */
  refuse(
    matches: RegExp,
    { code, message, detail }: { readonly code: string; readonly message: string; readonly detail?: string },
  ): void {
    this.#add(matches, { when: 'before' }, async () => {
      throw new SqlError(code, message, { detail })
    })
  }

  clear(): void {
    this.#faults.length = 0
    this.withheld.clear()
    this.silent = false
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
      if (fault.seen === fault.nth) await fault.act(signal)
    }
  }

  #add(matches: RegExp, { when, nth = 1 }: FaultMoment, act: Fault['act']): void {
    this.#faults.push({ matches, when, nth, act, seen: 0 })
  }
}
