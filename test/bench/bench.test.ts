import { expect, test } from 'vitest'
import { bars, type Results, ratio } from '../../bench/bars.ts'
import { cases } from '../../bench/cases.ts'
import { median } from '../../bench/measure.ts'
import { markdown } from '../../bench/report.ts'
import { runProcess, tsNode } from '../support/process.ts'

const quick = (...args: string[]) => runProcess([tsNode, 'bench/index.ts', '--quick', ...args], {})

test('each way of a case runs, and all of them end with the same rows', async () => {
  const { code, stdout, stderr } = await quick('--case', 'one-day', '--case', 'late-catalog-10m', '--case', 'help')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  for (const line of [
    'one-day, ours',
    'one-day, bare DuckDB',
    'late-catalog-10m, ours',
    'help, ours',
    'help, one word',
  ])
    expect(stdout).toContain(`${line}, run 1: `)
}, 120_000)

test('a case that does not exist is refused with the names of those that do', async () => {
  const { code, stderr } = await quick('--case', 'first-load')
  expect(code).toBe(1)
  expect(stderr).toContain('There is no case first-load')
  expect(stderr).toContain('first-load-2m')
}, 60_000)

test('the bars are about cases that exist, and each is asked once', () => {
  const names = cases.map(({ name }) => name)
  for (const { of, to } of bars) expect(names).toEqual(expect.arrayContaining([of[0], to[0]]))
  expect(new Set(bars.map(({ what, by }) => `${what} ${by}`)).size).toBe(bars.length)
})

test('the median of an even number of figures lies between the two in the middle', () => {
  expect(median([9, 1, 2])).toBe(2)
  expect(median([4, 1, 9, 2])).toBe(3)
})

test('a ratio is that of the medians, and absent where a side was not measured', () => {
  const runs = (...seconds: number[]) => ({ seconds, peakBytes: 1e9, coreSeconds: 15.04, databaseBytes: null })
  const results: Results = {
    'first-load-2m': {
      title: '2 M',
      measuredAt: '2026-11-24T00:00:00.000Z',
      events: 2_000_000,
      rows: null,
      ways: { ours: runs(9, 30, 10), 'bare DuckDB': runs(20, 2, 40) },
      missing: { dlt: 'there is no Python with dlt' },
    },
  }
  const found = Object.fromEntries(bars.map((bar) => [`${bar.what}, ${bar.by}`, ratio(bar, results)]))
  expect(found['2 M events, first load, to bare DuckDB, seconds']).toBe(0.5)
  expect(found['2 M events, to bare DuckDB, peak memory']).toBe(1)
  expect(found['2 M events, to bare DuckDB, size of the database']).toBe(null)
  expect(found['10 M events, first load, to bare DuckDB, seconds']).toBe(null)
  const text = markdown(results, 'a machine')
  expect(text).toContain('| 2 M events, first load, to bare DuckDB | seconds | 1.00 × | 0.50 × | reached |')
  expect(text).toContain('| 2 M | ours | 10.00 (9.00, 30.00, 10.00) | 15.0 | 200,000 |')
  expect(text).toContain('skipped: there is no Python with dlt')
  expect(text).toContain('not measured')
})
