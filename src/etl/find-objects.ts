import type { Context } from '../context.ts'
import type { SourceObject } from '../objects/object-store.ts'
import type { SourceName } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { latestLoadId } from './load-id.ts'
import type { ObjectCounts } from './results.ts'

export interface EtlOptions {
  /** Forget what was loaded and rebuild the star from all objects, in one transaction. */
  readonly full: boolean
  /** Also reload the objects that have records in quarantine. */
  readonly retryQuarantine?: boolean
}

/** The objects of the source, compared with the ledger. */
export interface FoundObjects {
  readonly counts: Record<SourceName, ObjectCounts>
  /** Objects whose current version isn't loaded yet. */
  readonly waiting: readonly SourceObject[]
  /** Id of the last load when the ledger was read; '' if there is none. */
  readonly latest: string
}

const sourceNames: readonly SourceName[] = ['log_data', 'song_data']

/**
 * Lists both sources and compares them with the ledger. With `full` every object waits. With `retryQuarantine` objects that have
 * records in quarantine wait too; records of them that are already loaded aren't loaded twice.
 */
export async function findObjects(
  context: Context,
  warehouse: Warehouse,
  { full, retryQuarantine = false }: EtlOptions,
): Promise<FoundObjects> {
  const latest = await latestLoadId(warehouse)
  const rows = full ? [] : await warehouse.query(queries.latestVersions())
  const rejected = retryQuarantine ? await warehouse.query(queries.quarantinedObjects()) : []
  await warehouse.disconnect()
  const known = new Map(rows.map(({ object_key, etag }) => [object_key, etag]))
  const again = new Set(rejected.map(({ object_key }) => object_key))
  const counts: Partial<Record<SourceName, ObjectCounts>> = {}
  const waiting: SourceObject[] = []
  for (const source of sourceNames) {
    const start = performance.now()
    context.log.progress(`list ${source}`)
    const objects = await (await context.objectStore(source)).list(source)
    const changed = objects.filter(({ key, etag }) => known.has(key) && known.get(key) !== etag)
    const unseen = objects.filter(({ key }) => !known.has(key))
    waiting.push(...objects.filter(({ key, etag }) => known.get(key) !== etag || again.has(key)))
    counts[source] = {
      listed: objects.length,
      new: unseen.length,
      changed: changed.length,
      unchanged: objects.length - unseen.length - changed.length,
      refused: 0,
    }
    const result = `${counted(objects.length, 'object')}: ${unseen.length.toLocaleString('en-US')} new, ${changed.length.toLocaleString('en-US')} changed`
    context.log.done('list', source, result, performance.now() - start)
  }
  return { counts: counts as Record<SourceName, ObjectCounts>, waiting, latest }
}

/** Groups objects into batches of at most `bytes`, songs first, so that plays find the catalog. A larger object gets its own batch. */
export function* batches(objects: readonly SourceObject[], bytes: number): Generator<SourceObject[]> {
  let batch: SourceObject[] = []
  let sum = 0
  for (const object of [...objects].sort((a, b) => Number(a.source === 'log_data') - Number(b.source === 'log_data'))) {
    if (batch.length > 0 && sum + object.bytes > bytes) {
      yield batch
      batch = []
      sum = 0
    }
    batch.push(object)
    sum += object.bytes
  }
  if (batch.length > 0) yield batch
}
