import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { command, flag, text } from '../command.ts'
import { exitCodes } from '../errors.ts'
import { callersFolder } from '../folders.ts'
import type { AnalysisResult } from '../reports/analysis.ts'
import { wrap } from '../text.ts'

/** `npm run analyze` */
export const analyze = command({
  name: 'analyze',
  summary:
    'Answers questions and writes a report. A sentence each in the terminal; tables and charts in the report, as SVG and CSV too.',
  options: {
    out: text('DIR', 'folder for the report (default: report/NAME, where NAME is that of the config)'),
    verbose: flag('also show the tables in the terminal'),
  },
  async run(context, { out, verbose }) {
    const { answerQuestions } = await import('./answer-questions.ts')
    const name = basename(context.config.file).replace(/\.\w+$/, '')
    const folder = resolve(callersFolder(), out ?? join('report', name))
    const { results, unanswered } = await answerQuestions(context, folder)
    for (const { file, line, problem } of unanswered)
      context.log.warn(`Not answered: ${file}${line === null ? '' : `, line ${line}`}: ${problem}`)
    const analyses = results.map((result) => {
      const { name, question, sql, chart = null } = result.analysis
      return { name, question, sql, chart, answer: result.answer, rows: result.rows }
    })
    const { terminalWidth } = await import('./terminal.ts')
    const answers = results.map((result) => wrap(result.answer, terminalWidth())).join('\n')
    const tables = verbose ? (await Promise.all(results.map(answerText))).join('\n\n') : answers
    const page = `Report: ${pathToFileURL(join(folder, 'index.html'))}`
    return {
      json: { engine: context.config.engine, folder, analyses, unanswered },
      ...(results.length > 0 && { text: `${tables}\n\n${page}` }),
      exitCode: unanswered.length > 0 ? exitCodes.failed : exitCodes.done,
    }
  },
})

async function answerText(result: AnalysisResult): Promise<string> {
  const { terminalTable, terminalWidth } = await import('./terminal.ts')
  const { tableOf } = await import('../reports/pivot.ts')
  const { rows, ...options } = tableOf(result)
  const sentences = [result.analysis.question, result.answer].map((sentence) => wrap(sentence, terminalWidth()))
  return `${sentences.join('\n')}\n\n${terminalTable(rows, options)}`
}
