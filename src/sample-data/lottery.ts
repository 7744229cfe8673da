import type { Random } from './random.ts'

/** Things with weights, drawn in proportion to them. */
export class Lottery<T> {
  readonly #things: readonly T[]
  readonly #sums: Float64Array

  constructor(things: readonly T[], weightOf: (thing: T, index: number) => number) {
    this.#things = things
    let sum = 0
    this.#sums = Float64Array.from(things, (thing, index) => {
      sum += weightOf(thing, index)
      return sum
    })
  }

  draw(random: Random): T {
    return this.at(random.fraction())
  }

  /** The thing at a fraction (0 to just below 1) of the total weight. */
  at(fraction: number): T {
    return this.#things[this.#find(fraction * (this.#sums.at(-1) as number))] as T
  }

  /** Where a fraction of the total weight falls, as the index of a thing and the part of that thing which is before it. */
  position(fraction: number): number {
    const weight = fraction * (this.#sums.at(-1) as number)
    const index = this.#find(weight)
    const before = index === 0 ? 0 : (this.#sums[index - 1] as number)
    return index + (weight - before) / ((this.#sums[index] as number) - before)
  }

  #find(weight: number): number {
    let low = 0
    let high = this.#sums.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (weight < (this.#sums[middle] as number)) high = middle
      else low = middle + 1
    }
    return low
  }
}
