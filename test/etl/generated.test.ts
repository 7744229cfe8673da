import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { generateSampleData } from '../../src/sample-data/generate.ts'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar, type OracleObject, readObjects } from '../support/oracle.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

describe('generated data', () => {
  test('of any seed gives the star that the oracle computes, in one load or with the catalog late', async () => {
    const options = fc.record({
      seed: fc.integer({ min: 0, max: 1_000_000 }),
      // Without an event and without the catalog there is no source at all, which is refused.
      events: fc.integer({ min: 1, max: 1500 }),
      songs: fc.integer({ min: 0, max: 200 }),
      isCatalogLate: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(options, async ({ isCatalogLate, ...sizes }) => {
        const warehouse = await new TestWarehouse().create()
        const arrived = join(warehouse.folder, 'generated')
        await generateSampleData({ ...sizes, out: arrived, days: 5 })
        const loads: OracleObject[][] = []
        for (const sources of isCatalogLate ? [['log_data'], ['song_data']] : [['log_data', 'song_data']]) {
          for (const source of sources)
            cpSync(join(arrived, source), join(warehouse.folder, source), { recursive: true })
          await warehouse.etl()
          const all = readObjects(join(arrived, 'log_data'), join(arrived, 'song_data'))
          loads.push(all.filter(({ source }) => sources.includes(source)))
        }
        expect(firstDifference(expectedStar(loads), await warehouse.star())).toBeUndefined()
        rmSync(warehouse.folder, { recursive: true })
      }),
      { numRuns: 8 },
    )
  })
})
