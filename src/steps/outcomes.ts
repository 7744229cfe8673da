/** What each command answers: its step, run, and the result as JSON and as text. */
import { resolve } from 'node:path'
import type { Outcome } from '../commands.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal, type UserError } from '../errors.ts'
import { callersFolder } from '../folders.ts'
import { answerOf } from '../reports/analysis.ts'
import { renderCsv } from '../reports/csv.ts'
import { tableOf } from '../reports/pivot.ts'
import { renderTable, type TableOptions, wrap } from '../reports/table.ts'
import { visibleJson, visibleLines, visibleText } from '../reports/visible-text.ts'
import type { Row } from '../schema/index.ts'
import type { CreateOptions, DestroyOptions } from './aws-infrastructure.ts'
import type { EtlOptions } from './etl/index.ts'
import type { EtlSummary } from './etl/summary.ts'

const isPlain = process.env.TERM === 'dumb'
const terminalWidth = process.stdout.columns || 80
const table = (rows: readonly Row[], options: TableOptions = {}) =>
  renderTable(rows, {
    ...options,
    width: terminalWidth,
    color: process.stdout.isTTY && !process.env.NO_COLOR && !isPlain,
    ascii: isPlain,
  })

export async function createInfrastructure(context: Context, options: CreateOptions): Promise<Outcome> {
  if (context.config.engine !== 'duckdb')
    return (await import('./aws-infrastructure.ts')).createAwsInfrastructure(context, options)
  if (options.resume) throw noSleep('--resume')
  const steps = await import('./local-infrastructure.ts')
  const result = options.plan ? steps.planLocalInfrastructure(context) : steps.createLocalInfrastructure(context)
  return { json: result, text: '', exitCode: exitCodes.done }
}

export async function createTables(
  context: Context,
  options: { reset: boolean; yes: boolean; plan?: boolean },
): Promise<Outcome> {
  if (options.plan) return planTables(context, options)
  const steps = await import('./create-tables.ts')
  const { result, exitCode } = await steps.createTables(context, options)
  return { json: result, text: '', exitCode }
}

async function planTables(context: Context, { reset }: { reset: boolean }): Promise<Outcome> {
  if (reset)
    throw refusal('--reset and --plan do not go together.', 'Run create-tables --reset without --yes: it is a plan.')
  const steps = await import('./plan-tables.ts')
  const plan = await steps.planTables(context)
  return { json: plan, text: steps.tablesPlanText(plan), exitCode: exitCodes.done }
}

export async function etl(context: Context, options: EtlOptions & { readonly plan?: boolean }): Promise<Outcome> {
  if (options.plan) return planEtl(context, options)
  const steps = await import('./etl/index.ts')
  const { summary, exitCode } = await steps.etl(context, options)
  return { json: summary, text: etlText(summary), exitCode }
}

async function planEtl(context: Context, options: EtlOptions): Promise<Outcome> {
  const steps = await import('./etl/plan.ts')
  const plan = await steps.planEtl(context, options)
  const sources = Object.entries(plan.objects).map(([source, counts]) => ({ source, ...counts }))
  return { json: plan, text: `${table(sources)}\n\n${steps.planText(plan)}`, exitCode: exitCodes.done }
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
  const answers = results.map((result) => {
    const { name, question, sql, columns, chart } = result.analysis
    return { name, question, sql, columns, chart, answer: answerOf(result), rows: result.rows }
  })
  const text = results.map((result) => {
    const { rows, ...options } = tableOf(result)
    const sentences = [result.analysis.question, answerOf(result)].map((sentence) =>
      wrap(visibleText(sentence), terminalWidth),
    )
    return `${sentences.join('\n')}\n\n${table(rows, options)}`
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
  const { statusText } = await import('./status/text.ts')
  const result = await steps.status(context)
  return { json: result, text: statusText(result, (rows) => table(rows)), exitCode: exitCodes.done }
}

export async function doctor(context: Context): Promise<Outcome> {
  const steps = await import('./doctor/index.ts')
  const { result, exitCode } = await steps.doctor(context)
  return { json: result, text: steps.doctorText(result), exitCode }
}

export async function doctorOfConfig(unreadable: UserError): Promise<Outcome> {
  const steps = await import('./doctor/index.ts')
  const { result, exitCode } = steps.doctorOfConfig(unreadable)
  return { json: result, text: steps.doctorText(result), exitCode }
}

export async function generate(
  context: Context,
  options: { events: string; songs: string; seed: string; out: string },
): Promise<Outcome> {
  const steps = await import('./generate.ts')
  const number = (name: 'events' | 'songs' | 'seed', most: number) => {
    const value = options[name]
    if (/^\d{1,15}$/.test(value) && Number(value) <= most) return Number(value)
    throw refusal(
      `--${name} ${value} is not a whole number from 0 to ${most.toLocaleString('en-US')}.`,
      `Name one, such as --${name} 1000.`,
    )
  }
  const summary = await steps.generate(context, {
    events: number('events', 1_000_000_000),
    songs: number('songs', 10_000_000),
    seed: number('seed', 999_999_999_999),
    out: resolve(callersFolder(), options.out),
  })
  return { json: summary, text: '', exitCode: exitCodes.done }
}

export async function destroyInfrastructure(context: Context, options: DestroyOptions): Promise<Outcome> {
  if (context.config.engine !== 'duckdb')
    return (await import('./aws-infrastructure.ts')).destroyAwsInfrastructure(context, options)
  if (options.pause) throw noSleep('--pause')
  const steps = await import('./local-infrastructure.ts')
  const { result, exitCode } = await steps.destroyLocalInfrastructure(context, options)
  return { json: result, text: '', exitCode }
}

const noSleep = (option: string) =>
  refusal('A warehouse on DuckDB costs nothing while nobody uses it.', `Leave ${option} out; only a cluster is paused.`)

export async function document(context: Context, options: { check: boolean; measure: boolean }): Promise<Outcome> {
  const steps = await import('./document/index.ts')
  const { result, exitCode } = await steps.document(context, options)
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
