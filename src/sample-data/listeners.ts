import { Lottery } from './lottery.ts'
import { mostlyPlain } from './naming.ts'
import { evenly, Random } from './random.ts'
import { firstInstant, millisecond, secondsInDay } from './rhythm.ts'
import { userAgentShare, userAgents } from './user-agents.ts'
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
  const browsers = new Lottery(userAgents, userAgentShare)
  const ids = shuffled(random, count)
  const listeners = ids.map((id, rank): Listener => {
    const gender = random.chance(0.56) ? 'F' : 'M'
    const browser = browsers.at(evenly(rank + 1))
    const registered = random.below(14 * secondsInDay) + 1
    return {
      userId: String(id + 2),
      firstName: mostlyPlain(random, firstNames[gender]),
      lastName: mostlyPlain(random, lastNames),
      gender,
      location: random.pickEarly(metropolitanAreas),
      registration: firstInstant - registered * 1000 + millisecond,
      // Once these logs were CSV: what has a comma is still wrapped in quotes.
      userAgent: browser.includes(',') ? `"${browser}"` : browser,
      taste: random.next(),
      // Who pays listens much, but not all who listen much pay.
      level: rank % 3 === 2 && rank < 0.45 * count ? 'paid' : 'free',
      isListening: false,
    }
  })
  return new Lottery(listeners, (_, rank) => 1 / (rank + 0.04 * count))
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
