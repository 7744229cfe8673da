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

/** An event as the app writes it: keys in this order, `registration` as a float. */
export function eventLine(event: LogEvent): string {
  const { artist, auth, firstName, gender, itemInSession, lastName, length, level, location } = event
  const { method, page, registration, sessionId, song, status, ts, userAgent, userId } = event
  return `{"artist":${text(artist)},"auth":"${auth}","firstName":${text(firstName)},"gender":${text(gender)},"itemInSession":${itemInSession},"lastName":${text(lastName)},"length":${length},"level":"${level}","location":${text(location)},"method":"${method}","page":"${page}","registration":${registration === null ? 'null' : `${registration}.0`},"sessionId":${sessionId},"song":${text(song)},"status":${status},"ts":${ts},"userAgent":${text(userAgent)},"userId":"${userId}"}`
}

/** A song record as the catalog writes it: names that are all digits have become numbers. */
export function songLine(song: SongRecord): string {
  return `{"artist_id":"${song.artist_id}","artist_latitude":${song.artist_latitude},"artist_location":${name(song.artist_location)},"artist_longitude":${song.artist_longitude},"artist_name":${name(song.artist_name)},"duration":${song.duration},"num_songs":${song.num_songs},"song_id":"${song.song_id}","title":${name(song.title)},"year":${song.year}}`
}

/** Non-ASCII text as the logs have it: its UTF-8 read as Latin-1 and encoded again, twice. */
export function doubleEncoded(text: string): string {
  const once = Buffer.from(text, 'utf8').toString('latin1')
  return Buffer.from(once, 'utf8').toString('latin1')
}

const plain = /^[ !#-.0-[\]-~]*$/
const special = /["\\/]|[^ -~]/g

/** A JSON string in ASCII, with the solidus escaped, as the source writes it. */
function text(value: string | null): string {
  if (value === null) return 'null'
  return plain.test(value) ? `"${value}"` : `"${value.replace(special, escaped)}"`
}

function name(value: string): string {
  return /^[1-9][0-9]{0,14}$/.test(value) ? value : text(value)
}

function escaped(character: string): string {
  if (character === '"' || character === '\\' || character === '/') return `\\${character}`
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
