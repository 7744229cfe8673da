import { setTimeout as wait } from 'node:timers/promises'
import { explaining } from '../aws-client/explain.ts'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import { findCopyResources } from '../infrastructure/connection.ts'
import { infrastructureEffects } from '../infrastructure/with-aws.ts'
import { type ObjectStore, ObjectsUnavailable, type SourceObject } from '../objects/object-store.ts'
import { type StagingTable, stagingTables } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, type ObjectResults, ValidationNeeded } from './loader.ts'
import { filesToCopy, jsonpathsKey, type Manifest, writeManifests, writeRows } from './manifests.ts'

interface Prepared {
  readonly manifests: readonly Manifest[]
  /** Results of the objects that were rewritten; those of the others are known after COPY. */
  readonly results: ObjectResults
}

/** COPY rejected a record, or a file, of this manifest. */
class CopyRefused extends Error {
  override readonly name = 'CopyRefused'
  readonly statement: (options: { readonly dryRun: boolean }) => queries.Sql
  readonly manifest: Manifest

  constructor(manifest: Manifest, statement: CopyRefused['statement'], cause: unknown) {
    super([(cause as Error).message, (cause as { detail?: string }).detail].filter(Boolean).join(' '), { cause })
    this.manifest = manifest
    this.statement = statement
  }
}

/**
 * Redshift reads the objects directly from the source; manifests in the control bucket name them. A table takes at most two COPYs.
 * Only two kinds of objects are rewritten into the control bucket: those with records that can't be loaded, and small ones if
 * there are very many.
 */
export function redshiftLoader(context: Context, warehouse: Warehouse): Loader {
  const { clients } = infrastructureEffects(context)
  return {
    stagesFirst: false,
    emptyStaging: async (table) => void (await warehouse.execute(queries.clear(table))),
    async prepare(loadId, objects, objectsToValidate) {
      const { controlBucket, roleArn } = await findCopyResources(context)
      const prepared = new Map<StagingTable, Prepared>()
      await explaining(clients, async () => {
        const s3 = await clients.s3()
        for (const table of stagingTables) {
          const own = objects.filter(({ source }) => source === table.source)
          const files = await filesToCopy(context, s3, table, own, {
            bucket: controlBucket,
            loadId,
            objectsToValidate,
          })
          prepared.set(table, {
            ...files,
            manifests: await writeManifests(s3, controlBucket, loadId, table, files.files),
          })
        }
      })
      return async (table, objects, onProgress) => {
        const { manifests, results } = prepared.get(table) ?? { manifests: [], results: new Map() }
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
            results.set(object, { records: lines, rejected: [] })
          onProgress(results.size)
        }
        await verifyStaged(warehouse, table, objects, copied)
        return results
      }
    },
    async addRows(loadId, table, rows) {
      const { controlBucket, roleArn } = await findCopyResources(context)
      const manifest = await explaining(clients, async () =>
        writeRows(await clients.s3(), controlBucket, loadId, table, rows),
      )
      await warehouse.execute(
        queries.copyManifest(table, {
          manifest,
          jsonpaths: `s3://${controlBucket}/${jsonpathsKey(table)}`,
          role: roleArn,
          region: context.config.region,
          gzip: false,
        }),
      )
      const [total] = await warehouse.query(queries.copiedRows())
      if (Number(total?.copied) !== rows.length)
        throw new UserError(
          `COPY added ${total?.copied} of ${counted(rows.length, 'row')} to ${table.name}. Nothing was loaded.`,
          { hint: 'Run etl again.' },
        )
    },
    objectsToValidate: (error) => findSuspects(context, warehouse, error),
    explain: async (error) => (error instanceof CopyRefused ? explained(warehouse, error) : error),
  }
}

/** Runs a COPY and returns the number of rows that it reports. */
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

/** What Redshift says of a file that can't be decompressed; the words for gzip are not on record, those for its siblings are. */
const brokenFile = /inflat|zlib|gzip|\b9001\b/i

const isAboutData = ({ message, detail = '' }: Error & { detail?: string }) =>
  brokenFile.test(`${message} ${detail}`) || /load into table|sys_load_error_detail|stl_load_errors/i.test(message)

/**
 * The number of lines of each object that the last COPY read. Verifies that it read the versions that were listed. The detail view
 * of COPY may lag and cuts long names; if an object is missing there, the versions are checked at the source and every number is 0.
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
  const changed = objects.filter(({ key, etag }) => plain(read.get(key)?.etag) !== plain(etag))
  if (changed.length > 0) throw new ObjectsUnavailable(changed)
  return new Map(objects.map((object) => [object, Number(read.get(object.key)?.records)]))
}

/** Verifies that staging has as many rows as COPY reported, and nothing that COPY accepts against the rules. */
async function verifyStaged(
  warehouse: Warehouse,
  table: StagingTable,
  objects: readonly SourceObject[],
  copied: number,
): Promise<void> {
  const [beyond] = await warehouse.query(queries.stagedAgainstRules(table))
  if (Number(beyond?.n) !== 0) throw new ValidationNeeded(objects)
  const [staged] = await warehouse.query(queries.countRows(table))
  if (Number(staged?.n) === copied) return
  throw new UserError(
    `COPY reported ${counted(copied, 'record')}, but ${table.name} has ${counted(Number(staged?.n), 'record')}. Nothing was loaded.`,
    { hint: 'An object may have changed while it was being read. When the source is complete, run: npm run etl' },
  )
}

/**
 * The objects that made COPY fail. COPY stops at the first bad record, so this runs it again with NOLOAD and a high MAXERROR: then
 * its error view names all objects. It never names a file that can't be decompressed; the error itself may. Else all objects are returned.
 */
async function findSuspects(context: Context, warehouse: Warehouse, error: unknown): Promise<readonly SourceObject[]> {
  if (error instanceof ValidationNeeded) return error.objects
  if (!(error instanceof CopyRefused)) return []
  const { manifest, statement } = error
  const objects = manifest.files.flatMap(({ object }) => (object ? [object] : []))
  if (brokenFile.test(error.message)) {
    const [, key] = /S3 key being read\s*:\s*(s3:\/\/\S+)/i.exec(error.message) ?? []
    const broken = objects.filter((object) => object.key === key)
    return broken.length > 0 ? broken : objects
  }
  context.log.progress('find the objects that COPY rejected')
  // It may fail again; the error view has what it found.
  await warehouse.execute(statement({ dryRun: true })).catch(() => {})
  const named = await refusedFiles(context, warehouse)
  const isNamed = ({ key }: SourceObject) =>
    named.some((name) => name === key || (name.length >= viewNameLength && key.startsWith(name)))
  const found = objects.filter(isNamed)
  return found.length > 0 ? found : objects
}

/** The files that the error view names. It may lag, so it is queried up to four times; empty if it names none. */
async function refusedFiles({ pauseMs, signal }: Context, warehouse: Warehouse): Promise<string[]> {
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const rows = await warehouse.query(queries.refusedFiles())
    if (rows.length > 0) return rows.map(({ file_name }) => String(file_name))
    await wait(Math.min(pauseMs, 5000), undefined, { signal })
  }
  return []
}

/** The error view cuts file names to this many characters. */
const viewNameLength = 256

/** Why COPY failed although every record was validated, from the error view of this session. */
async function explained(warehouse: Warehouse, { message, cause }: CopyRefused): Promise<unknown> {
  const [detail] = await warehouse.query(queries.copyErrors())
  if (detail === undefined)
    return new UserError(`${message} Nothing was loaded.`, {
      hint: 'Redshift has no details yet. Later, look at the view sys_load_error_detail.',
      cause,
    })
  const { file_name, line_number, column_name, error_message } = detail
  const column = column_name ? `, column ${column_name}` : ''
  return new UserError(`${file_name}, line ${line_number}${column}: ${error_message}. Nothing was loaded.`, {
    hint: 'Fix the record at the source, or remove its object from the source. Then run: npm run etl',
    cause,
  })
}
