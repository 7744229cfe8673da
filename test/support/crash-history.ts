/** A history of a source that grows load by load, in which every load has work for every step of etl. */
import type { Row } from '../../src/schema/index.ts'
import { type ExpectedStar, expectedStar, type OracleObject } from './oracle.ts'
import { event, logObject, song, songObject } from './source.ts'

const day = 86_400_000
const conflict = 'has the same session and item as a different play, which was kept'

/** What a warehouse holds that has taken all of a history, each object once. */
interface Expected {
  readonly star: ExpectedStar
  /** Key without the place of the source, and records, of each version that was taken. */
  readonly ledger: readonly string[]
  /** Key without the place of the source, line, column and reason of each record. */
  readonly quarantine: readonly string[]
}

export class CrashHistory {
  readonly #loads: (readonly OracleObject[])[] = []

  /**
   * The objects of the next load: new plays and users, a record that only a second attempt tells from the others, two plays with
   * one id, one that takes the id of a play of the load before, and a song that changed, which older plays are matched with again.
   */
  grow(): readonly OracleObject[] {
    const number = this.#loads.length
    const title = ['Starlight', 'Hysteria'][number % 2]
    const at = 1_541_105_830_796 + number * day
    const play = { sessionId: 100 + number, song: title, ts: at, userId: String(number % 5) }
    const objects = [
      logObject(`${number}.json`, [
        event(play),
        event({ ...play, itemInSession: 1, page: 'Home', artist: null, song: null, length: null }),
        event({ ...play, itemInSession: 2, artist: 'é'.repeat(700) }),
        event({ ...play, ts: at + 1000 }),
        event({ ...play, sessionId: 99 + number, ts: at - day + 2000, song: 'Later' }),
      ]),
      songObject('changed.json', song({ title, year: 1900 + number })),
      songObject(
        `${number}.json`,
        song({ song_id: `SO${number}`, artist_id: `AR${number}`, artist_name: `${number}` }),
      ),
    ]
    this.#loads.push(objects)
    return objects
  }

  /** What a warehouse holds after all loads but the last `missing`; or, `rebuilt`, after one load of what is at the source then. */
  expected({ missing = 0, rebuilt = false } = {}): Expected {
    const loads = this.#loads.slice(0, this.#loads.length - missing)
    const records = ({ text }: OracleObject) => text.split('\n')
    const isRefused = (line: string) => line.includes('éé')
    const readable = loads.map((objects) =>
      objects.map((object) => ({
        ...object,
        text: records(object)
          .filter((line) => !isRefused(line))
          .join('\n'),
      })),
    )
    const quarantine = loads.flatMap((_, number) => [
      `log_data/${number}.json 3 artist has artist longer than 1024 bytes`,
      `log_data/${number}.json 4 songplay_id ${conflict}`,
      ...(number > 0 ? [`log_data/${number}.json 5 songplay_id ${conflict}`] : []),
    ])
    const ledger = readable.flatMap((objects) => objects.map((object) => `${object.key} ${records(object).length}`))
    return {
      star: expectedStar(readable),
      ledger: rebuilt ? [...new Set(ledger)].sort() : ledger.sort(),
      quarantine: quarantine.sort(),
    }
  }
}

export const ledgerQuery = 'select object_key, rows from load_ledger'
export const quarantineQuery = 'select object_key, line_number, column_name, reason from quarantine'

/** Rows of either query as `Expected` writes them. */
export function asTold(rows: readonly Row[]): string[] {
  return rows
    .map((row) =>
      Object.values(row)
        .map((value) => String(value).replace(/^.*(?=(log|song)_data\/)/, ''))
        .join(' '),
    )
    .sort()
}
