import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { refusal, systemErrorCode } from '../errors.ts'
import { generateSampleData, type SampleOptions, type SampleSummary, sampleDefaults } from '../sample-data/generate.ts'
import { counted, size } from '../text.ts'

/** Writes sample data into a temporary folder and moves it to the absolute path `out` when it is complete. */
export async function writeSampleData(context: Context, options: SampleOptions): Promise<SampleSummary> {
  const { out } = options
  const sources = ['log_data', 'song_data']
  for (const source of sources) {
    if (existsSync(join(out, source)))
      throw refusal(`${join(out, source)} already exists.`, 'Use --out DIR to name another folder, or remove it first.')
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
    const result = `${counted(summary.events, 'event')}, ${counted(summary.songs, 'song')}, ${size(summary.bytes)}`
    context.log.done('generate', out, result, performance.now() - start)
    return summary
  } catch (error) {
    const code = systemErrorCode(error)
    if (!code) throw error
    throw refusal(`The sample data can't be written to ${out} (${code}).`, 'Use --out DIR to name another folder.')
  } finally {
    if (existsSync(unfinished)) rmSync(unfinished, { recursive: true })
  }
}

/** Writes sample data if neither source folder exists and both are side by side, as `generate` makes them; null if not. */
export async function makeSampleDataIfMissing(context: Context): Promise<SampleSummary | null> {
  const { log_data, song_data } = context.config.sources
  if (log_data.kind !== 'folder' || song_data.kind !== 'folder') return null
  const out = dirname(log_data.path)
  const fits = basename(log_data.path) === 'log_data' && song_data.path === join(out, 'song_data')
  if (!fits || existsSync(log_data.path) || existsSync(song_data.path)) return null
  return writeSampleData(context, { ...sampleDefaults, out })
}
