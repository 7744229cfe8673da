/**
 * Measures every case and writes what it took to documentation/performance.md, .json and the growth charts beside them.
 *
 *     npm run bench -- [--quick] [--case NAME]… [--data DIR]
 *
 * --quick: tiny data, one run each, nothing written: shows that everything runs and agrees, not how fast.
 * --case NAME: only that case; the figures of the others stay as they were. May stand several times.
 * --data DIR: keeps the generated sources there for the next time; else a temporary folder, removed at the end.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { callersFolder, projectFolder } from '../src/folders.ts'
import { replaceBlock } from '../test/support/documents/dictionary.ts'
import { size } from '../src/text.ts'
import { bars, type CaseResult, type Results, type Runs, ratio } from './bars.ts'
import { type Case, cases } from './cases.ts'
import { type Measured, measure, median } from './measure.ts'
import { growthCharts, markdown } from './report.ts'
import { type Bench, openBench, type Way } from './ways.ts'

const documents = join(projectFolder, 'documentation')
const figures = join(documents, 'performance.json')

/** Bytes on the disk for each event: its log and the databases of two ways; the staging of PostgreSQL where that is measured. */
const bytesAnEvent = { embedded: 1_000, withServer: 2_500 }

interface Recorded {
  readonly machine: string
  readonly cases: Results
}

/** Runs the ways of a case in turn, so that what else the machine does meets all of them. */
async function measureCase(bench: Bench, { name, title, events, runs, ways }: Case): Promise<CaseResult> {
  const all = await ways(bench)
  const present = all.filter(({ missing }) => missing === undefined)
  const taken = new Map<Way, Measured[]>(present.map((way) => [way, []]))
  for (const { name: way, missing } of all) if (missing) console.log(`${name}, ${way}: skipped, ${missing}`)
  for (let run = 1; run <= (bench.quick ? 1 : runs); run += 1)
    for (const [way, measured] of taken) {
      if (run > (way.runs ?? runs)) continue
      await way.prepare()
      const one = await measure(way.command)
      measured.push(way.inServer ? { ...one, peakBytes: null, coreSeconds: null } : one)
      console.log(`${name}, ${way.name}, run ${run}: ${one.seconds.toFixed(2)} s`)
    }
  return {
    title,
    measuredAt: new Date().toISOString(),
    events: bench.quick ? null : (events ?? null),
    rows: await agreedRows(name, present),
    ways: Object.fromEntries(
      [...taken].map(([way, measured]): [string, Runs] => [
        way.name,
        {
          seconds: measured.map(({ seconds }) => Number(seconds.toFixed(3))),
          peakBytes: medianIfKnown(measured.map(({ peakBytes }) => peakBytes)),
          coreSeconds: medianIfKnown(measured.map(({ coreSeconds }) => coreSeconds)),
          databaseBytes: way.databaseBytes?.() ?? null,
        },
      ]),
    ),
    missing: Object.fromEntries(all.flatMap((way) => (way.missing ? [[way.name, way.missing]] : []))),
  }
}

function medianIfKnown(figures: readonly (number | null)[]): number | null {
  const known = figures.filter((figure) => figure !== null)
  return known.length === figures.length ? median(known) : null
}

/** A ratio between ways that did not do the same work would say nothing. */
async function agreedRows(name: string, ways: readonly Way[]): Promise<Record<string, number> | null> {
  let agreed: { way: string; rows: Record<string, number> } | undefined
  for (const way of ways) {
    const rows = await way.rows?.()
    if (rows === undefined) continue
    agreed ??= { way: way.name, rows }
    const [expected, found] = [agreed.rows, rows].map((counts) => JSON.stringify(counts, Object.keys(counts).sort()))
    if (found !== expected)
      throw new Error(`${name}: ${agreed.way} ends with ${expected}, ${way.name} with ${found} rows.`)
  }
  return agreed?.rows ?? null
}

function describeMachine(): string {
  const [cpu] = cpus()
  return `${cpus().length} × ${cpu?.model}, ${size(totalmem())} of memory, Linux ${release()}, Node ${process.version}`
}

function verifyRoom(folder: string, chosen: readonly Case[]): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = Math.max(
    ...chosen.map(
      ({ events = 10_000_000, onRequest }) => events * (onRequest ? bytesAnEvent.embedded : bytesAnEvent.withServer),
    ),
  )
  if (bavail * bsize < needed)
    throw new Error(
      `${folder} has ${size(bavail * bsize)} of room, about ${size(needed)} are needed: name another --data.`,
    )
}

function read(): Recorded | undefined {
  try {
    return JSON.parse(readFileSync(figures, 'utf8'))
  } catch {
    return undefined
  }
}

/** Adds the results to those of earlier runs, in the order of the cases, and writes all of them. */
async function write(results: Results): Promise<void> {
  const all = { ...read()?.cases, ...results }
  const ordered = Object.fromEntries(cases.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : []))) as Results
  const machine = describeMachine()
  writeFileSync(figures, `${JSON.stringify({ machine, cases: ordered }, null, 2)}\n`)
  const path = join(documents, 'performance.md')
  writeFileSync(path, replaceBlock(readFileSync(path, 'utf8'), 'measured', markdown(ordered, machine)))
  for (const [file, svg] of await growthCharts(ordered)) writeFileSync(join(documents, file), `${svg}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      case: { type: 'string', multiple: true, default: [] },
      data: { type: 'string' },
    },
  })
  const unknown = values.case.find((name) => !cases.some((known) => known.name === name))
  if (unknown) throw new Error(`There is no case ${unknown}: ${cases.map(({ name }) => name).join(', ')}.`)
  const chosen = cases.filter(({ name, onRequest }) =>
    values.case.length > 0 ? values.case.includes(name) : !onRequest || values.quick,
  )
  const folder = values.data ? resolve(callersFolder(), values.data) : mkdtempSync(join(tmpdir(), 'sparkify-bench-'))
  mkdirSync(folder, { recursive: true })
  // The server of PostgreSQL, which runs as another user, reads the sources itself.
  chmodSync(folder, 0o755)
  if (!values.quick) verifyRoom(folder, chosen)
  const bench = openBench(folder, values.quick)
  const clear = () => {
    bench.close()
    if (!values.data) rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      clear()
      process.exit(1)
    })
  const results: Record<string, CaseResult> = {}
  try {
    for (const one of chosen) {
      results[one.name] = await measureCase(bench, one)
      if (!values.quick) await write(results)
    }
  } finally {
    clear()
  }
  for (const bar of bars) {
    const is = ratio(bar, results)
    if (is !== null && !values.quick) console.log(`${bar.what}, ${bar.by}: ${is.toFixed(3)} ×, at most ${bar.atMost} ×`)
  }
}

void main()
