import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSampleData, type SampleOptions } from '../../src/sample-data/generate.ts'

/** An event, read from its line. */
export type SampleEvent = Record<'auth' | 'level' | 'page' | 'userId', string> &
  Record<'itemInSession' | 'sessionId' | 'status' | 'ts', number> &
  Record<'artist' | 'firstName' | 'gender' | 'lastName' | 'location' | 'song' | 'userAgent', string | null> &
  Record<'length' | 'registration', number | null>

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
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.\w+$/.test(path))
  return new Map(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}

/** What is written for these options. */
export function sample(options: Omit<SampleOptions, 'out'>) {
  return inFolder(async (out) => {
    const summary = await generateSampleData({ ...options, out })
    const [logs, songs] = ['log_data', 'song_data'].map((source) => filesBelow(join(out, source)))
    return { summary, logs: logs ?? new Map(), songs: songs ?? new Map() }
  })
}

/** Double-encoded text as it was before. */
export function repaired(text: string | null): string {
  const once = Buffer.from(text ?? '', 'latin1').toString('utf8')
  return Buffer.from(once, 'latin1').toString('utf8')
}
