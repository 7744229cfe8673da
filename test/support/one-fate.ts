import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBlank } from '../../src/objects/lines.ts'
import { validateLine } from '../../src/objects/validate-record.ts'
import { type Row, stagingEvents } from '../../src/schema/index.ts'
import { TestCloud } from './cloud-run.ts'
import { firstDifference } from './compare-star.ts'
import { nearJsonLines } from './near-json.ts'
import { event } from './source.ts'
import { TestWarehouse } from './warehouse-run.ts'

const settings = '[ETL]\nKEEP_STAGING = yes\nMAX_QUARANTINED = 1000000'

/** What becomes of lines: a text for each record that is staged, and for each that is in quarantine; sorted. */
interface Fates {
  readonly staged: readonly string[]
  readonly refused: readonly string[]
}

const entry = (raw: Buffer, column: unknown, reason: unknown) => `${column} ${reason}: ${raw.toString('latin1')}`
/** The double's engine shows 15 digits of a double, Redshift and DuckDB 17. */
const rowText = (row: Row) =>
  JSON.stringify(
    stagingEvents.columns.map(({ name, type }) =>
      type === 'double' && row[name] != null ? Number(row[name]).toPrecision(15) : (row[name] ?? null),
    ),
  )

/** What the rules say. */
function ruled(lines: readonly Buffer[]): Fates {
  const records = lines
    .map((line) => (line.at(-1) === 13 ? line.subarray(0, -1) : line))
    .filter((line) => !isBlank(line))
    .flatMap((line) => validateLine(stagingEvents, { bytes: line, length: line.length }))
  return {
    staged: records.flatMap((record) => ('values' in record ? [rowText(typed(record.values))] : [])).sort(),
    refused: records
      .flatMap((record) =>
        'problem' in record ? [entry(record.bytes, record.problem.column, record.problem.reason)] : [],
      )
      .sort(),
  }
}

/** The values as a query gives them. */
function typed(values: Readonly<Record<string, string | null>>): Row {
  return Object.fromEntries(
    stagingEvents.columns.map(({ name, type }) => {
      const value = values[name] ?? null
      if (value === null || type.startsWith('text')) return [name, value]
      return [name, type === 'timestamp' ? new Date(Number(value)).toISOString() : Number(value)]
    }),
  )
}

async function found(place: { query(statement: string): Promise<Row[]> }): Promise<Fates> {
  const staged = await place.query('select * from staging_events')
  // That two plays have one id depends on others, so conflicts are left out.
  const parts = await place.query("select * from quarantine where reason not like '%different play%'")
  const refused = parts.map(({ raw_text, raw_encoding, column_name, reason }) =>
    entry(Buffer.from(String(raw_text), raw_encoding === 'base64' ? 'base64' : 'utf8'), column_name, reason),
  )
  return { staged: staged.map(rowText).sort(), refused: refused.sort() }
}

/** The first few texts that only one side has. */
function differences(expected: Fates, actual: Fates): string[] {
  const without = (texts: readonly string[], others: readonly string[]) => {
    const left = new Map<string, number>()
    for (const text of others) left.set(text, (left.get(text) ?? 0) + 1)
    return texts.filter((text) => {
      left.set(text, (left.get(text) ?? 0) - 1)
      return (left.get(text) ?? 0) < 0
    })
  }
  return (['staged', 'refused'] as const).flatMap((kind) => [
    ...without(expected[kind], actual[kind])
      .map((text) => `not ${kind}: ${text}`)
      .slice(0, 3),
    ...without(actual[kind], expected[kind])
      .map((text) => `${kind}: ${text}`)
      .slice(0, 3),
  ])
}

const good = Buffer.from(JSON.stringify(event({ sessionId: 2 })))
const join1 = (lines: readonly Buffer[]) => Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))

/** The lines in objects: each begins with a good one, because its first line may tell that an object isn't JSON lines. */
const layouts: Record<string, (lines: readonly Buffer[]) => Record<string, Buffer>> = {
  'each alone': (lines) => Object.fromEntries(lines.map((line, index) => [`${index}.json`, join1([good, line])])),
  'with neighbours in a small object': (lines) => ({ 'a.json': join1([good, ...lines]) }),
  'in a small gzip object': (lines) => ({ 'a.json.gz': gzipSync(join1([good, ...lines])) }),
  // More than a million bytes, so that it is read in place, and across the ends of the pieces of 262,144 bytes.
  'in a large object': (lines) => {
    const filler = Array.from({ length: Math.ceil(1_100_000 / good.length / lines.length) }, () => good)
    return { 'a.json': join1(lines.flatMap((line) => [...filler, good, line])) }
  },
  'in a large gzip object': (lines) => ({
    'a.json.gz': gzipSync(join1([good, ...lines, ...Array.from({ length: 2200 }, () => good)]), { level: 0 }),
  }),
}

/**
 * Tries so many lines of JSON and near-JSON in every place where they may stand, on both engines: their fates and values must be those
 * that the rules say. SEED repeats a run.
 */
export function testOneFate(count: number): void {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
  const lines = fc.sample(nearJsonLines, { numRuns: count, seed })
  const isAccepted = (line: Buffer) => ruled([line]).refused.length === 0
  const accepted = lines.filter(isAccepted)
  const isGood = (text: string) => text === ruled([good]).staged[0]
  const withoutGood = ({ staged, refused }: Fates) => ({ staged: staged.filter((text) => !isGood(text)), refused })

  describe(`${count} lines of near-JSON (SEED=${seed})`, () => {
    test('are some of each kind', () => {
      expect(accepted.length).toBeGreaterThan(count / 5)
      expect(lines.length - accepted.length).toBeGreaterThan(count / 5)
    })

    test.each(Object.keys(layouts))('%s: have the fates and values of the rules on DuckDB', async (layout) => {
      // Those that can be loaded also without the others: then the engine reads large objects in place.
      for (const part of layout.includes('large') ? [accepted, lines] : [lines]) {
        const warehouse = await new TestWarehouse({ settings }).create()
        for (const [name, content] of Object.entries(layouts[layout]?.(part) ?? {})) {
          const path = join(warehouse.folder, 'log_data', name)
          mkdirSync(dirname(path), { recursive: true })
          writeFileSync(path, content)
        }
        await warehouse.etl()
        expect(differences(withoutGood(ruled(part)), withoutGood(await found(warehouse)))).toEqual([])
        warehouse.remove()
      }
    })

    test.each(['with neighbours in a small object', 'in a small gzip object'])(
      '%s: have the fates and values of the rules on the Redshift double',
      async (layout) => {
        for (const part of [accepted, lines]) {
          const cloud = await TestCloud.start({ settings })
          const bucket = cloud.cloud.aws.state.buckets.get('source')
          for (const [name, content] of Object.entries(layouts[layout]?.(part) ?? {}))
            bucket?.put(`log_data/${name}`, content)
          await cloud.etl()
          expect(differences(withoutGood(ruled(part)), withoutGood(await found(cloud)))).toEqual([])
          await cloud.close()
        }
      },
    )

    test('change nothing by a broken line that is appended: etl, then etl again, is etl --full', async () => {
      const warehouse = await new TestWarehouse({ settings }).create()
      const path = join(warehouse.folder, 'log_data', 'a.json')
      const content = join1([good, ...accepted])
      writeFileSync(path, content)
      await warehouse.etl()
      const before = await warehouse.star()
      writeFileSync(path, Buffer.concat([content, Buffer.from('{"broken\n')]))
      const { summary } = await warehouse.etl()
      expect(summary.reconciliation).toMatchObject({ inserted: 0 })
      expect(firstDifference({ ...before, conflicts: 0 }, await warehouse.star())).toBeUndefined()
      await warehouse.etl({ full: true })
      expect(firstDifference({ ...before, conflicts: 0 }, await warehouse.star())).toBeUndefined()
      warehouse.remove()
    })
  })
}
