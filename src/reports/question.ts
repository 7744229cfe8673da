import { distance } from 'fastest-levenshtein'
import { codeOf } from '../sql-queries/index.ts'
import { type Analysis, type Chart, QuestionProblem } from './analysis.ts'

/** A question as its file has it. */
export interface Question extends Analysis {
  /** The text of the file, which the engine gets, so that its lines are those of the file. */
  readonly statement: string
  /** The line of each part of the head in the file, from 1. */
  readonly lines: Readonly<Record<string, number>>
}

const parts = ['question', 'answer', 'none', 'chart']

/** The column of each axis: what a chart calls it, and whether it can do without. */
const axes: Readonly<Record<Chart['mark'], { category: string; value: string; series: string }>> = {
  bar: { category: 'y', value: 'x', series: 'color' },
  column: { category: 'x', value: 'y', series: 'color' },
  line: { category: 'x', value: 'y', series: 'color' },
  area: { category: 'x', value: 'y', series: 'color' },
  heatmap: { category: 'x', value: 'color', series: 'y' },
}

/**
 * Reads a question: comment lines `-- question: …`, `-- answer: …`, `-- none: …`, `-- chart: …`, of which only the first is needed,
 * then one select. Other comments stay in the SQL.
 *
 * @throws QuestionProblem if it has no question, an unknown part, no statement or more than one, or a chart that can't be drawn.
 */
export function parseQuestion(name: string, text: string): Question {
  const head: Record<string, string> = {}
  const lines: Record<string, number> = {}
  const rest: string[] = []
  let isHead = true
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    isHead &&= /^\s*(--|$)/.test(line)
    const [, part = '', value = ''] = (isHead && /^\s*--\s*([\w-]+)\s*:\s*(.*?)\s*$/.exec(line)) || []
    if (parts.includes(part)) {
      head[part] = value
      lines[part] = index + 1
      continue
    }
    const meant = part && parts.find((known) => distance(known, part) <= 2)
    if (meant) throw new QuestionProblem(index + 1, `"${part}" is unknown; did you mean "${meant}"?`)
    rest.push(line)
  }
  const statement = text.trimEnd().replace(/;$/, '')
  verifyOneStatement(statement)
  if (!head.question) throw new QuestionProblem(1, 'there is no question; begin with "-- question: …".')
  const chart = head.chart === undefined ? undefined : parseChart(head.chart, lines.chart ?? 1)
  return {
    name,
    question: head.question,
    sql: rest.join('\n').trim().replace(/;$/, ''),
    statement,
    ...(chart && { chart }),
    ...(head.answer && { answer: head.answer }),
    ...(head.none && { none: head.none }),
    lines,
  }
}

function verifyOneStatement(statement: string): void {
  const code = codeOf(statement)
  if (code.trim() === '') throw new QuestionProblem(1, 'there is no query below the comments.')
  const second = /;\s*(?=\S)/.exec(code)
  if (second === null) return
  const line = code.slice(0, second.index + second[0].length).split('\n').length
  throw new QuestionProblem(line, 'there is a second statement; a question is one select.')
}

function parseChart(text: string, line: number): Chart | undefined {
  const [mark = '', ...settings] = text.split(',').map((part) => part.trim())
  if (mark === 'none') return undefined
  if (!Object.hasOwn(axes, mark))
    throw new QuestionProblem(line, `chart: "${mark}" is none of ${Object.keys(axes).join(', ')}, none.`)
  const columns: Record<string, string> = {}
  for (const setting of settings.filter((each) => each !== 'percent')) {
    const [, axis = '', column = ''] = /^(x|y|color)\s*=\s*(\w+)$/.exec(setting) ?? []
    if (axis === '')
      throw new QuestionProblem(line, `chart: "${setting}" is none of x = COLUMN, y = COLUMN, color = COLUMN, percent.`)
    columns[axis] = column
  }
  const { category, value, series } = axes[mark as Chart['mark']]
  const missing = [category, value, ...(mark === 'heatmap' ? [series] : [])].find((axis) => !columns[axis])
  if (missing)
    throw new QuestionProblem(line, `chart: ${missing} is missing; write it as "${mark}, x = COLUMN, y = COLUMN".`)
  return {
    mark: mark as Chart['mark'],
    category: columns[category] ?? '',
    value: columns[value] ?? '',
    ...(columns[series] && { series: columns[series] }),
    ...(settings.includes('percent') && { percent: true }),
  }
}
