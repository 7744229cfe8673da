import { median } from './measure.ts'
import type { WayName } from './ways.ts'

/** What the runs of one way of a case took. */
export interface Runs {
  readonly seconds: readonly number[]
  /** Median, as the next. Null where it can't be known, as the memory of a server. */
  readonly peakBytes: number | null
  readonly coreSeconds: number | null
  readonly databaseBytes: number | null
}

export interface CaseResult {
  readonly title: string
  /** ISO 8601, UTC. */
  readonly measuredAt: string
  readonly events: number | null
  readonly rows: Readonly<Record<string, number>> | null
  readonly ways: Readonly<Partial<Record<WayName, Runs>>>
  /** Ways that could not be measured, and why. */
  readonly missing: Readonly<Partial<Record<WayName, string>>>
}

export type Results = Readonly<Record<string, CaseResult>>

type Measure = (result: CaseResult, runs: Runs) => number | null

const measures = {
  seconds: (_, { seconds }) => median(seconds),
  'seconds an event': ({ events }, { seconds }) => (events === null ? null : median(seconds) / events),
  'peak memory': (_, { peakBytes }) => peakBytes,
  'size of the database': (_, { databaseBytes }) => databaseBytes,
} satisfies Record<string, Measure>

type Side = readonly [name: string, way: WayName]

/** A promise about two figures of the same run: the first is at most so many times the second. */
export interface Bar {
  readonly what: string
  readonly by: keyof typeof measures
  readonly of: Side
  readonly to: Side
  readonly atMost: number
}

const bareOf = (name: string, what: string, atMost: number, by: Bar['by'] = 'seconds'): Bar => ({
  what: `${what}, to bare DuckDB`,
  by,
  of: [name, 'ours'],
  to: [name, 'bare DuckDB'],
  atMost,
})

const perEvent = (to: Side, atMost: number): Bar => ({
  what: `2 M events, an event, to ${to[1]}`,
  by: 'seconds an event',
  of: ['first-load-2m', 'ours'],
  to,
  atMost,
})

const memoryTo2M = (name: string, what: string, atMost: number): Bar => ({
  what: `${what}, to 2 M`,
  by: 'peak memory',
  of: [name, 'ours'],
  to: ['first-load-2m', 'ours'],
  atMost,
})

export const bars: readonly Bar[] = [
  bareOf('first-load-2m', '2 M events, first load', 1),
  bareOf('first-load-10m', '10 M events, first load', 1),
  bareOf('small-files', '14,896 small files', 0.35),
  bareOf('first-load-2m', '2 M events', 1, 'peak memory'),
  bareOf('first-load-10m', '10 M events', 1, 'peak memory'),
  memoryTo2M('first-load-10m', '10 M events', 1.2),
  memoryTo2M('first-load-50m', '50 M events', 1.3),
  bareOf('nothing-new', 'nothing new among 15,000 objects', 0.15),
  {
    what: 'a new day on 10 M events, to the same on 1 M',
    by: 'seconds',
    of: ['new-day-10m', 'ours'],
    to: ['new-day-1m', 'ours'],
    atMost: 1.3,
  },
  {
    what: 'a new day on 10 M events, to bare DuckDB loading all',
    by: 'seconds',
    of: ['new-day-10m', 'ours'],
    to: ['first-load-10m', 'bare DuckDB'],
    atMost: 0.05,
  },
  {
    what: '1,500 late songs on 10 M events, to bare DuckDB loading all',
    by: 'seconds',
    of: ['late-catalog-10m', 'ours'],
    to: ['first-load-10m', 'bare DuckDB'],
    atMost: 0.2,
  },
  bareOf('analyses-10m', 'all analyses on 10 M events', 1.2),
  perEvent(['first-load-2m', 'PostgreSQL'], 1 / 5),
  perEvent(['first-load-1m', 'dlt'], 1 / 10),
  perEvent(['row-by-row', 'rows to DuckDB'], 1 / 100),
  perEvent(['row-by-row', 'rows to PostgreSQL'], 1 / 100),
  { what: '--help, to one word', by: 'seconds', of: ['help', 'ours'], to: ['help', 'one word'], atMost: 1.3 },
  bareOf('first-load-2m', '2 M events', 1.2, 'size of the database'),
  bareOf('first-load-10m', '10 M events', 1.2, 'size of the database'),
]

/** The ratio that a bar is about; null if a side of it was not measured. */
export function ratio({ by, of, to }: Bar, results: Results): number | null {
  const figure = ([name, way]: Side) => {
    const result = results[name]
    const runs = result?.ways[way]
    return result && runs ? measures[by](result, runs) : null
  }
  const [ours, theirs] = [figure(of), figure(to)]
  return ours === null || theirs === null ? null : ours / theirs
}
