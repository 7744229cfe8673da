import { type EventRecord, eventsOf, type OracleObject } from './records.ts'
import { type Cell, compareLists } from './values.ts'

/** A play whose id belongs to a different play, and where its record stands. */
export interface Conflict {
  readonly object: OracleObject
  readonly line: number
  readonly play: EventRecord
}

/** What two plays of one id must share to be the same play; its order decides which play of one load stays. */
export function content(play: EventRecord): Cell[] {
  return [play.ts, play.userId, play.level, play.location, play.userAgent, play.song, play.artist, play.length]
}

/** What a songplay_id is made from, which says the same and needs no 64-bit arithmetic. */
export function playKey(play: EventRecord): string {
  return `${play.sessionId}/${play.item}`
}

/** The plays that are in the star after the loads, and of each load those that contradict one of them, each where it stands first. */
export function settled(loads: readonly (readonly OracleObject[])[]): {
  plays: EventRecord[]
  conflicts: Conflict[][]
} {
  const kept = new Map<string, EventRecord>()
  const conflicts = loads.map((objects) => {
    const placed = placedPlays(objects)
    return [...new Set(placed.map(({ play }) => playKey(play)))].flatMap((key) => {
      const loaded = kept.get(key)
      const brought = withoutRepeats(placed.filter(({ play }) => playKey(play) === key))
      if (loaded) return brought.filter(({ play }) => differs(play, loaded))
      const [first, ...others] = brought.sort((a, b) => compareLists(content(a.play), content(b.play)))
      if (first) kept.set(key, first.play)
      return others
    })
  })
  return { plays: [...kept.values()], conflicts }
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
