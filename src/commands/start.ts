import { join } from 'node:path'
import { type Command, command, type Outcome, parse } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../errors.ts'
import { projectFolder } from '../folders.ts'
import { analyze } from './analyze.ts'
import { createInfrastructure } from './create-infrastructure.ts'
import { createTables } from './create-tables.ts'
import { etl } from './etl.ts'

/** Steps that are not shown, so that everything fits a screen. */
const details = new Set(['list', 'find', 'transform', 'commit'])

/** `npm start`: everything in one command. Each part can also be run alone, and all of it can be run again. */
export const start = command({
  name: 'start',
  summary: 'Runs it all: sample data if none, tables, load, report.',
  options: {},
  async run(caller) {
    const { log } = caller
    const context: Context = {
      ...caller,
      log: { ...log, done: (verb, ...rest) => (details.has(verb) ? undefined : log.done(verb, ...rest)) },
    }
    const { makeSampleDataIfMissing } = await import('./write-sample-data.ts')
    const generated = await makeSampleDataIfMissing(context)
    const infrastructure = await runWithDefaults(createInfrastructure, context)
    if (infrastructure.exitCode === exitCodes.refused) return infrastructure
    const tables = await runWithDefaults(createTables, context)
    const loaded = await runWithDefaults(etl, context)
    const analyzed = await runWithDefaults(analyze, context)
    return {
      json: {
        generated,
        infrastructure: infrastructure.json,
        tables: tables.json,
        etl: loaded.json,
        analyze: analyzed.json,
      },
      text: `${analyzed.text === undefined ? '' : `\n${analyzed.text}\n`}\n${nextSteps(context)}`,
      exitCode: loaded.exitCode || analyzed.exitCode || exitCodes.done,
    }
  },
})

/** What to do next, to paste. */
function nextSteps({ config }: Context): string {
  const isOwn = config.file !== join(projectFolder, 'config', 'dwh.cfg')
  return [
    `Next: the tables behind the answers, your own question, ${isOwn ? 'new' : 'your own'} logs:`,
    '  npm run analyze -- --verbose',
    '  npm run query -- "select * from songplays limit 5"',
    isOwn ? '  npm run etl' : '  npm start -- --config my.cfg',
  ].join('\n')
}

function runWithDefaults(command: Command, context: Context): Promise<Outcome> {
  return command.run(context, parse(command, []).values, '')
}
