import type { Listener } from './listeners.ts'
import { nextPlace, type Place, views } from './pages.ts'
import type { Due } from './queue.ts'
import type { Random } from './random.ts'
import type { LogEvent } from './records.ts'
import type { PlayedSong } from './repertoire.ts'
import { firstInstant, millisecond } from './rhythm.ts'

/** A session: where its listener is at the second `at`, and how many events are still to come, that one included. */
export interface Session extends Due {
  listener: Listener
  place: Place
  item: number
  left: number
}

/** Events in a session: as many sessions lie between two of these as between any other two. */
export const sessionLengths = {
  free: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6, 14],
  paid: [1, 3, 5, 8, 11, 14, 17, 20, 23, 27, 31, 35, 39, 44, 49, 55, 62, 70, 81, 97, 128],
}

/** Seconds that people look at a page. */
const glances = [0, 1, 2, 5, 9, 14, 22, 32, 44, 58, 75, 96, 120, 150, 182, 215, 256, 320, 440, 800, 2600]

/** What the log says about a session at this moment. A listener who is logged out has no name, only a level. */
export function sessionEvent({ id, at, item, place, listener }: Session, song: PlayedSong | null): LogEvent {
  const view = views[place]
  const user = view.auth === 'Logged In' ? listener : nobody
  return {
    artist: song?.artist ?? null,
    auth: view.auth,
    firstName: user.firstName,
    gender: user.gender,
    itemInSession: item,
    lastName: user.lastName,
    length: song?.length ?? null,
    level: listener.level,
    location: user.location,
    method: view.method,
    page: view.page,
    registration: user.registration,
    sessionId: id,
    song: song?.song ?? null,
    status: view.status,
    ts: firstInstant + at * 1000 + millisecond,
    userAgent: user.userAgent,
    userId: user.userId,
  }
}

const nobody = {
  userId: '',
  firstName: null,
  lastName: null,
  gender: null,
  location: null,
  registration: null,
  userAgent: null,
}

/** Moves a session on to its next event. False if it has none, or none that begins by the second `end`. */
export function advance(random: Random, session: Session, song: PlayedSong | null, end: number): boolean {
  const { listener, place } = session
  if (place === 'Submit Upgrade') listener.level = 'paid'
  if (place === 'Submit Downgrade') listener.level = 'free'
  session.left--
  if (session.left === 0) return false
  const next = nextPlace(random, place, listener.level, session.left)
  const at = session.at + timeSpent(random, song, next)
  if (at > end) return false
  session.at = at
  session.place = next
  session.item++
  return true
}

/** Songs follow each other when they are over; other pages are looked at while a song plays. */
function timeSpent(random: Random, song: PlayedSong | null, next: Place): number {
  if (!song) return random.between(glances)
  return next === 'NextSong' ? Math.floor(song.length) : random.below(Math.ceil(song.length))
}
