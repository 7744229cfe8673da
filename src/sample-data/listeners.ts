import { Lottery } from './lottery.ts'
import { mostlyPlain } from './naming.ts'
import { Random } from './random.ts'
import { firstInstant, millisecond, secondsInDay } from './rhythm.ts'
import { dealUserAgents } from './user-agents.ts'
import { firstNames, lastNames } from './vocabulary/people.ts'
import { metropolitanAreas } from './vocabulary/places.ts'

/** Someone who has an account. */
export interface Listener {
  readonly userId: string
  readonly firstName: string
  readonly lastName: string
  readonly gender: 'F' | 'M'
  readonly location: string
  readonly registration: number
  readonly userAgent: string
  /** Where this listener's favourite songs are found. */
  readonly taste: number
  level: 'free' | 'paid'
  isListening: boolean
}

/** About 100 for 8,000 events; more events make listeners more active, too, but not so active that they never sleep. */
export function listenerCount(events: number, days: number): number {
  const size = events / 8_000
  return Math.ceil(Math.max(10, 100 * Math.sqrt(size) * Math.sqrt(Math.sqrt(size)), events / days / 20))
}

/** Makes the listeners, in the order of how often they come: few come often. */
export function makeListeners(seed: number, count: number): Lottery<Listener> {
  const random = new Random(seed, 3)
  // Who pays listens much, but not all who listen much pay.
  const levels = Array.from({ length: count }, (_, rank) => (rank % 3 === 2 && rank < 0.45 * count ? 'paid' : 'free'))
  const visits = levels.map((_, rank) => 1 / (rank + 0.04 * count))
  const browsers = dealUserAgents(visits.map((weight, rank) => weight * (levels[rank] === 'paid' ? 15 : 1)))
  const listeners = shuffled(random, count).map((id, rank): Listener => {
    const gender = random.chance(0.56) ? 'F' : 'M'
    const browser = browsers[rank] as string
    return {
      userId: String(id + 2),
      firstName: mostlyPlain(random, firstNames[gender]),
      lastName: mostlyPlain(random, lastNames),
      gender,
      location: random.pickEarly(metropolitanAreas),
      registration: firstInstant - (random.below(14 * secondsInDay) + 1) * 1000 + millisecond,
      // These logs have been CSV once: what has a comma is still wrapped in quotes.
      userAgent: browser.includes(',') ? `"${browser}"` : browser,
      taste: random.next(),
      level: levels[rank] as Listener['level'],
      isListening: false,
    }
  })
  return new Lottery(listeners, (_, rank) => visits[rank] as number)
}

function shuffled(random: Random, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const moved = numbers[last] as number
    numbers[last] = numbers[other] as number
    numbers[other] = moved
  }
  return numbers
}
