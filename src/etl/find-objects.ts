import { type Location, locationText } from '../config.ts'
import type { Context } from '../context.ts'
import { refusal } from '../errors.ts'
import { type Listing, otherName, type SourceObject } from '../objects/object-store.ts'
import type { SourceName } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { verifySchema } from '../tables/schema-version.ts'
import { counted } from '../text.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'
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
 * records in quarantine wait too; records of them that are already loaded aren't loaded twice. Warns of what can't be read.
 *
 * @throws UserError if the tables aren't those of the schema, or if there is nothing to read, and never was.
 */
export async function findObjects(
  context: Context,
  warehouse: Warehouse,
  { full, retryQuarantine = false }: EtlOptions,
): Promise<FoundObjects> {
  const [, latest, rows, rejected] = await together([
    verifySchema(warehouse),
    latestLoadId(warehouse),
    warehouse.query(queries.latestVersions()),
    retryQuarantine ? warehouse.query(queries.quarantinedObjects()) : [],
  ])
  await warehouse.disconnect()
  const known = new Map(rows.map(({ object_key, etag }) => [object_key, full ? undefined : etag]))
  const again = new Set(rejected.map(({ object_key }) => object_key))
  const counts: Partial<Record<SourceName, ObjectCounts>> = {}
  const waiting: SourceObject[] = []
  const empty: { readonly problem: string; readonly hasOthers: boolean }[] = []
  for (const source of sourceNames) {
    const start = performance.now()
    context.log.progress(`list ${source}`)
    const { objects, skipped } = await (await context.objectStore(source)).list(source)
    const changed = objects.filter(({ key, etag }) => known.has(key) && known.get(key) !== etag)
    const unseen = objects.filter(({ key }) => !known.has(key))
    for (const object of objects)
      if (known.get(object.key) !== object.etag || again.has(object.key)) waiting.push(object)
    const leftOut = skipped.filter(({ reason }) => reason !== otherName)
    const others = skipped.filter(({ reason }) => reason === otherName)
    counts[source] = {
      listed: objects.length,
      new: unseen.length,
      changed: changed.length,
      unchanged: objects.length - unseen.length - changed.length,
      refused: 0,
      skipped: others.length,
      left_out: leftOut.length,
    }
    const result = `${counted(objects.length, 'object')}: ${unseen.length.toLocaleString('en-US')} new, ${changed.length.toLocaleString('en-US')} changed`
    context.log.done('list', source, result, performance.now() - start)
    for (const { key, reason } of leftOut)
      context.log.warn(`${key} ${reason}. It is left out; the next etl tries again.`)
    if (objects.length > 0 && others.length > 0)
      context.log.warn(`${source}: ${named(others)} not read. Records are in .json, .jsonl and .ndjson objects.`)
    if (objects.length > 0) continue
    const problem = emptySource(source, context.config.sources[source], skipped)
    if (rows.some((row) => row.source === source)) context.log.warn(`${problem} Earlier loads found objects there.`)
    else empty.push({ problem, hasOthers: skipped.length > 0 })
  }
  // A warehouse of logs alone, or of a catalog alone, is of use; two empty sources are a mistake.
  const problems = empty.map(({ problem }) => problem)
  if (empty.length === sourceNames.length || empty.some(({ hasOthers }) => hasOthers))
    throw refusal(`${problems.join('\n')}\nNothing was loaded.`, 'Check LOG_DATA and SONG_DATA in [S3] of the config.')
  for (const problem of problems) context.log.warn(problem)
  return { counts: counts as Record<SourceName, ObjectCounts>, waiting, latest }
}

/** A sentence about a source without objects, which says what lies there instead. */
export function emptySource(source: SourceName, location: Location, skipped: Listing['skipped']): string {
  const others = skipped.length === 0 ? 'and nothing else' : `but ${named(skipped)}`
  return `${source.toUpperCase()}: ${locationText(location)} has no .json, .jsonl or .ndjson objects, ${others}.`
}

/** How many there are, and the first few of them. */
function named(skipped: Listing['skipped']): string {
  const names = skipped.slice(0, 3).map(({ key }) => key.slice(key.lastIndexOf('/') + 1))
  return `${counted(skipped.length, 'other object')} (${names.join(', ')}${skipped.length > 3 ? ' …' : ''})`
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
