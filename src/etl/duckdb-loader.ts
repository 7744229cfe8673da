import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { type Part, type Reading, spool } from '../objects/prepare-files.ts'
import type { StagingTable } from '../schema/index.ts'
import { copyFiles } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, type Readings, ValidationNeeded } from './loader.ts'

/** DuckDB reads files; small objects are joined into a few beside the database. */
export function duckdbLoader({ config, objectStore, signal }: Context, warehouse: Warehouse): Loader {
  return {
    prepare: async (_, __, suspects) => async (table, objects, onProgress) => {
      const store = await objectStore(table.source)
      const readings: Readings = new Map()
      const options = { folder: `${config.database}.spool`, suspects, signal, maxRefused: config.maxQuarantined }
      for await (const part of spool(store, table, objects, options)) {
        const own = await copyPart(warehouse, table, part)
        for (const [index, object] of part.objects.entries())
          readings.set(object, own[index] ?? { records: 0, refused: [] })
        onProgress(readings.size)
      }
      if (!store.pinsVersions) await store.verifyUnchanged(objects)
      return readings
    },
    objectsToValidate: async (error) => (error instanceof ValidationNeeded ? error.objects : []),
    explain: async (error) => (error instanceof ValidationNeeded ? (error.cause ?? error) : error),
  }
}

async function copyPart(warehouse: Warehouse, table: StagingTable, part: Part): Promise<readonly Reading[]> {
  let rows = 0
  try {
    if (part.paths.length > 0) rows = await warehouse.execute(copyFiles(table, part.paths))
  } catch (error) {
    if (error instanceof Error && /^(Invalid Input|Conversion|Constraint) Error|GZIP/.test(error.message))
      throw new ValidationNeeded(part.objects, error)
    throw error
  }
  const readings = await part.readings
  const suspicious = part.objects.filter((_, index) => readings[index]?.isSuspicious)
  if (suspicious.length > 0) throw new ValidationNeeded(suspicious)
  const expected = readings.reduce((sum, { records }) => sum + records, 0)
  if (rows !== expected) throw new ValidationNeeded(part.objects, miscounted(part.objects, expected, rows))
  return readings
}

function miscounted(objects: readonly SourceObject[], expected: number, rows: number): UserError {
  return new UserError(
    `${objects[0]?.key}${objects.length > 1 ? ` and ${counted(objects.length - 1, 'other object')}` : ''}: ${counted(expected, 'record')} counted, ${rows.toLocaleString('en-US')} loaded. Nothing was loaded.`,
    { hint: 'An object changed while it was read: run etl again when the source is written completely.' },
  )
}
