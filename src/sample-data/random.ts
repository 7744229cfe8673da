/**
 * Random numbers that are the same everywhere: sfc32, integers only. `stream` keeps the parts of the generator apart,
 * so that more events don't change the songs.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number, stream: number) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 0x1_0000_0000) | 0
    this.#c = stream
    // Near seeds start in near states: the first numbers must not show it.
    for (let round = 0; round < 20; round++) this.next()
  }

  /** A whole number of 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 to just below 1. */
  fraction(): number {
    return this.next() / 0x1_0000_0000
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  /** One of a list that is not empty, the first ones more often. */
  pickEarly<T>(list: readonly T[]): T {
    return list[this.below(this.below(list.length) + 1)] as T
  }

  /** A whole number from a table of quantiles: each step between two of them is as likely as any other. */
  between(quantiles: readonly number[]): number {
    const step = this.below(quantiles.length - 1)
    const from = quantiles[step] as number
    return from + this.below((quantiles[step + 1] as number) - from + 1)
  }
}

/**
 * The i-th of a sequence of fractions that fills 0..1 evenly however far it goes (multiples of the golden ratio).
 * What is dealt by it keeps its share among the first few, too, where drawing lots would not.
 */
export function evenly(i: number): number {
  return (Math.imul(i, 0x9e3779b1) >>> 0) / 0x1_0000_0000
}
