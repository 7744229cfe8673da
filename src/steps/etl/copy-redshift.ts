import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { explaining } from '../../aws-client/explain.ts'
import type { S3 } from '../../aws-client/s3.ts'
import type { Context } from '../../context.ts'
import { UserError } from '../../errors.ts'
import { counted } from '../../log.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import { spool } from '../../objects/spool.ts'
import { type StagingTable, stagingTables } from '../../schema/index.ts'
import * as queries from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { infrastructureEffects } from '../aws-settings.ts'
import { findLoadSite } from '../redshift-connection.ts'
import { joinedBeforeCopy, type Readings, ScreeningNeeded, type Stager } from './stager.ts'

/** A file that COPY reads: an object where it lies, or records of several that were put into the control bucket. */
interface CopyFile {
  readonly url: string
  readonly bytes: number
  readonly gzip: boolean
  /** Undefined if the file is ours. */
  readonly object?: SourceObject
}

/** A COPY reads either plain or compressed files. */
interface Manifest {
  readonly address: string
  readonly gzip: boolean
  readonly files: readonly CopyFile[]
}

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
export function redshiftStager(context: Context, warehouse: Warehouse): Stager {
  const { clients } = infrastructureEffects(context)
  return {
    async prepare(loadId, objects, suspects) {
      const site = await findLoadSite(context)
      const prepared = new Map<StagingTable, Prepared>()
      await explaining(clients, async () => {
        const s3 = await clients.s3()
        for (const table of stagingTables) {
          const own = objects.filter(({ source }) => source === table.source)
          const files = await prepareFiles(context, s3, table, own, { bucket: site.controlBucket, loadId, suspects })
          prepared.set(table, {
            ...files,
            manifests: await writeManifests(s3, site.controlBucket, loadId, table, files.files),
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
              jsonpaths: `s3://${site.controlBucket}/${jsonpathsKey(table)}`,
              role: site.roleArn,
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
    suspects: (error) => findSuspects(context, warehouse, error),
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

const jsonpathsKey = ({ name }: StagingTable) => `jsonpaths/${name}.json`

/** The files that COPY is to read for these objects; those that have to be rewritten are in the control bucket then. */
async function prepareFiles(
  context: Context,
  s3: S3,
  table: StagingTable,
  objects: readonly SourceObject[],
  {
    bucket,
    loadId,
    suspects,
  }: { readonly bucket: string; readonly loadId: string; readonly suspects: ReadonlySet<SourceObject> },
): Promise<{ readonly files: readonly CopyFile[]; readonly readings: Readings }> {
  const { maxQuarantined: maxRefused } = context.config
  const rewritten = new Set(objects.filter((object) => suspects.has(object)))
  for (const object of joinedBeforeCopy(context.config, objects)) rewritten.add(object)
  const files: CopyFile[] = objects
    .filter((object) => !rewritten.has(object))
    .map((object) => ({ url: object.key, bytes: object.bytes, gzip: object.key.endsWith('.gz'), object }))
  const readings: Readings = new Map()
  if (rewritten.size === 0) return { files, readings }
  const start = performance.now()
  const folder = join(tmpdir(), `sparkify-${loadId}`)
  const store = await context.objectStore(table.source)
  for await (const part of spool(store, table, [...rewritten], { folder, suspects, maxRefused })) {
    for (const [index, reading] of (await part.readings).entries()) {
      const object = part.objects[index]
      if (object) readings.set(object, reading)
    }
    for (const path of part.paths) {
      const key = `rewritten/${loadId}/${table.name}-${files.length}.json.gz`
      files.push({ url: `s3://${bucket}/${key}`, bytes: await s3.putGzipped(bucket, key, path), gzip: true })
    }
    context.log.progress(`join ${table.name}: ${readings.size} of ${rewritten.size} objects`)
  }
  context.log.done('join', table.name, counted(rewritten.size, 'object'), performance.now() - start)
  return { files, readings }
}

async function writeManifests(
  s3: S3,
  bucket: string,
  loadId: string,
  table: StagingTable,
  files: readonly CopyFile[],
): Promise<readonly Manifest[]> {
  const kinds = [false, true].map((gzip): Manifest => {
    const key = `manifests/${loadId}/${table.name}${gzip ? '-gz' : ''}.json`
    return { address: `s3://${bucket}/${key}`, gzip, files: files.filter((file) => file.gzip === gzip) }
  })
  const needed = kinds.filter(({ files }) => files.length > 0)
  for (const { address, files } of needed) {
    const entries = files.map(({ url, bytes }) => ({ url, mandatory: true, meta: { content_length: bytes } }))
    await s3.putText(bucket, address.slice(`s3://${bucket}/`.length), JSON.stringify({ entries }))
  }
  if (needed.length > 0) await s3.putText(bucket, jsonpathsKey(table), queries.jsonpaths(table))
  return needed
}

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
  const [beyond] = await warehouse.query(queries.stagedBeyondLimits(table, warehouse.dialect))
  if (Number(beyond?.n) !== 0) throw new ScreeningNeeded(objects)
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
  if (error instanceof ScreeningNeeded) return error.objects
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
