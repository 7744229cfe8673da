import { linesOf } from '../../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import type { Row, Value } from '../../schema/index.ts'
import { quarantine } from '../../schema/index.ts'
import { conflictingPlays } from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

const reason = 'is another play than the one with the same session and item that stays'

/**
 * Puts the plays that lost their id to another play into quarantine and says how many.
 * Where each stands is looked up in the objects of the load; a play of an earlier load is kept as its row.
 */
export async function quarantineConflicts(
  warehouse: Warehouse,
  loadId: string,
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<number> {
  const losers = await warehouse.query(conflictingPlays())
  if (losers.length === 0) return 0
  const staged = losers.filter(({ outcome }) => outcome === 'conflict')
  const places = await placesOf(staged, store, objects)
  const rows = losers.map(({ outcome, ...play }): Value[] => {
    const place = places.get(identity(play))?.shift()
    return [place?.key ?? null, place?.line ?? null, reason, 'songplay_id', place?.text ?? JSON.stringify(play), loadId]
  })
  await warehouse.insertRows(quarantine, rows)
  return rows.length
}

interface Place {
  readonly key: string
  readonly line: number
  readonly text: string
}

/** What tells a losing play from the others with its id, but for the texts that are cleaned on their way. */
const identity = (play: Row) =>
  JSON.stringify([play.session_id, play.item_in_session, play.start_time, play.user_id, play.level, play.location])

async function placesOf(
  plays: readonly Row[],
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<Map<string, Place[]>> {
  const wanted = new Set(plays.map(identity))
  const places = new Map<string, Place[]>()
  if (wanted.size === 0) return places
  for (const object of objects) {
    for await (const { number, text } of linesOf(store, object)) {
      const event = JSON.parse(text)
      if (event.page !== 'NextSong') continue
      const found = identity({
        session_id: Number(event.sessionId),
        item_in_session: Number(event.itemInSession),
        start_time: new Date(Number(event.ts)).toISOString(),
        user_id: textOf(event.userId),
        level: textOf(event.level),
        location: textOf(event.location),
      })
      if (!wanted.has(found)) continue
      places.set(found, [...(places.get(found) ?? []), { key: object.key, line: number, text }])
    }
  }
  return places
}

const textOf = (value: unknown) => (value === null || value === undefined || value === '' ? null : String(value))
