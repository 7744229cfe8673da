import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar, readObjects } from './support/oracle.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/**
 * A folder of test/cases is a case: each `load-N` is what arrives at the source before the Nth etl, `case.json` says what
 * it is about and what queries answer in the end. The star must also be the oracle's.
 */
const folder = join(import.meta.dirname, 'cases')

interface Case {
  readonly about: string
  readonly queries: Readonly<Record<string, unknown[]>>
}

describe('cases', () => {
  for (const name of readdirSync(folder)) {
    const { about, queries } = JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as Case
    test(`${name}: ${about}`, async () => {
      const warehouse = await new TestWarehouse().create()
      const loads = readdirSync(join(folder, name)).filter((entry) => entry.startsWith('load-'))
      const history = []
      for (const load of loads.sort()) {
        const arrived = join(folder, name, load)
        cpSync(arrived, warehouse.folder, { recursive: true })
        history.push(readObjects(join(arrived, 'log_data'), join(arrived, 'song_data')))
        await warehouse.etl()
      }
      for (const [query, rows] of Object.entries(queries)) expect(await warehouse.query(query), query).toEqual(rows)
      expect(firstDifference(expectedStar(history), await warehouse.star())).toBeUndefined()
      warehouse.remove()
    })
  }
})
