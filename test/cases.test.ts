import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { MemoryWarehouse } from './support/memory-warehouse.ts'
import { expectedStar, readObjects } from './support/oracle.ts'

/**
 * A folder of test/cases is a case: each `load-N` is what arrives at the source before the Nth etl, `case.json` says what
 * it is about and what queries answer in the end. The star must also be the oracle's.
 */
const folder = join(import.meta.dirname, 'cases')

interface Case {
  readonly about: string
  readonly queries: Readonly<Record<string, unknown[]>>
}

describe.each(['DuckDB', 'the Redshift double'])('on %s', (engine) => {
  let warehouse: MemoryWarehouse | TestCloud
  beforeAll(async () => {
    warehouse = engine === 'DuckDB' ? await new MemoryWarehouse().create() : await TestCloud.start()
  })
  beforeEach(() => warehouse.reset())
  afterAll(() => (warehouse instanceof TestCloud ? warehouse.close() : warehouse.remove()))

  /** Puts the files of a folder into the source as they are, empty and compressed ones too. */
  function arrive(from: string): void {
    if (warehouse instanceof MemoryWarehouse) {
      cpSync(from, warehouse.folder, { recursive: true })
      return
    }
    const bucket = warehouse.cloud.aws.state.buckets.get('source')
    for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) bucket?.put(path.slice(from.length + 1), readFileSync(path))
    }
  }

  for (const name of readdirSync(folder)) {
    const { about, queries } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case
    test(`${name}: ${about}`, async () => {
      const history = []
      const loads = readdirSync(join(folder, name)).filter((entry) => entry.startsWith('load-'))
      for (const load of loads.sort()) {
        const arrived = join(folder, name, load)
        arrive(arrived)
        history.push(readObjects(join(arrived, 'log_data'), join(arrived, 'song_data')))
        await warehouse.etl()
      }
      for (const [query, rows] of Object.entries(queries)) {
        // What COPY reports of an object is its lines, blank ones too: rows of the ledger may be more than the records.
        const isComparable = engine === 'DuckDB' || !query.includes('load_ledger')
        if (isComparable) expect(await warehouse.query(query), query).toEqual(rows)
      }
      expect(firstDifference(expectedStar(history), await warehouse.star())).toBeUndefined()
    })
  }
})
