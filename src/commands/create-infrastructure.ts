import { command, flag, type Outcome, text, type Values } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'

const options = {
  plan: flag('change nothing; show what would be created and its cost'),
  yes: flag("don't ask before creating things that cost money"),
  ttl: text('8h', 'AWS pauses the cluster after this time; limits how long serverless may compute per day'),
  resume: flag('only resume the paused cluster and wait until it is available'),
}

type CreateValues = Values<typeof options>

/** `npm run create-infrastructure` */
export const createInfrastructure = command({
  name: 'create-infrastructure',
  summary:
    "Creates what the engine needs, or finds it: DuckDB's folder; on AWS reader role, control bucket, network rule, cluster or workgroup.",
  options,
  run: (context, values) => (context.config.engine === 'duckdb' ? onDuckdb : onRedshift)(context, values),
})

async function onDuckdb(context: Context, { plan, resume }: CreateValues): Promise<Outcome> {
  if (resume) throw refusal('A DuckDB warehouse is never paused.', 'Leave out --resume.')
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
  if (result.unchanged) context.log.line('Everything exists as configured. Nothing was changed.')
  context.log.line(`The warehouse listens at ${result.endpoint.host}:${result.endpoint.port}. ${plan.cost}`)
  return { json: result }
}

/** Resumes the cluster. Asks first, because from then on it costs money. */
async function resume(context: Context, { plan, yes, ttl }: CreateValues): Promise<Outcome> {
  if (ttl !== undefined)
    throw refusal("--resume and --ttl don't go together.", 'Use --ttl alone: it also resumes the cluster.')
  const { infrastructureEffects, infrastructureSettings } = await import('../infrastructure/aws-settings.ts')
  const { changeSleep, planSleep } = await import('../infrastructure/index.ts')
  const { confirm } = await import('./terminal.ts')
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  const planned = await planSleep('resume', settings, effects)
  context.log.clear()
  const { identifier, before, unchanged, cost } = planned
  const words = `${unchanged ? 'Nothing would change' : 'Would resume'}: cluster ${identifier} is ${before}.\n${cost}`
  if (plan) return { json: planned, text: words }
  if (!unchanged && !yes && !(await confirm(context, words, 'Resume it?')))
    return { json: planned, exitCode: exitCodes.refused }
  const resumed = await changeSleep('resume', settings, effects)
  context.log.line(resumed.cost)
  return { json: resumed }
}
