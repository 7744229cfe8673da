import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { identifier, makeCatalog, makePlaylist, songLine } from './catalog.ts'
import { Random } from './random.ts'
import { simulate } from './simulation.ts'

export interface SampleOptions {
  events: number
  songs: number
  seed: number
  /** Folder that gets `log_data` and `song_data`. */
  out: string
  /** From 2018-11-01, UTC; 30 of them if absent. */
  days?: number
  signal?: AbortSignal
  onProgress?: (done: Readonly<SampleSummary>) => void
}

export interface SampleSummary {
  events: number
  songs: number
  objects: number
  bytes: number
}

/** As many songs as the source has, and about as many events. */
export const sampleDefaults = { events: 8_000, songs: 14_896, seed: 1 }

const songsInFolder = 22

/**
 * Writes the events of simulated users, and a catalog with some of the songs they played, in the layout of the source.
 * The same options give the same bytes everywhere. Files of the same name are overwritten, others are left alone.
 */
export async function generateSampleData(options: SampleOptions): Promise<SampleSummary> {
  const { events, songs, seed, days = 30, out, signal, onProgress } = options
  const done = { events: 0, songs: 0, objects: 0, bytes: 0 }

  function write(path: string, text: string, isNew: boolean): void {
    writeFileSync(path, text, { encoding: 'latin1', flag: isNew ? 'w' : 'a' })
    done.objects += isNew ? 1 : 0
    done.bytes += text.length
  }

  /** Lets handlers of signals run. */
  async function pause(): Promise<void> {
    await setImmediate()
    signal?.throwIfAborted()
    onProgress?.(done)
  }

  for (const source of ['log_data', 'song_data']) mkdirSync(join(out, source), { recursive: true })
  const random = new Random(seed, 4)
  const catalog = makeCatalog(seed, songs)
  for (const [index, song] of catalog.entries()) {
    const letters = folderLetters(Math.floor(index / songsInFolder))
    const folder = join(out, 'song_data', ...letters)
    if (index % songsInFolder === 0) mkdirSync(folder, { recursive: true })
    write(join(folder, `${identifier(random, `TR${letters}`, index)}.json`), songLine(song), true)
    done.songs++
    if (done.songs % songsInFolder === 0) await pause()
  }

  const playlist = makePlaylist(seed, Math.min(30_000, 1_000 + 3 * events), catalog)
  let lastDate = ''
  for (const { date, lines } of simulate({ seed, events, days }, playlist)) {
    await pause()
    if (lines.length === 0) continue
    const isNew = date !== lastDate
    const folder = join(out, 'log_data', date.slice(0, 4), date.slice(5, 7))
    if (isNew) mkdirSync(folder, { recursive: true })
    write(join(folder, `${date}-events.json`), (isNew ? lines : ['', ...lines]).join('\n'), isNew)
    lastDate = date
    done.events += lines.length
  }
  await pause()
  return done
}

/** The letters of the folders that a song is in: AAA, AAB, … */
function folderLetters(number: number): string {
  return String.fromCharCode(...[number / 676, number / 26, number].map((digit) => 65 + (Math.floor(digit) % 26)))
}
