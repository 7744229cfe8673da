/** What each command answers: its step, run, and the result as JSON and as text. */
import { resolve } from 'node:path'
import type { Outcome } from '../commands.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'
import { callersFolder } from '../folders.ts'
import { renderCsv } from '../reports/csv.ts'
import { tableOf } from '../reports/pivot.ts'
import { renderTable, type TableOptions } from '../reports/table.ts'
import { visibleJson, visibleLines, visibleText } from '../reports/visible-text.ts'
import type { Row } from '../schema/index.ts'
import type { CreateOptions, DestroyOptions } from './aws-infrastructure.ts'
import type { EtlOptions } from './etl/index.ts'
import type { EtlSummary } from './etl/summary.ts'

const isPlain = process.env.TERM === 'dumb'
const table = (rows: readonly Row[], options: TableOptions = {}) =>
  renderTable(rows, {
    ...options,
    width: process.stdout.columns ?? 80,
    color: process.stdout.isTTY && !process.env.NO_COLOR && !isPlain,
    ascii: isPlain,
  })

export async function createInfrastructure(context: Context, options: CreateOptions): Promise<Outcome> {
  if (context.config.engine !== 'duckdb')
    return (await import('./aws-infrastructure.ts')).createAwsInfrastructure(context, options)
  const steps = await import('./local-infrastructure.ts')
  const result = options.plan ? steps.planLocalInfrastructure(context) : steps.createLocalInfrastructure(context)
  return { json: result, text: '', exitCode: exitCodes.done }
}

export async function createTables(context: Context, options: { reset: boolean; yes: boolean }): Promise<Outcome> {
  const steps = await import('./create-tables.ts')
  const { result, exitCode } = await steps.createTables(context, options)
  return { json: result, text: '', exitCode }
}

export async function etl(context: Context, options: EtlOptions): Promise<Outcome> {
  const steps = await import('./etl/index.ts')
  const { summary, exitCode } = await steps.etl(context, options)
  return { json: summary, text: etlText(summary), exitCode }
}

function etlText({ loads, reconciliation, tables }: EtlSummary): string {
  const rows = Object.entries(tables).map(([name, summary]) => ({ table: name, ...summary }))
  const events = Object.entries(reconciliation).map(([name, count]) => ({
    reconciliation: name.replaceAll('_', ' '),
    count,
  }))
  return loads.length === 0 ? table(rows) : `${table(events)}\n\n${table(rows)}`
}

export async function analyze(context: Context, { out }: { out: string }): Promise<Outcome> {
  const steps = await import('./analyze.ts')
  const folder = resolve(callersFolder(), out)
  const results = await steps.analyze(context, folder)
  const answers = results.map(({ analysis: { answer, ...analysis }, rows }) => ({
    ...analysis,
    answer: rows.length > 0 ? answer(rows) : 'No plays yet.',
    rows,
  }))
  const text = results.map((result, index) => {
    const { rows, ...options } = tableOf(result)
    return `${answers[index]?.question}\n${visibleText(answers[index]?.answer ?? '')}\n\n${table(rows, options)}`
  })
  return {
    json: { engine: context.config.engine, folder, analyses: answers },
    text: text.join('\n\n'),
    exitCode: exitCodes.done,
  }
}

export async function query(
  context: Context,
  { statement, format }: { statement: string; format: string },
): Promise<Outcome> {
  const formats: Record<string, (rows: readonly Row[]) => string> = {
    table: (rows) => table(rows),
    json: visibleJson,
    // Its last line feed is the one that ends every output. A file gets the texts exactly, a terminal is not to obey them.
    csv: (rows) => (process.stdout.isTTY ? visibleLines : String)(renderCsv(rows).replace(/\n$/, '')),
  }
  const render = formats[format]
  if (!render)
    throw refusal(`There is no format ${format}.`, `Use --format with one of ${Object.keys(formats).join(', ')}.`)
  const steps = await import('./query.ts')
  const rows = await steps.query(context, statement)
  return { json: rows, text: render(rows), exitCode: exitCodes.done }
}

export async function status(context: Context): Promise<Outcome> {
  const steps = await import('./status.ts')
  const result = await steps.status(context)
  return { json: result, text: steps.statusText(result, (rows) => table(rows)), exitCode: exitCodes.done }
}

export async function generate(
  context: Context,
  options: { events: string; songs: string; seed: string; out: string },
): Promise<Outcome> {
  const steps = await import('./generate.ts')
  const number = (name: 'events' | 'songs' | 'seed') => {
    if (/^\d{1,12}$/.test(options[name])) return Number(options[name])
    throw refusal(`--${name} ${options[name]} is not a whole number.`, `Name one, such as --${name} 1000.`)
  }
  const summary = await steps.generate(context, {
    events: number('events'),
    songs: number('songs'),
    seed: number('seed'),
    out: resolve(callersFolder(), options.out),
  })
  return { json: summary, text: '', exitCode: exitCodes.done }
}

export async function destroyInfrastructure(context: Context, options: DestroyOptions): Promise<Outcome> {
  if (context.config.engine !== 'duckdb')
    return (await import('./aws-infrastructure.ts')).destroyAwsInfrastructure(context, options)
  const steps = await import('./local-infrastructure.ts')
  const { result, exitCode } = await steps.destroyLocalInfrastructure(context, options)
  return { json: result, text: '', exitCode }
}

export async function document(context: Context, options: { check: boolean }): Promise<Outcome> {
  const steps = await import('./document.ts')
  const { result, exitCode } = steps.document(context, options)
  return { json: result, text: '', exitCode }
}

/** The main job: each step of it can also be run alone, and all of it again. */
export async function start(context: Context): Promise<Outcome> {
  const { makeSampleDataIfNone } = await import('./generate.ts')
  const generated = await makeSampleDataIfNone(context)
  const infrastructure = await createInfrastructure(context, { plan: false, yes: false, ttl: undefined })
  if (infrastructure.exitCode !== exitCodes.done) return infrastructure
  const tables = await createTables(context, { reset: false, yes: false })
  const loaded = await etl(context, { full: false })
  const analyzed = await analyze(context, { out: 'report' })
  return {
    json: {
      generated,
      infrastructure: infrastructure.json,
      tables: tables.json,
      etl: loaded.json,
      analyze: analyzed.json,
    },
    text: `${loaded.text}\n\n${analyzed.text}`,
    exitCode: loaded.exitCode,
  }
}
