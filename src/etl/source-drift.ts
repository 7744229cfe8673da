import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import { piecesIn } from '../objects/file.ts'
import { linesOf } from '../objects/lines.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from '../objects/object-store.ts'
import { joinedBytes } from '../objects/prepare-files.ts'
import { validateRecord } from '../objects/validate-record.ts'
import { type SourceName, type StagingTable, stagingTables } from '../schema/index.ts'
import { countValues } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** The keys of a sample of records: the first hundred of each of twenty objects, so it stays cheap for large loads. */
interface KeySample {
  readonly records: number
  readonly objects: number
  readonly keys: ReadonlySet<string>
}

export type KeySamples = ReadonlyMap<StagingTable, KeySample>

const sampledObjects = 20
const sampledRecords = 100
/** With fewer records, a missing key means nothing. */
const tellingRecords = 10

/** Samples the keys of the objects of a load. */
export async function sampleKeys(context: Context, objects: readonly SourceObject[]): Promise<KeySamples> {
  const samples = new Map<StagingTable, KeySample>()
  for (const table of stagingTables) {
    const own = objects.filter(({ source }) => source === table.source)
    const step = Math.max(1, own.length / sampledObjects)
    const chosen = Array.from(
      { length: Math.min(own.length, sampledObjects) },
      (_, index) => own[Math.floor(index * step)],
    )
    const keys = new Set<string>()
    let records = 0
    const store = own.length > 0 ? await context.objectStore(table.source) : undefined
    for (const object of chosen) if (object && store) records += await addKeys(keys, store, table, object)
    samples.set(table, { records, objects: chosen.length, keys })
  }
  return samples
}

async function addKeys(
  keys: Set<string>,
  store: ObjectStore,
  table: StagingTable,
  object: SourceObject,
): Promise<number> {
  let records = 0
  try {
    // Small objects are read whole: that is retried if the connection breaks.
    const isSmall = object.bytes <= joinedBytes
    const content = async function* () {
      yield* piecesIn(object, await store.read(object))
    }
    for await (const line of linesOf(isSmall ? { stream: content } : store, object)) {
      if ('problem' in validateRecord(table, line)) continue
      for (const key of Object.keys(JSON.parse(line.bytes.toString('utf8')))) keys.add(key)
      records += 1
      if (records === sampledRecords) break
    }
  } catch (error) {
    // The load itself reports an object that can't be read.
    if (!(error instanceof UnreadableObject)) throw error
  }
  return records
}

/** The keys that the schema does not know, by source. */
export function unknownKeys(samples: KeySamples): Record<SourceName, readonly string[]> {
  const unknown = { log_data: [] as string[], song_data: [] as string[] }
  for (const [{ source, columns }, { keys }] of samples)
    unknown[source] = [...keys].filter((key) => !columns.some(({ sourceKey }) => sourceKey === key)).sort()
  return unknown
}

/**
 * Verifies that no key has vanished from the source; its column would silently become null.
 *
 * @throws UserError that names the keys that no record has any more.
 */
export async function verifyKeys(warehouse: Warehouse, samples: KeySamples): Promise<void> {
  for (const [table, { records, objects, keys }] of samples) {
    const missing = table.columns.filter(({ sourceKey = '' }) => !keys.has(sourceKey))
    if (records < tellingRecords || missing.length === 0) continue
    const [values = {}] = await warehouse.query(countValues(table))
    const vanished = missing.filter(({ name }) => Number(values[name]) === 0).map(({ sourceKey }) => sourceKey)
    if (vanished.length === 0) continue
    const unknown = unknownKeys(samples)[table.source]
    const renamed = unknown.length > 0 ? ` New ${unknown.length === 1 ? 'key' : 'keys'}: ${unknown.join(', ')}.` : ''
    throw new UserError(
      `${vanished.join(', ')} ${vanished.length === 1 ? 'has' : 'have'} vanished from ${table.source}: none of ${counted(records, 'record')} in ${counted(objects, 'object')} has ${vanished.length === 1 ? 'it' : 'them'}.${renamed} Nothing was loaded.`,
      {
        hint: 'If the source renamed or dropped the key, change sourceKey in src/schema/staging.ts.',
      },
    )
  }
}
