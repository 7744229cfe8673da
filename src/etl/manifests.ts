import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3 } from '@aws-sdk/client-s3'
import { putGzipped } from '../aws-client/s3.ts'
import type { Context } from '../context.ts'
import { isGzip, type SourceObject } from '../objects/object-store.ts'
import { joinedBytes, prepareFiles } from '../objects/prepare-files.ts'
import type { StagingTable, Table, Value } from '../schema/index.ts'
import { jsonpaths } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { ObjectResults } from './loader.ts'

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
  const { maxQuarantined: maxRejected, compactFrom } = context.config
  // COPY is faster when very many small objects are joined first.
  const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
  const joined = compactFrom > 0 && small.length >= compactFrom ? small : []
  const rewritten = new Set([...objects.filter((object) => objectsToValidate.has(object)), ...joined])
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

/** Puts the manifests of a table into the control bucket. */
export async function writeManifests(
  s3: S3,
  bucket: string,
  loadId: string,
  table: StagingTable,
  files: readonly CopyFile[],
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = []
  for (const gzip of [false, true]) {
    const own = files.filter((file) => file.gzip === gzip)
    const name = `${loadId}/${table.name}${gzip ? '-gz' : ''}`
    if (own.length > 0) manifests.push({ address: await putManifest(s3, bucket, name, table, own), gzip, files: own })
  }
  return manifests
}

/** Writes rows of a table into the control bucket, with their manifest, whose address is the answer. Timestamps are ms since 1970. */
export async function writeRows(
  s3: S3,
  bucket: string,
  loadId: string,
  table: Table,
  rows: readonly (readonly Value[])[],
): Promise<string> {
  const plain = (value: Value = null, type: string) =>
    type === 'timestamp' && value !== null ? Date.parse(String(value)) : value
  const records = rows.map((row) =>
    Object.fromEntries(table.columns.map(({ name, type }, index) => [name, plain(row[index], type)])),
  )
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const key = `rows/${loadId}/${table.name}.json`
  await s3.putObject({ Bucket: bucket, Key: key, Body: text })
  const file = { url: `s3://${bucket}/${key}`, bytes: Buffer.byteLength(text), gzip: false }
  return putManifest(s3, bucket, `${loadId}/${table.name}`, table, [file])
}

/** Puts a manifest and the jsonpaths of its table. Answers with the address of the manifest. */
async function putManifest(
  s3: S3,
  bucket: string,
  name: string,
  table: Table,
  files: readonly CopyFile[],
): Promise<string> {
  const entries = files.map(({ url, bytes }) => ({ url, mandatory: true, meta: { content_length: bytes } }))
  const key = `manifests/${name}.json`
  await s3.putObject({ Bucket: bucket, Key: key, Body: JSON.stringify({ entries }) })
  await s3.putObject({ Bucket: bucket, Key: jsonpathsKey(table), Body: jsonpaths(table) })
  return `s3://${bucket}/${key}`
}
