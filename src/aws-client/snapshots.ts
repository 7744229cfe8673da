/** A snapshot that was asked for. */
export interface Snapshot {
  readonly name: string
  /** Days until AWS deletes it; undefined: it is kept, and billed, forever. */
  readonly remainingDays: number | undefined
}

/** Days until AWS deletes a snapshot, from its retention and what AWS says remains. */
export function remainingDays(retention: number | undefined, remaining: number | undefined): number | undefined {
  return retention === undefined || retention < 0 ? undefined : (remaining ?? retention)
}
