import { Lottery } from './lottery.ts'
import type { Random } from './random.ts'

/** Sessions begin in these proportions, by hour UTC: the working day of America. Plays follow one or two hours behind. */
const hours = [27, 27, 26, 25, 26, 29, 31, 32, 34, 38, 42, 47, 57, 78, 90, 100, 86, 66, 54, 42, 36, 32, 28, 26]
/** And by weekday, from Sunday. */
const weekdays = [48, 98, 104, 126, 114, 110, 58]

const secondsInHour = 3600
export const secondsInDay = 24 * secondsInHour

/** The first instant of the sample, and what every `ts` has below the second: the source stamps whole seconds plus this. */
export const firstInstant = Date.UTC(2018, 10, 1)
export const millisecond = 796

/** When things happen: turns a fraction of all the sessions into the second (from the first instant) by which they began. */
export type Rhythm = (fraction: number) => number

/** A rhythm of hours and weekdays, in which no two days are equally busy. */
export function makeRhythm(random: Random, days: number): Rhythm {
  const firstWeekday = new Date(firstInstant).getUTCDay()
  const weights = Array.from({ length: days }, (_, day) => {
    const busyness = (60 + random.below(81)) * (weekdays[(firstWeekday + day) % 7] as number)
    return hours.map((hour) => hour * busyness)
  }).flat()
  const lottery = new Lottery(weights, (weight) => weight)
  return (fraction) => Math.floor(lottery.position(fraction) * secondsInHour)
}
