/** The numbers that documents name, and how they get into them. Pure. */
import { refusal } from '../errors.ts'
import { visibleText } from '../text.ts'

/** What a run over the real data gave: written by `document --measure`, kept in `documentation/facts.json`. */
export interface Facts {
  readonly about: string
  /** By name; text where the number has a form of its own. */
  readonly numbers: Readonly<Record<string, number | string>>
  /** By name of the analysis: one sentence. */
  readonly answers: Readonly<Record<string, string>>
  /** What `npm start` says, shortened; its times and load ids are those of one run. */
  readonly transcript: readonly string[]
}

const cure = 'npm run document -- --measure --config FILE measures again; FILE names the real logs and songs.'

/**
 * Fills what stands between `<!-- number: plays -->` and `<!-- /number -->` with the number of that name.
 * @throws UserError if there is no such number, or a number is not closed.
 */
export function fillNumbers(text: string, numbers: Facts['numbers']): string {
  const opened = text.match(/<!-- number: /g)?.length ?? 0
  let closed = 0
  const filled = text.replace(
    /(<!-- number: ([^>]*) -->)((?:(?!<!--)[\s\S])*)(<!-- \/number -->)/g,
    (_, before: string, name: string, __, after: string) => {
      closed += 1
      const number = numbers[name]
      if (number === undefined) throw refusal(`documentation/facts.json has no number ${name}.`, cure)
      return `${before}${typeof number === 'number' ? number.toLocaleString('en-US') : number}${after}`
    },
  )
  if (opened !== closed)
    throw refusal('A number in a document is not closed.', 'Write <!-- /number --> behind each <!-- number: … -->.')
  return filled
}

/** The questions with their answers, as a list of Markdown. @throws UserError if one has not been answered. */
export function answerList(
  analyses: readonly { readonly name: string; readonly question: string }[],
  answers: Facts['answers'],
): string {
  return analyses
    .map(({ name, question }) => {
      const answer = answers[name]
      if (answer === undefined) throw refusal(`documentation/facts.json has no answer to “${question}”`, cure)
      return `- **${question}** ${markdownText(answer)}`
    })
    .join('\n')
}

/** Text from the data as Markdown that shows it and nothing else. */
function markdownText(text: string): string {
  return visibleText(text).replace(/[\\`*_{}[\]<>|&#~]/g, '\\$&')
}

/** True if two measurements differ in nothing but what every run has of its own: times and load ids. */
export function sameFacts(one: Facts, other: Facts): boolean {
  const lasting = ({ transcript, ...facts }: Facts) =>
    JSON.stringify({
      ...facts,
      transcript: transcript.map((line) =>
        line.replace(/ +\d+(\.\d+)? s$| +\d+ min \d+ s$/, '').replace(/\d{8}T\d{9}Z-[0-9a-f]{6}/, 'id'),
      ),
    })
  return lasting(one) === lasting(other)
}
