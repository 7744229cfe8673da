import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { refusal } from '../errors.ts'
import { makeCatalog } from './catalog.ts'
import { listenerCount, makeListeners } from './listeners.ts'
import { writeLogFiles } from './log-files.ts'
import { makeRepertoire } from './repertoire.ts'
import { simulate } from './simulation.ts'
import { writeSongFiles } from './song-files.ts'

export interface SampleOptions {
  events: number
  songs: number
  seed: number
  /** Folder that gets `log_data` and `song_data`. */
  out: string
  /** From 2018-11-01, UTC. */
  days?: number // defaults to 30
  /** Log files a day. */
  files?: number // defaults to 1
  signal?: AbortSignal
  onProgress?: (done: { events: number; songs: number }) => void
}

export interface SampleSummary {
  events: number
  songs: number
  /** Files written, and their bytes. */
  objects: number
  bytes: number
}

/** As many days and songs as the source has, and about as many events. */
export const sampleDefaults = { events: 8_000, songs: 14_896, seed: 1, days: 30, files: 1 }

/** What the options may be: whole numbers from, to. */
const limits = {
  events: [0, 1_000_000_000],
  songs: [0, 10_000_000],
  seed: [0, Number.MAX_SAFE_INTEGER],
  days: [1, 3_650],
  files: [1, 1_440],
} as const

/**
 * Writes what simulated listeners did, and a catalog that knows some of what they played, in the layout of the source.
 * The same options give the same bytes everywhere. Files of the same name are written over; no others are touched.
 */
export async function generateSampleData(options: SampleOptions): Promise<SampleSummary> {
  const { events, songs, seed, out, days, files, signal, onProgress } = { ...sampleDefaults, ...options }
  verifyLimits({ events, songs, seed, days, files })
  function progress(done: { events: number; songs: number }): void {
    signal?.throwIfAborted()
    onProgress?.(done)
  }
  for (const source of ['log_data', 'song_data']) mkdirSync(join(out, source), { recursive: true })

  const catalog = makeCatalog(seed, songs)
  const songFiles = await writeSongFiles(catalog.songs, {
    seed,
    out,
    onFolder: (count) => progress({ events: 0, songs: count }),
  })
  const scene = {
    seed,
    events,
    days,
    listeners: makeListeners(seed, listenerCount(events, days)),
    repertoire: makeRepertoire(seed, Math.min(30_000, 1_000 + 3 * events), catalog),
  }
  const logFiles = await writeLogFiles(simulate(scene), {
    out,
    files,
    onChunk: (count) => progress({ events: count, songs }),
  })
  return {
    events,
    songs,
    objects: songFiles.objects + logFiles.objects,
    bytes: songFiles.bytes + logFiles.bytes,
  }
}

function verifyLimits(numbers: Record<keyof typeof limits, number>): void {
  for (const name of Object.keys(limits) as (keyof typeof limits)[]) {
    const [least, most] = limits[name]
    const value = numbers[name]
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue
    const range = `from ${least.toLocaleString('en-US')} to ${most.toLocaleString('en-US')}`
    throw refusal(`${name} is ${value}.`, `Give a whole number ${range}.`)
  }
}
