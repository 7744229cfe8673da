import { type Command, command, type Outcome } from '../command.ts'
import { firstSentence } from '../text.ts'
import { analyze } from './analyze.ts'
import { compare } from './compare.ts'
import { createInfrastructure } from './create-infrastructure.ts'
import { createTables } from './create-tables.ts'
import { destroyInfrastructure } from './destroy-infrastructure.ts'
import { doctor } from './doctor.ts'
import { etl } from './etl.ts'
import { generate } from './generate.ts'
import { query } from './query.ts'
import { start } from './start.ts'
import { status } from './status.ts'

/** `npm run help` */
export const help = command({
  name: 'help',
  summary: 'Lists the commands.',
  options: {},
  run: async () => commandList(),
  // The list needs no config.
  withoutConfig: async () => commandList(),
})

/** Every command, in the order in which documents and `npm run help` list them. */
export const commands: readonly Command[] = [
  start,
  createInfrastructure,
  createTables,
  etl,
  analyze,
  query,
  status,
  doctor,
  compare,
  generate,
  destroyInfrastructure,
  help,
]

/** One line each: the first sentence of the summary. */
function commandList(): Outcome {
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(23)} ${firstSentence(summary)}`)
  return {
    json: commands.map(({ name, summary }) => ({ name, summary })),
    text: ['npm run COMMAND -- [options]', '', ...lines, '', 'Options of a command: npm run COMMAND -- --help'].join(
      '\n',
    ),
  }
}
