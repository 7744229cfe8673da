/**
 * The star that a history of loads must give, computed from the source objects without SQL and without any code of src
 * but the schema: an independent second opinion, written from the rules and not from the SQL.
 */
import { itemsPerSession } from '../../src/schema/index.ts'
import { settled } from './oracle/conflicts.ts'
import { type EventRecord, eventsOf, type OracleObject, type SongRecord, songRecordsOf } from './oracle/records.ts'
import { compareCells, firstOfEach, formatDecimal, formatTimestamp, type Row, sortedBy } from './oracle/values.ts'

export { settled } from './oracle/conflicts.ts'
export { type OracleObject, readObjects } from './oracle/records.ts'
export type { Row, Value } from './oracle/values.ts'

/** The five tables, each sorted by its key and without load_id. */
export interface ExpectedStar {
  users: Row[]
  songs: Row[]
  artists: Row[]
  time: Row[]
  songplays: Row[]
  /** Plays that contradict another one with their id, in each load. */
  conflicts: number
}

/** The star after `loads`, the history: each inner array is the objects that one load takes, in order. */
export function expectedStar(loads: readonly (readonly OracleObject[])[]): ExpectedStar {
  const events = eventsOf(loads.flat())
  const songRecords = loads.map(songRecordsOf)
  const songs = currentSongs(songRecords)
  const { plays, conflicts } = settled(loads)
  return {
    users: userRows(events),
    songs: sortedBy(songs, (song) => [song.songId]).map(songRow),
    artists: artistRows(songRecords.flat()),
    time: timeRows(plays),
    songplays: songplayRows(plays, songs),
    conflicts: conflicts.flat().length,
  }
}

/** Each user as in the latest event of any page, whether or not that event lost a conflict. */
function userRows(events: readonly EventRecord[]): Row[] {
  const latest = firstOfEach(
    events.filter((event) => event.userId !== null),
    (event) => event.userId,
    // Negated: the latest first. Ties go to the first in order, so that the order of loads doesn't matter.
    (event) => [-event.ts, -event.sessionId, -event.item, event.firstName, event.lastName, event.gender, event.level],
  )
  return sortedBy(latest, (event) => [event.userId]).map((event) => ({
    user_id: event.userId,
    first_name: event.firstName,
    last_name: event.lastName,
    gender: event.gender,
    level: event.level,
    last_event_at: formatTimestamp(event.ts),
    last_session_id: event.sessionId,
    last_item_in_session: event.item,
  }))
}

/** Each song as in the latest load that has it; within that load, the first record in order. */
function currentSongs(loads: readonly (readonly SongRecord[])[]): SongRecord[] {
  const current = new Map<string, SongRecord>()
  for (const load of loads) {
    const ofThisLoad = firstOfEach(
      load,
      (song) => song.songId,
      (song) => [song.title, song.artistId, song.artistName, song.year, song.duration],
    )
    for (const song of ofThisLoad) current.set(song.songId, song)
  }
  return [...current.values()]
}

function songRow(song: SongRecord): Row {
  return {
    song_id: song.songId,
    title: song.title,
    artist_id: song.artistId,
    artist_name: song.artistName,
    year: song.year,
    duration: formatDecimal(song.duration),
  }
}

/** Each artist as in the fullest of all records that were ever loaded, replaced ones too. */
function artistRows(records: readonly SongRecord[]): Row[] {
  const best = firstOfEach(
    records,
    (record) => record.artistId,
    (record) => [
      record.latitude !== null && record.longitude !== null ? 0 : 1,
      record.location !== null ? 0 : 1,
      record.artistName,
      record.location,
      record.latitude,
      record.longitude,
    ],
  )
  return sortedBy(best, (record) => [record.artistId]).map((record) => ({
    artist_id: record.artistId,
    name: record.artistName,
    location: record.location,
    latitude: formatDecimal(record.latitude),
    longitude: formatDecimal(record.longitude),
  }))
}

function songplayRows(plays: readonly EventRecord[], songs: readonly SongRecord[]): Row[] {
  const match = matcher(songs)
  return sortedBy(plays, (play) => [play.sessionId, play.item]).map((play) => {
    const { songId, artistId } = match(play)
    return {
      songplay_id: songplayId(play),
      start_time: formatTimestamp(play.ts),
      user_id: play.userId,
      level: play.level,
      song_id: songId,
      artist_id: artistId,
      session_id: play.sessionId,
      item_in_session: play.item,
      location: play.location,
      user_agent: play.userAgent,
      song_title: play.song,
      artist_name: play.artist,
      length: formatDecimal(play.length),
    }
  })
}

/** A number where a double holds it exactly, the digits where not. */
function songplayId(play: EventRecord): number | string {
  const id = BigInt(play.sessionId) * BigInt(itemsPerSession) + BigInt(play.item)
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : id.toString()
}

interface Match {
  songId: string | null
  artistId: string | null
}

/** Finds the song, else only the artist, of a play. Where several agree, the smallest id. */
function matcher(songs: readonly SongRecord[]): (play: EventRecord) => Match {
  const bySong = new Map<string, SongRecord>()
  const artistIdByName = new Map<string, string>()
  for (const song of sortedBy(songs, ({ songId }) => [songId])) {
    const key = songKey(song.title, song.artistName, song.duration)
    if (key !== undefined && !bySong.has(key)) bySong.set(key, song)
    if (song.artistName === null) continue
    const smallest = artistIdByName.get(song.artistName)
    if (smallest === undefined || compareCells(song.artistId, smallest) < 0) {
      artistIdByName.set(song.artistName, song.artistId)
    }
  }
  return (play) => {
    const song = bySong.get(songKey(play.song, play.artist, play.length) ?? '')
    if (song) return { songId: song.songId, artistId: song.artistId }
    return { songId: null, artistId: artistIdByName.get(play.artist ?? '') ?? null } // no name in the map is ''
  }
}

/** Undefined if a part is null: null agrees with nothing. */
function songKey(title: string | null, artistName: string | null, length: bigint | null): string | undefined {
  if (title === null || artistName === null || length === null) return undefined
  return JSON.stringify([title, artistName, length.toString()])
}

function timeRows(plays: readonly EventRecord[]): Row[] {
  const instants = [...new Set(plays.map((play) => play.ts))].sort((a, b) => a - b)
  return instants.map((ms) => {
    const date = new Date(ms)
    return {
      start_time: formatTimestamp(ms),
      hour: date.getUTCHours(),
      day: date.getUTCDate(),
      week: isoWeek(date),
      month: date.getUTCMonth() + 1,
      year: date.getUTCFullYear(),
      weekday: isoWeekday(date),
    }
  })
}

/** 1 = Monday to 7 = Sunday. */
function isoWeekday(date: Date): number {
  return date.getUTCDay() || 7
}

/** A week belongs to the year of its Thursday; its number counts the Thursdays of that year. */
function isoWeek(date: Date): number {
  const thursday = new Date(date)
  thursday.setUTCDate(date.getUTCDate() + 4 - isoWeekday(date))
  const dayOfYear = (thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000
  return Math.floor(dayOfYear / 7) + 1
}
