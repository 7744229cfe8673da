import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { PreparedFiles } from '../objects/join-objects.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { prepareFiles } from '../objects/prepare-files.ts'
import type { ScannedObject } from '../objects/validate-object.ts'
import type { StagingTable } from '../schema/index.ts'
import { clear, copyFiles, createTemporary } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type Loader, type ObjectResults, ValidationNeeded } from './loader.ts'

/**
 * DuckDB reads files into temporary staging tables. Small objects are joined into a few files in a folder next to the database; large
 * ones are read in place, and scanned at the same time for records that aren't plain.
 */
export function duckdbLoader({ config, objectStore, signal }: Context, warehouse: Warehouse): Loader {
  return {
    stagesFirst: true,
    prepare: async (_, __, objectsToValidate) => async (table, objects, onProgress) => {
      const start = performance.now()
      await warehouse.execute(config.keepStaging ? clear(table) : createTemporary(table, warehouse.dialect))
      const store = await objectStore(table.source)
      const results: ObjectResults = new Map()
      let records = 0
      const options = {
        folder: `${config.database}.spool`,
        objectsToValidate,
        signal,
        maxRejected: config.maxQuarantined,
      }
      for await (const part of prepareFiles(store, table, objects, options)) {
        const own = await copyPart(warehouse, table, part)
        for (const [index, object] of part.objects.entries()) {
          const result = own[index] ?? { records: 0, rejected: [] }
          results.set(object, result)
          records += result.records
        }
        onProgress(results.size)
      }
      if (!store.pinsVersions) await store.verifyUnchanged(objects)
      return { records, milliseconds: performance.now() - start, results }
    },
    prepareRows: async (_, table, rows) => () => warehouse.insertRows(table, rows),
    objectsToValidate: async (error) => (error instanceof ValidationNeeded ? error.objects : []),
    explain: async (error) => (error instanceof ValidationNeeded ? (error.cause ?? error) : error),
  }
}

async function copyPart(
  warehouse: Warehouse,
  table: StagingTable,
  part: PreparedFiles,
): Promise<readonly ScannedObject[]> {
  const copy = part.paths.length > 0 ? warehouse.execute(copyFiles(table, part.paths)) : Promise.resolve(0)
  const [rows, scanned] = await Promise.allSettled([copy, part.results])
  if (scanned.status === 'rejected') throw scanned.reason
  const results = scanned.value
  const objects = part.objects.filter((_, index) => results[index]?.needsValidation)
  if (objects.length > 0) throw new ValidationNeeded(objects)
  if (rows.status === 'rejected') throw rows.reason
  const expected = results.reduce((sum, { records }) => sum + records, 0)
  if (rows.value !== expected) throw miscounted(part.objects, expected, rows.value)
  return results
}

function miscounted(objects: readonly SourceObject[], expected: number, rows: number): UserError {
  return new UserError(
    `${objects[0]?.key}${objects.length > 1 ? ` and ${counted(objects.length - 1, 'other object')}` : ''}: ${counted(expected, 'record')} counted, ${rows.toLocaleString('en-US')} loaded. Nothing was loaded.`,
    { hint: 'An object changed while it was being read. When the source is complete, run: npm run etl' },
  )
}
