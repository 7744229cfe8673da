import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstDifference } from '../support/compare-star.ts'
import { type HistoryPlace, runHistory, type Tally } from '../support/history/run.ts'
import { historyRuns } from '../support/history/settings.ts'
import { histories } from '../support/history/vocabulary.ts'
import { MemoryWarehouse } from '../support/memory-warehouse.ts'
import { expectedStar } from '../support/oracle.ts'
import { runScript } from '../support/process.ts'
import { largeSource } from '../support/source.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

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
    // Few histories may well lack something.
    if (parameters.numRuns < 100) return
    for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(0)
  }, 3_600_000)

  test('two processes at once load everything once: the other one waits its turn, or says who holds the warehouse', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const file = await new TestWarehouse().create()
      const objects = largeSource(2000, 100)
      file.write(objects)
      const run = () => runScript('etl', ['--config', file.configFile, '--json'])
      const outcomes = await Promise.all([run(), run()])
      const inserted = outcomes.map(({ code, stdout, stderr }) => {
        if (code === 0) return JSON.parse(stdout).reconciliation.inserted
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: expect.stringMatching(/is in use by another process \(PID \d+\)/),
        })
        return 0
      })
      expect(inserted.sort((a, b) => a - b)).toEqual([0, 1800])
      expect(firstDifference(expectedStar([objects]), await file.star())).toBeUndefined()
      file.remove()
    }
  })
})
