import { UserError } from '../../errors.ts'
import { counted } from '../../log.ts'
import { linesOf } from '../../objects/lines.ts'
import type { ObjectStore, SourceObject } from '../../objects/object-store.ts'
import { problemOf } from '../../objects/record.ts'
import { type Part, spool } from '../../objects/spool.ts'
import type { StagingTable } from '../../schema/index.ts'
import { copyFiles, stagedBeyondLimits } from '../../sql-queries/index.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** Copies objects into a staging table and says how many records each of them held, in their order. */
export async function copyIntoStaging(
  warehouse: Warehouse,
  table: StagingTable,
  store: ObjectStore,
  objects: readonly SourceObject[],
  spoolFolder: string,
  onProgress: (copied: number) => void,
): Promise<Map<SourceObject, number>> {
  const records = new Map<SourceObject, number>()
  for await (const part of spool(store, objects, spoolFolder)) {
    const rows = await copyPart(warehouse, table, store, part)
    for (const [index, object] of part.objects.entries()) records.set(object, part.records?.[index] ?? rows)
    onProgress(records.size)
  }
  await store.verifyUnchanged(objects)
  const [beyond] = await warehouse.query(stagedBeyondLimits(table, warehouse.dialect))
  if (beyond?.n !== 0) throw await refusedRecords(table, store, objects, undefined)
  return records
}

async function copyPart(warehouse: Warehouse, table: StagingTable, store: ObjectStore, part: Part): Promise<number> {
  let rows: number
  try {
    rows = await warehouse.execute(copyFiles(table, [part.path]))
  } catch (error) {
    if (error instanceof Error && /^(Invalid Input|Conversion|Constraint) Error/.test(error.message))
      throw await refusedRecords(table, store, part.objects, error)
    throw error
  }
  const expected = part.records?.reduce((sum, count) => sum + count, 0) ?? rows
  if (rows !== expected)
    throw new Error(`${counted(expected, 'record')} of ${part.objects[0]?.key} … were written, ${rows} were read.`)
  return rows
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
    for await (const { number, text } of linesOf(store, object)) {
      const problem = problemOf(table, text)
      if (!problem) continue
      problems.push(
        `${object.key}, line ${number}${problem.column ? `, column ${problem.column}` : ''}: ${problem.reason}`,
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
