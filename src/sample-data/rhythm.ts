import { Lottery } from './lottery.ts'
import type { Random } from './random.ts'

/** Sessions begin in these proportions, by hour UTC: the working day of America. Plays follow an hour or two behind. */
const byHour = [27, 27, 26, 25, 26, 29, 31, 32, 34, 38, 42, 47, 52, 66, 82, 98, 100, 76, 58, 42, 36, 32, 28, 26]
/** And by weekday, from Sunday. */
const byWeekday = [48, 98, 104, 126, 114, 110, 58]

export const secondsInDay = 24 * 3600

/** The first instant of the sample, and what every `ts` has below the second: the source stamps whole seconds plus this. */
export const firstInstant = Date.UTC(2018, 10, 1)
export const millisecond = 796

/** Shares events out to the days. Weekends are weak, and no two days are equally busy. */
export function eventsByDay(random: Random, events: number, days: number): number[] {
  const firstWeekday = new Date(firstInstant).getUTCDay()
  const busyness = Array.from(
    { length: days },
    (_, day) => (byWeekday[(firstWeekday + day) % 7] as number) * (60 + random.below(81)),
  )
  const all = busyness.reduce((sum, weight) => sum + weight)
  let weight = 0
  let shared = 0
  return busyness.map((mine) => {
    weight += mine
    const before = shared
    shared = Math.round((events * weight) / all)
    return shared - before
  })
}

const hours = new Lottery(byHour, (weight) => weight)

/** The second of the day by which a fraction of the day's sessions has begun. */
export function secondOfDay(fraction: number): number {
  return Math.min(Math.floor(hours.position(fraction) * 3600), secondsInDay - 1)
}
