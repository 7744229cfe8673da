import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyses } from '../src/reports/analyses.ts'
import { type Data, type GrowingData, generated, growing, restore } from './data.ts'
import { measure } from './measure.ts'
import {
  type Bench,
  bare,
  bareDuckdb,
  configure,
  createTables,
  dlt,
  type Ours,
  ours,
  oursOn,
  postgresql,
  reference,
  rowsToDuckdb,
  rowsToPostgresql,
  script,
  tsNode,
  type Way,
} from './ways.ts'

export interface Case {
  readonly name: string
  readonly title: string
  /** Events of the log, where time is told per event. */
  readonly events?: number
  readonly runs: number
  /** Only measured when it is named: it takes long, or needs much room. */
  readonly onRequest?: true
  ways(bench: Bench): Promise<readonly Way[]>
}

const songs = 14_896
const lateSongs = 1_500

/** With `quick`, a thousandth of the events and a hundredth of the songs. */
function source({ data, quick }: Bench, counts: { events: number; songs: number; days?: number }): Promise<Data> {
  if (!quick) return generated(data, counts)
  const fewer = (count: number, divisor: number) => Math.max(100, Math.ceil(count / divisor))
  return generated(data, { ...counts, events: fewer(counts.events, 1000), songs: fewer(counts.songs, 100) })
}

type WayOn = (bench: Bench, data: Data) => Way

function firstLoad(
  name: string,
  title: string,
  counts: { events: number; songs: number },
  ways: readonly WayOn[],
  more: Partial<Case> = {},
): Case {
  return {
    name,
    title,
    events: counts.events,
    runs: 5,
    async ways(bench) {
      const data = await source(bench, counts)
      return ways.map((way) => way(bench, data))
    },
    ...more,
  }
}

/** A source that grows and a warehouse that holds its first state; `restored` before each run. */
interface Loaded {
  readonly data: GrowingData
  readonly warehouse: Ours
  restored(): void
}

const loaded = new Map<string, Promise<Loaded>>()

/** Loads the events and all but the last songs, once for all cases that go on from there. */
function alreadyLoaded(bench: Bench, events: number): Promise<Loaded> {
  const name = `loaded-${events}`
  const load = async () => {
    const data = await growing(bench.data, await source(bench, { events, songs }), bench.quick ? 10 : lateSongs)
    const warehouse = configure(bench, name, data)
    const kept = `${warehouse.database}.kept`
    if (!existsSync(kept)) {
      await createTables(warehouse)
      await measure([...script('etl'), '--config', warehouse.config])
      copyFileSync(warehouse.database, kept)
    }
    const restored = () => {
      data.reset()
      restore(kept, warehouse.database)
    }
    return { data, warehouse, restored }
  }
  const known = loaded.get(name) ?? load()
  loaded.set(name, known)
  return known
}

function goingOn(name: string, title: string, events: number, arrive: (data: GrowingData) => void): Case {
  return {
    name,
    title,
    runs: 5,
    async ways(bench) {
      const { data, warehouse, restored } = await alreadyLoaded(bench, events)
      const prepare = () => {
        restored()
        arrive(data)
      }
      return [oursOn(warehouse, prepare)]
    },
  }
}

const million = 1_000_000

/** A way that takes so long that fewer runs have to do. */
const fewer =
  (runs: number, way: WayOn): WayOn =>
  (bench, data) => ({ ...way(bench, data), runs })

/** What is measured, in the order of the document. */
export const cases: readonly Case[] = [
  firstLoad('small-files', '14,896 song files of 250 bytes, one event', { events: 1, songs }, [ours, bare]),
  firstLoad('one-day', 'one day: 300 events, 100 songs', { events: 300, songs: 100 }, [ours, bare]),
  firstLoad('first-load-100k', '0.1 M events in 1 file, 14,896 songs', { events: million / 10, songs }, [
    ours,
    bare,
    postgresql,
    dlt,
  ]),
  firstLoad('first-load-1m', '1 M events in 10 files, 14,896 songs', { events: million, songs }, [
    ours,
    bare,
    postgresql,
    dlt,
  ]),
  firstLoad('first-load-2m', '2 M events in 20 files, 14,896 songs', { events: 2 * million, songs }, [
    ours,
    bare,
    fewer(3, postgresql),
  ]),
  firstLoad(
    'first-load-10m',
    '10 M events in 100 files, 14,896 songs',
    { events: 10 * million, songs },
    [ours, bare, fewer(1, postgresql)],
    { runs: 3 },
  ),
  firstLoad('first-load-50m', '50 M events in 500 files, 14,896 songs', { events: 50 * million, songs }, [ours, bare], {
    runs: 1,
    onRequest: true,
  }),
  firstLoad(
    'row-by-row',
    '5,000 events, 100 songs, a statement a row in the references',
    { events: 5_000, songs: 100 },
    [ours, rowsToDuckdb, rowsToPostgresql],
    { runs: 3 },
  ),
  {
    name: 'nothing-new',
    title: 'nothing new among 14,926 objects; bare DuckDB loads them',
    runs: 5,
    async ways(bench) {
      const data = await source(bench, { events: 8_000, songs, days: 30 })
      const warehouse = configure(bench, 'nothing-new', data)
      await createTables(warehouse)
      await measure([...script('etl'), '--config', warehouse.config])
      return [oursOn(warehouse, () => {}), bare(bench, data)]
    },
  },
  goingOn('new-day-1m', 'a day of 300 events on top of 1 M', million, (data) => data.addDay()),
  goingOn('new-day-10m', 'a day of 300 events on top of 10 M', 10 * million, (data) => data.addDay()),
  goingOn('late-catalog-10m', '1,500 songs on top of 10 M events', 10 * million, (data) => data.addSongs()),
  {
    name: 'analyses-10m',
    title: 'all analyses on 10 M events; bare DuckDB runs the same SQL',
    runs: 5,
    async ways(bench) {
      const { warehouse, restored } = await alreadyLoaded(bench, 10 * million)
      restored()
      const files = analyses.map(({ name, sql }) => {
        const file = join(bench.work, `${name}.sql`)
        writeFileSync(file, sql)
        return file
      })
      const report = ['--out', join(bench.work, 'report')]
      const analyze = oursOn(warehouse, () => {}, 'analyze')
      return [{ ...analyze, command: [...analyze.command, ...report] }, bareDuckdb(warehouse.database, files)]
    },
  },
  {
    name: 'help',
    title: '--help; a ts-node script that prints one word',
    runs: 15,
    async ways() {
      const prepare = () => {}
      return [
        { name: 'ours', prepare, command: [...script('etl'), '--help'] },
        { name: 'one word', prepare, command: [...tsNode, reference('one-word.ts')] },
      ]
    },
  },
]
