import type { Listener } from './listeners.ts'
import type { Lottery } from './lottery.ts'
import { nextPlace } from './pages.ts'
import { Queue } from './queue.ts'
import { evenly, Random } from './random.ts'
import type { LogEvent } from './records.ts'
import type { PlayedSong } from './repertoire.ts'
import { eventsByDay, secondOfDay, secondsInDay } from './rhythm.ts'
import { advance, type Session, sessionEvent, sessionLengths } from './session.ts'

const eventsInBlock = 4096

export interface Scene {
  readonly seed: number
  readonly events: number
  readonly days: number
  readonly listeners: Lottery<Listener>
  readonly repertoire: Lottery<PlayedSong>
}

/**
 * What the listeners do, in the order of time: exactly so many events in so many days. Every session knows when it begins
 * how many events it will have, so the sum is exact. Sessions are planned in blocks, a day or less at a time, so that only those
 * of about one block are in memory.
 */
export function* simulate({ seed, events, days, listeners, repertoire }: Scene): Generator<LogEvent> {
  const random = new Random(seed, 4)
  const quotas = eventsByDay(random, events, days)
  const end = days * secondsInDay - 1
  // A session may take half a day's events, or a small sample would be one session in a month.
  const longest = Math.max(1, Math.floor(events / days / 2))
  const sessions = new Queue<Session>()
  let sessionCount = 0
  let day = 0
  let planned = 0
  let nextBlockAt = 0

  /** Plans a session of at most so many events, and no more than there is time for; returns how many it will have. */
  function planSession(at: number, most: number): number {
    const listener = listeners.draw(random)
    const timely = 1 + Math.floor((end - at) / 300)
    const left = Math.min(random.between(sessionLengths[listener.level]), longest, timely, most)
    const place = nextPlace(random, null, listener.level, left)
    sessions.push({ at, id: ++sessionCount, listener, place, item: 0, left })
    return left
  }

  /** Plans the next events of the day, or all, if it has few. */
  function planBlock(): void {
    const quota = quotas[day] as number
    const from = planned
    const until = Math.min(quota, from + eventsInBlock)
    while (planned < until) {
      const at = secondOfDay((from + random.fraction() * (until - from)) / quota)
      planned += planSession(day * secondsInDay + at, until - planned)
    }
    if (planned === quota) {
      day++
      planned = 0
    }
    const begun = planned === 0 ? 0 : secondOfDay(planned / quota)
    nextBlockAt = day < days ? day * secondsInDay + begun : Infinity
  }

  /** Nobody listens twice at a time: if this listener is busy, another one of the same level comes. */
  function begin(session: Session): void {
    const { level } = session.listener
    for (let attempts = 0; session.listener.isListening && attempts < 100; attempts++) {
      const other = listeners.draw(random)
      if (other.level === level) session.listener = other
    }
    session.listener.isListening = true
  }

  for (;;) {
    while (day < days && nextBlockAt <= (sessions.first?.at ?? Infinity)) planBlock()
    const session = sessions.first
    if (!session) return
    if (session.item === 0) begin(session)
    const song = session.place === 'NextSong' ? chooseSong(random, session.listener, repertoire) : null
    yield sessionEvent(session, song)
    if (advance(random, session, song, end)) sessions.postpone()
    else {
      sessions.shift()
      session.listener.isListening = false
      while (session.left > 0)
        session.left -= planSession(session.at + random.below(end - session.at + 1), session.left)
    }
  }
}

/** One play in four is of a favourite, the others are of what everybody listens to. */
function chooseSong(random: Random, listener: Listener, repertoire: Lottery<PlayedSong>): PlayedSong {
  return random.chance(0.25) ? repertoire.at(evenly(listener.taste + random.below(32))) : repertoire.draw(random)
}
