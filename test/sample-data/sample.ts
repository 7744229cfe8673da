import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { makeCatalog } from '../../src/sample-data/catalog.ts'
import { generateSampleData, type SampleOptions, type SampleSummary } from '../../src/sample-data/generate.ts'
import { listenerCount, makeListeners } from '../../src/sample-data/listeners.ts'
import type { LogEvent } from '../../src/sample-data/records.ts'
import { makeRepertoire } from '../../src/sample-data/repertoire.ts'
import { simulate } from '../../src/sample-data/simulation.ts'

/** Runs `use` in a folder of its own. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sample-data-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** All files below a folder: path to text, in the order of the paths. Latin-1, so that a character is a byte. */
export function filesBelow(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

export interface Sample {
  readonly summary: SampleSummary
  readonly logs: ReadonlyMap<string, string>
  readonly songs: ReadonlyMap<string, string>
}

/** What is written for these options. */
export function sample(options: Omit<SampleOptions, 'out'>): Promise<Sample> {
  return inFolder(async (out) => {
    const summary = await generateSampleData({ ...options, out })
    const files = [...filesBelow(out)]
    const of = (source: string) => new Map(files.filter(([path]) => path.startsWith(`${source}/`)))
    return { summary, logs: of('log_data'), songs: of('song_data') }
  })
}

/** A fingerprint of all bytes and paths. */
export function fingerprint({ logs, songs }: Sample): string {
  const hash = createHash('sha256')
  for (const [path, text] of [...logs, ...songs]) hash.update(`${path}\0${text}\0`)
  return hash.digest('hex')
}

/** The lines of all log files, in order. */
export function linesOf({ logs }: Sample): string[] {
  return [...logs.values()].flatMap((text) => text.split('\n'))
}

/** The events of a simulation, without files. */
export function eventsOf({ events, songs, seed, days = 30 }: Omit<SampleOptions, 'out'>): LogEvent[] {
  const listeners = makeListeners(seed, listenerCount(events, days))
  const repertoire = makeRepertoire(seed, 5_000, makeCatalog(seed, songs))
  return [...simulate({ seed, events, days, listeners, repertoire })]
}

/** Things in groups, in the order in which they come. */
export function groupBy<T, K>(things: Iterable<T>, keyOf: (thing: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const thing of things) {
    const group = groups.get(keyOf(thing))
    if (group) group.push(thing)
    else groups.set(keyOf(thing), [thing])
  }
  return groups
}
