import { linesOf } from '../../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import { type RecordValues, readRecord } from '../../objects/record.ts'
import { type Row, stagingEvents } from '../../schema/index.ts'
import { conflictingPlays } from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { Refusal } from './quarantine.ts'

const reason = 'is another play than the one with the same session and item that stays'

/**
 * The plays of this load, and of earlier ones, that lost their id to another play.
 * Where each stands is looked up in the objects of the load; a play of an earlier load is kept as its row.
 */
export async function findConflicts(
  warehouse: Warehouse,
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<Refusal[]> {
  const losers = await warehouse.query(conflictingPlays())
  if (losers.length === 0) return []
  const staged = losers.filter(({ outcome }) => outcome === 'conflict')
  const places = await placesOf(staged, store, objects)
  return losers.map(({ outcome, ...play }) => {
    const candidates = outcome === 'conflict' ? (places.get(identity(play)) ?? []) : []
    const place = candidates.find((candidate) => !candidate.isTaken && isPlaceOf(candidate, play))
    if (place) place.isTaken = true
    return {
      objectKey: place?.objectKey ?? null,
      line: place?.line ?? null,
      column: 'songplay_id',
      reason,
      raw: place?.raw ?? Buffer.from(JSON.stringify(play)),
    }
  })
}

interface Place extends Pick<Refusal, 'objectKey' | 'line' | 'raw'> {
  readonly values: RecordValues
  isTaken: boolean
}

/** What tells a losing play from the others with its id, but for the texts that are repaired on their way and what they sort behind. */
const identity = (play: Row) =>
  JSON.stringify([play.session_id, play.item_in_session, play.start_time, play.user_id, play.level, play.location])

/** A text that is not ASCII may have been repaired; it is taken for the play's. */
function isPlaceOf({ values: { song, artist, length, user_agent } }: Place, play: Row): boolean {
  const isText = (arrived: string | null | undefined, text: Row[string] | undefined) =>
    (arrived || null) === (text ?? null) || /[^\0-\x7f]/.test(arrived ?? '')
  const isLength = length === null ? play.length === null : Number(length).toFixed(5) === Number(play.length).toFixed(5)
  return (
    isLength &&
    isText(song, play.song_title) &&
    isText(artist, play.artist_name) &&
    isText(user_agent?.replace(/^"+|"+$/g, ''), play.user_agent)
  )
}

async function placesOf(
  plays: readonly Row[],
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<Map<string, Place[]>> {
  const wanted = new Set(plays.map(identity))
  const places = new Map<string, Place[]>()
  if (wanted.size === 0) return places
  for (const object of objects) {
    for await (const line of linesOf(store, object)) {
      const reading = readRecord(stagingEvents, line)
      if ('problem' in reading || reading.values.page !== 'NextSong') continue
      const { values } = reading
      const found = identity(playOf(values))
      if (!wanted.has(found)) continue
      const place = { objectKey: object.key, line: line.number, raw: line.bytes, values, isTaken: false }
      places.set(found, [...(places.get(found) ?? []), place])
    }
  }
  return places
}

function playOf({ session_id, item_in_session, ts, user_id, level, location }: RecordValues): Row {
  return {
    session_id: Number(session_id),
    item_in_session: Number(item_in_session),
    start_time: new Date(Number(ts)).toISOString(),
    user_id: user_id || null,
    level: level || null,
    location: location || null,
  }
}
