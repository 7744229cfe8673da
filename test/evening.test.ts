import { afterAll, expect, test } from 'vitest'
import { Evening, introduction, markdownOf, type Told } from './support/evening.ts'

const evening = await Evening.begin()
afterAll(() => evening.end())

/** What the person thinks, the command, and the exit code that it is to have. */
const story: readonly [title: string, words: string, code: number, command: readonly [string, ...string[]]][] = [
  [
    'Is everything in order?',
    'Access and source are; what is to be made is not there yet, so the code is 1.',
    1,
    ['doctor'],
  ],
  ['What would be made, and what does it cost?', 'A plan changes nothing.', 0, ['create-infrastructure', '--plan']],
  [
    'Make it',
    'The dead-man switch comes before the minutes that the cluster takes: after four hours AWS pauses it by itself, whatever becomes of this machine.',
    0,
    ['create-infrastructure', '--yes', '--ttl', '4h'],
  ],
  ['And now?', 'One thing is missing, and the line under it says which command makes it.', 1, ['doctor']],
  ['Tables', '', 0, ['create-tables']],
  ['Load', 'One line of the logs is cut off. The rest is loaded, and the exit code is 3.', 3, ['etl']],
  ['Which record is it?', '', 0, ['query', 'select line_number, reason, raw_text from quarantine']],
  ['Mended at the source, loaded again', 'Only the object that changed is read.', 0, ['etl', '--retry-quarantine']],
  ['What do the logs say?', 'The first and the last of fourteen answers; the report holds all.', 0, ['analyze']],
  ["A question of one's own", '', 0, ['query', 'select level, count(*) as plays from songplays group by level']],
  ['What is there, and what has it cost?', '', 0, ['status']],
  [
    'What would be removed?',
    'Without `--yes` it is a plan, and the exit code is 2. **A forgotten cluster costs hundreds of dollars a month.**',
    2,
    ['destroy-infrastructure'],
  ],
  [
    'Remove it',
    'The receipt says what was removed, and what was looked for afterwards.',
    0,
    ['destroy-infrastructure', '--yes'],
  ],
]

/** Fourteen answers are too many for a page: the first and the last. */
function shortened(told: Told): Told {
  const answers = told.output.split(/\n(?=[A-Z][^\n]*\?\n)/)
  const [talk = '', first = ''] = answers
  return answers.length < 4 ? told : { ...told, output: [talk, first, '…\n', answers.at(-1)].join('\n') }
}

test('an evening on Redshift, from doctor to the receipt, is as its page tells it, and nothing of it is left', async () => {
  const told: Told[] = []
  for (const [title, , code, [name, ...args]] of story) {
    if (args.includes('--retry-quarantine')) evening.mendSource()
    told.push(shortened(await evening.tell(name, ...args)))
    expect(told.at(-1)?.exitCode, title).toBe(code)
  }
  expect(evening.left).toEqual([])
  const parts = story.map(([title, words], index) =>
    [`## ${title}`, words, markdownOf(told[index] as Told)].filter((text) => text !== '').join('\n\n'),
  )
  await expect(`${[introduction(told), ...parts].join('\n\n').replace('\n\n\n', '\n\n')}\n`).toMatchFileSnapshot(
    '../documentation/evening.md',
  )
}, 120_000)
