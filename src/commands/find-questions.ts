import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { refusal, systemErrorCode } from '../errors.ts'
import { projectFolder } from '../folders.ts'
import { QuestionProblem } from '../reports/analysis.ts'
import { parseQuestion, type Question } from '../reports/question.ts'

/** A question and its file. */
interface FoundQuestion {
  readonly question: Question
  readonly file: string
}

/** A question that was not answered. */
export interface UnansweredQuestion {
  readonly file: string
  /** From 1; null if it is about the whole file. */
  readonly line: number | null
  readonly problem: string
}

const builtIn = join(projectFolder, 'src', 'sql-queries', 'questions')

/** The questions of this project in the order of the report. */
export const builtInQuestions = (): readonly Question[] => questionsIn(builtIn).found.map(({ question }) => question)

/**
 * The questions of this project and those of the folder that the config names, by default `questions` beside it. One of the same
 * name replaces ours.
 *
 * @throws UserError (exit code 2) if the config names a folder that can't be read.
 */
export function findQuestions({ questions, values }: Config) {
  const ours = questionsIn(builtIn)
  if (!existsSync(questions) && values.REPORT?.QUESTIONS === undefined) return ours
  const own = questionsIn(questions)
  const names = new Set(own.found.map(({ question }) => question.name))
  return {
    found: [...ours.found.filter(({ question }) => !names.has(question.name)), ...own.found],
    unanswered: own.unanswered,
  }
}

function questionsIn(folder: string) {
  const found: FoundQuestion[] = []
  const unanswered: UnansweredQuestion[] = []
  for (const name of filesIn(folder)) {
    const file = join(folder, name)
    try {
      // A number in front of the name gives the order.
      const [, id] = /^(?:\d+-)?([a-z][\w-]*)\.sql$/i.exec(name) ?? []
      if (id === undefined) throw new QuestionProblem(undefined, 'its name may have letters, digits, - and _ only.')
      found.push({ question: parseQuestion(id, readFileSync(file, 'utf8').replace(/^\ufeff/, '')), file })
    } catch (error) {
      unanswered.push(unansweredBy(error, file))
    }
  }
  return { found, unanswered }
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.sql') && !name.startsWith('.'))
      .sort()
  } catch (error) {
    throw refusal(
      `The folder of questions ${folder} can't be read (${systemErrorCode(error)}).`,
      'Correct QUESTIONS in [REPORT] of the config, or leave it out.',
    )
  }
}

/** Why a question has no answer, with the line of its file. */
export function unansweredBy(error: unknown, file: string, lines: Question['lines'] = {}): UnansweredQuestion {
  const { message } = error as Error
  if (error instanceof QuestionProblem) {
    const { where } = error
    if (typeof where === 'string') return { file, line: lines[where] ?? null, problem: `${where}: ${message}` }
    return { file, line: where ?? null, problem: message }
  }
  const code = systemErrorCode(error)
  if (code) return { file, line: null, problem: `it can't be read (${code}).` }
  const line = Number(/^LINE (\d+):/m.exec(message)?.[1])
  return { file, line: line || null, problem: message.trim().split('\n')[0] ?? '' }
}
