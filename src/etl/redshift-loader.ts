import { setTimeout as wait } from 'node:timers/promises'
import { explaining } from '../aws-client/explain.ts'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import { findCopyResources } from '../infrastructure/connection.ts'
import { infrastructureEffects } from '../infrastructure/with-aws.ts'
import { type ObjectStore, ObjectsUnavailable, type SourceObject } from '../objects/object-store.ts'
import { type Row, type StagingTable, stagingTables, type Table } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, ValidationNeeded } from './loader.ts'
import { filesToCopy, jsonpathsKey, type Manifest, writeManifests, writeRows } from './manifests.ts'
import { sum } from './results.ts'

/** The COPY of a manifest; as a dry run, it only fills the error view. */
type CopyStatement = (manifest: Pick<Manifest, 'address' | 'gzip'>, dryRun?: boolean) => queries.Sql

/** COPY rejected a record, or a file, of this manifest. */
class CopyRejected extends Error {
  override readonly name = 'CopyRejected'
  readonly statement: CopyStatement
  readonly manifest: Manifest

  constructor(manifest: Manifest, statement: CopyStatement, cause: unknown) {
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
  let found: ReturnType<typeof findCopyResources> | undefined
  const copyResources = () => {
    found ??= findCopyResources(context)
    return found
  }
  const copyStatement = async (table: Table): Promise<CopyStatement> => {
    const { controlBucket, roleArn } = await copyResources()
    const { region } = context.config
    const place = { jsonpaths: `s3://${controlBucket}/${jsonpathsKey(table)}`, role: roleArn, region }
    return ({ address, gzip }, dryRun) => queries.copyManifest(table, { ...place, manifest: address, gzip, dryRun })
  }
  return {
    stagesFirst: false,
    async prepare(loadId, objects, objectsToValidate) {
      const { controlBucket } = await copyResources()
      const prepareTable = async (table: StagingTable) => {
        const s3 = await clients.s3()
        const own = objects.filter(({ source }) => source === table.source)
        const options = { bucket: controlBucket, loadId, objectsToValidate }
        const { files, results } = await filesToCopy(context, s3, table, own, options)
        const manifests = await writeManifests(s3, controlBucket, loadId, table, files)
        return { manifests, results, statement: await copyStatement(table) }
      }
      const prepared = new Map<Table, Awaited<ReturnType<typeof prepareTable>>>()
      for (const table of stagingTables) prepared.set(table, await explaining(clients, () => prepareTable(table)))
      return async (table, objects) => {
        const { manifests, results, statement } = prepared.get(table) ?? (await prepareTable(table))
        const emptied = warehouse.execute(queries.clear(table))
        const copying = together(manifests.map((manifest) => copyOne(warehouse, manifest, statement)))
        const staged = together([
          warehouse.query(queries.stagedAgainstRules(table)),
          warehouse.query(queries.countRows(table)),
        ])
        const [, copies, [[beyond], [rows]]] = await together([emptied, copying, staged])
        if (Number(beyond?.n) !== 0) throw new ValidationNeeded(objects)
        const records = sum(copies.map(({ copied }) => copied))
        if (Number(rows?.n) !== records) throw miscounted(table, records, Number(rows?.n))
        const store = await context.objectStore(table.source)
        for (const copy of copies)
          for (const [object, lines] of await linesRead(store, copy))
            results.set(object, { records: lines, rejected: [] })
        return { records, milliseconds: sum(copies.map(({ milliseconds }) => milliseconds)), results }
      }
    },
    async prepareRows(loadId, table, rows) {
      const { controlBucket } = await copyResources()
      const manifest = await explaining(clients, async () =>
        writeRows(await clients.s3(), controlBucket, loadId, table, rows),
      )
      const statement = (await copyStatement(table))({ address: manifest, gzip: false })
      return async () => {
        const [, [total]] = await together([warehouse.execute(statement), warehouse.query(queries.copiedRows())])
        if (Number(total?.copied) !== rows.length)
          throw new UserError(
            `COPY added ${total?.copied} of ${counted(rows.length, 'row')} to ${table.name}. Nothing was loaded.`,
            { hint: 'Run etl again.' },
          )
      }
    },
    objectsToValidate: (error) => findSuspects(context, warehouse, error),
    explain: async (error) => (error instanceof CopyRejected ? explained(warehouse, error) : error),
  }
}

/** What a COPY did. */
interface CopyOutcome {
  readonly manifest: Manifest
  readonly copied: number
  readonly milliseconds: number
  /** The files that it read, as far as the detail view tells. */
  readonly files: readonly Row[]
}

/** Runs a COPY and asks what it read. */
async function copyOne(warehouse: Warehouse, manifest: Manifest, statement: CopyStatement): Promise<CopyOutcome> {
  let milliseconds = 0
  const executed = warehouse.execute(statement(manifest), (elapsed) => {
    milliseconds = elapsed
  })
  const copying = executed.catch((error: unknown) => {
    const isRejected = error instanceof Error && !(error instanceof UserError) && isAboutData(error)
    throw isRejected ? new CopyRejected(manifest, statement, error) : error
  })
  const counting = warehouse.query(queries.copiedRows())
  const [, [total], files] = await together([copying, counting, warehouse.query(queries.copiedFiles())])
  return { manifest, copied: Number(total?.copied), milliseconds, files }
}

/** What Redshift says of a file that can't be decompressed; the words for gzip are not on record, those for its siblings are. */
const brokenFile = /inflat|zlib|gzip|\b9001\b/i

const isAboutData = ({ message, detail = '' }: Error & { detail?: string }) =>
  brokenFile.test(`${message} ${detail}`) || /load into table|sys_load_error_detail|stl_load_errors/i.test(message)

/**
 * The number of lines of each object that a COPY read. Verifies that it read the versions that were listed. The detail view
 * of COPY may lag and cuts long names; if an object is missing there, the versions are checked at the source and every number is null.
 */
async function linesRead(
  store: ObjectStore,
  { manifest, files }: CopyOutcome,
): Promise<Map<SourceObject, number | null>> {
  const objects = manifest.files.flatMap(({ object }) => (object ? [object] : []))
  const read = new Map(files.map((file) => [String(file.file_name), file]))
  if (!objects.every(({ key }) => read.get(key)?.etag)) {
    await store.verifyUnchanged(objects)
    return new Map(objects.map((object) => [object, null]))
  }
  const plain = (etag: unknown) => String(etag).replaceAll('"', '')
  const changed = objects.filter(({ key, etag }) => plain(read.get(key)?.etag) !== plain(etag))
  if (changed.length > 0) throw new ObjectsUnavailable(changed)
  return new Map(objects.map((object) => [object, Number(read.get(object.key)?.records)]))
}

function miscounted({ name }: StagingTable, copied: number, staged: number): UserError {
  return new UserError(
    `COPY reported ${counted(copied, 'record')}, but ${name} has ${counted(staged, 'record')}. Nothing was loaded.`,
    { hint: 'An object may have changed while it was being read. When the source is complete, run: npm run etl' },
  )
}

/**
 * The objects that made COPY fail. COPY stops at the first bad record, so this runs it again with NOLOAD and a high MAXERROR: then
 * its error view names all objects. It never names a file that can't be decompressed; the error itself may. Else all objects are returned.
 */
async function findSuspects(context: Context, warehouse: Warehouse, error: unknown): Promise<readonly SourceObject[]> {
  if (error instanceof ValidationNeeded) return error.objects
  if (!(error instanceof CopyRejected)) return []
  const { manifest, statement } = error
  const objects = manifest.files.flatMap(({ object }) => (object ? [object] : []))
  if (brokenFile.test(error.message)) {
    const [, key] = /S3 key being read\s*:\s*(s3:\/\/\S+)/i.exec(error.message) ?? []
    const broken = objects.filter((object) => object.key === key)
    return broken.length > 0 ? broken : objects
  }
  context.log.progress('find the objects that COPY rejected')
  // It may fail again; the error view has what it found.
  await warehouse.execute(statement(manifest, true)).catch(() => {})
  const named = await rejectedFiles(context, warehouse)
  const isNamed = ({ key }: SourceObject) =>
    named.some((name) => name === key || (name.length >= viewNameLength && key.startsWith(name)))
  const found = objects.filter(isNamed)
  return found.length > 0 ? found : objects
}

/** The files that the error view names. It may lag, so it is queried up to four times; empty if it names none. */
async function rejectedFiles({ pauseMs, signal }: Context, warehouse: Warehouse): Promise<string[]> {
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const rows = await warehouse.query(queries.rejectedFiles())
    if (rows.length > 0) return rows.map(({ file_name }) => String(file_name))
    await wait(Math.min(pauseMs, 5000), undefined, { signal })
  }
  return []
}

/** The error view cuts file names to this many characters. */
const viewNameLength = 256

/** Why COPY failed although every record was validated, from the error view of this session. */
async function explained(warehouse: Warehouse, { message, cause }: CopyRejected): Promise<unknown> {
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
