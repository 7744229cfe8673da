import { Lottery } from './lottery.ts'
import type { Random } from './random.ts'
import type { LogEvent } from './records.ts'

/** Where a listener can be. The pages that are open to all are two places each, as the log tells them apart by `auth`. */
export type Place =
  | 'NextSong'
  | 'Home'
  | 'Help'
  | 'About'
  | 'Error'
  | 'Settings'
  | 'Save Settings'
  | 'Upgrade'
  | 'Submit Upgrade'
  | 'Downgrade'
  | 'Submit Downgrade'
  | 'Logout'
  | 'Login'
  | 'Home, logged out'
  | 'Help, logged out'
  | 'About, logged out'

/** What a listener does next: go to a place, or think about the plan (`Upgrade` or `Downgrade`, by level). */
type Step = Place | 'plan'

export type View = Pick<LogEvent, 'auth' | 'method' | 'page' | 'status'>

const get = { auth: 'Logged In', method: 'GET', status: 200 } as const
const redirect = { auth: 'Logged In', method: 'PUT', status: 307 } as const
const outside = { ...get, auth: 'Logged Out' } as const

/** How a place shows in the log. */
export const views: Readonly<Record<Place, View>> = {
  NextSong: { ...get, method: 'PUT', page: 'NextSong' },
  Home: { ...get, page: 'Home' },
  Help: { ...get, page: 'Help' },
  About: { ...get, page: 'About' },
  Error: { ...get, page: 'Error', status: 404 },
  Settings: { ...get, page: 'Settings' },
  'Save Settings': { ...redirect, page: 'Save Settings' },
  Upgrade: { ...get, page: 'Upgrade' },
  'Submit Upgrade': { ...redirect, page: 'Submit Upgrade' },
  Downgrade: { ...get, page: 'Downgrade' },
  'Submit Downgrade': { ...redirect, page: 'Submit Downgrade' },
  Logout: { ...redirect, page: 'Logout' },
  Login: { ...redirect, page: 'Login', auth: 'Logged Out' },
  'Home, logged out': { ...outside, page: 'Home' },
  'Help, logged out': { ...outside, page: 'Help' },
  'About, logged out': { ...outside, page: 'About' },
}

type Steps = Partial<Record<Step, number>>

const firstSteps: Steps = { NextSong: 540, Home: 370, 'Home, logged out': 57, Login: 27, About: 3, Help: 2, Error: 1 }

const nextSteps: Readonly<Record<Place, Steps>> = {
  NextSong: { NextSong: 9380, Home: 240, Logout: 130, plan: 100, Settings: 55, Help: 50, About: 25, Error: 10 },
  Home: { NextSong: 90, Settings: 4, plan: 3, Logout: 2, Home: 1, About: 1 },
  Help: { NextSong: 30, plan: 2, Home: 2, Help: 1 },
  About: { NextSong: 1, Home: 1, About: 1 },
  Error: { NextSong: 2, Home: 1 },
  Settings: { NextSong: 30, 'Save Settings': 10, Home: 4, Settings: 4, Help: 4, Logout: 3 },
  'Save Settings': { Home: 1 },
  Upgrade: { 'Submit Upgrade': 9, Home: 4, NextSong: 3, Upgrade: 2 },
  'Submit Upgrade': { Home: 1 },
  Downgrade: { NextSong: 34, Home: 10, Downgrade: 3, 'Submit Downgrade': 2 },
  'Submit Downgrade': { Home: 1 },
  Logout: { 'Home, logged out': 1 },
  Login: { Home: 1 },
  'Home, logged out': { Login: 60, 'Home, logged out': 25, 'About, logged out': 12, 'Help, logged out': 7 },
  'Help, logged out': { Login: 2, 'Help, logged out': 2, 'Home, logged out': 1 },
  'About, logged out': { Login: 4, 'Home, logged out': 2, 'About, logged out': 1 },
}

const first = lottery(firstSteps)
const next = Object.fromEntries(Object.entries(nextSteps).map(([place, steps]) => [place, lottery(steps)])) as Readonly<
  Record<Place, Lottery<Step>>
>

function lottery(steps: Steps): Lottery<Step> {
  return new Lottery(Object.keys(steps) as Step[], (step) => steps[step] ?? 0)
}

/** Where a listener of this level goes from a place, or begins; `left` is how many events the session has still to come. */
export function nextPlace(random: Random, from: Place | null, level: LogEvent['level'], left: number): Place {
  const step = (from === null ? first : next[from]).draw(random)
  const place = step !== 'plan' ? step : level === 'paid' ? 'Downgrade' : 'Upgrade'
  // The browser follows a redirect by itself, so no session ends with one.
  if (views[place].status !== 307 || left > 1) return place
  return views[place].auth === 'Logged In' ? 'NextSong' : 'Home, logged out'
}
