import type { Warehouse } from '../../../src/warehouse/warehouse.ts'
import type { Run } from './vocabulary.ts'

/** What a run that was killed ends with. */
export class Killed extends Error {}

/** The warehouse of a process that is killed at one of its calls: before it is made, or when it is done and not answered yet. */
export function mortal(warehouse: Warehouse, { at, when }: NonNullable<Run['kill']>): Warehouse {
  let calls = 0
  const call = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const own = calls
    calls += 1
    if (own > at || (own === at && when === 'before')) throw new Killed()
    const result = await work()
    if (own === at) {
      calls = Number.POSITIVE_INFINITY
      throw new Killed()
    }
    return result
  }
  return {
    dialect: warehouse.dialect,
    query: (statement) => call(() => warehouse.query(statement)),
    execute: (statement) => call(() => warehouse.execute(statement)),
    // Its call is the commit: the work in it makes calls of its own.
    transaction: (work) =>
      warehouse
        .transaction(async () => {
          const result = await work()
          if (calls === at && when === 'before') throw new Killed()
          return result
        })
        .then((result) => call(async () => result)),
    lock: (table) => call(() => warehouse.lock(table)),
    insertRows: (table, rows) => call(() => warehouse.insertRows(table, rows)),
    disconnect: () => warehouse.disconnect(),
    close: () => warehouse.close(),
  }
}
