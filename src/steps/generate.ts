import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { refusal, systemErrorCode } from '../errors.ts'
import { counted, size } from '../log.ts'
import { generateSampleData, type SampleSummary, sampleDefaults } from '../sample-data/generate.ts'

export interface GenerateOptions {
  readonly events: number
  readonly songs: number
  readonly seed: number
  /** Folder that gets `log_data` and `song_data`; absolute. */
  readonly out: string
}

/** Writes sample data, complete or not at all: it grows in a folder of its own and is moved when it is whole. */
export async function generate(context: Context, options: GenerateOptions): Promise<SampleSummary> {
  const { out } = options
  const sources = ['log_data', 'song_data']
  for (const source of sources) {
    if (existsSync(join(out, source)))
      throw refusal(`${join(out, source)} exists already.`, 'Name another folder with --out, or remove it first.')
  }
  const start = performance.now()
  const unfinished = join(out, '.unfinished')
  try {
    if (existsSync(unfinished)) rmSync(unfinished, { recursive: true })
    mkdirSync(unfinished, { recursive: true })
    const summary = await generateSampleData({
      ...options,
      out: unfinished,
      signal: context.signal,
      onProgress: ({ events, songs }) =>
        context.log.progress(
          'generate',
          events === 0
            ? { done: songs, total: options.songs, unit: 'song' }
            : { done: events, total: options.events, unit: 'event' },
        ),
    })
    context.signal.throwIfAborted()
    for (const source of sources) {
      mkdirSync(join(unfinished, source), { recursive: true })
      renameSync(join(unfinished, source), join(out, source))
    }
    const result = `${counted(summary.events, 'event')}, ${counted(summary.songs, 'song')}, ${counted(summary.objects, 'object')}, ${size(summary.bytes)}`
    context.log.done('generate', out, result, performance.now() - start)
    return summary
  } catch (error) {
    const code = systemErrorCode(error)
    if (!code) throw error
    throw refusal(`The sample data can't be written to ${out} (${code}).`, 'Name another folder with --out DIR.')
  } finally {
    if (existsSync(unfinished)) rmSync(unfinished, { recursive: true })
  }
}

/** Sample data for a config whose sources both are folders that do not exist and lie side by side as `generate` makes them. */
export async function makeSampleDataIfNone(context: Context): Promise<SampleSummary | null> {
  const { log_data, song_data } = context.config.sources
  if (log_data.kind !== 'folder' || song_data.kind !== 'folder') return null
  const out = dirname(log_data.path)
  const fits = basename(log_data.path) === 'log_data' && song_data.path === join(out, 'song_data')
  if (!fits || existsSync(log_data.path) || existsSync(song_data.path)) return null
  return generate(context, { ...sampleDefaults, out })
}
