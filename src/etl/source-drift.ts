import type { Context } from '../context.ts'
import { refusal } from '../errors.ts'
import { piecesIn } from '../objects/file.ts'
import { linesOf } from '../objects/lines.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from '../objects/object-store.ts'
import { joinedBytes } from '../objects/prepare-files.ts'
import { validRecords } from '../objects/validate-record.ts'
import {
  type Column,
  keptIn,
  type SourceName,
  type StagingTable,
  stagingEvents,
  stagingTables,
} from '../schema/index.ts'
import { countOutside, countValues, filledBefore, instant } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'

/** The keys of a sample of records: the first hundred of each of twenty objects, so it stays cheap for large loads. */
export type KeySamples = ReadonlyMap<StagingTable, ReadonlySet<string>>

const sampledObjects = 20
const sampledRecords = 100

/**
 * Samples the keys of the objects of a load.
 *
 * @throws UserError if one source has the keys of the other.
 */
export async function sampleKeys(context: Context, objects: readonly SourceObject[]): Promise<KeySamples> {
  const samples = new Map<StagingTable, ReadonlySet<string>>()
  for (const table of stagingTables) {
    const own = objects.filter(({ source }) => source === table.source)
    const step = Math.max(1, own.length / sampledObjects)
    const chosen = Array.from(
      { length: Math.min(own.length, sampledObjects) },
      (_, index) => own[Math.floor(index * step)],
    )
    const keys = new Set<string>()
    const store = own.length > 0 ? await context.objectStore(table.source) : undefined
    for (const object of chosen) if (object && store) await addKeys(keys, store, object)
    samples.set(table, keys)
  }
  verifyNotSwapped(samples)
  return samples
}

async function addKeys(keys: Set<string>, store: ObjectStore, object: SourceObject): Promise<void> {
  let lines = 0
  try {
    // Small objects are read whole: that is retried if the connection breaks.
    const isSmall = object.bytes <= joinedBytes
    const content = async function* () {
      yield* piecesIn(object, await store.read(object))
    }
    for await (const { bytes } of linesOf(isSmall ? { stream: content } : store, object)) {
      for (const key of keysOf(bytes)) keys.add(key)
      lines += 1
      if (lines === sampledRecords) break
    }
  } catch (error) {
    // The load itself reports an object that can't be read.
    if (!(error instanceof UnreadableObject)) throw error
  }
}

function keysOf(line: Buffer): readonly string[] {
  try {
    const record: unknown = JSON.parse(line.toString('utf8'))
    return record !== null && typeof record === 'object' && !Array.isArray(record) ? Object.keys(record) : []
  } catch {
    // The load itself reports a line that isn't JSON.
    return []
  }
}

function verifyNotSwapped(samples: KeySamples): void {
  const lacks = (keys: ReadonlySet<string>, { columns }: StagingTable) =>
    columns.every(({ required, sourceKey = '' }) => !required || !keys.has(sourceKey))
  for (const [table, keys] of samples) {
    const other = stagingTables.find(({ source }) => source !== table.source)
    if (other && lacks(keys, table) && !lacks(keys, other))
      throw refusal(
        `${table.source.toUpperCase()} has records of ${other.source}: are LOG_DATA and SONG_DATA swapped? Nothing was loaded.`,
        'Correct them in [S3] of the config.',
      )
  }
}

/** The keys that the schema does not know, by source. */
export function unknownKeys(samples: KeySamples): Record<SourceName, readonly string[]> {
  const unknown = { log_data: [] as string[], song_data: [] as string[] }
  for (const [{ source, columns }, keys] of samples)
    unknown[source] = [...keys].filter((key) => !columns.some(({ sourceKey }) => sourceKey === key)).sort()
  return unknown
}

/** With fewer records, an empty column means nothing. */
const tellingRecords = 10

/**
 * Warns of columns that are empty in everything that was staged, although earlier loads filled them: the source may have renamed or
 * dropped a key. For events only plays count, because other events lack most keys.
 */
export async function warnOfEmptyColumns(context: Context, warehouse: Warehouse, samples: KeySamples): Promise<void> {
  await together(
    stagingTables.map(async (table) => {
      const kept = table.columns.filter(({ name }) => name in keptIn)
      const [[counts = {}], filled] = await together([
        warehouse.query(countValues(table)),
        warehouse.query(filledBefore(kept)),
      ])
      const isVanished = ({ name }: Column) => Number(counts[name]) === 0 && filled.some((row) => row.name === name)
      const vanished = kept.filter(isVanished)
      if (Number(counts.records) < tellingRecords || vanished.length === 0) return
      const unknown = unknownKeys(samples)[table.source]
      const keys = vanished.map(({ sourceKey }) => sourceKey)
      const renamed = unknown.length > 0 ? ` Is it renamed? New: ${unknown.join(', ')}.` : ''
      context.log.warn(
        `${keys.join(', ')}: empty in all ${counted(Number(counts.records), 'record')} of ${table.source}, although earlier loads had it.${renamed}`,
      )
    }),
  )
}

/** Warns of events that are dated before 2000 or after tomorrow: most likely the source writes ts in another unit than ms. */
export async function warnOfOddInstants(
  context: Context,
  warehouse: Warehouse,
  objects: readonly SourceObject[],
): Promise<void> {
  const [from, to] = [Date.UTC(2000), context.now().getTime() + 2 * 86_400_000]
  const [odd] = await warehouse.query(countOutside(instant(new Date(from)), instant(new Date(to))))
  if (Number(odd?.n) === 0) return
  const isOdd = (ts: number) => ts < from || ts > to
  const logs = objects.filter(({ source }) => source === 'log_data')
  for await (const { object, line, values } of validRecords(
    await context.objectStore('log_data'),
    stagingEvents,
    logs,
  )) {
    if (!isOdd(Number(values.ts))) continue
    context.log.warn(
      `${counted(Number(odd?.n), 'event')} dated before 2000 or after tomorrow, the first in ${object.key}, line ${line}: ts is ${values.ts}, read as ${new Date(Number(values.ts)).toISOString()}. It should be in milliseconds since 1970.`,
    )
    return
  }
}
