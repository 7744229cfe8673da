import { command, flag, type Outcome, text, type Values } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal } from '../errors.ts'
import { snakeKeys } from '../text.ts'

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
    'Creates or finds what the engine needs. That is a folder for DuckDB; on AWS reader role, control bucket, cluster or workgroup.',
  options,
  async run(context, values) {
    const { plan: isPlan, yes, ttl } = values
    if (context.config.engine === 'duckdb') return onDuckdb(context, values)
    const infrastructure = await import('../infrastructure/index.ts')
    infrastructure.verifyNoGivenHost(context.config)
    if (values.resume) return resume(context, values)
    const settings = infrastructure.infrastructureSettings(context.config)
    const task = {
      verb: isPlan ? 'look' : 'create',
      isCreation: true,
      ttlHours: ttl === undefined ? undefined : infrastructure.parseTtl(ttl),
    } as const
    return infrastructure.withAws(settings, infrastructure.infrastructureEffects(context), task, async (aws) => {
      const { confirm } = await import('./terminal.ts')
      const plan = await infrastructure.planCreation(aws)
      context.log.clear()
      const planText = infrastructure.renderPlan(plan)
      if (isPlan) return { json: snakeKeys(plan), text: planText }
      if (!plan.nothingToDo && !yes && !(await confirm(context, planText, 'Create this?')))
        return { json: snakeKeys(plan), exitCode: exitCodes.refused }
      const result = await infrastructure.createInfrastructure(aws)
      if (result.unchanged) context.log.line('Everything exists as configured: nothing was changed.')
      context.log.line(`The warehouse listens at ${result.endpoint.host}:${result.endpoint.port}. ${plan.cost}`)
      return { json: snakeKeys(result) }
    })
  },
})

async function onDuckdb(context: Context, { plan, resume, ttl }: CreateValues): Promise<Outcome> {
  if (resume || ttl !== undefined)
    throw refusal('A DuckDB warehouse is never paused: it costs nothing.', 'Leave out --resume and --ttl.')
  const { createFolder, planFolder } = await import('../tables/duckdb-folder.ts')
  return { json: snakeKeys(plan) ? planFolder(context) : createFolder(context) }
}

/** Resumes the cluster. Asks first, because it costs money from then on. */
async function resume(context: Context, { plan, yes, ttl }: CreateValues): Promise<Outcome> {
  if (ttl !== undefined)
    throw refusal("--resume and --ttl don't go together.", 'Use --ttl alone: it also resumes the cluster.')
  const infrastructure = await import('../infrastructure/index.ts')
  const settings = infrastructure.infrastructureSettings(context.config)
  infrastructure.verifyPausable(settings, 'resume')
  const effects = infrastructure.infrastructureEffects(context)
  return infrastructure.withAws(settings, effects, { verb: plan ? 'look' : 'resume' }, async (aws) => {
    const { confirm } = await import('./terminal.ts')
    const planned = await infrastructure.planPause('resume', aws)
    context.log.clear()
    const { identifier, before, unchanged, cost } = planned
    const words = `${unchanged ? 'Nothing would change' : 'Would resume'}: cluster ${identifier} is ${before}.\n${cost}`
    if (plan) return { json: snakeKeys(planned), text: words }
    if (!unchanged && !yes && !(await confirm(context, words, 'Resume it?')))
      return { json: snakeKeys(planned), exitCode: exitCodes.refused }
    const resumed = await infrastructure.changePause('resume', aws)
    context.log.line(resumed.cost)
    return { json: snakeKeys(resumed) }
  })
}
