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
    const ttlHours = ttl === undefined ? undefined : infrastructure.parseTtl(ttl)
    const task = { verb: isPlan ? 'look' : 'create', isCreation: true, ttlHours } as const
    return infrastructure.inAws(context, task, async (aws) => {
      const plan = await infrastructure.planCreation(aws)
      const text = infrastructure.renderPlan(plan)
      context.log.clear()
      if (isPlan) return { json: snakeKeys(plan), text }
      if (!plan.nothingToDo && !yes && !(await isConfirmed(context, text, 'Create this?')))
        return { json: snakeKeys(plan), exitCode: exitCodes.refused }
      const result = await infrastructure.createInfrastructure(aws)
      if (result.unchanged) context.log.line('Everything exists as configured: nothing was changed.')
      context.log.line(`The warehouse listens at ${result.endpoint.host}:${result.endpoint.port}. ${plan.cost}`)
      return { json: snakeKeys(result) }
    })
  },
})

async function isConfirmed(context: Context, plan: string, question: string): Promise<boolean> {
  return (await import('./terminal.ts')).confirm(context, plan, question)
}

async function onDuckdb(context: Context, { plan, resume, ttl }: CreateValues): Promise<Outcome> {
  if (resume || ttl !== undefined)
    throw refusal('A DuckDB warehouse is never paused: it costs nothing.', 'Leave out --resume and --ttl.')
  const { createFolder, planFolder } = await import('../tables/duckdb-folder.ts')
  return { json: plan ? planFolder(context) : createFolder(context) }
}

/** Resumes the cluster. Asks first, because it costs money from then on. */
async function resume(context: Context, { plan, yes, ttl }: CreateValues): Promise<Outcome> {
  if (ttl !== undefined)
    throw refusal("--resume and --ttl don't go together.", 'Use --ttl alone: it also resumes the cluster.')
  const infrastructure = await import('../infrastructure/index.ts')
  infrastructure.verifyPausable(context.config, 'resume')
  return infrastructure.inAws(context, { verb: plan ? 'look' : 'resume' }, async (aws) => {
    const planned = await infrastructure.planPause('resume', aws)
    const { identifier, before, unchanged, cost } = planned
    const text = `${unchanged ? 'Nothing would change' : 'Would resume'}: cluster ${identifier} is ${before}.\n${cost}`
    context.log.clear()
    if (plan) return { json: snakeKeys(planned), text }
    if (!unchanged && !yes && !(await isConfirmed(context, text, 'Resume it?')))
      return { json: snakeKeys(planned), exitCode: exitCodes.refused }
    const resumed = await infrastructure.changePause('resume', aws)
    context.log.line(resumed.cost)
    return { json: snakeKeys(resumed) }
  })
}
