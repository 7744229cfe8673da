import fc from 'fast-check'
import type { ChartedResult, Provenance } from '../../src/reports/analysis.ts'

const sql = 'select hour, count(*) as plays\nfrom songplays\ngroup by hour'
const answer = 'One sentence.'

/** The real numbers of November 2018. */
const playsByHour = [
  155, 154, 117, 109, 136, 162, 183, 179, 207, 270, 312, 336, 308, 324, 432, 477, 542, 494, 498, 367, 360, 280, 217,
  201,
]

export const byHour: ChartedResult = {
  analysis: {
    name: 'by-hour',
    question: 'At what hours do people listen?',
    sql,
    chart: { mark: 'column', category: 'hour', value: 'plays' },
  },
  answer,
  rows: playsByHour.map((plays, hour) => ({ hour, plays })),
}

export const byDay: ChartedResult = {
  analysis: {
    name: 'by-day',
    question: 'How many plays does a day have?',
    sql,
    chart: { mark: 'line', category: 'day', value: 'plays' },
  },
  answer,
  rows: ['01', '02', '03', '04', '05'].map((day, index) => ({ day: `2018-11-${day}`, plays: 10 + index })),
}

export const byLevel: ChartedResult = {
  analysis: {
    name: 'by-level',
    question: 'When do free and paying users listen?',
    sql,
    chart: { mark: 'column', category: 'hour', value: 'plays', series: 'level' },
  },
  answer,
  rows: playsByHour.flatMap((plays, hour) => [
    { hour, level: 'paid', plays: plays - 20 },
    { hour, level: 'free', plays: 20 },
  ]),
}

export const byWeekday: ChartedResult = {
  analysis: {
    name: 'by-weekday',
    question: 'When in the week do people listen?',
    sql,
    chart: { mark: 'heatmap', category: 'hour', value: 'plays', series: 'weekday' },
  },
  answer,
  rows: ['Monday', 'Tuesday', 'Wednesday'].flatMap((weekday, day) =>
    playsByHour.map((plays, hour) => ({ weekday, hour, plays: plays + day })).filter((row) => row.hour !== 3 + day),
  ),
}

/** An analysis of artists with these names. */
export function byArtist(...names: readonly (string | null)[]): ChartedResult {
  return {
    analysis: {
      name: 'by-artist',
      question: 'Which artists are played most?',
      sql,
      chart: { mark: 'bar', category: 'artist', value: 'plays' },
    },
    answer: `${names[0]} is played most.`,
    rows: names.map((artist, index) => ({ artist, plays: 58 - index })),
  }
}

export const examples = [byHour, byDay, byLevel, byWeekday, byArtist('Coldplay', 'Kings Of Leon', 'Björk')]

export const provenance: Provenance = {
  engine: 'duckdb',
  version: '0.1.0',
  generatedAt: '2026-01-31T12:34:56.000Z',
  loads: 2,
  latestLoad: 'load-2',
  loadedAt: '2026-01-30T08:00:00.000Z',
  source: 's3://logs/2018',
  firstPlayAt: '2018-11-01T21:01:46.796Z',
  lastPlayAt: '2018-11-30T19:54:24.796Z',
  rows: { users: 97, songs: 1943, artists: 1809, time: 6813, songplays: 6820 },
}

/** Text that means something to a terminal, a page, a script, a spreadsheet or a layout. */
export const hostileTexts = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script><!--',
  ']]></svg><svg onload="alert(1)">',
  '"><b x=\'',
  '&lt;b&gt; &amp;',
  '\x1b[31mred\x1b[0m\x07\x9b2J',
  '\u202egnol\u2066\u200f',
  'a\r\nb\tc\u2028d\u2029e\0',
  '\ud800 half, \udc00',
  '\ufffe\uffff',
  '=1+1',
  '__proto__',
  'toString',
  'constructor',
  '宇多田ヒカル ｱﾎﾟ 한국어',
  '👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301 \u0301',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a template would take for code
  '${alert(1)} {{datum}} datum.value',
  'x'.repeat(300),
  '宇'.repeat(100),
  ' blanks ',
  '',
] as const

/** Any text at all, half of it of the kind above. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...hostileTexts), { maxLength: 3 }).map((texts) => texts.join('')),
)
