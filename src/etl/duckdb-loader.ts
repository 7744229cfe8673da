import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { prepareFiles } from '../objects/prepare-files.ts'
import type { PreparedFiles, ScannedObject } from '../objects/prepared-files.ts'
import type { StagingTable } from '../schema/index.ts'
import { copyFiles } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, type ObjectResults, ValidationNeeded } from './loader.ts'

/** DuckDB reads files. Small objects are joined into a few files in a folder next to the database. */
export function duckdbLoader({ config, objectStore, signal }: Context, warehouse: Warehouse): Loader {
  return {
    prepare: async (_, __, objectsToValidate) => async (table, objects, onProgress) => {
      const store = await objectStore(table.source)
      const results: ObjectResults = new Map()
      const options = {
        folder: `${config.database}.spool`,
        objectsToValidate,
        signal,
        maxRejected: config.maxQuarantined,
      }
      for await (const part of prepareFiles(store, table, objects, options)) {
        const own = await copyPart(warehouse, table, part)
        for (const [index, object] of part.objects.entries())
          results.set(object, own[index] ?? { records: 0, rejected: [] })
        onProgress(results.size)
      }
      if (!store.pinsVersions) await store.verifyUnchanged(objects)
      return results
    },
    objectsToValidate: async (error) => (error instanceof ValidationNeeded ? error.objects : []),
    explain: async (error) => (error instanceof ValidationNeeded ? (error.cause ?? error) : error),
  }
}

async function copyPart(
  warehouse: Warehouse,
  table: StagingTable,
  part: PreparedFiles,
): Promise<readonly ScannedObject[]> {
  let rows = 0
  try {
    if (part.paths.length > 0) rows = await warehouse.execute(copyFiles(table, part.paths))
  } catch (error) {
    if (error instanceof Error && /^(Invalid Input|Conversion|Constraint) Error|GZIP/.test(error.message))
      throw new ValidationNeeded(part.objects, error)
    throw error
  }
  const results = await part.results
  const suspicious = part.objects.filter((_, index) => results[index]?.isSuspicious)
  if (suspicious.length > 0) throw new ValidationNeeded(suspicious)
  const expected = results.reduce((sum, { records }) => sum + records, 0)
  if (rows !== expected) throw new ValidationNeeded(part.objects, miscounted(part.objects, expected, rows))
  return results
}

function miscounted(objects: readonly SourceObject[], expected: number, rows: number): UserError {
  return new UserError(
    `${objects[0]?.key}${objects.length > 1 ? ` and ${counted(objects.length - 1, 'other object')}` : ''}: ${counted(expected, 'record')} counted, ${rows.toLocaleString('en-US')} loaded. Nothing was loaded.`,
    { hint: 'An object changed while it was being read. When the source is complete, run: npm run etl' },
  )
}
