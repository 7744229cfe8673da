/** Something that is due at a second; of two at the same second the lower `id` goes first, so that the order is always the same. */
export interface Due {
  at: number
  readonly id: number
}

/** A queue in the order of time (a binary heap). */
export class Queue<T extends Due> {
  readonly #items: T[] = []

  get first(): T | undefined {
    return this.#items[0]
  }

  push(item: T): void {
    let hole = this.#items.push(item) - 1
    while (hole > 0) {
      const parent = (hole - 1) >>> 1
      const above = this.#items[parent] as T
      if (!isBefore(item, above)) break
      this.#items[hole] = above
      hole = parent
    }
    this.#items[hole] = item
  }

  /** Takes the first item away. */
  shift(): void {
    const last = this.#items.pop()
    if (last && this.#items.length > 0) this.#sink(last)
  }

  /** Puts the first item where it belongs, now that it is due later. */
  postpone(): void {
    if (this.#items.length > 1) this.#sink(this.#items[0] as T)
  }

  #sink(item: T): void {
    const items = this.#items
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= items.length) break
      if (child + 1 < items.length && isBefore(items[child + 1] as T, items[child] as T)) child++
      const below = items[child] as T
      if (!isBefore(below, item)) break
      items[hole] = below
      hole = child
    }
    items[hole] = item
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id)
}
