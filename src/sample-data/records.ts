/** One line of a log file. */
export interface LogEvent {
  readonly artist: string | null
  readonly auth: 'Logged In' | 'Logged Out'
  readonly firstName: string | null
  readonly gender: 'F' | 'M' | null
  readonly itemInSession: number
  readonly lastName: string | null
  readonly length: number | null
  readonly level: 'free' | 'paid'
  readonly location: string | null
  readonly method: 'GET' | 'PUT'
  readonly page: string
  readonly registration: number | null
  readonly sessionId: number
  readonly song: string | null
  readonly status: number
  readonly ts: number
  readonly userAgent: string | null
  readonly userId: string
}

/** One song of the catalog. */
export interface SongRecord {
  readonly artist_id: string
  readonly artist_latitude: number | null
  readonly artist_location: string
  readonly artist_longitude: number | null
  readonly artist_name: string
  readonly duration: number
  readonly num_songs: 1
  readonly song_id: string
  readonly title: string
  readonly year: number
}

/** An event as the app writes it: keys in this order, `registration` as a float. Every line of a log file is made here. */
export function eventLine(event: LogEvent): string {
  return (
    `{"artist":${text(event.artist)},"auth":"${event.auth}","firstName":${text(event.firstName)},` +
    `"gender":${text(event.gender)},"itemInSession":${event.itemInSession},"lastName":${text(event.lastName)},` +
    `"length":${event.length},"level":"${event.level}","location":${text(event.location)},"method":"${event.method}",` +
    `"page":"${event.page}","registration":${event.registration === null ? 'null' : `${event.registration}.0`},` +
    `"sessionId":${event.sessionId},"song":${text(event.song)},"status":${event.status},"ts":${event.ts},` +
    `"userAgent":${text(event.userAgent)},"userId":"${event.userId}"}`
  )
}

/** A song record as the catalog writes it: text that is all digits has become a number. Every song file is made here. */
export function songLine(song: SongRecord): string {
  return (
    `{"artist_id":"${song.artist_id}","artist_latitude":${song.artist_latitude},` +
    `"artist_location":${textOrNumber(song.artist_location)},"artist_longitude":${song.artist_longitude},` +
    `"artist_name":${textOrNumber(song.artist_name)},"duration":${song.duration},"num_songs":${song.num_songs},` +
    `"song_id":"${song.song_id}","title":${textOrNumber(song.title)},"year":${song.year}}`
  )
}

/** Non-ASCII text as the logs have it: its UTF-8 read as Latin-1 and encoded again, twice. */
export function doubleEncoded(text: string): string {
  const once = Buffer.from(text, 'utf8').toString('latin1')
  return Buffer.from(once, 'utf8').toString('latin1')
}

/** A JSON string in ASCII, with the solidus escaped, as the source writes it. */
function text(value: string | null): string {
  if (value === null) return 'null'
  return /^[ !#-.0-[\]-~]*$/.test(value) ? `"${value}"` : (escapedTexts.get(value) ?? escaped(value))
}

/** Texts that were escaped lately. The same few user agents are in all lines, and to escape them takes half the time of a line. */
const escapedTexts = new Map<string, string>()

function escaped(value: string): string {
  const json = JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (escapedTexts.size === 10_000) escapedTexts.clear()
  escapedTexts.set(value, json)
  return json
}

function textOrNumber(value: string): string {
  return /^[1-9][0-9]{0,14}$/.test(value) ? value : text(value)
}
