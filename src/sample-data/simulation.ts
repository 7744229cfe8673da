import { asciiJson } from './encoding.ts'
import { eventLine, type LogEvent, nobody } from './format.ts'
import { Random } from './random.ts'
import { userAgents, vocabulary } from './vocabulary.ts'

interface User {
  readonly person: LogEvent['person']
  /** The probability that this user comes when asked. */
  readonly activity: number
  level: LogEvent['level']
  isListening: boolean
}

/** A session at its next event; `left` counts that one and those after it. */
interface Session {
  readonly id: number
  readonly user: User
  page: string
  second: number
  item: number
  left: number
}

/** Every `ts` of the source ends in 796 ms. */
const firstInstant = Date.UTC(2018, 10, 1, 0, 0, 0, 796)
const minutesInDay = 24 * 60
const linesInChunk = 500

/** What follows a page, and how often. `Plan` is Upgrade or Downgrade. Who sees a page in brackets is logged out. */
const nextPages: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Start: { NextSong: 540, Home: 360, '(Home)': 60, Login: 30, Plan: 10 },
  NextSong: { NextSong: 938, Home: 22, Logout: 13, Plan: 10, Settings: 6, Help: 5, About: 3, Error: 1 },
  Home: { NextSong: 90, Settings: 4, Plan: 3, Logout: 2, About: 1 },
  Help: { NextSong: 6, Home: 1, Help: 1 },
  About: { NextSong: 1, Home: 1 },
  Error: { NextSong: 2, Home: 1 },
  Settings: { NextSong: 5, 'Save Settings': 1, Home: 1 },
  'Save Settings': { Home: 1 },
  Upgrade: { 'Submit Upgrade': 9, Home: 4, NextSong: 5 },
  'Submit Upgrade': { Home: 1 },
  Downgrade: { NextSong: 34, Home: 10, Downgrade: 3, 'Submit Downgrade': 4 },
  'Submit Downgrade': { Home: 1 },
  Logout: { '(Home)': 1 },
  Login: { Home: 1 },
  '(Home)': { Login: 60, '(Home)': 25, '(About)': 12, '(Help)': 7 },
  '(Help)': { Login: 2, '(Help)': 1 },
  '(About)': { Login: 2, '(Home)': 1 },
}

type View = LogEvent['view'] & { readonly next: readonly string[] }

/** How each page shows in the log, and what to pick the next one from. */
const views = new Map(
  Object.entries(nextPages).map(([name, weights]): [string, View] => {
    const page = name.replace(/[()]/g, '')
    const isRedirect = /^(Log|Save|Submit)/.test(page)
    const auth = name === page && page !== 'Login' ? 'Logged In' : 'Logged Out'
    const method = isRedirect || page === 'NextSong' ? 'PUT' : 'GET'
    const status = isRedirect ? 307 : page === 'Error' ? 404 : 200
    const next = Object.entries(weights).flatMap(([other, weight]) => Array<string>(weight).fill(other))
    return [name, { auth, method, next, page, status }]
  }),
)

/** What users have in common, as JSON. They share it, because there may be very many of them. */
const women = vocabulary.woman.map((text) => asciiJson(text))
const men = vocabulary.man.map((text) => asciiJson(text))
const surnames = vocabulary.surname.map((text) => asciiJson(text))
const cities = vocabulary.city.map((text) => asciiJson(text))
// These logs were CSV once: what has a comma is still in quotes.
const agents = userAgents.map((text) => asciiJson(text.includes(',') ? `"${text}"` : text))
const noTrack: LogEvent['track'] = { artist: 'null', length: null, song: 'null' }

/**
 * What users of the app do, in the order of time: exactly as many lines as asked for, some of one day at a time. Only
 * these, the users and their present sessions are in memory.
 */
export function* simulate(
  { seed, events, days }: { seed: number; events: number; days: number },
  playlist: readonly LogEvent['track'][],
): Generator<{ date: string; lines: readonly string[] }> {
  const random = new Random(seed, 3)
  // About 100 for 8,000 events. With more events, each user is also more active.
  const userCount = 10 + Math.ceil(events / 65 / Math.sqrt(Math.sqrt(1 + events / 8000)))
  const users = Array.from({ length: userCount }, (_, index) => newUser(random, index))
  const weights = minuteWeights(random, days)
  const allWeights = weights.reduce((sum, weight) => sum + weight)
  const end = days * minutesInDay * 60 - 1
  // In a small sample no session may take all events of a day.
  const longest = Math.max(1, Math.floor(events / days / 2))
  let sessions: Session[] = []
  let sessionCount = 0
  let planned = 0
  let weightSoFar = 0

  function newSession(second: number): Session {
    const user = nextUser(random, users)
    user.isListening = true
    // Short at the end of the sample, so that there is time for all songs.
    const most = Math.min(longest, events - planned, 1 + Math.floor((end - second) / 400))
    const left = Math.min(most, 1 + random.lowBelow(user.level === 'paid' ? 80 : 8))
    planned += left
    return { id: ++sessionCount, user, page: nextPage(random, 'Start', user), second, item: 0, left }
  }

  /** The line of the session's event, after which the session is at its next one. */
  function nextLine(session: Session): string {
    const { id: sessionId, item: itemInSession, page, second, user } = session
    const { level } = user
    const view = views.get(page) as View
    const track = page === 'NextSong' ? random.pickEarly(playlist) : noTrack
    const person = view.auth === 'Logged In' ? user.person : nobody
    if (page === 'Submit Upgrade') user.level = 'paid'
    if (page === 'Submit Downgrade') user.level = 'free'
    session.page = nextPage(random, page, user)
    // Songs follow each other when they are over. Other pages are looked at while a song plays, or for a few minutes.
    const pause = track.length ?? random.lowBelow(600)
    session.second = Math.min(end, second + (session.page === 'NextSong' ? Math.floor(pause) : random.below(pause)))
    session.item++
    session.left--
    return eventLine({ itemInSession, level, person, sessionId, track, ts: firstInstant + second * 1000, view })
  }

  let lines: string[] = []
  for (const [minute, weight] of weights.entries()) {
    const start = minute * 60
    weightSoFar += weight
    while (planned < events * Math.min(1, weightSoFar / allWeights)) sessions.push(newSession(start + random.below(60)))
    const found: { second: number; line: string }[] = []
    for (const session of sessions) {
      while (session.left > 0 && session.second < start + 60)
        found.push({ second: session.second, line: nextLine(session) })
      session.user.isListening = session.left > 0
    }
    sessions = sessions.filter(({ left }) => left > 0)
    lines = lines.concat(found.sort((a, b) => a.second - b.second).map(({ line }) => line))
    if (lines.length < linesInChunk && (minute + 1) % minutesInDay > 0) continue
    yield { date: new Date(firstInstant + minute * 60_000).toISOString().slice(0, 10), lines }
    lines = []
  }
}

/** How many sessions begin in each minute, compared: most at 15:30 UTC, few on weekends. */
function minuteWeights(random: Random, days: number): number[] {
  return Array.from({ length: days }, (_, day) => {
    const isWeekend = new Date(firstInstant + day * minutesInDay * 60_000).getUTCDay() % 6 === 0
    const ofDay = (isWeekend ? 50 : 100) + random.below(40)
    return Array.from({ length: minutesInDay }, (_, minute) => {
      const hoursFromPeak = Math.abs(((minute / 60 + 20.5) % 24) - 12)
      return ofDay * (40 + (12 - hoursFromPeak) * (12 - hoursFromPeak))
    })
  }).flat()
}

/** Somebody who isn't listening yet; somebody new if that takes long to find. */
function nextUser(random: Random, users: User[]): User {
  for (let attempt = 0; attempt < 100; attempt++) {
    const user = random.pick(users)
    if (!user.isListening && random.chance(user.activity)) return user
  }
  users.push(newUser(random, users.length))
  return users.at(-1) as User
}

function newUser(random: Random, index: number): User {
  const isWoman = random.chance(0.56)
  const userAgent = random.pickEarly(agents)
  const activity = random.fraction()
  const person = {
    firstName: random.pick(isWoman ? women : men),
    gender: isWoman ? '"F"' : '"M"',
    lastName: random.pick(surnames),
    location: random.pickEarly(cities),
    registration: `${firstInstant - (1 + random.below(1_000_000)) * 1000}.0`,
    userAgent,
    userId: `"${index + 2}"`,
  }
  return { person, activity: activity * activity, level: index % 3 === 0 ? 'paid' : 'free', isListening: false }
}

function nextPage(random: Random, page: string, { level }: User): string {
  const next = random.pick((views.get(page) as View).next)
  if (next !== 'Plan') return next
  return level === 'paid' ? 'Downgrade' : 'Upgrade'
}
