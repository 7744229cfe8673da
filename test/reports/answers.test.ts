import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtInQuestions } from '../../src/commands/find-questions.ts'
import { answered } from '../../src/reports/analysis.ts'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import type { Row } from '../../src/schema/index.ts'
import { expectedStar, readObjects } from '../support/oracle.ts'
import { event, logObject } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const analyses = builtInQuestions()

interface Play {
  readonly user: string
  readonly level: string
  readonly session: number
  readonly item: number
  /** ms since 1970 */
  readonly start: number
  readonly seconds: number
  readonly artist: string
  readonly song: string
  readonly location: string
  readonly catalog: string
}

/** What the oracle, which has no SQL, makes of the source; in the order in which it was played. */
function playsOf(logData: string, songData: string): Play[] {
  const { songplays } = expectedStar([readObjects(logData, songData)])
  return songplays
    .map((row) => ({
      user: String(row.user_id),
      level: String(row.level),
      session: Number(row.session_id),
      item: Number(row.item_in_session),
      start: Date.parse(String(row.start_time)),
      seconds: Number(row.length),
      artist: String(row.artist_name),
      song: String(row.song_title),
      location: String(row.location),
      catalog: row.song_id ? 'song and artist known' : row.artist_id ? 'artist known' : 'not in the catalog',
    }))
    .sort((a, b) => a.start - b.start || a.session - b.session || a.item - b.item)
}

const dayOf = ({ start }: Play) => new Date(start).toISOString().slice(0, 10)
const hourOf = ({ start }: Play) => new Date(start).getUTCHours()
const byText = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

function groups<Item>(items: readonly Item[], keyOf: (item: Item) => string | number): [string, Item[]][] {
  const found = new Map<string, Item[]>()
  for (const item of items) found.set(String(keyOf(item)), [...(found.get(String(keyOf(item))) ?? []), item])
  return [...found]
}

const listenersOf = (plays: readonly Play[]) => new Set(plays.map(({ user }) => user)).size

/** The ten groups with the most plays, ties in order of the name. */
const topTen = (plays: readonly Play[], keyOf: (play: Play) => string) =>
  groups(plays, keyOf)
    .sort(([a, as], [b, bs]) => bs.length - as.length || byText(a, b))
    .slice(0, 10)

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const weekdayOf = ({ start }: Play) => (new Date(start).getUTCDay() + 6) % 7

const limits: [string, number][] = [
  ['under 10 minutes', 10],
  ['10 to 30 minutes', 30],
  ['30 to 60 minutes', 60],
  ['1 to 2 hours', 120],
  ['2 to 4 hours', 240],
  ['4 hours or more', Number.POSITIVE_INFINITY],
]

/** The rows of each analysis, by other means than SQL. */
const expected: Readonly<Record<string, (plays: readonly Play[]) => Row[]>> = {
  'songplays-by-weekday-and-hour': (plays) =>
    groups(plays, (play) => weekdayOf(play) * 24 + hourOf(play))
      .map(([key, own]) => ({ key: Number(key), plays: own.length }))
      .sort((a, b) => a.key - b.key)
      .map(({ key, plays: n }) => ({ weekday: weekdays[Math.floor(key / 24)] ?? '', hour: key % 24, plays: n })),

  'listeners-by-day'(plays) {
    const known = new Set<string>()
    return groups(plays, dayOf).flatMap(([day, own]) => {
      const users = [...new Set(own.map(({ user }) => user))]
      const returning = users.filter((user) => known.has(user)).length
      for (const user of users) known.add(user)
      return [
        { day, kind: 'first time', listeners: users.length - returning },
        { day, kind: 'returning', listeners: returning },
      ].filter(({ listeners }) => listeners > 0)
    })
  },

  'session-lengths'(plays) {
    const sessions = groups(plays, ({ session }) => session).map(([, own]) => ({
      plays: own.length,
      minutes:
        (Math.max(...own.map(({ start, seconds }) => Math.floor(start / 1000) + seconds)) -
          Math.min(...own.map(({ start }) => Math.floor(start / 1000)))) /
        60,
    }))
    return limits
      .map(([session_length, limit], index) => {
        const own = sessions.filter(({ minutes }) => minutes < limit && minutes >= (limits[index - 1]?.[1] ?? 0))
        return { session_length, sessions: own.length, plays: own.reduce((sum, session) => sum + session.plays, 0) }
      })
      .filter(({ sessions }) => sessions > 0)
  },

  'most-played-artists': (plays) =>
    topTen(plays, ({ artist }) => artist).map(([artist, own]) => ({ artist, plays: own.length })),

  locations: (plays) =>
    topTen(plays, ({ location }) => location).map(([location, own]) => ({
      location,
      plays: own.length,
      listeners: listenersOf(own),
    })),

  'level-changes'(plays) {
    const levels = new Map<string, string>()
    const changes = plays.flatMap((play) => {
      const earlier = levels.get(play.user) ?? play.level
      levels.set(play.user, play.level)
      return earlier === play.level ? [] : [`${dayOf(play)} ${play.level === 'paid' ? 'upgrade' : 'downgrade'}`]
    })
    return groups(changes, (change) => change)
      .sort(([a], [b]) => byText(a, b))
      .map(([change, own]) => ({ day: change.slice(0, 10), change: change.slice(11), changes: own.length }))
  },

  'top-listeners'(plays) {
    const counts = groups(plays, ({ user }) => user)
      .map(([, own]) => own.length)
      .sort((a, b) => b - a)
    // The first groups take one more each where the listeners don't divide by ten.
    const [size, larger] = [Math.floor(counts.length / 10), counts.length % 10]
    return Array.from({ length: Math.min(10, counts.length) }, (_, index) => {
      const own = counts.splice(0, size + (index < larger ? 1 : 0))
      return {
        busiest: `${index * 10} to ${index * 10 + 10} %`,
        listeners: own.length,
        plays: own.reduce((sum, n) => sum + n, 0),
      }
    })
  },

  'catalog-coverage': (plays) =>
    topTen(plays, ({ catalog }) => catalog).map(([catalog, own]) => ({ catalog, plays: own.length })),
}

const folders: string[] = []
const warehouses: TestWarehouse[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
  for (const warehouse of warehouses) warehouse.remove()
})

async function loaded(logData?: string, songData?: string): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse(logData && songData ? { logData, songData } : {}).create()
  warehouses.push(warehouse)
  return warehouse
}

async function generated(): Promise<string> {
  const out = mkdtempSync(join(tmpdir(), 'sparkify-answers-'))
  folders.push(out)
  await generateSampleData({ events: 6000, songs: 2000, seed: 3, out })
  return out
}

describe('of generated data', () => {
  let plays: Play[]
  let warehouse: TestWarehouse
  beforeAll(async () => {
    const folder = await generated()
    const [logData, songData] = [join(folder, 'log_data'), join(folder, 'song_data')]
    warehouse = await loaded(logData, songData)
    await warehouse.etl()
    plays = playsOf(logData, songData)
  })

  test.each(Object.entries(expected))('%s says what the events say, counted without SQL', async (name, rowsOf) => {
    const analysis = analyses.filter((candidate) => candidate.name === name)[0]
    if (analysis === undefined) throw new Error(`no question ${name}`)
    const { rows } = answered(analysis, await warehouse.query(analysis.sql))
    expect(rows).toEqual(rowsOf(plays))
    expect(rows.length).toBeGreaterThan(1)
  })

  test('every answer is a sentence of numbers and names that are there', async () => {
    for (const analysis of analyses) {
      const { answer } = answered(analysis, await warehouse.query(analysis.sql))
      expect(answer).toMatch(/^[^\n]*\d[^\n]*\.$/)
      expect(answer).not.toMatch(/undefined|NaN|null|Infinity/)
    }
  })
})

/** What is found in these events. */
async function answers(...events: Parameters<typeof event>[0][]) {
  const warehouse = await loaded()
  if (events.length > 0) warehouse.write([logObject('a.json', events.map(event))])
  if (events.length > 0) await warehouse.etl()
  const said: Record<string, string> = {}
  const found: Record<string, readonly Row[]> = {}
  for (const analysis of analyses) {
    const { rows, answer } = answered(analysis, await warehouse.query(analysis.sql))
    said[analysis.name] = answer
    found[analysis.name] = rows
  }
  return { said, found }
}

describe('few plays', () => {
  const hour = 3_600_000
  const start = Date.UTC(2018, 10, 5, 9)

  test('none at all are none yet', async () => {
    const { 'level-changes': changes, ...others } = (await answers()).said
    expect(new Set(Object.values(others))).toEqual(new Set(['Nothing yet.']))
    expect(changes).toBe('No user changed between free and paid.')
  })

  test('one is counted in the singular', async () => {
    const { said } = await answers({ ts: start, artist: 'Muse', song: 'Starlight', length: 240 })
    expect(said).toMatchObject({
      'songplays-by-weekday-and-hour': 'The busiest hour of the week is Monday between 9:00 and 10:00 UTC: 1 play.',
      'songplays-by-day': 'The busiest day is 2018-11-05 with 1 play.',
      'listeners-by-day':
        'A day has 1 listeners on average. 2018-11-05 has the most: 1, of whom 0 had listened before.',
      'session-lengths':
        'The most common length is under 10 minutes: 1 of 1 session. Sessions of under 10 minutes have the most plays: 100 %.',
      'most-played-artists': 'Muse is played most: 1 time.',
      'top-listeners': 'The busiest 1 of 1 listener have 100 % of the plays.',
      'level-changes': 'No user changed between free and paid.',
      locations: 'New Haven-Milford, CT leads with 1 play by 1 listener.',
    })
  })

  test('a session lasts to the end of its last song', async () => {
    const session = (sessionId: number, length: number | null) => ({ sessionId, length, ts: start + sessionId * hour })
    const { found } = await answers(session(1, 599.99999), session(2, 600), session(3, 14400), session(4, null))
    expect(found['session-lengths']).toEqual([
      { session_length: 'under 10 minutes', sessions: 2, plays: 2 },
      { session_length: '10 to 30 minutes', sessions: 1, plays: 1 },
      { session_length: '4 hours or more', sessions: 1, plays: 1 },
    ])
  })

  test('a level that changes back is an upgrade and a downgrade, in the order of the plays and not of the file', async () => {
    const at = (hours: number, level: string) => ({ ts: start + hours * hour, itemInSession: hours, level })
    const { said } = await answers(at(30, 'free'), at(0, 'free'), at(1, 'free'), at(2, 'paid'), at(3, 'paid'))
    expect(said['level-changes']).toBe(
      'There are 1 upgrade and 1 downgrade, the first on 2018-11-05 and the last on 2018-11-06.',
    )
  })
})
