import { type Command, command, type Outcome, parse } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../errors.ts'
import { analyze } from './analyze.ts'
import { createInfrastructure } from './create-infrastructure.ts'
import { createTables } from './create-tables.ts'
import { etl } from './etl.ts'

/** `npm start`: everything in one command. Each part can also be run alone, and all of it can be run again. */
export const start = command({
  name: 'start',
  summary: 'Makes sample data if there is none, then runs create-infrastructure, create-tables, etl and analyze.',
  options: {},
  async run(context) {
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
      text: `${loaded.text}\n\n${analyzed.text}`,
      exitCode: loaded.exitCode ?? exitCodes.done,
    }
  },
})

function runWithDefaults(command: Command, context: Context): Promise<Outcome> {
  return command.run(context, parse(command, []).values, '')
}
