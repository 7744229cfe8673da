import { createInterface } from 'node:readline/promises'
import type { Outcome } from '../commands.ts'
import type { Context } from '../context.ts'
import { exitCodes, refusal, UserError } from '../errors.ts'
import { infrastructureEffects, infrastructureSettings, usesGivenHost } from '../infrastructure/aws-settings.ts'
import * as steps from '../infrastructure/index.ts'

export interface CreateOptions {
  readonly plan: boolean
  readonly yes: boolean
  readonly ttl: string | undefined
  /** Only wake the cluster that is there. */
  readonly resume?: boolean
}

export interface DestroyOptions {
  readonly yes: boolean
  readonly finalSnapshot: string | undefined
  readonly retentionDays: string | undefined
  /** Remove nothing: let the cluster sleep. */
  readonly pause?: boolean
}

/** Shows what would be created and what it costs; creates it when the person says yes. */
export async function createAwsInfrastructure(context: Context, options: CreateOptions): Promise<Outcome> {
  verifyNoGivenHost(context)
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  if (options.resume) return resume(context, settings, effects, options)
  const ttl = options.ttl === undefined ? {} : { ttlHours: steps.parseTtl(options.ttl) }
  const plan = await steps.planInfrastructure(settings, effects, ttl)
  context.log.clear()
  if (options.plan) return { json: plan, text: steps.renderPlan(plan), exitCode: exitCodes.done }
  if (!plan.nothingToDo && !options.yes) {
    const agreed = await ask(context, steps.renderPlan(plan), 'Create this?')
    if (!agreed) return { json: plan, text: '', exitCode: exitCodes.refused }
  }
  const result = await unlessInterrupted(context, () => steps.createInfrastructure(settings, effects, ttl))
  if ('interrupted' in result) return { json: result, text: '', exitCode: exitCodes.failed }
  if (result.unchanged) context.log.line('Everything is there as it should be: nothing was changed.')
  context.log.line(`The warehouse listens at ${result.endpoint.host}:${result.endpoint.port}. ${plan.cost}`)
  return { json: result, text: '', exitCode: exitCodes.done }
}

/** Shows what would be removed; removes it with `yes` and proves that nothing is left that costs. */
export async function destroyAwsInfrastructure(context: Context, options: DestroyOptions): Promise<Outcome> {
  verifyNoGivenHost(context)
  const settings = infrastructureSettings(context.config)
  const effects = infrastructureEffects(context)
  if (options.pause) return pause(context, settings, effects, options)
  const retentionDays = Number(options.retentionDays ?? steps.defaultRetentionDays)
  if (!options.yes) {
    const plan = await steps.planDestruction(settings, effects)
    context.log.clear()
    const exitCode = plan.nothingToDo ? exitCodes.done : exitCodes.refused
    if (!plan.nothingToDo)
      context.log.warn(
        'Nothing was removed. Run it again with --yes to remove it, with --final-snapshot NAME to keep the data.',
      )
    return { json: plan, text: steps.renderPlan(plan), exitCode }
  }
  const { finalSnapshot } = options
  const receipt = await unlessInterrupted(context, () =>
    steps.destroyInfrastructure(settings, effects, { finalSnapshot, retentionDays }),
  )
  if ('interrupted' in receipt) return { json: receipt, text: '', exitCode: exitCodes.failed }
  return { json: receipt, text: steps.renderReceipt(receipt), exitCode: receipt.exitCode }
}

/** Wakes the cluster when the person says yes, as with everything that begins to cost. */
async function resume(
  context: Context,
  settings: steps.InfrastructureSettings,
  effects: steps.InfrastructureEffects,
  { plan, yes, ttl }: CreateOptions,
): Promise<Outcome> {
  if (ttl !== undefined)
    throw refusal(
      '--resume only wakes the cluster, --ttl changes more.',
      'Run create-infrastructure --ttl without --resume: it wakes the cluster too.',
    )
  const planned = await steps.planSleep('resume', settings, effects)
  context.log.clear()
  const { identifier, before, unchanged, cost } = planned
  const words = `${unchanged ? 'Nothing would change' : 'would resume'}: cluster ${identifier} is ${before}.\n${cost}`
  if (plan) return { json: planned, text: words, exitCode: exitCodes.done }
  if (!unchanged && !yes && !(await ask(context, words, 'Resume it?')))
    return { json: planned, text: '', exitCode: exitCodes.refused }
  return changeSleep(context, 'resume', settings, effects)
}

/** Nothing is lost by it and nothing begins to cost, so it asks nobody. */
async function pause(
  context: Context,
  settings: steps.InfrastructureSettings,
  effects: steps.InfrastructureEffects,
  { finalSnapshot, yes }: DestroyOptions,
): Promise<Outcome> {
  if (finalSnapshot !== undefined || yes)
    throw refusal(
      '--pause removes nothing, so it goes with neither --yes nor --final-snapshot.',
      'Run destroy-infrastructure with --pause alone, or without it to remove everything.',
    )
  return changeSleep(context, 'pause', settings, effects)
}

async function changeSleep(
  context: Context,
  verb: steps.Sleep['verb'],
  settings: steps.InfrastructureSettings,
  effects: steps.InfrastructureEffects,
): Promise<Outcome> {
  const result = await unlessInterrupted(context, () => steps.changeSleep(verb, settings, effects))
  if ('interrupted' in result) return { json: result, text: '', exitCode: exitCodes.failed }
  context.log.line(result.cost)
  return { json: result, text: '', exitCode: exitCodes.done }
}

export interface Interrupted {
  /** Where it was interrupted, and that AWS goes on by itself. */
  readonly interrupted: string
  /** How to go on, how to undo. */
  readonly hint: string
}

/** Ctrl-C ends our waiting and not what AWS does: the sentence of the step says so, where the one of other commands would say that nothing is half-done. */
async function unlessInterrupted<Result>(
  { log, signal }: Context,
  work: () => Promise<Result>,
): Promise<Result | Interrupted> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted || !(error instanceof UserError)) throw error
    log.line(`${error.message}\n${error.hint}`)
    return { interrupted: error.message, hint: error.hint }
  }
}

/** A warehouse that somebody else made is neither made nor removed by us. */
function verifyNoGivenHost({ config }: Context): void {
  if (!usesGivenHost(config)) return
  throw refusal(
    `HOST in [CLUSTER] names ${config.values.CLUSTER?.HOST}: that warehouse is used as it is, not made or removed.`,
    'Take HOST out of the config to work with a warehouse of this suite’s own.',
  )
}

/** Asks a person at a terminal; without one there is nobody to ask, which is a refusal. */
async function ask({ log, signal }: Context, plan: string, question: string): Promise<boolean> {
  log.line(plan)
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw refusal(
      'Nothing was done: there is no terminal to ask at.',
      'Run it again with --yes if that is what you want.',
    )
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await prompt.question(`${question} [y/N] `, { signal })
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    prompt.close()
  }
}
