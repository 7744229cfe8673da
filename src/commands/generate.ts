import { resolve } from 'node:path'
import { command, textWithDefault } from '../command.ts'
import { refusal } from '../errors.ts'
import { callersFolder } from '../folders.ts'

/** `npm run generate` */
export const generate = command({
  name: 'generate',
  summary: "Writes a simulated month of events and songs in the source's layout. The same seed gives the same bytes.",
  options: {
    events: textWithDefault('N', '8000', 'number of events'),
    songs: textWithDefault('N', '14896', 'number of songs in the catalog'),
    seed: textWithDefault('N', '1', 'seed of the simulation'),
    out: textWithDefault('DIR', 'data', 'folder for log_data and song_data'),
  },
  async run(context, { events, songs, seed, out }) {
    const { writeSampleData } = await import('./write-sample-data.ts')
    const summary = await writeSampleData(context, {
      events: wholeNumber('events', events),
      songs: wholeNumber('songs', songs),
      seed: wholeNumber('seed', seed),
      out: resolve(callersFolder(), out),
    })
    return { json: summary }
  },
})

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw refusal(`--${option} ${text} is not a whole number.`, `Use a number such as --${option} 1000.`)
}
