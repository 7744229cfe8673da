import { resolve } from 'node:path'
import { command, textWithDefault } from '../command.ts'
import { refusal } from '../errors.ts'
import { callersFolder } from '../folders.ts'

/** `npm run generate` */
export const generate = command({
  name: 'generate',
  summary: "Writes simulated events and songs. A month in the source's layout; the same seed gives the same bytes.",
  options: {
    events: textWithDefault('N', '8000', 'number of events'),
    songs: textWithDefault('N', '14896', 'number of songs in the catalog'),
    seed: textWithDefault('N', '1', 'seed of the simulation'),
    out: textWithDefault('DIR', 'data', 'folder for log_data and song_data'),
  },
  async run(context, { events, songs, seed, out }) {
    const { writeSampleData } = await import('./write-sample-data.ts')
    const summary = await writeSampleData(context, {
      events: wholeNumber('events', events, 1_000_000_000),
      songs: wholeNumber('songs', songs, 10_000_000),
      seed: wholeNumber('seed', seed, 999_999_999_999),
      out: resolve(callersFolder(), out),
    })
    return { json: summary }
  },
})

function wholeNumber(option: string, text: string, most: number): number {
  if (/^\d{1,15}$/.test(text) && Number(text) <= most) return Number(text)
  throw refusal(
    `--${option} ${text} is not a whole number from 0 to ${most.toLocaleString('en-US')}.`,
    `Use a number such as --${option} 1000.`,
  )
}
