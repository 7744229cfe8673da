import type { ObjectStore, SourceObject } from '../objects/object-store.ts'
import type { RejectedRecord } from '../objects/validate-object.ts'
import { type RecordValues, validRecords } from '../objects/validate-record.ts'
import { type Row, stagingEvents } from '../schema/index.ts'
import { conflictingPlays, repairedInConflicts } from '../sql-queries/index.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'

const reason = 'has the same session and item as a different play, which was kept'

/** The plays of a load that contradict another play, and the texts in them that were repaired. */
interface Conflicts {
  readonly plays: readonly Row[]
  readonly repairs: readonly Row[]
}

/** Sends its statements before it waits for anything. */
export async function readConflicts(warehouse: Warehouse): Promise<Conflicts> {
  const [plays, repairs] = await together([warehouse.query(conflictingPlays()), warehouse.query(repairedInConflicts())])
  return { plays, repairs }
}

/** The same plays with object and line, which are looked up by reading the objects again. */
export async function findConflicts(
  { plays, repairs }: Conflicts,
  store: ObjectStore,
  objects: readonly SourceObject[],
): Promise<RejectedRecord[]> {
  if (plays.length === 0) return []
  const repaired = new Map(repairs.map(({ arrived, repaired }) => [String(arrived), String(repaired)]))
  const wanted = new Set(plays.map(identity))
  const found: RejectedRecord[] = []
  for await (const { object, line, bytes, values } of validRecords(store, stagingEvents, objects)) {
    if (trimmed(values.page) !== 'NextSong' || !wanted.delete(identity(playOf(values, repaired)))) continue
    found.push({ objectKey: object.key, line, column: 'songplay_id', reason, raw: Buffer.from(bytes) })
    if (wanted.size === 0) break
  }
  return found
}

/** Equal for two plays if all their values are equal. */
const identity = (play: Row) =>
  JSON.stringify([
    ...[play.session_id, play.item_in_session, play.start_time, play.user_id, play.level, play.location],
    ...[play.user_agent, play.song_title, play.artist_name, play.length === null ? null : Number(play.length)],
  ])

/** As the star has it: without blanks at both ends, null if empty. */
const trimmed = (text: string | null | undefined) => text?.replace(/^ +| +$/g, '') || null

/** A record as a play, with the values as they are in the star. */
function playOf(values: RecordValues, repaired: ReadonlyMap<string, string>): Row {
  const inStar = (text: string | null | undefined) => repaired.get(trimmed(text) ?? '') ?? trimmed(text)
  return {
    session_id: Number(values.session_id),
    item_in_session: Number(values.item_in_session),
    start_time: new Date(Number(values.ts)).toISOString(),
    user_id: trimmed(values.user_id),
    level: trimmed(values.level),
    location: trimmed(values.location),
    user_agent: values.user_agent?.replace(/^[ "]+|[ "]+$/g, '') || null,
    song_title: inStar(values.song),
    artist_name: inStar(values.artist),
    length: values.length ?? null,
  }
}
