import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TestCloud } from '../cloud-run.ts'
import { MemoryWarehouse } from '../memory-warehouse.ts'
import { type HistoryPlace, runHistory, type Tally } from './run.ts'
import { histories } from './vocabulary.ts'

interface Place extends HistoryPlace {
  reset(): Promise<void>
  close(): Promise<void>
}

async function onDuckdb(): Promise<Place> {
  const warehouse = await new MemoryWarehouse().create()
  let ticks = 0
  return {
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
    reset: () => warehouse.reset(),
    close: async () => warehouse.remove(),
  }
}

async function onRedshift(): Promise<Place> {
  const cloud = await TestCloud.start()
  const bucket = cloud.cloud.aws.state.buckets.get('source')
  return {
    get context() {
      return cloud.context
    },
    write: (name, content) => void bucket?.put(name, content),
    remove: (name) => void bucket?.remove(name),
    nameOf: (key) => key.slice('s3://source/'.length),
    query: (statement) => cloud.query(statement),
    star: () => cloud.star(),
    hasManyWriters: true,
    // The ETag in S3 is that of the content: the same content again is not another version.
    knowsContent: true,
    reset: () => cloud.reset(),
    close: () => cloud.close(),
  }
}

const engines = { DuckDB: onDuckdb, 'the Redshift double': onRedshift }

/**
 * Tries so many random histories on an engine; HISTORIES in the environment says how many instead. SEED repeats a run (it stands in
 * the name of the test), and SHRINK looks for a smaller example when one fails, which takes long.
 */
export function testHistories(engine: keyof typeof engines, count: number): void {
  const numRuns = Number(process.env.HISTORIES ?? count)
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
  test(`${numRuns} random histories on ${engine} give the star and the quarantine that the oracle computes (SEED=${seed})`, async () => {
    const place = await engines[engine]()
    const total: Partial<Tally> = {}
    const property = fc.asyncProperty(histories, async (steps) => {
      await place.reset()
      const tally = await runHistory(place, steps)
      for (const [name, count] of Object.entries(tally) as [keyof Tally, number][])
        total[name] = (total[name] ?? 0) + count
    })
    await fc.assert(property, { numRuns, seed, ...(process.env.SHRINK ? {} : { endOnFailure: true }) })
    await place.close()
    // A few histories may well lack something.
    if (numRuns >= 100) for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(0)
  })
}
