import * as way from './ways.ts'

export interface Case {
  readonly source?: way.Source
  /** Run in turn, in this order. Those of one source must end with the same rows. */
  readonly ways: Readonly<Record<string, way.Way>>
  /** 3 if it doesn't say. */
  readonly runs?: number
  /** Only measured when it is asked for by name. */
  readonly onRequest?: true
}

const catalog = { events: 1, songs: 14_896 }
const manySongs = { events: 1, songs: 200_000 }
const log = (events: number) => ({ ...catalog, events })

/** A way with a bar: the first way of the case takes at most so many times its seconds, and its memory. */
const bar = (one: way.Way, seconds: number, memory?: number) => ({ ...one, atMost: { seconds, memory } })
const on = (source: way.Source, one: way.Way) => ({ ...one, source })

/** What is measured and the bars for it, in the order of the table. */
export const cases: Readonly<Record<string, Case>> = {
  'load-100k': { source: log(100_000), ways: { ours: way.etl, dlt: bar(way.dlt, 0.1) } },
  'load-2m': {
    source: log(2_000_000),
    ways: {
      ours: way.etl,
      'bare DuckDB': bar(way.bareDuckdb, 0.6, 0.7),
      Polars: bar(way.polars, 1, 0.5),
      'DuckDB from Python': way.pythonDuckdb,
      chdb: way.chdb,
      PostgreSQL: bar(way.postgresql, 0.2),
    },
  },
  'load-10m': { source: log(10_000_000), ways: { ours: way.etl, 'bare DuckDB': bar(way.bareDuckdb, 0.6, 0.7) } },
  'load-50m': {
    source: log(50_000_000),
    ways: {
      ours: way.etl,
      'bare DuckDB': bar(way.bareDuckdb, 0.95),
      'ours, 2 M events': { ...on(log(2_000_000), way.etl), atMost: { memory: 1.3 } },
    },
    runs: 1,
    onRequest: true,
  },
  'bad-lines': { source: log(2_000_000), ways: { ours: way.etlBadLines, 'ours, good lines only': bar(way.etl, 2.5) } },
  'small-files': { source: catalog, ways: { ours: way.etl, 'bare DuckDB': bar(way.bareDuckdb, 0.35) } },
  'many-files': { source: manySongs, ways: { ours: way.etl, 'ours, 14,896 songs': bar(on(catalog, way.etl), 14) } },
  'many-files-again': {
    source: manySongs,
    ways: { ours: way.etlAgain, 'ours, 14,896 songs': bar(on(catalog, way.etlAgain), 14) },
  },
  'nothing-new': {
    source: log(8_000),
    ways: { ours: way.etlAgain, 'bare DuckDB': bar(way.bareDuckdb, 0.12) },
    runs: 5,
  },
  'new-day': {
    source: log(10_000_000),
    ways: { ours: way.etlNewDay, 'ours, on 1 M events': bar(on(log(1_000_000), way.etlNewDay), 1.2) },
    runs: 5,
  },
  questions: { source: log(10_000_000), ways: { ours: way.analyze, 'bare DuckDB': bar(way.bareQuestions, 1.15) } },
  start: { ways: { ours: way.start, 'bare DuckDB': bar(way.bareAfterStart, 0.8) } },
  ...Object.fromEntries(
    ['start', 'create-infrastructure', 'create-tables', 'etl', 'analyze', 'query', 'status', 'doctor', 'generate']
      .concat('destroy-infrastructure')
      .map((name) => [`help-${name}`, { ways: { ours: way.help(name), 'one word': bar(way.oneWord, 1.2) }, runs: 7 }]),
  ),
}
