import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { TestCloud } from './support/cloud-run.ts'
import { firstDifference } from './support/compare-star.ts'
import { expectedStar } from './support/oracle.ts'
import { type Finished, runScript, runShell } from './support/process.ts'
import { runEtl } from './support/run-etl.ts'
import { event, largeSource, logObject, smallSource, song, songObject } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

/** A load of one event, and a larger one that waits. */
const first = [logObject('first.json', [event({ sessionId: 900 })])]
const waiting = largeSource(12_000, 3000)
async function newWarehouse(settings = ''): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse({ settings }).create()
  warehouses.push(warehouse)
  warehouse.write(first)
  await warehouse.etl()
  warehouse.write(waiting)
  return warehouse
}

/** A fingerprint of every row of the star. */
async function rowsOf(warehouse: Pick<TestWarehouse, 'star'>): Promise<string> {
  const star = Object.entries(await warehouse.star()).map(([table, rows]) => [
    table,
    (rows as object[]).map((row) => JSON.stringify(row)).sort(),
  ])
  return createHash('sha256').update(JSON.stringify(star)).digest('hex')
}

function expectComplaint({ code, stdout, stderr }: Finished, says: RegExp, cure: RegExp): void {
  expect({ code, stdout }, stderr).toEqual({ code: 1, stdout: '' })
  expect(stderr).not.toMatch(/This is a bug|^ +at /m)
  const [sentence, hint] = stderr.trimEnd().split('\n').slice(-2)
  expect(sentence).toMatch(says)
  expect(hint).toMatch(cure)
}

/** The star is as it was, nothing lies beside the database, and a run without the fault loads everything. */
async function expectRecovery(warehouse: TestWarehouse, before: string): Promise<void> {
  expect(readdirSync(dirname(warehouse.database)).filter((name) => name.startsWith('test'))).toEqual(['test.duckdb'])
  expect(await rowsOf(warehouse)).toBe(before)
  expect((await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })).code).toBe(0)
  expect(firstDifference(expectedStar([first, waiting]), await warehouse.star())).toBeUndefined()
}

test('a memory limit that is too low fails the load, says which setting to raise and changes nothing', async () => {
  const warehouse = await newWarehouse()
  const before = await rowsOf(warehouse)
  const low = join(warehouse.folder, 'low.cfg')
  const { sources } = warehouse.context.config
  const path = (name: 'log_data' | 'song_data') => (sources[name].kind === 'folder' ? sources[name].path : '')
  writeFileSync(
    low,
    `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${warehouse.database}\nMEMORY_LIMIT = 12MB\n[S3]\nLOG_DATA = ${path('log_data')}\nSONG_DATA = ${path('song_data')}\n`,
  )
  expectComplaint(
    await runScript('etl', ['--config', low]),
    /^DuckDB needs more memory than its limit\. Nothing was changed\.$/,
    /^Raise MEMORY_LIMIT or lower BATCH_BYTES in the config\.$/,
  )
  await expectRecovery(warehouse, before)
})

test('too few open files fail the load and change nothing', async () => {
  const warehouse = await newWarehouse()
  const before = await rowsOf(warehouse)
  const line = `ulimit -n 22 && exec $TS_NODE $SRC/etl.ts --config dwh.cfg`
  expectComplaint(
    await runShell(line, { cwd: warehouse.folder }),
    /^Too many open files\./,
    /^Raise the limit with `ulimit -n` and run the command again\.$/,
  )
  await expectRecovery(warehouse, before)
})

describe('a clock that is set back', () => {
  const instants = ['2026-03-29T01:30:00Z', '2026-03-29T00:30:00Z', '1999-12-31T23:59:59Z', '2026-03-29T00:30:00Z']

  test('leaves loads in the order in which they were, and the latest record of a song the one that counts', async () => {
    const warehouse = await new TestWarehouse().create()
    warehouses.push(warehouse)
    const loads = instants.map((_, index) => [
      logObject(`${index}.json`, [event({ sessionId: 10 + index })]),
      songObject('changed.json', song({ title: `Title ${index}`, year: 1990 + index })),
    ])
    const ids: string[] = []
    for (const [index, load] of loads.entries()) {
      warehouse.write(load)
      const context = { ...warehouse.context, now: () => new Date(instants[index] ?? '') }
      ids.push(...(await runEtl(context, { full: false })).summary.loads)
    }
    expect(ids).toHaveLength(loads.length)
    expect([...ids].sort()).toEqual(ids)
    expect(firstDifference(expectedStar(loads), await warehouse.star())).toBeUndefined()
    const again = await runEtl({ ...warehouse.context, now: () => new Date(0) }, { full: false })
    expect(again.summary.loads).toEqual([])
  })

  test('during a load changes nothing about it', async () => {
    const warehouse = await new TestWarehouse().create()
    warehouses.push(warehouse)
    warehouse.write(smallSource)
    let hours = 500_000
    const now = () => {
      hours -= 1
      return new Date(hours * 3_600_000)
    }
    const { summary } = await runEtl({ ...warehouse.context, now }, { full: false })
    expect(summary.checks.every(({ offenders }) => offenders === 0)).toBe(true)
    expect(firstDifference(expectedStar([smallSource]), await warehouse.star())).toBeUndefined()
  })
})

const isRoot = process.getuid?.() === 0

/** As somebody else, whom the permissions of files bind. */
const asNobody = (line: string) => `exec setpriv --reuid=65534 --regid=65534 --clear-groups ${line}`

test.skipIf(!isRoot)(
  'a folder in which nothing can be put beside the database fails the load and changes nothing',
  async () => {
    const warehouse = await newWarehouse()
    const before = await rowsOf(warehouse)
    chmodSync(warehouse.folder, 0o755)
    chmodSync(dirname(warehouse.database), 0o755)
    chmodSync(warehouse.database, 0o666)
    expectComplaint(
      await runShell(asNobody('$TS_NODE $SRC/etl.ts --config dwh.cfg'), { cwd: warehouse.folder }),
      /^(Can't write to .*test\.duckdb\.spool \(EACCES\)\. Nothing was loaded\.|Permission denied to open the warehouse .*\.)$/,
      /TMPDIR|permissions/,
    )
    await expectRecovery(warehouse, before)
  },
)

test('a folder of temporary files that can’t be written is named on Redshift, nothing is loaded, and the next etl loads', async () => {
  // COMPACT: every small object passes through that folder.
  const cloud = await TestCloud.start({ settings: '[ETL]\nCOMPACT = 1' })
  cloud.write(smallSource)
  const file = join(cloud.cloud.folder, 'no-folder')
  writeFileSync(file, '')
  const { configFile, environment } = cloud.cloud
  expectComplaint(
    await runScript('etl', ['--config', configFile], { environment: { ...environment, TMPDIR: file } }),
    /^Can't write to .*no-folder\/sparkify-\S+ \(ENOTDIR\)\. Nothing was loaded\.$/,
    /TMPDIR/,
  )
  expect(await cloud.query('select count(*) as n from songplays')).toEqual([{ n: 0 }])
  await cloud.etl()
  expect(firstDifference(expectedStar([smallSource]), await cloud.star())).toBeUndefined()
  await cloud.close()
})
