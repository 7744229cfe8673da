import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startScript } from './support/process.ts'
import { event } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

let warehouse: TestWarehouse
beforeEach(async () => {
  warehouse = await new TestWarehouse({ settings: '[WAREHOUSE]\nTHREADS = 1\nMEMORY_LIMIT = 200MB\n' }).create()
})
afterEach(() => warehouse.remove())

/** A load of one event takes 220 MB, nearly all of it Node and DuckDB. To hold what these objects hold would take 256 MB more. */
const most = 450

test.each([
  { objects: 16, records: 8, recordBytes: 2_000_000, bad: '' },
  { objects: 64, records: 8, recordBytes: 500_000, bad: 'hello' },
  { objects: 1, records: 128, recordBytes: 2_000_000, bad: '{"page":"Home",}' },
])('small gzip objects are not held decompressed: %j', async ({ objects, records, recordBytes, bad }) => {
  const padding = 'x'.repeat(recordBytes)
  const lines = Array.from({ length: records }, (_, index) => JSON.stringify(event({ itemInSession: index, padding })))
  const content = gzipSync([...lines, bad].join('\n'))
  expect(content.length).toBeLessThan(1_000_000)
  for (let index = 0; index < objects; index += 1)
    writeFileSync(join(warehouse.folder, 'log_data', `${index}.json.gz`), content)
  const { stdout, stderr } = await startScript('etl', ['--config', 'dwh.cfg', '--json'], {
    cwd: warehouse.folder,
    environment: {
      NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, 'support', 'peak-memory.cjs'))}`,
    },
  })
  const { reconciliation, quarantine } = JSON.parse(stdout)
  expect(reconciliation.events).toBe(objects * records)
  expect(quarantine.records).toBe(bad === '' ? 0 : objects)
  expect(Number(/^peak (\d+) kB$/m.exec(stderr)?.[1]) / 1000).toBeLessThan(most)
})
