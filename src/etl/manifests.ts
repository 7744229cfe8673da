import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3 } from '@aws-sdk/client-s3'
import { putGzipped } from '../aws-client/s3.ts'
import type { Context } from '../context.ts'
import { isGzip, type SourceObject } from '../objects/object-store.ts'
import { prepareFiles } from '../objects/prepare-files.ts'
import type { StagingTable, Table, Value } from '../schema/index.ts'
import { jsonpaths } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { joinedBeforeCopy, type ObjectResults } from './loader.ts'

/** A file that COPY reads: an object at the source, or a file in the control bucket with the records of several objects. */
interface CopyFile {
  readonly url: string
  readonly bytes: number
  readonly gzip: boolean
  /** Undefined for a file in the control bucket. */
  readonly object?: SourceObject
}

/** The files of one COPY, which reads either plain or compressed files. */
export interface Manifest {
  readonly address: string
  readonly gzip: boolean
  readonly files: readonly CopyFile[]
}

/** Key of the jsonpaths file in the control bucket. */
export const jsonpathsKey = ({ name }: Table) => `jsonpaths/${name}.json`

/** The files that COPY has to read for these objects. Writes those that need validation or are small into the control bucket. */
export async function filesToCopy(
  context: Context,
  s3: S3,
  table: StagingTable,
  objects: readonly SourceObject[],
  {
    bucket,
    loadId,
    objectsToValidate,
  }: { readonly bucket: string; readonly loadId: string; readonly objectsToValidate: ReadonlySet<SourceObject> },
): Promise<{ readonly files: readonly CopyFile[]; readonly results: ObjectResults }> {
  const { maxQuarantined: maxRejected } = context.config
  const rewritten = new Set(objects.filter((object) => objectsToValidate.has(object)))
  for (const object of joinedBeforeCopy(context.config, objects)) rewritten.add(object)
  const files: CopyFile[] = objects
    .filter((object) => !rewritten.has(object))
    .map((object) => ({ url: object.key, bytes: object.bytes, gzip: isGzip(object), object }))
  const results: ObjectResults = new Map()
  if (rewritten.size === 0) return { files, results }
  const start = performance.now()
  const folder = join(tmpdir(), `sparkify-${loadId}`)
  const store = await context.objectStore(table.source)
  const options = { folder, objectsToValidate, maxRejected, signal: context.signal }
  for await (const part of prepareFiles(store, table, [...rewritten], options)) {
    for (const [index, result] of (await part.results).entries()) {
      const object = part.objects[index]
      if (object) results.set(object, result)
    }
    for (const path of part.paths) {
      const key = `rewritten/${loadId}/${table.name}-${files.length}.json.gz`
      files.push({ url: `s3://${bucket}/${key}`, bytes: await putGzipped(s3, bucket, key, path), gzip: true })
    }
    context.log.progress(`join ${table.name}`, { done: results.size, total: rewritten.size, unit: 'object' })
  }
  context.log.done('join', table.name, counted(rewritten.size, 'object'), performance.now() - start)
  return { files, results }
}

/** Puts the manifests and the jsonpaths of a table into the control bucket. */
export async function writeManifests(
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
    await s3.putObject({
      Bucket: bucket,
      Key: address.slice(`s3://${bucket}/`.length),
      Body: JSON.stringify({ entries }),
    })
  }
  if (needed.length > 0) await s3.putObject({ Bucket: bucket, Key: jsonpathsKey(table), Body: jsonpaths(table) })
  return needed
}

/** Writes rows of a table into the control bucket, with their manifest, whose address is the answer. Timestamps are ms since 1970. */
export async function writeRows(
  s3: S3,
  bucket: string,
  loadId: string,
  table: Table,
  rows: readonly (readonly Value[])[],
): Promise<string> {
  const lines = rows.map((row) =>
    JSON.stringify(
      Object.fromEntries(
        table.columns.map(({ name, type }, index) => {
          const value = row[index] ?? null
          return [name, type === 'timestamp' && value !== null ? Date.parse(String(value)) : value]
        }),
      ),
    ),
  )
  const text = `${lines.join('\n')}\n`
  const key = `rows/${loadId}/${table.name}.json`
  const manifest = `manifests/${loadId}/${table.name}.json`
  const entry = {
    url: `s3://${bucket}/${key}`,
    mandatory: true,
    meta: { content_length: Buffer.byteLength(text) },
  }
  await s3.putObject({ Bucket: bucket, Key: key, Body: text })
  await s3.putObject({ Bucket: bucket, Key: manifest, Body: JSON.stringify({ entries: [entry] }) })
  await s3.putObject({ Bucket: bucket, Key: jsonpathsKey(table), Body: jsonpaths(table) })
  return `s3://${bucket}/${manifest}`
}
