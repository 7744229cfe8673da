import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TestCloud } from '../support/cloud-run.ts'
import { MemoryWarehouse } from '../support/memory-warehouse.ts'
import { event, logObject } from '../support/source.ts'

/** Pairs of fields of plays with one id. The first stays, the second is the one to be found. */
const pairs: readonly [about: string, winner: Record<string, unknown>, loser: Record<string, unknown>][] = [
  ['two names that are not ASCII', { artist: 'Björk' }, { artist: '日本' }],
  ['a title that was repaired and another that was not', { song: 'BjÃ\u0083Â¶rk' }, { song: 'ö' }],
  ['a title that was not repaired and another that was', { song: 'A' }, { song: 'BjÃ\u0083Â¶rk' }],
  ['a length that is rounded up', { length: 1 }, { length: 1.000005 }],
  ['a user agent in quotes', { userAgent: '"A"' }, { userAgent: '"B"' }],
  ['a blank inside', { location: 'X  Y' }, { location: 'X Y' }],
]

describe.each(['DuckDB', 'the Redshift double'])('of two plays with one id on %s', (engine) => {
  let warehouse: MemoryWarehouse | TestCloud
  beforeAll(async () => {
    warehouse = engine === 'DuckDB' ? await new MemoryWarehouse().create() : await TestCloud.start()
  })
  beforeEach(() => warehouse.reset())
  afterAll(async () => {
    if (warehouse instanceof TestCloud) await warehouse.close()
    else warehouse.remove()
  })

  test.each(pairs)('the record that loses is in quarantine, not the other: %s', async (_, winner, loser) => {
    const records = [event(winner), event(loser)]
    // Whichever comes first.
    for (const [name, plays] of Object.entries({ a: records, b: [...records].reverse() })) {
      await warehouse.reset()
      warehouse.write([logObject(`${name}.json`, plays)])
      const { summary } = await warehouse.etl()
      expect(summary.reconciliation).toMatchObject({ inserted: 1, conflicts: 1, quarantined: 1 })
      const entries = await warehouse.query('select line_number, raw_text from quarantine')
      expect(entries).toEqual([{ line_number: name === 'a' ? 2 : 1, raw_text: JSON.stringify(event(loser)) }])
    }
  })
})
