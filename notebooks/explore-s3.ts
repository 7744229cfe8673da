// %% [markdown]
// # What lies in the source
//
// Sparkify's app writes **event logs**, a file a day; its catalog is **song records**, a file each. Both are JSON objects, in S3 or in a
// folder that looks like it. This notebook looks at them before anything is loaded: keys, sizes, days, a record of each kind, oddities.
// It only reads.
//
// The outputs below are from a run over the real logs of November 2018 and the part of the real catalog whose keys begin with `A`.
// Run it yourself and it reads the sources of `config/dwh.cfg`, sample data that `npm start` or this notebook makes, and gives other
// numbers. To read another source, S3 for instance, name a config in the environment variable `SPARKIFY_CONFIG`.

// %%
import {
  grouped,
  listSource,
  openNotebook,
  readRecords,
  showAnalysis,
  foldersOf,
  showText,
  showTable,
  type SourceRecord,
} from './support.ts'
import { makeSampleDataIfNone } from '../src/commands/generate.ts'

const context = openNotebook()
const generated = await makeSampleDataIfNone(context)
const logs = await listSource(context, 'log_data')
const catalog = await listSource(context, 'song_data')
await showText(generated ? 'There was no source, so sample data was made.' : 'The source was there already.')

// %% [markdown]
// ## Objects
//
// How many there are and how large. Logs are few and fat, songs many and tiny: that is why `etl` hands DuckDB the songs joined into one file,
// and Redshift a manifest instead of a prefix.

// %%
const sources = [logs, catalog].map(({ objects }) => {
  const sizes = objects.map(({ bytes }) => bytes).sort((a, b) => a - b)
  return {
    source: objects[0]?.source ?? '',
    objects: objects.length,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    smallest: sizes[0] ?? 0,
    median: sizes[Math.floor(sizes.length / 2)] ?? 0,
    largest: sizes.at(-1) ?? 0,
  }
})
await showTable(sources)

// %% [markdown]
// Logs lie in a folder a month. Songs lie three folders deep, by letters of the track id, so that no folder has too many.

// %%
const folders = grouped([...logs.objects, ...catalog.objects], (object) => foldersOf(object, 3))
await showTable(folders.slice(0, 10).map(([folder, { length }]) => ({ folder, objects: length })))

// %%
const examples = [logs.objects[0], logs.objects.at(-1), catalog.objects[0], catalog.objects.at(-1)]
await showTable(examples.flatMap((object) => (object ? [{ key: object.key, bytes: object.bytes }] : [])))

// %% [markdown]
// ## Days
//
// One line of a log is one event. A play is an event of the page `NextSong`; only plays become facts, the others still say who the users are.

// %%
const events = await readRecords(logs.store, logs.objects)
const songs = await readRecords(catalog.store, catalog.objects)
const dayOf = (event: SourceRecord) => new Date(Number(event.ts)).toISOString().slice(0, 10)
const days = grouped(events, dayOf)
  .sort()
  .map(([day, ofDay]) => ({
    day,
    plays: ofDay.filter(({ page }) => page === 'NextSong').length,
    events: ofDay.length,
  }))
await showAnalysis(
  {
    name: 'events-by-day',
    question: 'How many events does a day have?',
    sql: '',
    chart: { mark: 'line', category: 'day', value: 'events' },
    answer: () => `${events.length.toLocaleString('en-US')} events on ${days.length} days (UTC).`,
  },
  days,
)

// %%
const pages = grouped(events, ({ page }) => String(page))
  .map(([page, ofPage]) => ({ page, events: ofPage.length }))
  .sort((a, b) => b.events - a.events)
await showTable(pages)

// %% [markdown]
// ## A record of each kind
//
// A play, an event that is none, an event of nobody (logged out), and a song.

// %%
const kinds = [
  events.find(({ page }) => page === 'NextSong'),
  events.find(({ page, userId }) => page !== 'NextSong' && userId !== ''),
  events.find(({ userId }) => userId === ''),
  songs[0],
]
for (const record of kinds) if (record) await showText(JSON.stringify(record, null, 2))

// %% [markdown]
// ## Every key
//
// Which types its values have, how often it is null or empty, how many different values there are, and the longest in bytes of UTF-8, which is
// what a `varchar` of Redshift counts.

// %%
const bytesOf = (value: unknown) => Buffer.byteLength(String(value))
const profile = (records: readonly SourceRecord[]) =>
  Object.keys(records[0] ?? {}).map((key) => {
    const values = records.map((record) => record[key])
    const present = values.filter((value) => value !== null && value !== undefined)
    return {
      key,
      types: [...new Set(present.map((value) => typeof value))].sort().join(', '),
      null: values.length - present.length,
      empty: present.filter((value) => value === '').length,
      different: new Set(present).size,
      longest: present.reduce<number>((most, value) => Math.max(most, bytesOf(value)), 0),
    }
  })
const inBytes = [{ name: 'longest', title: 'longest', unit: 'bytes' }]
await showTable(profile(events), inBytes)

// %%
await showTable(profile(songs), inBytes)

// %% [markdown]
// ## Oddities
//
// What a loader stumbles over. Each is a rule and the records it finds; what becomes of them is in the last column.

// %%
type Rule = (record: SourceRecord) => unknown
const anyText =
  (pattern: RegExp): Rule =>
  (record) =>
    Object.values(record).find((value) => typeof value === 'string' && pattern.test(value))
const oneOf =
  (keys: readonly string[], isOdd: (value: unknown) => boolean): Rule =>
  (record) =>
    keys.map((key) => record[key]).find(isOdd)
const isEmpty = (value: unknown) => value === ''
const placeOnly: Rule = ({ artist_location: place, artist_latitude: north }) =>
  place !== '' && north === null ? place : undefined

/** Each rule gives the odd value of a record, or undefined. */
const oddities: [records: readonly SourceRecord[], oddity: string, rule: Rule, handling: string][] = [
  [events, 'event of nobody: userId is empty', oneOf(['userId'], isEmpty), 'no user is made of it'],
  [
    events,
    'agent in literal quotes',
    oneOf(['userAgent'], (agent) => /^".*"$/.test(String(agent))),
    'the star has it without',
  ],
  [events, 'UTF-8 read as Latin-1 and encoded again', anyText(/[\u00c2\u00c3][\u0080-\u00bf]/), 'repaired in the star'],
  [events, 'control character in a text', anyText(/[\0-\x1f\x7f]/), 'kept'],
  [events, 'blank at the end of a text', anyText(/\s$/), 'kept, though Redshift alone would ignore it'],
  [
    songs,
    'name that is a JSON number',
    oneOf(['artist_name', 'title'], (name) => typeof name === 'number'),
    'becomes text',
  ],
  [songs, 'year 0', oneOf(['year'], (year) => year === 0), 'null in the star'],
  [songs, 'artist without a place', oneOf(['artist_location'], isEmpty), 'null in the star'],
  [songs, 'place without coordinates', placeOnly, 'kept'],
  [songs, 'control character in a text', anyText(/[\0-\x1f\x7f]/), 'kept'],
]
await showTable(
  oddities.map(([records, oddity, rule, handling]) => {
    const found = records.map(rule).filter((value) => value !== undefined)
    const example = found.length === 0 ? null : JSON.stringify(found[0])
    return { source: records === events ? 'log_data' : 'song_data', oddity, records: found.length, example, handling }
  }),
)

// %% [markdown]
// And what no single record shows: ids that should belong to one thing and don't.

// %%
const severalOf = (records: readonly SourceRecord[], key: string, value: string) =>
  grouped(records, (record) => record[key]).filter(
    ([id, own]) => id !== '' && new Set(own.map((record) => record[value])).size > 1,
  ).length
const plays = events.filter(({ page }) => page === 'NextSong')
const playIds = new Set(plays.map(({ sessionId, itemInSession }) => `${sessionId} ${itemInSession}`))
await showTable([
  { question: 'plays that share session and item with another', count: plays.length - playIds.size },
  { question: 'plays at the same instant as another', count: plays.length - new Set(plays.map(({ ts }) => ts)).size },
  { question: 'users who change between free and paid', count: severalOf(events, 'userId', 'level') },
  { question: 'artist ids with several names', count: severalOf(songs, 'artist_id', 'artist_name') },
  { question: 'artist names with several ids', count: severalOf(songs, 'artist_name', 'artist_id') },
  { question: 'artist ids with several places', count: severalOf(songs, 'artist_id', 'artist_location') },
])
