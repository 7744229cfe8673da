/**
 * What random histories are made of. The vocabulary is small, so that random records collide: few users, sessions, songs, artists and
 * instants, and names that differ only in what an engine may overlook.
 */
import fc from 'fast-check'
import { event, song } from '../source.ts'
import { eventDamages, songDamages } from './damages.ts'

/** One value more often than all others together: records that agree in most fields differ in what matters. */
const mostly = <Value>(usual: Value, ...others: readonly Value[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const names: [string, ...string[]] = [
  'Muse',
  'Muse ',
  'BjÃ\u0083Â¶rk',
  'Björk',
  'Ã¶',
  'Guns N\' "Roses"',
  '',
  ' ',
  '112',
  '日本',
  '\\',
  'a\nb',
  '🎸',
]
const titles: [string, ...string[]] = [
  'Undo',
  'Undo ',
  'Revelry',
  "It's\\ fine",
  'SehrÂ\u00a0kosmisch',
  'Sehr\u00a0kosmisch',
  'A',
  '',
]
const lengths: [number, ...number[]] = [1.5, 246.30812, 100, 99.99999, 1.000005, 1.00001]

const events = fc.record({
  artist: mostly(...names),
  firstName: mostly<string | null>('Ava', 'Ava ', 'Zoë', '', null),
  gender: mostly<string | null>('F', 'M', null),
  itemInSession: mostly(0, 1, 2, 3),
  lastName: mostly<string | null>('Robinson', "O'Neil", null),
  length: mostly<number | null>(1.5, ...lengths, null),
  level: mostly('free', 'paid', ''),
  location: mostly<string | null>('Marinette, WI-MI', 'Marinette, WI-MI ', '', null),
  page: mostly('NextSong', 'NextSong', 'Home', 'Logout'),
  registration: fc.constantFrom(1540919166796, null),
  sessionId: mostly(1, 2, 3, 8_796_093_022_206),
  song: mostly(...titles),
  // A Sunday and the days around a change of year, which ISO counts to another week's year.
  ts: mostly(1541105830796, 1541289600000, 1546214399999, 1546214400000, 1546300800001),
  userAgent: mostly<string | null>('"Mozilla/5.0 (Windows NT 6.1)"', 'Mozilla/5.0 (Macintosh) ', '""', null),
  userId: mostly('8', '8 ', '39', '101', ''),
})
const songs = fc.record({
  artist_id: mostly('ARA', 'ARB', 'ARB ', 'ARC'),
  artist_latitude: fc.constantFrom(null, 35.14968),
  artist_location: fc.constantFrom('', ' ', 'Memphis, TN'),
  artist_longitude: fc.constantFrom(null, -90.04892),
  artist_name: mostly<string | number>(...names, 112),
  duration: mostly(...lengths),
  song_id: fc.constantFrom('SOA', 'SOA', 'SOB', 'SOB ', 'SOC', 'SOD'),
  title: mostly(...titles),
  year: fc.constantFrom(0, 2009),
})

/** A record as it would be right, and which damage it has, if any. */
export interface Line {
  readonly text: string
  /** Place in the list of damages of its source. */
  readonly damage: number | undefined
}

/** Most records are right. */
const damage = (count: number) => mostly<number | undefined>(undefined, undefined, ...Array(count).keys())
const eventLines = fc.array(
  fc.record({ text: events.map((fields) => JSON.stringify(event(fields))), damage: damage(eventDamages.length) }),
  { minLength: 1, maxLength: 5 },
)
const songLines = fc.array(
  fc.record({ text: songs.map((fields) => JSON.stringify(song(fields))), damage: damage(songDamages.length) }),
  { minLength: 1, maxLength: 2 },
)

/** How a run of etl is made, and what befalls it. */
export interface Run {
  readonly batchBytes: number
  readonly maxQuarantined: number
  readonly full: boolean
  readonly retryQuarantine: boolean
  /** The call to the warehouse, from 0, at which the run is killed. */
  readonly kill: { readonly at: number; readonly when: 'before' | 'after' } | undefined
  /** How many do it at the same time, where the engine lets them. */
  readonly atOnce: number
}

/** One thing that happens to a source or to its warehouse. `slot` and `other` choose among the objects that there are. */
export type Step =
  | {
      readonly kind: 'write' | 'grow'
      readonly slot: number
      readonly lines: readonly Line[]
      readonly isSong: boolean
    }
  | { readonly kind: 'touch' | 'mend' | 'remove' | 'tear'; readonly slot: number }
  | { readonly kind: 'copy'; readonly slot: number; readonly other: number }
  | { readonly kind: 'etl'; readonly run: Run }

const slot = fc.integer({ min: 0, max: 5 })
const lines = fc.oneof(
  { weight: 2, arbitrary: fc.record({ lines: eventLines, isSong: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ lines: songLines, isSong: fc.constant(true) }) },
)
const written = fc.record({ kind: fc.constantFrom('write' as const, 'grow' as const), slot, content: lines })
const run: fc.Arbitrary<Run> = fc.record({
  batchBytes: fc.constantFrom(1, 700, 1500, 1_000_000_000),
  maxQuarantined: mostly(1000, 0, 1),
  full: fc.constantFrom(false, false, false, true),
  retryQuarantine: fc.boolean(),
  kill: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({ at: fc.integer({ min: 0, max: 90 }), when: fc.constantFrom('before', 'after') }),
    },
  ),
  atOnce: fc.constantFrom(1, 1, 2),
})

/** Any history: objects written, grown, touched, copied, mended, torn and removed, with runs of etl in between. */
export const histories: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: written.map(({ content, ...step }): Step => ({ ...step, ...content })) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constantFrom('touch', 'mend', 'remove', 'tear'), slot }) as fc.Arbitrary<Step>,
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), slot, other: slot }) },
    { weight: 3, arbitrary: run.map((run): Step => ({ kind: 'etl', run })) },
  ),
  { minLength: 3, maxLength: 14, size: 'max' },
)
