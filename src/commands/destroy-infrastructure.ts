import { command, flag, type Outcome, text, textWithDefault, type Values } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'
import { snakeKeys } from '../text.ts'

const options = {
  yes: flag('remove it'),
  pause: flag('pause the cluster instead: only storage and the secret are billed'),
  'final-snapshot': text('NAME', 'keep the data of the cluster or namespace in a snapshot'),
  'retention-days': textWithDefault('N', '7', 'days until AWS deletes that snapshot'),
}

type DestroyValues = Values<typeof options>

/** `npm run destroy-infrastructure` */
export const destroyInfrastructure = command({
  name: 'destroy-infrastructure',
  summary:
    'Shows what it would remove; with --yes, removes it. Then checks that nothing billable is left. Never changes the source.',
  options,
  async run(context, values) {
    if (context.config.engine === 'duckdb') return onDuckdb(context, values)
    const infrastructure = await import('../infrastructure/index.ts')
    infrastructure.verifyNoGivenHost(context.config)
    if (values.pause) return pause(context, values)
    const days = Number(values['retention-days'])
    const finalSnapshot = infrastructure.parseFinalSnapshot(values['final-snapshot'], days)
    const task = { verb: values.yes ? 'destroy' : 'look', finalSnapshot } as const
    return infrastructure.inAws(context, task, async (aws) => {
      if (values.yes) {
        const receipt = await infrastructure.destroyInfrastructure(aws)
        return { json: snakeKeys(receipt), text: infrastructure.renderReceipt(receipt), exitCode: receipt.exitCode }
      }
      const plan = await infrastructure.planDestruction(aws)
      context.log.clear()
      const planned = { json: snakeKeys(plan), text: infrastructure.renderPlan(plan) }
      if (plan.nothingToDo) return planned
      context.log.warn(
        'Nothing was removed. To remove it: npm run destroy-infrastructure -- --yes. Add --final-snapshot NAME to keep the data.',
      )
      return { ...planned, exitCode: exitCodes.refused }
    })
  },
})

async function onDuckdb(context: Context, { pause, yes }: DestroyValues): Promise<Outcome> {
  if (pause)
    throw refusal("A DuckDB warehouse can't be paused: it costs nothing while nobody uses it.", 'Leave out --pause.')
  const { destroyDuckdb } = await import('../tables/duckdb-folder.ts')
  const result = await destroyDuckdb(context, { yes })
  if (result.wouldRemove.length > 0) return { json: snakeKeys(result), exitCode: exitCodes.refused }
  return { json: snakeKeys(result), exitCode: result.remaining.length > 0 ? exitCodes.leftOver : exitCodes.done }
}

async function pause(context: Context, { yes, 'final-snapshot': finalSnapshot }: DestroyValues): Promise<Outcome> {
  if (finalSnapshot !== undefined || yes)
    throw refusal(
      "--pause removes nothing, so it doesn't go with --yes or --final-snapshot.",
      'Run destroy-infrastructure with --pause alone, or without it to remove everything.',
    )
  const infrastructure = await import('../infrastructure/index.ts')
  infrastructure.verifyPausable(context.config, 'pause')
  const paused = await infrastructure.inAws(context, { verb: 'pause' }, (aws) =>
    infrastructure.changePause('pause', aws),
  )
  context.log.line(paused.cost)
  return { json: snakeKeys(paused) }
}
