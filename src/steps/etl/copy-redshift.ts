import { explaining } from '../../aws-client/explain.ts'
import type { S3 } from '../../aws-client/s3.ts'
import type { Context } from '../../context.ts'
import { UserError } from '../../errors.ts'
import { counted } from '../../log.ts'
import { linesOf } from '../../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import { problemOf } from '../../objects/record.ts'
import { type StagingTable, stagingTables } from '../../schema/index.ts'
import * as queries from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import { infrastructureEffects } from '../aws-settings.ts'
import { findLoadSite, type LoadSite } from '../redshift-connection.ts'
import type { Records, Stager } from './stager.ts'

/** A COPY reads either plain or compressed objects. */
interface Manifest {
  readonly address: string
  readonly gzip: boolean
  readonly objects: readonly SourceObject[]
}

/** Redshift reads the objects where they lie; a manifest in the control bucket pins which. Two COPYs a table at most, however many objects. */
export function redshiftStager(context: Context, warehouse: Warehouse): Stager {
  return {
    async prepare(loadId, objects) {
      const { clients } = infrastructureEffects(context)
      const site = await findLoadSite(context)
      const manifests = await explaining(clients, async () =>
        writeManifests(await clients.s3(), site.controlBucket, loadId, objects),
      )
      return async (table, _, onProgress) => {
        const store = await context.objectStore(table.source)
        const records: Records = new Map()
        let copied = 0
        for (const manifest of manifests.get(table) ?? []) {
          await warehouse.execute(copyStatement(table, manifest, site, context.config.region))
          const [total] = await warehouse.query(queries.copiedRows())
          copied += Number(total?.copied)
          for (const [object, lines] of await linesRead(warehouse, store, manifest)) records.set(object, lines)
          onProgress(records.size)
        }
        await verifyStaged(warehouse, table, copied)
        return records
      }
    },
    explain: (error) => explained(context, warehouse, error),
  }
}

function copyStatement(table: StagingTable, { address, gzip }: Manifest, site: LoadSite, region: string): queries.Sql {
  const jsonpaths = `s3://${site.controlBucket}/${jsonpathsKey(table)}`
  return queries.copyManifest(table, { manifest: address, jsonpaths, role: site.roleArn, region, gzip })
}

const jsonpathsKey = ({ name }: StagingTable) => `jsonpaths/${name}.json`

async function writeManifests(
  s3: S3,
  bucket: string,
  loadId: string,
  objects: readonly SourceObject[],
): Promise<Map<StagingTable, readonly Manifest[]>> {
  const manifests = new Map<StagingTable, readonly Manifest[]>()
  for (const table of stagingTables) {
    const own = objects.filter(({ source }) => source === table.source)
    const kinds = [false, true].map((gzip): Manifest => {
      const key = `manifests/${loadId}/${table.name}${gzip ? '-gz' : ''}.json`
      return { address: `s3://${bucket}/${key}`, gzip, objects: own.filter(({ key }) => key.endsWith('.gz') === gzip) }
    })
    const needed = kinds.filter(({ objects }) => objects.length > 0)
    for (const { address, objects } of needed) {
      const entries = objects.map(({ key, bytes }) => ({ url: key, mandatory: true, meta: { content_length: bytes } }))
      await s3.putText(bucket, address.slice(`s3://${bucket}/`.length), JSON.stringify({ entries }))
    }
    if (needed.length === 0) continue
    await s3.putText(bucket, jsonpathsKey(table), queries.jsonpaths(table))
    manifests.set(table, needed)
  }
  return manifests
}

/**
 * The lines that the COPY that just ran read, object by object, in the versions that were listed. Its detail view may lag, and
 * cuts long names; where it does not tell, the versions are looked up at the source, and the lines are not known.
 */
async function linesRead(warehouse: Warehouse, store: ObjectStore, { objects }: Manifest): Promise<Records> {
  const files = await warehouse.query(queries.copiedFiles())
  const read = new Map(files.map((file) => [String(file.file_name), file]))
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

/** What COPY says it read must be what stands in staging, and nothing of it beyond what a play's id can hold. */
async function verifyStaged(warehouse: Warehouse, table: StagingTable, copied: number): Promise<void> {
  const [beyond] = await warehouse.query(queries.stagedBeyondLimits(table, warehouse.dialect))
  if (Number(beyond?.n) !== 0)
    throw new UserError(
      `${table.name} holds ${counted(Number(beyond?.n), 'record')} that are out of range. Nothing was loaded.`,
      {
        hint: 'Mend the records at the source and run etl again.',
      },
    )
  const [staged] = await warehouse.query(queries.countRows(table))
  if (Number(staged?.n) === copied) return
  throw new UserError(
    `COPY read ${counted(copied, 'record')}, ${table.name} holds ${counted(Number(staged?.n), 'record')}. Nothing was loaded.`,
    { hint: 'An object may have changed while it was read: run etl again.' },
  )
}

/** Why COPY failed: from the error view of this session, with the record at fault; the original error where that says nothing. */
async function explained(context: Context, warehouse: Warehouse, error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || error instanceof UserError) return error
  if (!/load into table|sys_load_error_detail|stl_load_errors/i.test(error.message)) return error
  const [session] = await warehouse.query(queries.sessionId())
  const [detail] = await warehouse.query(queries.copyErrors(Number(session?.pid)))
  if (detail === undefined)
    return new UserError(`${error.message} Nothing was loaded.`, {
      hint: 'The warehouse keeps no detail about it: look into sys_load_error_detail later.',
      cause: error,
    })
  const { file_name, line_number, column_name, error_message } = detail
  const reason = (await reasonOf(context, String(file_name), Number(line_number))) ?? `${error_message}`
  const column = column_name ? `, column ${column_name}` : ''
  return new UserError(`${file_name}, line ${line_number}${column}: ${reason}. Nothing was loaded.`, {
    hint: 'Mend the record at the source, or take its object out of the source, and run etl again.',
    cause: error,
  })
}

/** The rules of this suite explain more than a code: declared and needed bytes, the range of a number. */
async function reasonOf(context: Context, key: string, lineNumber: number): Promise<string | undefined> {
  for (const table of stagingTables) {
    const store = await context.objectStore(table.source)
    const object = (await store.list(table.source)).find((candidate) => candidate.key === key)
    if (object === undefined) continue
    for await (const line of linesOf(store, object)) {
      if (line.number === lineNumber) return problemOf(table, line)?.reason
    }
  }
  return undefined
}
