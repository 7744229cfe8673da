import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { command, flag, textWithDefault } from '../command.ts'
import { callersFolder } from '../folders.ts'
import { type AnalysisResult, answerOf } from '../reports/analysis.ts'
import { wrap } from '../text.ts'

/** `npm run analyze` */
export const analyze = command({
  name: 'analyze',
  summary:
    'Answers questions and writes a report. A sentence each in the terminal; tables and charts in the report, as SVG and CSV too.',
  options: {
    out: textWithDefault('DIR', 'report', 'folder for the report'),
    verbose: flag('also show the tables in the terminal'),
  },
  async run(context, { out, verbose }) {
    const { answerQuestions } = await import('./answer-questions.ts')
    const folder = resolve(callersFolder(), out)
    const results = await answerQuestions(context, folder)
    const analyses = results.map((result) => {
      const { name, question, sql, columns, chart } = result.analysis
      return { name, question, sql, columns, chart, answer: answerOf(result), rows: result.rows }
    })
    const { terminalWidth } = await import('./terminal.ts')
    const answers = results.map((result) => wrap(answerOf(result), terminalWidth())).join('\n')
    const tables = verbose ? (await Promise.all(results.map(answerText))).join('\n\n') : answers
    const page = `Report: ${pathToFileURL(join(folder, 'index.html'))}`
    return { json: { engine: context.config.engine, folder, analyses }, text: `${tables}\n\n${page}` }
  },
})

async function answerText(result: AnalysisResult): Promise<string> {
  const { terminalTable, terminalWidth } = await import('./terminal.ts')
  const { tableOf } = await import('../reports/pivot.ts')
  const { rows, ...options } = tableOf(result)
  const sentences = [result.analysis.question, answerOf(result)].map((sentence) => wrap(sentence, terminalWidth()))
  return `${sentences.join('\n')}\n\n${terminalTable(rows, options)}`
}
