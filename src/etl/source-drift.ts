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

/** The keys of some records of a source: the first hundred of each of twenty objects, which costs nothing even where a load is large. */
interface KeySample {
  readonly records: number
  readonly objects: number
  readonly keys: ReadonlySet<string>
}

export type KeySamples = ReadonlyMap<StagingTable, KeySample>

const sampledObjects = 20
const sampledRecords = 100
/** Fewer records say nothing about a key that none of them has. */
const tellingRecords = 10

/** Looks at the keys of the objects of a load. */
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
    // A small object is read as a whole, which is tried again where a body breaks off or is garbled.
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
    // Loading it will tell.
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
 * A key that no record of a load has any more would become null in silence.
 *
 * @throws UserError that names it.
 */
export async function verifyKeys(warehouse: Warehouse, samples: KeySamples): Promise<void> {
  for (const [table, { records, objects, keys }] of samples) {
    const missing = table.columns.filter(({ sourceKey = '' }) => !keys.has(sourceKey))
    if (records < tellingRecords || missing.length === 0) continue
    const [values = {}] = await warehouse.query(countValues(table))
    const vanished = missing.filter(({ name }) => Number(values[name]) === 0).map(({ sourceKey }) => sourceKey)
    if (vanished.length === 0) continue
    const present = unknownKeys(samples)[table.source]
    const renamed =
      present.length > 0 ? ` There ${present.length === 1 ? 'is' : 'are'} ${present.join(', ')} instead?` : ''
    throw new UserError(
      `${vanished.join(', ')} ${vanished.length === 1 ? 'has' : 'have'} vanished from ${table.source}: none of ${counted(records, 'record')} in ${counted(objects, 'object')} has it.${renamed} Nothing was loaded.`,
      {
        hint: 'If the source spells the key in another way now, or has dropped it for good, change sourceKey in src/schema/staging.ts.',
      },
    )
  }
}
