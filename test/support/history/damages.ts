/** Ways in which a record of the source may be spoiled, with what quarantine must say of it then: the same on both engines. */
export interface Damage {
  readonly column: string | null
  readonly reason: string
  /** The line that `text`, a record as JSON, becomes. */
  spoil(text: string): Buffer
}

type Fields = Record<string, unknown>

const bytes = (text: string) => Buffer.from(text)
/** Changes fields of the record. */
const fields =
  (change: (record: Fields) => Fields): Damage['spoil'] =>
  (text) =>
    bytes(JSON.stringify(change(JSON.parse(text))))
/** Puts what JSON.stringify would not write in the place of a value. */
const raw =
  (key: string, value: string | Buffer): Damage['spoil'] =>
  (text) => {
    const [before = '', after = ''] = JSON.stringify({ ...JSON.parse(text), [key]: '\u0001' }).split('"\\u0001"')
    return Buffer.concat([bytes(before), Buffer.from(value as string), bytes(after)])
  }

const anyRecord: readonly Damage[] = [
  { column: null, reason: 'is not JSON', spoil: (text) => bytes(text).subarray(0, 40) },
  { column: null, reason: 'is not JSON', spoil: (text) => bytes(text.replace(/}$/, ' ,}')) },
  { column: null, reason: 'is not a JSON object', spoil: (text) => bytes(`[${text}]`) },
  { column: null, reason: 'is not a JSON object', spoil: () => bytes('null') },
]

export const eventDamages: readonly Damage[] = [
  ...anyRecord,
  { column: 'ts', reason: 'has ts that is not a number', spoil: fields((event) => ({ ...event, ts: 'noon' })) },
  {
    column: 'ts',
    reason: 'has no ts, which every record needs',
    spoil: fields(({ ts: _, ...event }) => event),
  },
  { column: 'status', reason: 'has status that is not a number', spoil: raw('status', 'true') },
  {
    column: 'item_in_session',
    reason: 'has itemInSession that is not a whole number',
    spoil: fields((event) => ({ ...event, itemInSession: 1.6 })),
  },
  {
    column: 'session_id',
    reason: 'has sessionId outside 0 to 8796093022206',
    spoil: fields((event) => ({ ...event, sessionId: 8_796_093_022_207 })),
  },
  {
    column: 'length',
    reason: 'has length outside -99999.99999 to 99999.99999',
    spoil: fields((event) => ({ ...event, length: 1e6 })),
  },
  {
    column: 'auth',
    reason: 'has auth longer than 64 bytes',
    spoil: fields((event) => ({ ...event, auth: 'é'.repeat(33) })),
  },
  { column: 'song', reason: 'has song with half a character', spoil: raw('song', '"\\ud83c"') },
  { column: 'song', reason: 'has song with a NUL character', spoil: raw('song', '"a\\u0000b"') },
  {
    column: 'song',
    reason: 'has song that is not valid UTF-8',
    spoil: raw('song', Buffer.from('"Caf\xe9"', 'latin1')),
  },
  { column: null, reason: 'contains a NUL character', spoil: raw('song', '"a\0b"') },
]

export const songDamages: readonly Damage[] = [
  ...anyRecord,
  { column: 'year', reason: 'has year that is not a number', spoil: fields((song) => ({ ...song, year: 'old' })) },
  {
    column: 'song_id',
    reason: 'has no song_id, which every record needs',
    spoil: fields(({ song_id: _, ...song }) => song),
  },
  {
    column: 'title',
    reason: 'has title longer than 1024 bytes',
    spoil: fields((song) => ({ ...song, title: 'é'.repeat(513) })),
  },
  {
    column: 'artist_latitude',
    reason: 'has artist_latitude outside -99999.99999 to 99999.99999',
    spoil: fields((song) => ({ ...song, artist_latitude: 1e6 })),
  },
]
