/** Seeded random numbers, the same on every machine (mulberry32). Each part of the sample has its own stream. */
export class Random {
  #state: number

  constructor(seed: number, stream: number) {
    this.#state = seed ^ Math.imul(seed / 0x1_0000_0000, 0x9e3779b1) ^ Math.imul(stream, 0x85ebca6b)
  }

  /** From 0 to just below 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  /** The same, but low numbers are likelier: half of them are in the first quarter. */
  lowBelow(bound: number): number {
    const fraction = this.fraction()
    return Math.floor(fraction * fraction * bound)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** The first ones of the list are likelier. */
  pickEarly<T>(list: readonly T[]): T {
    return list[this.lowBelow(list.length)] as T
  }
}
