import { explaining } from '../aws-client/explain.ts'
import { findBucketPlace, openSourceClient } from '../aws-client/source-client.ts'
import { type Location, locationText } from '../config.ts'
import { refusal } from '../errors.ts'
import { emptySource } from '../etl/find-objects.ts'
import { linesOf } from '../objects/lines.ts'
import { validateRecord } from '../objects/validate-record.ts'
import { type SourceName, stagingTables } from '../schema/index.ts'
import { counted, size } from '../text.ts'
import { type DoctorCheck, type DoctorContext, discovered, Undetermined } from './check.ts'

/** Checks the bucket of a source, its list of objects, and one record. A missing permission to list is reported by the list. */
export function sourceChecks(source: SourceName, location: Location, needs: readonly string[]): DoctorCheck[] {
  const bucket = `${source} bucket`
  const isInS3 = location.kind === 's3'
  return [
    ...(isInS3
      ? [{ name: bucket, needs, look: (doctor: DoctorContext) => findBucket(doctor, source, location.bucket) }]
      : []),
    {
      name: `${source} objects`,
      needs: isInS3 ? [bucket] : [],
      look: (doctor) => listObjects(doctor, source, location),
    },
    { name: `${source} record`, needs: [`${source} objects`], look: (doctor) => parseRecord(doctor, source) },
  ]
}

async function findBucket({ context }: DoctorContext, source: SourceName, bucket: string): Promise<string> {
  const { config } = context
  const errorContext = { region: config.region, profile: config.values.AWS?.PROFILE }
  const client = await openSourceClient(errorContext)
  const place = await explaining(errorContext, () => findBucketPlace(client, bucket)).finally(() => client.destroy())
  if (!place.exists)
    throw refusal(
      `The bucket ${bucket} does not exist.`,
      `Fix ${source.toUpperCase()} in [S3]; aws s3 ls shows your own buckets.`,
    )
  if (place.region === undefined)
    throw new Undetermined(`S3 does not say where the bucket ${bucket} is.`, 'Allow s3:ListBucket on it.')
  // COPY has to name the region of the bucket; the SDK finds it by itself.
  if (config.engine !== 'duckdb' && place.region !== config.region)
    throw refusal(
      `The bucket ${bucket} is in ${place.region}, but the warehouse would look for it in ${config.region}.`,
      `Set REGION = ${place.region} in [AWS], or copy the source to a bucket in ${config.region}.`,
    )
  return `${bucket} is in ${place.region}`
}

async function listObjects({ context, found }: DoctorContext, source: SourceName, location: Location): Promise<string> {
  const { objects, skipped } = await (await context.objectStore(source)).list(source)
  if (objects.length === 0)
    throw refusal(
      emptySource(source, location, skipped),
      `Fix ${source.toUpperCase()} in [S3], or generate sample data with npm run generate.`,
    )
  found.objects[source] = objects
  const bytes = objects.reduce((sum, object) => sum + object.bytes, 0)
  return `${counted(objects.length, 'object')}, ${size(bytes)}, below ${locationText(location)}`
}

/** Reads the first record of the smallest object, as a load would. */
async function parseRecord(doctor: DoctorContext, source: SourceName): Promise<string> {
  const objects = discovered(doctor, 'objects')[source] ?? []
  const object = objects.reduce((least, each) => (each.bytes < least.bytes ? each : least))
  const table = stagingTables.find((each) => each.source === source)
  for await (const line of linesOf(await doctor.context.objectStore(source), object)) {
    const result = table && validateRecord(table, line)
    if (result && 'problem' in result)
      throw refusal(
        `Line ${line.number} of ${object.key} ${result.problem.reason}.`,
        `Check that ${source.toUpperCase()} in [S3] names the right records; a load would put this one into quarantine.`,
      )
    return `the first record of ${object.key} is valid`
  }
  return `${object.key} can be read and has no record`
}
