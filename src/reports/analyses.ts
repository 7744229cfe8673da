import type { Row } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import type { Analysis } from './analysis.ts'

const count = (value: unknown) => Number(value).toLocaleString('en-US')
const share = (part: unknown, rows: readonly Row[]) =>
  `${((100 * Number(part)) / rows.reduce((sum, { plays }) => sum + Number(plays), 0)).toFixed(1)} %`
const most = (rows: readonly Row[]): Row => rows.reduce((a, b) => (Number(b.plays) > Number(a.plays) ? b : a))
const find = (rows: readonly Row[], column: string, value: string) =>
  rows.find((row) => row[column] === value)?.plays ?? 0

/** The questions that analyze answers, in the order of the report. */
export const analyses: readonly Analysis[] = [
  {
    name: 'songplays-by-hour',
    question: 'At what hours do people listen?',
    sql: queries.songplaysByHour,
    columns: [{ name: 'hour', unit: 'UTC' }],
    chart: { mark: 'bar', category: 'hour', value: 'plays' },
    answer: (rows) =>
      `Most plays start between ${most(rows).hour}:00 and ${Number(most(rows).hour) + 1}:00 UTC: ${count(most(rows).plays)}.`,
  },
  {
    name: 'songplays-by-day',
    question: 'How many plays does a day have?',
    sql: queries.songplaysByDay,
    chart: { mark: 'line', category: 'day', value: 'plays' },
    answer: (rows) => `The busiest day is ${most(rows).day} with ${count(most(rows).plays)} plays.`,
  },
  {
    name: 'most-played-artists',
    question: 'Which artists are played most?',
    sql: queries.mostPlayedArtists,
    chart: { mark: 'bar', category: 'artist', value: 'plays' },
    answer: ([first]) => `${first?.artist} is played most: ${count(first?.plays)} times.`,
  },
  {
    name: 'most-played-songs',
    question: 'Which songs are played most?',
    sql: queries.mostPlayedSongs,
    chart: { mark: 'bar', category: 'song', value: 'plays' },
    answer: ([first]) =>
      `“${first?.song}” by ${first?.artist ?? 'an unknown artist'} is played most: ${count(first?.plays)} times.`,
  },
  {
    name: 'operating-systems',
    question: 'On which operating systems do people listen?',
    sql: queries.operatingSystems,
    chart: { mark: 'bar', category: 'operating_system', value: 'plays' },
    answer: (rows) => `${rows[0]?.operating_system} leads with ${share(rows[0]?.plays, rows)} of the plays.`,
  },
  {
    name: 'browsers',
    question: 'In which browsers do people listen?',
    sql: queries.browsers,
    chart: { mark: 'bar', category: 'browser', value: 'plays' },
    answer: (rows) => `${rows[0]?.browser} leads with ${share(rows[0]?.plays, rows)} of the plays.`,
  },
  {
    name: 'free-and-paid',
    question: 'How much is played by paying users?',
    sql: queries.freeAndPaid,
    chart: { mark: 'bar', category: 'level', value: 'plays' },
    answer: (rows) => `${share(find(rows, 'level', 'paid'), rows)} of the plays are by paying users.`,
  },
  {
    name: 'catalog-coverage',
    question: 'How much of what is played does the catalog explain?',
    sql: queries.catalogCoverage,
    chart: { mark: 'bar', category: 'catalog', value: 'plays' },
    answer: (rows) =>
      `The catalog has the song of ${share(find(rows, 'catalog', 'song and artist known'), rows)} of the plays, and of another ${share(find(rows, 'catalog', 'artist known'), rows)} the artist.`,
  },
]
