import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HistoryPlace, runHistory, type Tally } from '../support/history/run.ts'
import { historyRuns } from '../support/history/settings.ts'
import { histories } from '../support/history/vocabulary.ts'
import { MemoryWarehouse } from '../support/memory-warehouse.ts'

const { parameters, title } = historyRuns(200)

describe('etl', () => {
  const warehouse = new MemoryWarehouse()
  let ticks = 0
  const place: HistoryPlace = {
    get context() {
      return warehouse.context
    },
    write(name, content) {
      const path = join(warehouse.folder, name)
      writeFileSync(path, content)
      // Files that are written within a millisecond must not look alike.
      ticks += 1
      utimesSync(path, ticks, ticks)
    },
    remove: (name) => rmSync(join(warehouse.folder, name)),
    nameOf: (key) => key.slice(warehouse.folder.length + 1),
    query: (statement) => warehouse.query(statement),
    star: () => warehouse.star(),
    hasManyWriters: false,
    knowsContent: false,
  }
  beforeAll(() => warehouse.create())
  afterAll(() => warehouse.remove())

  test(`any history gives the star and the quarantine that the oracle computes (${title})`, async () => {
    const total: Partial<Tally> = {}
    await fc.assert(
      fc.asyncProperty(histories, async (steps) => {
        await warehouse.reset()
        const tally = await runHistory(place, steps)
        for (const [name, count] of Object.entries(tally) as [keyof Tally, number][])
          total[name] = (total[name] ?? 0) + count
      }),
      parameters,
    )
    console.log(title, total)
    for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(0)
  }, 3_600_000)
})
