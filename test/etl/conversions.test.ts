import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Dialect, duckdb, sql } from '../../src/sql-queries/index.ts'
import { MemoryWarehouse } from '../support/memory-warehouse.ts'
import { runEtl } from '../support/run-etl.ts'
import { smallSource } from '../support/source.ts'

let warehouse: MemoryWarehouse
beforeEach(async () => {
  warehouse = await new MemoryWarehouse().create()
})
afterEach(() => warehouse.remove())

test.each<[name: string, difference: Partial<Dialect>]>([
  ['takes $1 literally', { spacedHex: (text) => sql`regexp_replace(hex(${text}), '(..)', '$1 ', 'g')` }],
  ['replaces once only', { spacedHex: (text) => sql`regexp_replace(hex(${text}), '(..)', '\\1 ')` }],
  ['writes digits in lower case', { spacedHex: (text) => sql`lower(${duckdb.spacedHex(text)})` }],
  ['gives the digits back', { textOfHex: (hex) => hex }],
])('a load stops, and changes nothing, on an engine that %s', async (_, difference) => {
  warehouse.write(smallSource)
  const { context } = warehouse
  const openWarehouse = async () => ({ ...warehouse.held(), dialect: { ...duckdb, ...difference } })
  const load = runEtl({ ...context, openWarehouse }, { full: false })
  await expect(load).rejects.toThrow(/Quality checks failed: the engine converts text to bytes and back/)
  expect(await warehouse.held().query(sql`select load_id from loads`)).toEqual([])
})
