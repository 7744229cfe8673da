import { expect } from 'vitest'
import type { Context } from '../../../src/context.ts'
import { UserError } from '../../../src/errors.ts'
import type { Row } from '../../../src/schema/index.ts'
import { type ActualStar, firstDifference } from '../compare-star.ts'
import { expectedStar, settled } from '../oracle.ts'
import { runEtl } from '../run-etl.ts'
import { Killed, mortal } from './mortal.ts'
import { contentOf, HistorySource, loadable, refusals, type Version } from './source.ts'
import type { Run, Step } from './vocabulary.ts'

/** A warehouse with a source next to it, on either engine. */
export interface HistoryPlace {
  readonly context: Context
  /** Objects have a new version even if their bytes are the same. */
  write(name: string, content: Buffer): void
  remove(name: string): void
  /** The name of what the warehouse calls `object_key`. */
  nameOf(key: string): string
  query(statement: string): Promise<Row[]>
  star(): Promise<ActualStar>
  /** Whether the engine lets several runs at one warehouse. */
  readonly hasManyWriters: boolean
  /** Whether the source tells versions apart by their content, so that the same content again is no new version. */
  readonly knowsContent: boolean
}

/** What a history had in it, so that a test can say that nothing it is about was left out. */
export interface Tally {
  runs: number
  killed: number
  refusedForTooMany: number
  loads: number
  conflicts: number
  quarantined: number
  inserted: number
}

const calm: Run = {
  batchBytes: 1_000_000_000,
  maxQuarantined: 1000,
  full: false,
  retryQuarantine: false,
  kill: undefined,
  atOnce: 1,
}

/**
 * Lets a history happen and compares the warehouse with the oracle after every run of etl, whatever came of it; afterwards everything
 * that is spoiled is mended and loaded, and in the end all is rebuilt.
 */
export async function runHistory(place: HistoryPlace, steps: readonly Step[]): Promise<Tally> {
  const history = new History(place)
  for (const step of steps) {
    if (step.kind === 'etl') await history.etl(step.run)
    else history.change(step)
  }
  history.mendAll()
  await history.etl({ ...calm, retryQuarantine: true })
  await history.verifyNothingRefused()
  await history.etl({ ...calm, full: true })
  return history.tally
}

class History {
  readonly tally: Tally = {
    runs: 0,
    killed: 0,
    refusedForTooMany: 0,
    loads: 0,
    conflicts: 0,
    quarantined: 0,
    inserted: 0,
  }
  private readonly place: HistoryPlace
  private readonly source = new HistorySource()
  /** What each load took, in order, as it was then. */
  private readonly taken = new Map<string, Version[]>()
  private loadIds: string[] = []

  constructor(place: HistoryPlace) {
    this.place = place
  }

  change(step: Exclude<Step, { kind: 'etl' }>): void {
    const { written, removed } = this.source.change(step)
    for (const version of written) this.place.write(version.name, contentOf(version))
    for (const name of removed) this.place.remove(name)
  }

  mendAll(): void {
    for (const version of this.source.mendAll()) this.place.write(version.name, contentOf(version))
  }

  /** What was mended is in quarantine no more. */
  async verifyNothingRefused(): Promise<void> {
    const refused = (await this.quarantine()).filter(({ column }) => column !== 'songplay_id')
    expect(refused.filter(({ name }) => this.source.objects.has(name))).toEqual([])
  }

  async etl(run: Run): Promise<void> {
    const waiting = await this.waiting(run)
    const before = this.loadIds
    const runs = this.place.hasManyWriters ? run.atOnce : 1
    const outcomes = await Promise.allSettled(Array.from({ length: runs }, () => this.attempt(run)))
    this.tally.runs += runs
    for (const outcome of outcomes) if (outcome.status === 'rejected') this.verifyFailure(outcome.reason, run)
    await this.readLedger()
    const done = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
    const brought = this.loadIds.filter((loadId) => !before.includes(loadId))
    const names = brought.flatMap((loadId) => this.taken.get(loadId)?.map(({ name }) => name) ?? [])
    // Each waiting object once, unless several runs retried or rebuilt; not all of them if a run ended early.
    if (runs === 1 || !(run.full || run.retryQuarantine)) expect(new Set(names).size).toBe(names.length)
    if (done.length > 0) expect([...new Set(names)].sort()).toEqual(waiting)
    else expect(waiting).toEqual(expect.arrayContaining(names))
    for (const { summary, exitCode } of done) {
      const { events, not_a_play, plays, already_loaded, duplicates, conflicts, inserted, quarantined } =
        summary.reconciliation
      expect(events).toBe(not_a_play + plays)
      expect(plays).toBe(already_loaded + duplicates + conflicts + inserted)
      expect(summary.quarantine.records).toBe(quarantined)
      expect(exitCode).toBe(quarantined > 0 ? 3 : 0)
      expect(summary.checks.filter(({ offenders }) => offenders > 0)).toEqual([])
      this.tally.loads += summary.loads.length
      this.tally.conflicts += conflicts
      this.tally.quarantined += quarantined
      this.tally.inserted += inserted
    }
    await this.verify(brought, run)
  }

  /** The objects that the ledger does not have in this version, and those that a retry or a rebuild takes besides. */
  private async waiting({ full, retryQuarantine }: Run): Promise<string[]> {
    const known = new Map(
      this.loadIds.flatMap((loadId) => this.taken.get(loadId) ?? []).map((version) => [version.name, version]),
    )
    const refused = new Set((await this.quarantine()).map(({ name }) => name))
    return [...this.source.objects.values()]
      .filter(
        (version) =>
          full || this.isChanged(known.get(version.name), version) || (retryQuarantine && refused.has(version.name)),
      )
      .map(({ name }) => name)
      .sort()
  }

  private isChanged(known: Version | undefined, version: Version): boolean {
    if (!known || !this.place.knowsContent) return known !== version
    return !contentOf(known).equals(contentOf(version))
  }

  private attempt({ kill, full, retryQuarantine, batchBytes, maxQuarantined }: Run) {
    const { context } = this.place
    return runEtl(
      {
        ...context,
        config: { ...context.config, batchBytes, maxQuarantined },
        openWarehouse: async (access) => {
          const warehouse = await context.openWarehouse(access)
          return kill ? mortal(warehouse, kill) : warehouse
        },
      },
      { full, retryQuarantine },
    )
  }

  private verifyFailure(error: unknown, { kill, maxQuarantined }: Run): void {
    if (error instanceof Killed && kill) {
      this.tally.killed += 1
      return
    }
    if (!(error instanceof UserError)) throw error
    if (error.exitCode === 2 && this.source.objects.size === 0) return
    if (/Another etl finished/.test(error.message) && this.place.hasManyWriters) return
    if (maxQuarantined === calm.maxQuarantined || !/MAX_QUARANTINED = \d/.test(error.message)) throw error
    this.tally.refusedForTooMany += 1
  }

  private async readLedger(): Promise<void> {
    const rows = await this.place.query('select load_id, object_key from load_ledger order by load_id')
    this.loadIds = [...new Set(rows.map(({ load_id }) => String(load_id)))]
    for (const loadId of this.loadIds) {
      if (this.taken.has(loadId)) continue
      const names = rows
        .filter(({ load_id }) => load_id === loadId)
        .map(({ object_key }) => this.place.nameOf(String(object_key)))
      this.taken.set(
        loadId,
        names.sort().map((name) => this.source.objects.get(name) as Version),
      )
    }
  }

  /** The star, the quarantine and what the loads say of themselves are the oracle's. */
  private async verify(brought: readonly string[], { maxQuarantined, batchBytes }: Run): Promise<void> {
    const loads = this.loadIds.map((loadId) => this.taken.get(loadId) ?? [])
    const history = loads.map((versions) => versions.map(loadable))
    expect(
      firstDifference({ ...expectedStar(history), conflicts: 0 }, { ...(await this.place.star()), conflicts: 0 }),
    ).toBeUndefined()
    expect(sorted(await this.quarantine())).toEqual(sorted(this.expectedQuarantine()))
    const { conflicts } = settled(history)
    const recorded = await this.place.query('select * from loads order by load_id')
    for (const row of recorded.filter(({ load_id }) => brought.includes(String(load_id)))) {
      const at = this.loadIds.indexOf(String(row.load_id))
      const ofLoad = {
        conflicts: conflicts[at]?.length ?? 0,
        quarantined: (conflicts[at]?.length ?? 0) + (loads[at]?.flatMap(refusals).length ?? 0),
      }
      const sizes = (loads[at] ?? []).map((version) => contentOf(version).length)
      expect(sizes.length === 1 || sizes.reduce((sum, bytes) => sum + bytes, 0) <= batchBytes).toBe(true)
      expect(row.quarantined).toBeLessThanOrEqual(maxQuarantined)
      expect(row).toMatchObject(ofLoad)
    }
  }

  private async quarantine() {
    const rows = await this.place.query(
      'select object_key, line_number, column_name, reason, raw_text, raw_encoding from quarantine',
    )
    return rows.map(({ object_key, line_number, column_name, reason, raw_text, raw_encoding }) => ({
      name: this.place.nameOf(String(object_key)),
      line: line_number,
      column: column_name,
      reason,
      raw:
        raw_text === null
          ? null
          : Buffer.from(String(raw_text), raw_encoding === 'base64' ? 'base64' : 'utf8').toString('hex'),
    }))
  }

  /** Of each object what its latest load refused. */
  private expectedQuarantine() {
    const loads = this.loadIds.map((loadId) => this.taken.get(loadId) ?? [])
    const { conflicts } = settled(loads.map((versions) => versions.map(loadable)))
    const entries = loads.map((versions, load) => [
      ...versions.flatMap(refusals),
      ...(conflicts[load] ?? []).map(({ object, line }) => ({
        name: object.key,
        line,
        column: 'songplay_id',
        reason: 'has the same session and item as a different play, which was kept',
        raw: Buffer.from(object.text.split('\n')[line - 1] ?? '').toString('hex'),
      })),
    ])
    const isSuperseded = (name: string, load: number) =>
      loads.slice(load + 1).some((versions) => versions.some((version) => version.name === name))
    return entries.flatMap((own, load) => own.filter(({ name }) => !isSuperseded(name, load)))
  }
}

const sorted = (entries: readonly unknown[]) => entries.map((entry) => JSON.stringify(entry)).sort()
