import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { generateSampleData } from '../src/sample-data/generate.ts'

/** Two source folders. */
export interface Data {
  readonly events: number
  readonly logData: string
  readonly songData: string
}

/** A day has so many events, so that a longer log is more files of the same size: 2 M are 20 files of about 50 MB. */
const eventsADay = 100_000

/** Events and songs of the generator below `folder`, made once. Complete or not there: they grow under another name. */
export async function generated(
  folder: string,
  { events, songs, days = Math.ceil(events / eventsADay) }: { events: number; songs: number; days?: number },
): Promise<Data> {
  const out = join(folder, `${events}-events-${days}-days-${songs}-songs`)
  if (!existsSync(out)) {
    const unfinished = `${out}.unfinished`
    rmSync(unfinished, { recursive: true, force: true })
    await generateSampleData({ events, songs, seed: 1, days, out: unfinished })
    renameSync(unfinished, out)
  }
  return { events, logData: join(out, 'log_data'), songData: join(out, 'song_data') }
}

/** A source that grows: what is there at first, and links by which the rest arrives and goes again. */
export interface GrowingData extends Data {
  /** A day of 300 events after all the others arrives. */
  addDay(): void
  /** The songs that were held back arrive. */
  addSongs(): void
  /** Everything is as it was at first. */
  reset(): void
}

/** The data without its last `lateSongs` songs, which come later, as does a new day. Files are linked, not copied. */
export async function growing(folder: string, data: Data, lateSongs: number): Promise<GrowingData> {
  const out = join(folder, `growing-${data.events}`)
  rmSync(out, { recursive: true, force: true })
  const [logData, songData, late, day] = ['log_data', 'song_data', 'late', 'day'].map((name) => join(out, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const path of [logData, songData, late, day]) mkdirSync(path, { recursive: true })
  symlinkSync(data.logData, join(logData, 'known'))
  const songs = readdirSync(data.songData, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .sort()
  for (const [index, path] of songs.entries()) {
    const target = join(index < songs.length - lateSongs ? songData : late, path)
    mkdirSync(dirname(target), { recursive: true })
    linkSync(join(data.songData, path), target)
  }
  await writeNewDay(folder, join(day, 'new-day-events.json'))
  const arrived = { day: join(logData, 'new'), songs: join(songData, 'late') }
  return {
    events: data.events,
    logData,
    songData,
    addDay: () => symlinkSync(day, arrived.day),
    addSongs: () => symlinkSync(late, arrived.songs),
    reset: () => {
      for (const path of Object.values(arrived)) rmSync(path, { force: true })
    },
  }
}

/** A day of 300 events years after the others, in sessions of its own: else its plays would be others under known ids. */
async function writeNewDay(folder: string, path: string): Promise<void> {
  const { logData } = await generated(folder, { events: 300, songs: 100 })
  const [file = ''] = readdirSync(logData, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  )
  const years = 20 * 365.25 * 86_400_000
  const text = readFileSync(join(logData, file), 'utf8')
    .replace(/"sessionId":(\d+)/g, (_, id) => `"sessionId":${Number(id) + 1e9}`)
    .replace(/"ts":(\d+)/g, (_, ts) => `"ts":${Number(ts) + years}`)
  writeFileSync(path, text)
}

/** A database as it was: DuckDB's file, without what an earlier run may have left beside it. */
export function restore(from: string, to: string): void {
  rmSync(`${to}.wal`, { force: true })
  copyFileSync(from, to)
}
