import type { Context } from '../../context.ts'
import { UserError } from '../../errors.ts'
import { counted } from '../../log.ts'
import { linesOf } from '../../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import { problemOf } from '../../objects/record.ts'
import { type Part, spool } from '../../objects/spool.ts'
import type { StagingTable } from '../../schema/index.ts'
import { copyFiles, stagedBeyondLimits } from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'
import type { Records, Stager } from './stager.ts'

/** DuckDB reads files; small objects are joined into a few beside the database. */
export function duckdbStager({ config, objectStore }: Context, warehouse: Warehouse): Stager {
  return {
    prepare: async () => async (table, objects, onProgress) => {
      const store = await objectStore(table.source)
      const records: Records = new Map()
      for await (const part of spool(store, objects, `${config.database}.spool`)) {
        const counts = await copyPart(warehouse, table, store, part)
        for (const [index, object] of part.objects.entries()) records.set(object, counts[index] ?? 0)
        onProgress(records.size)
      }
      if (!store.pinsVersions) await store.verifyUnchanged(objects)
      const [beyond] = await warehouse.query(stagedBeyondLimits(table, warehouse.dialect))
      if (beyond?.n !== 0) throw await refusedRecords(table, store, objects, undefined)
      return records
    },
    explain: async (error) => error,
  }
}

async function copyPart(
  warehouse: Warehouse,
  table: StagingTable,
  store: ObjectStore,
  part: Part,
): Promise<readonly number[]> {
  let rows: number
  try {
    rows = await warehouse.execute(copyFiles(table, part.paths))
  } catch (error) {
    if (error instanceof Error && /^(Invalid Input|Conversion|Constraint) Error/.test(error.message))
      throw await refusedRecords(table, store, part.objects, error)
    throw error
  }
  const records = await part.records
  const expected = records.reduce((sum, count) => sum + count, 0)
  if (rows !== expected) throw changedWhileRead(part.objects, expected, rows)
  return records
}

function changedWhileRead(objects: readonly SourceObject[], expected: number, rows: number): UserError {
  return new UserError(
    `${objects[0]?.key}${objects.length > 1 ? ` and ${counted(objects.length - 1, 'other object')}` : ''}: ${counted(expected, 'record')} counted, ${rows.toLocaleString('en-US')} loaded. Nothing was loaded.`,
    { hint: 'An object changed while it was read: run etl again when the source is written completely.' },
  )
}

/** The records at fault, with object, line, column and reason. Read again line by line, which only a refused load has to pay for. */
async function refusedRecords(
  table: StagingTable,
  store: ObjectStore,
  objects: readonly SourceObject[],
  cause: Error | undefined,
): Promise<UserError> {
  const problems: string[] = []
  for (const object of objects) {
    for await (const line of linesOf(store, object)) {
      const problem = problemOf(table, line)
      if (!problem) continue
      problems.push(
        `${object.key}, line ${line.number}${problem.column ? `, column ${problem.column}` : ''}: ${problem.reason}`,
      )
    }
  }
  const [first = `${objects[0]?.key} …: ${cause?.message}`] = problems
  const others = problems.length > 1 ? ` ${counted(problems.length - 1, 'other record')} can't be loaded either.` : ''
  return new UserError(`${first}. Nothing was loaded.${others}`, {
    hint: 'Mend the record at the source, or take its object out of the source, and run etl again.',
    cause,
  })
}
