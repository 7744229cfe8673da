/** A change that AWS has accepted but not finished. It finishes after so many polls of the resource, never by the clock: tests stay fast and exact. */
export interface Pending {
  polls: number
  finish: () => void
}

/** Anything with a change under way. */
export interface Changing {
  pending: Pending | undefined
}

/** Counts one poll. The poll after the last one that still sees the old state sees the new one. */
export function poll(thing: Changing): void {
  const { pending } = thing
  if (pending === undefined) return
  if (pending.polls > 0) {
    pending.polls -= 1
    return
  }
  thing.pending = undefined
  pending.finish()
}

/** Starts a change that `polls` polls will still see as under way. */
export function begin(thing: Changing, polls: number, finish: () => void): void {
  thing.pending = { polls, finish }
}

/** Finishes whatever is under way, and what follows from it, at once: for tests that need the end state only. */
export function settle(thing: Changing): void {
  for (let rounds = 0; thing.pending !== undefined && rounds < 100; rounds += 1) {
    const { finish } = thing.pending
    thing.pending = undefined
    finish()
  }
}
