import { setTimeout as wait } from 'node:timers/promises'
import { explaining } from '../aws-client/explain.ts'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import { findCopyResources } from '../infrastructure/connection.ts'
import { infrastructureEffects } from '../infrastructure/with-aws.ts'
import type { ObjectStore, SourceObject } from '../objects/object-store.ts'
import { type StagingTable, stagingTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, type Readings, ValidationNeeded } from './loader.ts'
import { jsonpathsKey, type Manifest, prepareFiles, writeManifests } from './manifests.ts'

interface Prepared {
  readonly manifests: readonly Manifest[]
  /** What is known already: of the objects that were rewritten. */
  readonly readings: Readings
}

/** COPY refused a record, or a file, of this manifest. */
class CopyRefused extends Error {
  override readonly name = 'CopyRefused'
  readonly statement: (options: { readonly dryRun: boolean }) => queries.Sql
  readonly manifest: Manifest

  constructor(manifest: Manifest, statement: CopyRefused['statement'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.manifest = manifest
    this.statement = statement
  }
}

/**
 * Redshift reads the objects where they lie; a manifest in the control bucket pins which. Two COPYs a table at most, however
 * many objects. Only what needs it passes through here and is put into the control bucket: objects that hold a record which
 * can't be loaded, and small ones where there are very many.
 */
export function redshiftLoader(context: Context, warehouse: Warehouse): Loader {
  const { clients } = infrastructureEffects(context)
  return {
    async prepare(loadId, objects, suspects) {
      const { controlBucket, roleArn } = await findCopyResources(context)
      const prepared = new Map<StagingTable, Prepared>()
      await explaining(clients, async () => {
        const s3 = await clients.s3()
        for (const table of stagingTables) {
          const own = objects.filter(({ source }) => source === table.source)
          const files = await prepareFiles(context, s3, table, own, { bucket: controlBucket, loadId, suspects })
          prepared.set(table, {
            ...files,
            manifests: await writeManifests(s3, controlBucket, loadId, table, files.files),
          })
        }
      })
      return async (table, objects, onProgress) => {
        const { manifests, readings } = prepared.get(table) ?? { manifests: [], readings: new Map() }
        const store = await context.objectStore(table.source)
        let copied = 0
        for (const manifest of manifests) {
          const statement: CopyRefused['statement'] = (options) =>
            queries.copyManifest(table, {
              manifest: manifest.address,
              jsonpaths: `s3://${controlBucket}/${jsonpathsKey(table)}`,
              role: roleArn,
              region: context.config.region,
              gzip: manifest.gzip,
              ...options,
            })
          copied += await copyOne(warehouse, manifest, statement)
          for (const [object, lines] of await linesRead(warehouse, store, manifest))
            readings.set(object, { records: lines, refused: [] })
          onProgress(readings.size)
        }
        await verifyStaged(warehouse, table, objects, copied)
        return readings
      }
    },
    objectsToValidate: (error) => findSuspects(context, warehouse, error),
    explain: async (error) => (error instanceof CopyRefused ? explained(warehouse, error) : error),
  }
}

/** Runs a COPY and answers with the rows that it says to have loaded. */
async function copyOne(warehouse: Warehouse, manifest: Manifest, statement: CopyRefused['statement']): Promise<number> {
  try {
    await warehouse.execute(statement({ dryRun: false }))
  } catch (error) {
    if (error instanceof Error && !(error instanceof UserError) && isAboutData(error))
      throw new CopyRefused(manifest, statement, error)
    throw error
  }
  const [total] = await warehouse.query(queries.copiedRows())
  return Number(total?.copied)
}

const isAboutData = ({ message }: Error) =>
  /load into table|sys_load_error_detail|stl_load_errors|gzip format/i.test(message)

/**
 * The lines that the COPY that just ran read, object by object, in the versions that were listed. Its detail view may lag, and
 * cuts long names; where it does not tell, the versions are looked up at the source, and the lines are not known.
 */
async function linesRead(
  warehouse: Warehouse,
  store: ObjectStore,
  { files }: Manifest,
): Promise<Map<SourceObject, number>> {
  const objects = files.flatMap(({ object }) => (object ? [object] : []))
  if (objects.length === 0) return new Map()
  const rows = await warehouse.query(queries.copiedFiles())
  const read = new Map(rows.map((file) => [String(file.file_name), file]))
  if (!objects.every(({ key }) => read.get(key)?.etag)) {
    await store.verifyUnchanged(objects)
    return new Map(objects.map((object) => [object, 0]))
  }
  const plain = (etag: unknown) => String(etag).replaceAll('"', '')
  const changed = objects.find(({ key, etag }) => plain(read.get(key)?.etag) !== plain(etag))
  if (changed)
    throw new UserError(`${changed.key} changed while it was being loaded. Nothing was loaded.`, {
      hint: 'Run etl again when the source is written completely.',
    })
  return new Map(objects.map((object) => [object, Number(read.get(object.key)?.records)]))
}

/** What COPY says it read must be what stands in staging, and nothing of it beyond what the schema can hold. */
async function verifyStaged(
  warehouse: Warehouse,
  table: StagingTable,
  objects: readonly SourceObject[],
  copied: number,
): Promise<void> {
  const [beyond] = await warehouse.query(queries.stagedBeyondLimits(table))
  if (Number(beyond?.n) !== 0) throw new ValidationNeeded(objects)
  const [staged] = await warehouse.query(queries.countRows(table))
  if (Number(staged?.n) === copied) return
  throw new UserError(
    `COPY read ${counted(copied, 'record')}, ${table.name} holds ${counted(Number(staged?.n), 'record')}. Nothing was loaded.`,
    { hint: 'An object may have changed while it was read: run etl again.' },
  )
}

/**
 * The objects that made COPY fail. It stops at the first record that it can't take, so it is run once more without loading
 * and without stopping, and its error view names the objects; of a file that is no gzip file it does not say which one it is.
 */
async function findSuspects(context: Context, warehouse: Warehouse, error: unknown): Promise<readonly SourceObject[]> {
  if (error instanceof ValidationNeeded) return error.objects
  if (!(error instanceof CopyRefused)) return []
  const { manifest, statement } = error
  const objects = manifest.files.flatMap(({ object }) => (object ? [object] : []))
  if (/gzip format/i.test(error.message)) return objects
  context.log.progress('look for the records that COPY does not take')
  // That it fails is no news; what it found is in the view.
  await warehouse.execute(statement({ dryRun: true })).catch(() => {})
  const named = await refusedFiles(context, warehouse)
  const isNamed = ({ key }: SourceObject) =>
    named.some((name) => name === key || (name.length >= viewNameLength && key.startsWith(name)))
  const found = objects.filter(isNamed)
  return found.length > 0 ? found : objects
}

/** The files that the error view names. It may lag behind, so it is asked some times; where it stays empty, any file may be meant. */
async function refusedFiles({ pauseMs, signal }: Context, warehouse: Warehouse): Promise<string[]> {
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const rows = await warehouse.query(queries.refusedFiles())
    if (rows.length > 0) return rows.map(({ file_name }) => String(file_name))
    await wait(Math.min(pauseMs, 5000), undefined, { signal })
  }
  return []
}

/** Characters of a file name that the error view keeps. */
const viewNameLength = 256

/** Why COPY failed though every record was looked at: from the error view of this session; the original error where that says nothing. */
async function explained(warehouse: Warehouse, { message, cause }: CopyRefused): Promise<unknown> {
  const [detail] = await warehouse.query(queries.copyErrors())
  if (detail === undefined)
    return new UserError(`${message} Nothing was loaded.`, {
      hint: 'The warehouse keeps no detail about it: look into sys_load_error_detail later.',
      cause,
    })
  const { file_name, line_number, column_name, error_message } = detail
  const column = column_name ? `, column ${column_name}` : ''
  return new UserError(`${file_name}, line ${line_number}${column}: ${error_message}. Nothing was loaded.`, {
    hint: 'Mend the record at the source, or take its object out of the source, and run etl again.',
    cause,
  })
}
