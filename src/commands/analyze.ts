import { resolve } from 'node:path'
import { command, textWithDefault } from '../command.ts'
import { callersFolder } from '../folders.ts'
import { type AnalysisResult, answerOf } from '../reports/analysis.ts'
import { wrap } from '../text.ts'

/** `npm run analyze` */
export const analyze = command({
  name: 'analyze',
  summary: 'Answers questions: tables in the terminal; SVG, CSV and index.html in a folder.',
  options: { out: textWithDefault('DIR', 'report', 'folder for the report') },
  async run(context, { out }) {
    const { answerQuestions } = await import('./answer-questions.ts')
    const folder = resolve(callersFolder(), out)
    const results = await answerQuestions(context, folder)
    const analyses = results.map((result) => {
      const { name, question, sql, columns, chart } = result.analysis
      return { name, question, sql, columns, chart, answer: answerOf(result), rows: result.rows }
    })
    const texts = await Promise.all(results.map(answerText))
    return { json: { engine: context.config.engine, folder, analyses }, text: texts.join('\n\n') }
  },
})

async function answerText(result: AnalysisResult): Promise<string> {
  const { terminalTable, terminalWidth } = await import('./terminal.ts')
  const { tableOf } = await import('../reports/pivot.ts')
  const { rows, ...options } = tableOf(result)
  const sentences = [result.analysis.question, answerOf(result)].map((sentence) => wrap(sentence, terminalWidth()))
  return `${sentences.join('\n')}\n\n${terminalTable(rows, options)}`
}
