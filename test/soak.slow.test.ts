import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startScript } from './support/process.ts'
import { event, lines, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** `SOAK=1 npx vitest run test/soak.slow.test.ts` takes some minutes and 4 GB of disk; otherwise a fiftieth, and a tenth of the loads. */
const isFull = process.env.SOAK === '1'
const share = isFull ? 1 : 50

let warehouse: TestWarehouse
beforeEach(async () => {
  warehouse = await new TestWarehouse({ settings: '[WAREHOUSE]\nTHREADS = 2\n' }).create()
})
afterEach(() => warehouse.remove())

/** Runs a script; `peak` has the most memory that it held at once, in MB, and the most file handles. */
async function peakOf(...args: readonly string[]) {
  const [name = '', ...more] = args
  const preload = join(import.meta.dirname, 'support', 'peak-memory.cjs')
  const environment = { NODE_OPTIONS: `--require ${JSON.stringify(preload)}` }
  const { code, stdout, stderr } = await startScript(name, ['--config', warehouse.configFile, '--json', ...more], {
    environment,
  })
  expect(code, stderr).toBe(0)
  const [, kilobytes, handles] = /^peak (\d+) kB\nhandles (\d+)$/m.exec(stderr) ?? []
  const peak = { megabytes: Math.round(Number(kilobytes) / 1000), handles: Number(handles) }
  if (isFull) console.log(args.join(' '), peak)
  return { peak, result: JSON.parse(stdout) }
}

/** Writes files in folders of a thousand. */
function writeMany(count: number, nameOf: (index: number) => string, textOf: (index: number) => string): void {
  for (let index = 0; index < count; index += 1) {
    const folder = join(warehouse.folder, 'song_data', String(Math.floor(index / 1000)))
    if (index % 1000 === 0) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, nameOf(index)), textOf(index))
  }
}

test('very many small objects are loaded with few file handles and bounded memory, and again in no time', async () => {
  const count = 200_000 / share
  const idOf = (index: number) => `SO${String(index).padStart(16, '0')}`
  writeMany(
    count,
    (index) => `${index}.json`,
    (index) => lines([song({ song_id: idOf(index), title: `Song ${index}` })]),
  )
  const { peak, result } = await peakOf('etl')
  expect(result.tables.songs.rows).toBe(count)
  expect(peak.handles).toBeLessThan(120)
  expect(peak.megabytes).toBeLessThan(isFull ? 1000 : 450)
  const again = await peakOf('etl')
  expect(again.result.loads).toEqual([])
  expect(again.peak.megabytes).toBeLessThan(isFull ? 600 : 400)
})

test('a tree of very many names is listed with few file handles and bounded memory', async () => {
  const count = 1_000_000 / share
  writeFileSync(join(warehouse.folder, 'log_data', 'a.json'), lines([event()]))
  writeMany(
    count,
    (index) => `${index}.json`,
    () => '{}\n',
  )
  const { peak, result } = await peakOf('etl', '--plan')
  expect(result.waiting.objects).toBe(count + 1)
  expect(peak.handles).toBeLessThan(120)
  expect(peak.megabytes).toBeLessThan(isFull ? 1200 : 400)
})

test('many loads in a row in one process leave no memory and no file handles behind', async () => {
  const loads = isFull ? 500 : 50
  const handles = () => readdirSync('/proc/self/fd').length
  const samples: { handles: number; megabytes: number }[] = []
  for (let load = 0; load < loads; load += 1) {
    writeFileSync(join(warehouse.folder, 'log_data', `${load}.json`), lines([event({ sessionId: load })]))
    const { summary } = await warehouse.etl()
    expect(summary.loads).toHaveLength(1)
    if (load % (loads / 5) === loads / 5 - 1)
      samples.push({ handles: handles(), megabytes: Math.round(process.memoryUsage.rss() / 1e6) })
  }
  if (isFull) console.log(samples)
  // The first fifth fills caches.
  const [, first, , , last] = samples
  expect((last?.handles ?? 0) - (first?.handles ?? 0)).toBeLessThanOrEqual(2)
  expect((last?.megabytes ?? 0) - (first?.megabytes ?? 0)).toBeLessThan(60)
})
