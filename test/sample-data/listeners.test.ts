import { describe, expect, test } from 'vitest'
import type { LogEvent } from '../../src/sample-data/records.ts'
import { userAgents } from '../../src/sample-data/user-agents.ts'
import { eventsOf, groupBy } from './sample.ts'

const events = eventsOf({ events: 120_000, songs: 4_000, seed: 5 })
const plays = events.filter(({ page }) => page === 'NextSong')
const sessions = [...groupBy(events, ({ sessionId }) => sessionId).values()]

/** Pairs of neighbours: an event and the one after it. */
function steps(list: readonly LogEvent[]): [LogEvent, LogEvent][] {
  return list.slice(1).map((event, index) => [list[index] as LogEvent, event])
}

describe('a session', () => {
  test('counts its events from 0, in the order of time', () => {
    for (const session of sessions) {
      expect(session.map(({ itemInSession }) => itemInSession)).toEqual(session.map((_, item) => item))
      for (const [before, after] of steps(session)) expect(after.ts).toBeGreaterThanOrEqual(before.ts)
    }
  })

  test('is of one listener', () => {
    for (const session of sessions) {
      expect(new Set(session.map(({ userId }) => userId).filter((id) => id !== '')).size).toBeLessThanOrEqual(1)
    }
  })

  test('is never at the same time as another one of the same listener', () => {
    const times = sessions.flatMap((session) => {
      const user = session.find(({ userId }) => userId !== '')
      return user ? [{ userId: user.userId, from: session[0]?.ts ?? 0, to: session.at(-1)?.ts ?? 0 }] : []
    })
    for (const visits of groupBy(times, ({ userId }) => userId).values()) {
      const sorted = visits.toSorted((a, b) => a.from - b.from || a.to - b.to)
      for (const [index, visit] of sorted.slice(1).entries()) {
        expect(visit.from).toBeGreaterThanOrEqual(sorted[index]?.to ?? 0)
      }
    }
  })

  test('plays the next song when the last one is over', () => {
    for (const session of sessions) {
      for (const [before, after] of steps(session)) {
        if (before.length === null) continue
        const seconds = (after.ts - before.ts) / 1000
        if (after.length !== null) expect(seconds).toBe(Math.floor(before.length))
        else expect(seconds).toBeLessThanOrEqual(before.length)
      }
    }
  })

  test('logs in and out through the pages for it, and ends with no redirect', () => {
    for (const session of sessions) {
      expect(session.at(-1)?.status === 307 && session.at(-1)?.ts !== events.at(-1)?.ts).toBe(false)
      for (const [before, after] of steps(session)) {
        if (before.auth === after.auth) continue
        expect(before.page).toBe(after.auth === 'Logged In' ? 'Login' : 'Logout')
      }
    }
  })
})

describe('a level', () => {
  test('changes through Submit Upgrade and Submit Downgrade only, and shows in the next event', () => {
    let changes = 0
    for (const mine of groupBy(
      events.filter(({ userId }) => userId !== ''),
      ({ userId }) => userId,
    ).values()) {
      for (const [before, after] of steps(mine)) {
        const changed = { 'Submit Upgrade': 'paid', 'Submit Downgrade': 'free' }[before.page]
        if (changed) changes++
        expect(after.level).toBe(changed ?? before.level)
      }
    }
    expect(changes).toBeGreaterThan(20)
  })

  test('is upgraded by who has the free one and downgraded by who pays', () => {
    for (const { page, level } of events) {
      if (page.endsWith('Upgrade')) expect(level).toBe('free')
      if (page.endsWith('Downgrade')) expect(level).toBe('paid')
    }
  })

  test('that is paid has most of the plays', () => {
    const paid = plays.filter(({ level }) => level === 'paid').length / plays.length
    expect(paid).toBeGreaterThan(0.75)
    expect(paid).toBeLessThan(0.92)
  })
})

describe('a day', () => {
  const byHour = Array<number>(24).fill(0)
  const byDay = Array<number>(30).fill(0)
  for (const { ts } of plays) {
    const instant = new Date(ts)
    byHour[instant.getUTCHours()] = (byHour[instant.getUTCHours()] ?? 0) + 1
    byDay[instant.getUTCDate() - 1] = (byDay[instant.getUTCDate() - 1] ?? 0) + 1
  }

  test('is busiest about 16 or 17 UTC and three times as busy as at night', () => {
    const peak = Math.max(...byHour)
    expect([16, 17]).toContain(byHour.indexOf(peak))
    expect(peak).toBeGreaterThan(2.5 * Math.max(...byHour.slice(1, 6)))
  })

  test('has plays, and on a weekend about half as many', () => {
    const isWeekend = (day: number) => [0, 6].includes(new Date(Date.UTC(2018, 10, day + 1)).getUTCDay())
    const mean = (days: number[]) => days.reduce((sum, count) => sum + count, 0) / days.length
    const weekend = mean(byDay.filter((_, day) => isWeekend(day)))
    const week = mean(byDay.filter((_, day) => !isWeekend(day)))
    expect(Math.min(...byDay)).toBeGreaterThan(0)
    expect(weekend / week).toBeGreaterThan(0.3)
    expect(weekend / week).toBeLessThan(0.7)
  })

  test.each([1, 2, 3])('of a small sample has events, too (seed %i)', (seed) => {
    const days = eventsOf({ events: 1_500, songs: 0, seed }).map(({ ts }) => new Date(ts).getUTCDate())
    expect(new Set(days).size).toBe(30)
  })
})

describe('what is played', () => {
  test('is a few hits and a long tail', () => {
    const counts = [...groupBy(plays, ({ artist, song }) => `${artist}\n${song}`).values()].map((list) => list.length)
    counts.sort((a, b) => b - a)
    expect((counts[0] ?? 0) / plays.length).toBeGreaterThan(0.003)
    expect((counts[0] ?? 0) / plays.length).toBeLessThan(0.02)
    const hits = counts.slice(0, Math.floor(counts.length / 10)).reduce((sum, count) => sum + count, 0)
    expect(hits / plays.length).toBeGreaterThan(0.3)
  })

  test('is a matter of taste: nobody plays what all play', () => {
    const [most] = [...groupBy(plays, ({ userId }) => userId).values()].sort((a, b) => b.length - a.length)
    const counts = [...groupBy(most ?? [], ({ artist, song }) => `${artist}\n${song}`).values()].map(
      (list) => list.length,
    )
    expect(Math.max(...counts) / (most?.length ?? 0)).toBeGreaterThan(0.006)
  })

  test('is played in all kinds of browsers, most of which are Chrome, on all kinds of systems', () => {
    const share = (part: string) => plays.filter(({ userAgent }) => userAgent?.includes(part)).length / plays.length
    expect(share('Macintosh')).toBeCloseTo(0.44, 1)
    expect(share('Windows NT')).toBeCloseTo(0.35, 1)
    expect(share('Linux')).toBeCloseTo(0.17, 1)
    expect(share('iPhone')).toBeGreaterThan(0)
    expect(share('Firefox')).toBeCloseTo(0.23, 1)
    expect(share('Chrome')).toBeGreaterThan(0.45)
    expect(new Set(userAgents).size).toBeGreaterThanOrEqual(40)
  })

  test('listeners come often or seldom, and share names and cities', () => {
    const byUser = [...groupBy(plays, ({ userId }) => userId).values()].map((list) => list.length).sort((a, b) => b - a)
    const top = byUser.slice(0, Math.ceil(byUser.length / 10)).reduce((sum, count) => sum + count, 0)
    expect(top / plays.length).toBeGreaterThan(0.4)
    expect(byUser.at(-1)).toBeLessThan(20)
  })
})
