import { createHash } from 'node:crypto'
import type { ServiceName } from './errors.ts'

/**
 * What goes wrong.
 * `throttle`, `refuse`, `internal-error`, `expired-token`, `capacity`, `quota`: the service says so and has done nothing. `reset-before`: the connection breaks before it acted;
 * `reset-after`: it acted, the answer is lost. `kill`: it acted, then `onFire` is called and the answer never comes. `slow`: it answers late.
 * For bodies of S3: `short-body` ends early against its Content-Length, `cut-body` is short but says so, `garbled-body` has the right length and wrong bytes,
 * `wrong-checksum` comes with the checksum of another body, so that the SDK refuses it at its end.
 */
export type FaultKind =
  | 'throttle'
  | 'refuse'
  | 'internal-error'
  | 'expired-token'
  | 'capacity'
  | 'quota'
  | 'reset-before'
  | 'reset-after'
  | 'kill'
  | 'slow'
  | 'short-body'
  | 'cut-body'
  | 'garbled-body'
  | 'wrong-checksum'

export interface FaultRequest {
  /** Left out: any service. */
  service?: ServiceName
  /** Left out: any action. */
  action?: string
  /** The nth matching call from now on, 1 being the next. */
  nth?: number
  /** How many matching calls in a row are hit, from the nth on. SDK clients retry what they can: 3 attempts by default. */
  times?: number
  kind: FaultKind
  /** Called when it happens; for `kill` the place to kill the process. Awaited. */
  onFire?: () => unknown
  /** How late `slow` is. */
  milliseconds?: number
}

/** A fault that was injected: how often it has happened, and a way to take it back. */
export interface InjectedFault {
  readonly fired: number
  remove(): void
}

/** Faults that hit a share of the calls of a service. */
export interface RandomFaults {
  service: ServiceName
  /** Left out: any action. */
  action?: string
  /** From 0 to 1. */
  rate: number
  seed: number
  kinds: readonly FaultKind[]
  milliseconds?: number
}

/** What happens to one call. */
export interface Fault {
  kind: FaultKind
  milliseconds: number
  onFire: (() => unknown) | undefined
}

interface Waiting {
  request: FaultRequest
  seen: number
  fired: number
}

/** The faults of a double. */
export class Faults {
  private waiting: Waiting[] = []
  private scattered: RandomFaults[] = []
  private readonly attempts = new Map<string, number>()
  /** How many faults have happened, of both sorts. */
  count = 0

  /** Makes one or more calls fail. */
  inject(request: FaultRequest): InjectedFault {
    const entry: Waiting = { request, seen: 0, fired: 0 }
    this.waiting.push(entry)
    return {
      get fired() {
        return entry.fired
      },
      remove: () => {
        this.waiting = this.waiting.filter((each) => each !== entry)
      },
    }
  }

  /**
   * Makes a share of the calls fail. Which ones is decided by the seed, the call and how often this very call was made before, not by the order of calls:
   * so it is the same in every run, however many connections there are.
   */
  random(faults: RandomFaults): void {
    this.scattered.push(faults)
  }

  /** Takes back everything. */
  clear(): void {
    this.waiting = []
    this.scattered = []
    this.attempts.clear()
  }

  /** What happens to this call. Every matching entry counts it, the first that is due decides. */
  next(service: ServiceName, action: string, identity: string): Fault | undefined {
    let found: Fault | undefined
    for (const entry of this.waiting) {
      const { request } = entry
      if (request.service !== undefined && request.service !== service) continue
      if (request.action !== undefined && request.action !== action) continue
      entry.seen += 1
      const nth = request.nth ?? 1
      if (found !== undefined || entry.seen < nth || entry.seen >= nth + (request.times ?? 1)) continue
      entry.fired += 1
      found = { kind: request.kind, milliseconds: request.milliseconds ?? 250, onFire: request.onFire }
    }
    found ??= this.scatteredFault(service, action, identity)
    if (found !== undefined) this.count += 1
    return found
  }

  private scatteredFault(service: ServiceName, action: string, identity: string): Fault | undefined {
    for (const { service: wanted, action: wantedAction, rate, seed, kinds, milliseconds = 250 } of this.scattered) {
      if (wanted !== service || (wantedAction !== undefined && wantedAction !== action)) continue
      const call = `${seed} ${action} ${identity}`
      const attempt = (this.attempts.get(call) ?? 0) + 1
      this.attempts.set(call, attempt)
      const digest = createHash('sha256').update(`${call} ${attempt}`).digest()
      if (digest.readUInt32BE(0) / 2 ** 32 >= rate) continue
      const kind = kinds[digest.readUInt32BE(4) % kinds.length]
      if (kind !== undefined) return { kind, milliseconds, onFire: undefined }
    }
    return undefined
  }
}
