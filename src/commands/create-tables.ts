import { command, flag } from '../command.ts'
import { exitCodes, refusal } from '../errors.ts'
import { snakeKeys } from '../text.ts'

/** `npm run create-tables` */
export const createTables = command({
  name: 'create-tables',
  summary: 'Creates missing tables and columns. Reports every other difference from the schema.',
  options: {
    plan: flag('change nothing; show what would be created'),
    reset: flag('drop all tables and create them again; without --yes, only show what would be dropped'),
    yes: flag('with --reset: drop them'),
  },
  async run(context, { plan, reset, yes }) {
    if (plan && reset)
      throw refusal("--reset and --plan don't go together.", 'Use --reset alone: without --yes it changes nothing.')
    if (plan) {
      const { planTables, tablesPlanText } = await import('../tables/plan-tables.ts')
      const planned = await planTables(context)
      return { json: snakeKeys(planned), text: tablesPlanText(planned) }
    }
    const steps = await import('../tables/create-tables.ts')
    const result = await steps.createTables(context, { reset, yes })
    const isRefused = Object.keys(result.wouldDrop).length > 0
    return { json: snakeKeys(result), exitCode: isRefused ? exitCodes.refused : exitCodes.done }
  },
})
