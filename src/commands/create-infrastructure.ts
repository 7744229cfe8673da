import { command, flag, type Outcome, text, type Values } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'

const options = {
  plan: flag('change nothing; show what would be created and what it costs'),
  yes: flag("don't ask before creating what costs money"),
  ttl: text('8h', 'AWS itself pauses the cluster after this time; serverless computes at most that long per day'),
  resume: flag('only wake the paused cluster and wait until it can be used'),
}

type CreateValues = Values<typeof options>

/** `npm run create-infrastructure` */
export const createInfrastructure = command({
  name: 'create-infrastructure',
  summary:
    "Finds or creates what the engine needs: DuckDB's folder; or reader role, control bucket, network rule, cluster or workgroup.",
  options,
  run: (context, values) => (context.config.engine === 'duckdb' ? onDuckdb : onRedshift)(context, values),
})

async function onDuckdb(context: Context, { plan, resume }: CreateValues): Promise<Outcome> {
  if (resume) throw refusal('A DuckDB warehouse is never paused.', 'Leave --resume out.')
  const { createFolder, planFolder } = await import('../infrastructure/duckdb-folder.ts')
  return { json: plan ? planFolder(context) : createFolder(context) }
}

async function onRedshift(context: Context, values: CreateValues): Promise<Outcome> {
  const { infrastructureEffects, infrastructureSettings, verifyNoGivenHost } = await import(
    '../infrastructure/aws-settings.ts'
  )
  const infrastructure = await import('../infrastructure/index.ts')
  const { confirm } = await import('./terminal.ts')
  verifyNoGivenHost(context.config)
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  if (values.resume) return resume(context, values)
  const ttl = values.ttl === undefined ? {} : { ttlHours: infrastructure.parseTtl(values.ttl) }
  const plan = await infrastructure.planInfrastructure(settings, effects, ttl)
  context.log.clear()
  const planText = infrastructure.renderPlan(plan)
  if (values.plan) return { json: plan, text: planText }
  if (!plan.nothingToDo && !values.yes && !(await confirm(context, planText, 'Create this?')))
    return { json: plan, exitCode: exitCodes.refused }
  const result = await infrastructure.createInfrastructure(settings, effects, ttl)
  if (result.unchanged) context.log.line('Everything exists as configured: nothing was changed.')
  context.log.line(`The warehouse listens at ${result.endpoint.host}:${result.endpoint.port}. ${plan.cost}`)
  return { json: result }
}

/** Wakes the cluster. Asks first, because it costs money from then on. */
async function resume(context: Context, { plan, yes, ttl }: CreateValues): Promise<Outcome> {
  if (ttl !== undefined)
    throw refusal(
      '--resume only wakes the cluster; --ttl changes more.',
      'Run create-infrastructure with --ttl alone: it wakes the cluster too.',
    )
  const { infrastructureEffects, infrastructureSettings } = await import('../infrastructure/aws-settings.ts')
  const { changePause, planPause } = await import('../infrastructure/index.ts')
  const { confirm } = await import('./terminal.ts')
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  const planned = await planPause('resume', settings, effects)
  context.log.clear()
  const { identifier, before, unchanged, cost } = planned
  const words = `${unchanged ? 'Nothing would change' : 'would resume'}: cluster ${identifier} is ${before}.\n${cost}`
  if (plan) return { json: planned, text: words }
  if (!unchanged && !yes && !(await confirm(context, words, 'Resume it?')))
    return { json: planned, exitCode: exitCodes.refused }
  const resumed = await changePause('resume', settings, effects)
  context.log.line(resumed.cost)
  return { json: resumed }
}
