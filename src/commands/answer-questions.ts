import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setImmediate as otherWork } from 'node:timers/promises'
import { locationText } from '../config.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal, systemErrorCode, UserError } from '../errors.ts'
import { type AnalysisResult, answered, isCharted, type Provenance } from '../reports/analysis.ts'
import { chartSvg } from '../reports/chart.ts'
import { renderCsv } from '../reports/csv.ts'
import { type DrawnResult, drawForPage, generatorTag, renderReport } from '../reports/html.ts'
import { starTables } from '../schema/index.ts'
import { countAllRows, playWindow, type Sql } from '../sql-queries/index.ts'
import { verifySchema } from '../tables/schema-version.ts'
import { counted } from '../text.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { findQuestions, type UnansweredQuestion, unansweredBy } from './find-questions.ts'

type File = readonly [name: string, text: string]

/**
 * Answers every question and writes into `folder` a CSV and an SVG file for each, and one page with all of them. A question that
 * can't be answered is left out and reported. Without plays nothing is written; after another error the previous report is
 * unchanged.
 *
 * @throws UserError if the warehouse can't be read or the folder can't be written.
 */
export async function answerQuestions(
  context: Context,
  folder: string,
): Promise<{ readonly results: readonly AnalysisResult[]; readonly unanswered: readonly UnansweredQuestion[] }> {
  const start = performance.now()
  const { drawings, unanswered, provenance } = await answer(context)
  if (provenance.rows.songplays === 0) {
    context.log.warn('There are no plays yet, so no report was written. Load some first: npm run etl')
    return { results: [], unanswered }
  }
  context.log.progress('draw the report')
  const drawn = await Promise.all(drawings)
  const results = drawn.map(({ result }) => result)
  context.signal.throwIfAborted()
  const files: File[] = [['index.html', renderReport(results, provenance)], ...drawn.flatMap(({ files }) => files)]
  writeAll(folder, files)
  context.log.done('write', folder, counted(files.length, 'file'), performance.now() - start)
  return { results, unanswered }
}

interface Drawing {
  readonly result: DrawnResult
  readonly files: readonly File[]
}

async function answer(context: Context) {
  const { found, unanswered } = findQuestions(context.config)
  const warehouse = await context.openWarehouse('read')
  try {
    await verifySchema(warehouse)
    const drawings: Promise<Drawing>[] = []
    const start = performance.now()
    for (const { question, file } of found) {
      context.log.progress(`answer: ${question.question}`)
      let result: AnalysisResult
      try {
        result = answered(question, await warehouse.query(question.statement as Sql))
      } catch (error) {
        if (!isAboutQuestion(error) || context.signal.aborted) throw error
        unanswered.push(unansweredBy(error, file, question.lines))
        continue
      }
      const drawing = draw(result)
      // All drawings are awaited together; until then a failure must not end the process.
      drawing.catch(() => {})
      drawings.push(drawing)
    }
    context.log.done(
      'analyze',
      'warehouse',
      `${counted(drawings.length, 'question')} answered`,
      performance.now() - start,
    )
    return { drawings, unanswered, provenance: await provenanceOf(context, warehouse) }
  } finally {
    await warehouse.close()
  }
}

/** Whether other questions can still be answered. */
function isAboutQuestion(error: unknown): boolean {
  if (error instanceof UserError) return error.exitCode === exitCodes.refused
  return error instanceof Error && !(error instanceof TypeError || error instanceof RangeError)
}

/** Starts after the next query was sent, so that the warehouse works while this draws. */
async function draw(result: AnalysisResult): Promise<Drawing> {
  await otherWork()
  const { name } = result.analysis
  return {
    result: await drawForPage(result),
    files: [
      [`${name}.csv`, renderCsv(result.rows, { spreadsheet: true })],
      ...(isCharted(result) ? [[`${name}.svg`, await chartSvg(result)] as const] : []),
    ],
  }
}

async function provenanceOf({ config, version, now }: Context, warehouse: Warehouse): Promise<Provenance> {
  const [window] = await warehouse.query(playWindow())
  const log = config.sources.log_data
  const rows = await warehouse.query(countAllRows(starTables))
  const text = (value: unknown) => (value === null || value === undefined ? null : String(value))
  return {
    engine: config.engine,
    version,
    generatedAt: now().toISOString(),
    loads: Number(window?.loads),
    latestLoad: text(window?.latest_load),
    loadedAt: text(window?.loaded_at),
    // As the config has it, because a report is shown to others.
    source: log.kind === 'folder' ? relative(dirname(config.file), log.path) : locationText(log),
    firstPlayAt: text(window?.first_play_at),
    lastPlayAt: text(window?.last_play_at),
    rows: Object.fromEntries(rows.map(({ table_name, n }) => [String(table_name), Number(n)])),
  }
}

/** Writes every file into a new folder first, so that no file is ever incomplete, and replaces only files of an earlier report. */
function writeAll(folder: string, files: readonly File[]): void {
  let draft: string | undefined
  try {
    mkdirSync(folder, { recursive: true })
    verifyOurs(folder, files)
    draft = mkdtempSync(join(folder, '.report-'))
    for (const [name, text] of files) writeFileSync(join(draft, name), text)
    for (const [name] of files) renameSync(join(draft, name), join(folder, name))
  } catch (error) {
    const code = systemErrorCode(error)
    if (!code) throw error
    throw refusal(`The report can't be written to ${folder} (${code}).`, 'Use --out DIR to name another folder.')
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true })
  }
}

/** The page says that a report is ours. @throws UserError if a file would be replaced that isn't part of a report. */
function verifyOurs(folder: string, files: readonly File[]): void {
  const page = join(folder, 'index.html')
  if (existsSync(page) && readFileSync(page, 'utf8').includes(generatorTag)) return
  const foreign = files.map(([name]) => join(folder, name)).find((path) => lstatSync(path, { throwIfNoEntry: false }))
  if (foreign !== undefined)
    throw refusal(
      `${foreign} is not part of a report, so it is not replaced.`,
      'Use --out DIR to name another folder, or move it away.',
    )
}
