import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../folders.ts'
import type { Row } from '../schema/index.ts'
import type { Analysis } from './analysis.ts'

const count = (value: unknown) => Number(value).toLocaleString('en-US')
const counted = (value: unknown, noun: string) => `${count(value)} ${noun}${Number(value) === 1 ? '' : 's'}`
const sum = (rows: readonly Row[], column: string) => rows.reduce((total, row) => total + Number(row[column]), 0)
const most = (rows: readonly Row[], column: string): Row =>
  rows.reduce((a, b) => (Number(b[column]) > Number(a[column]) ? b : a))
const where = (rows: readonly Row[], column: string, value: unknown) => rows.filter((row) => row[column] === value)
const percent = (part: unknown, whole: number) => `${((100 * Number(part)) / whole).toFixed(1)} %`
const share = (part: unknown, rows: readonly Row[]) => percent(part, sum(rows, 'plays'))
const hourAfter = (hour: unknown) => `between ${hour}:00 and ${Number(hour) + 1}:00 UTC`

/** The questions in the order of the report; the SQL of each is in src/sql-queries/questions. */
const questions: readonly Omit<Analysis, 'sql'>[] = [
  {
    name: 'songplays-by-hour',
    question: 'At what hours do people listen?',
    columns: [{ name: 'hour', unit: 'UTC' }],
    chart: { mark: 'bar', category: 'hour', value: 'plays' },
    answer(rows) {
      const { hour, plays } = most(rows, 'plays')
      return `Most plays start ${hourAfter(hour)}: ${count(plays)}.`
    },
  },
  {
    name: 'songplays-by-weekday-and-hour',
    question: 'When in the week do people listen?',
    columns: [{ name: 'hour', unit: 'UTC' }],
    chart: { mark: 'heatmap', category: 'hour', series: 'weekday', value: 'plays' },
    answer(rows) {
      const { weekday, hour, plays } = most(rows, 'plays')
      return `The busiest hour of the week is ${weekday} ${hourAfter(hour)}: ${counted(plays, 'play')}.`
    },
  },
  {
    name: 'songplays-by-day',
    question: 'How many plays does a day have?',
    chart: { mark: 'line', category: 'day', value: 'plays' },
    answer(rows) {
      const { day, plays } = most(rows, 'plays')
      return `The busiest day is ${day} with ${counted(plays, 'play')}.`
    },
  },
  {
    name: 'listeners-by-day',
    question: 'How many people listen on a day, and how many come back?',
    chart: { mark: 'bar', category: 'day', series: 'kind', value: 'listeners' },
    answer(rows) {
      const days = [...new Set(rows.map(({ day }) => day))].map((day) => ({
        day: day ?? null,
        listeners: sum(where(rows, 'day', day), 'listeners'),
      }))
      const busiest = most(days, 'listeners')
      const returning = sum(where(where(rows, 'day', busiest.day), 'kind', 'returning'), 'listeners')
      const average = (sum(days, 'listeners') / days.length).toFixed(1)
      return `A day has ${average} listeners on average. ${busiest.day} has the most: ${count(busiest.listeners)}, of whom ${count(returning)} had listened before.`
    },
  },
  {
    name: 'session-lengths',
    question: 'How long is a session?',
    chart: { mark: 'bar', category: 'session_length', value: 'sessions' },
    answer(rows) {
      const [common, long] = [most(rows, 'sessions'), most(rows, 'plays')]
      return `The most common length is ${common.session_length}: ${count(common.sessions)} of ${counted(sum(rows, 'sessions'), 'session')}. Sessions of ${long.session_length} have the most plays: ${share(long.plays, rows)}.`
    },
  },
  {
    name: 'most-played-artists',
    question: 'Which artists are played most?',
    chart: { mark: 'bar', category: 'artist', value: 'plays' },
    answer: ([first]) => `${first?.artist} is played most: ${counted(first?.plays, 'time')}.`,
  },
  {
    name: 'most-played-songs',
    question: 'Which songs are played most?',
    chart: { mark: 'bar', category: 'song', value: 'plays' },
    answer: ([first]) =>
      `“${first?.song}” by ${first?.artist ?? 'an unknown artist'} is played most: ${counted(first?.plays, 'time')}.`,
  },
  {
    name: 'catalog-coverage',
    question: 'How much of what is played does the catalog explain?',
    chart: { mark: 'bar', category: 'catalog', value: 'plays' },
    answer(rows) {
      const of = (catalog: string) => share(sum(where(rows, 'catalog', catalog), 'plays'), rows)
      return `The catalog has song and artist for ${of('song and artist known')} of the plays, only the artist for ${of('artist known')}, and neither for ${of('not in the catalog')}.`
    },
  },
  {
    name: 'top-listeners',
    question: 'How much of all listening do the top listeners do?',
    columns: [{ name: 'tenth', title: 'Tenth, busiest first' }],
    chart: { mark: 'bar', category: 'tenth', value: 'plays' },
    answer(rows) {
      const [top] = rows
      const all = counted(sum(rows, 'listeners'), 'listener')
      const who =
        Number(top?.listeners) === 1 ? `The busiest of ${all} has` : `The ${top?.listeners} busiest of ${all} have`
      return `${who} ${share(top?.plays, rows)} of the plays.`
    },
  },
  {
    name: 'free-and-paid',
    question: 'How much is played by paying users?',
    chart: { mark: 'bar', category: 'level', value: 'plays' },
    answer: (rows) => `${share(sum(where(rows, 'level', 'paid'), 'plays'), rows)} of the plays are by paying users.`,
  },
  {
    name: 'level-changes',
    question: 'When do users upgrade, and when do they downgrade?',
    chart: { mark: 'bar', category: 'day', series: 'change', value: 'changes' },
    answer(rows) {
      const of = (change: string) => counted(sum(where(rows, 'change', change), 'changes'), change)
      return `There are ${of('upgrade')} and ${of('downgrade')}, the first on ${rows[0]?.day} and the last on ${rows.at(-1)?.day}.`
    },
    none: 'No user changed between free and paid.',
  },
  {
    name: 'locations',
    question: 'Where do people listen?',
    chart: { mark: 'bar', category: 'location', value: 'plays' },
    answer: ([first]) =>
      `${first?.location} leads with ${counted(first?.plays, 'play')} by ${counted(first?.listeners, 'listener')}.`,
  },
  {
    name: 'operating-systems',
    question: 'On which operating systems do people listen?',
    chart: { mark: 'bar', category: 'operating_system', value: 'plays' },
    answer: (rows) => `${rows[0]?.operating_system} leads with ${share(rows[0]?.plays, rows)} of the plays.`,
  },
  {
    name: 'browsers',
    question: 'In which browsers do people listen?',
    chart: { mark: 'bar', category: 'browser', value: 'plays' },
    answer: (rows) => `${rows[0]?.browser} leads with ${share(rows[0]?.plays, rows)} of the plays.`,
  },
]

/** The questions that analyze answers, in the order of the report. */
export const analyses: readonly Analysis[] = questions.map((question) => ({ ...question, sql: sqlOf(question.name) }))

/** The query of a question, without the comments above it. */
function sqlOf(name: string): string {
  const text = readFileSync(join(projectFolder, 'src', 'sql-queries', 'questions', `${name}.sql`), 'utf8')
  return text.replace(/^(--.*\n)*/, '').trimEnd()
}
