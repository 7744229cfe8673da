import { command, flag, type Outcome, text, textWithDefault, type Values } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'

const options = {
  yes: flag('really remove it'),
  pause: flag('remove nothing; pause the cluster, so that only storage and the secret are billed'),
  'final-snapshot': text('NAME', 'keep the data of the cluster or namespace in a snapshot'),
  'retention-days': textWithDefault('N', '7', 'days until AWS deletes that snapshot'),
}

type DestroyValues = Values<typeof options>

/** `npm run destroy-infrastructure` */
export const destroyInfrastructure = command({
  name: 'destroy-infrastructure',
  summary:
    'Shows what it would remove; with --yes removes it and proves that nothing billable is left. Never touches the source.',
  options,
  run: (context, values) => (context.config.engine === 'duckdb' ? onDuckdb : onRedshift)(context, values),
})

async function onDuckdb(context: Context, { pause, yes }: DestroyValues): Promise<Outcome> {
  if (pause) throw refusal('A DuckDB warehouse costs nothing while nobody uses it.', 'Leave --pause out.')
  const { destroyDuckdb } = await import('../infrastructure/duckdb-folder.ts')
  const result = await destroyDuckdb(context, { yes })
  if (result.wouldRemove.length > 0) return { json: result, exitCode: exitCodes.refused }
  return { json: result, exitCode: result.remaining.length > 0 ? exitCodes.leftOver : exitCodes.done }
}

async function onRedshift(context: Context, values: DestroyValues): Promise<Outcome> {
  const { infrastructureEffects, infrastructureSettings, verifyNoGivenHost } = await import(
    '../infrastructure/aws-settings.ts'
  )
  const infrastructure = await import('../infrastructure/index.ts')
  verifyNoGivenHost(context.config)
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  const { yes, pause, 'final-snapshot': finalSnapshot, 'retention-days': retentionDays } = values
  if (pause) {
    if (finalSnapshot !== undefined || yes)
      throw refusal(
        "--pause removes nothing, so it doesn't go with --yes or --final-snapshot.",
        'Run destroy-infrastructure with --pause alone, or without it to remove everything.',
      )
    const paused = await infrastructure.changePause('pause', settings, effects)
    context.log.line(paused.cost)
    return { json: paused }
  }
  if (!yes) {
    const plan = await infrastructure.planDestruction(settings, effects)
    context.log.clear()
    if (!plan.nothingToDo)
      context.log.warn(
        'Nothing was removed. Run it again with --yes to remove it, with --final-snapshot NAME to keep the data.',
      )
    return {
      json: plan,
      text: infrastructure.renderPlan(plan),
      exitCode: plan.nothingToDo ? exitCodes.done : exitCodes.refused,
    }
  }
  const receipt = await infrastructure.destroyInfrastructure(settings, effects, {
    finalSnapshot,
    retentionDays: Number(retentionDays),
  })
  return { json: receipt, text: infrastructure.renderReceipt(receipt), exitCode: receipt.exitCode }
}
