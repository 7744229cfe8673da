import { linesOf } from '../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../objects/object-store.ts'
import type { RejectedRecord } from '../objects/validate-object.ts'
import { type RecordValues, validateRecord } from '../objects/validate-record.ts'
import { type Row, stagingEvents } from '../schema/index.ts'
import { conflictingPlays, repairedInConflicts } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

const reason = 'has the same session and item as a different play, which was kept'

/**
 * The plays of this load, and of earlier ones, that were not kept because a different play has their id. Plays of this load come
 * with their object and line, which are looked up by reading the objects again; plays of earlier loads come as their row.
 */
export async function findConflicts(
  warehouse: Warehouse,
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<RejectedRecord[]> {
  const losers = await warehouse.query(conflictingPlays())
  if (losers.length === 0) return []
  const staged = losers.filter(({ outcome }) => outcome === 'conflict')
  const repairs = staged.length > 0 ? await warehouse.query(repairedInConflicts(warehouse.dialect)) : []
  const repaired = new Map(repairs.map(({ arrived, repaired }) => [String(arrived), String(repaired)]))
  const places = await placesOf(staged, store, objects, repaired)
  return losers.map(({ outcome, ...play }) => {
    const place = outcome === 'conflict' ? places.get(identity(play)) : undefined
    return {
      objectKey: place?.objectKey ?? null,
      line: place?.line ?? null,
      column: 'songplay_id',
      reason,
      raw: place?.raw ?? Buffer.from(JSON.stringify(play)),
    }
  })
}

type Place = Pick<RejectedRecord, 'objectKey' | 'line' | 'raw'>

/** Equal for two plays if all their values are equal. */
const identity = (play: Row) =>
  JSON.stringify([
    ...[play.session_id, play.item_in_session, play.start_time, play.user_id, play.level, play.location],
    ...[play.user_agent, play.song_title, play.artist_name, play.length === null ? null : units(String(play.length))],
  ])

/** A length in units of 0.00001 s, the precision of its column, rounded as the engines do. */
function units(length: string): number {
  const exact = Number(`${length}e5`)
  return Math.sign(exact) * Math.round(Math.abs(exact))
}

/** The first object and line of each play. */
async function placesOf(
  plays: readonly Row[],
  store: ObjectStore,
  objects: readonly SourceObject[],
  repaired: ReadonlyMap<string, string>,
): Promise<Map<string, Place>> {
  const wanted = new Set(plays.map(identity))
  const places = new Map<string, Place>()
  for (const object of objects) {
    if (places.size === wanted.size) break
    for await (const line of linesOf(store, object)) {
      const result = validateRecord(stagingEvents, line)
      if ('problem' in result || result.values.page !== 'NextSong') continue
      const found = identity(playOf(result.values, repaired))
      if (wanted.has(found) && !places.has(found))
        places.set(found, { objectKey: object.key, line: line.number, raw: line.bytes })
    }
  }
  return places
}

/** A record as a play, with the values as they are in the star. */
function playOf(values: RecordValues, repaired: ReadonlyMap<string, string>): Row {
  const inStar = (text: string | null | undefined) => repaired.get(text ?? '') ?? (text || null)
  return {
    session_id: Number(values.session_id),
    item_in_session: Number(values.item_in_session),
    start_time: new Date(Number(values.ts)).toISOString(),
    user_id: values.user_id || null,
    level: values.level || null,
    location: values.location || null,
    user_agent: values.user_agent?.replace(/^"+|"+$/g, '') || null,
    song_title: inStar(values.song),
    artist_name: inStar(values.artist),
    length: values.length ?? null,
  }
}
