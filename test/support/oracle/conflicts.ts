import { type EventRecord, eventsOf, type OracleObject } from './records.ts'
import { type Cell, compareLists, formatDecimal, formatTimestamp } from './values.ts'

/** A play that lost its id, and where its record stands; `object` is null if an earlier load had brought it. */
export interface Conflict {
  readonly object: OracleObject | null
  readonly line: number | null
  readonly play: EventRecord
}

/** What two plays of one id must share to be the same play; its order decides which play stays. */
export function content(play: EventRecord): Cell[] {
  return [play.ts, play.userId, play.level, play.location, play.userAgent, play.song, play.artist, play.length]
}

/** What a songplay_id is made from, which says the same and needs no 64-bit arithmetic. */
export function playKey(play: EventRecord): string {
  return `${play.sessionId}/${play.item}`
}

/**
 * The plays that each load finds to have lost their id: of those that it brings and the star does not have, each once, where it
 * stands first; and of those that the star had, which another one ousts.
 */
export function conflictsOf(loads: readonly (readonly OracleObject[])[]): Conflict[][] {
  const winners = new Map<string, EventRecord>()
  return loads.map((objects) => {
    const found: Conflict[] = []
    const placed = placedPlays(objects)
    for (const key of new Set(placed.map(({ play }) => playKey(play)))) {
      const plays = placed.filter(({ play }) => playKey(play) === key)
      const before = winners.get(key)
      const brought = withoutRepeats(plays).filter(({ play }) => !before || differs(play, before))
      const [first, ...others] = brought.sort((a, b) => compareLists(content(a.play), content(b.play)))
      if (!first) continue
      found.push(...others)
      if (!before) winners.set(key, first.play)
      else if (compareLists(content(first.play), content(before)) > 0) found.push(first)
      else {
        winners.set(key, first.play)
        found.push({ object: null, line: null, play: before })
      }
    }
    return found
  })
}

const differs = (a: EventRecord, b: EventRecord) => compareLists(content(a), content(b)) !== 0

function withoutRepeats(plays: readonly Conflict[]): Conflict[] {
  return plays.filter(({ play }, index) => !plays.slice(0, index).some((earlier) => !differs(earlier.play, play)))
}

function placedPlays(objects: readonly OracleObject[]): Conflict[] {
  return objects.flatMap((object) =>
    object.text
      .split('\n')
      .flatMap((text, index) =>
        eventsOf([{ ...object, text }]).flatMap((play) =>
          play.page === 'NextSong' ? [{ object, line: index + 1, play }] : [],
        ),
      ),
  )
}

/** A play as quarantine tells it where no record stands for it. */
export function playText(play: EventRecord): string {
  const length = formatDecimal(play.length)
  return JSON.stringify({
    session_id: play.sessionId,
    item_in_session: play.item,
    start_time: formatTimestamp(play.ts),
    user_id: play.userId,
    level: play.level,
    location: play.location,
    user_agent: play.userAgent,
    song_title: play.song,
    artist_name: play.artist,
    length: length === null ? null : Number(length),
  })
}
