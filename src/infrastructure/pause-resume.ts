import { notOurs } from '../aws-client/explain.ts'
import { clusterPrice, dollars, pausedClusterPrice, pricesAsOf } from '../aws-client/prices.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { pauseCluster, resumeCluster } from '../aws-client/resources/pause-resume.ts'
import { type InfrastructureSettings, ownership } from '../aws-client/settings.ts'
import { refusal } from '../errors.ts'
import { type InfrastructureEffects, withAws } from './effects.ts'

/** What became of a cluster that was to result or to wake. */
export interface PauseResult {
  readonly verb: 'pause' | 'resume'
  readonly identifier: string
  readonly account: string
  readonly region: string
  /** In AWS's word: before, and now. */
  readonly before: string
  readonly status: string
  readonly unchanged: boolean
  /** US dollars of what goes on being billed, beside what it stores; null where not known. */
  readonly perHour: number | null
  readonly perMonth: number | null
  readonly pricesAsOf: string
  /** The price in a sentence. */
  readonly cost: string
}

const verbs = {
  pause: { step: pauseCluster, wanted: 'paused', done: 'paused' },
  resume: { step: resumeCluster, wanted: 'available', done: 'awake' },
} as const

/** What it would become and what that costs. Changes nothing. */
export function planPause(
  verb: PauseResult['verb'],
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
): Promise<PauseResult> {
  return inCluster(verb, 'look', settings, effects, async (_workshop, result) => ({ ...result, status: result.before }))
}

/**
 * Pauses or wakes the cluster and waits until it is done; the data stay. Safe to run again, whatever happened before.
 *
 * @throws UserError (exit code 2) for serverless, for a cluster that is not there and for one that is not ours.
 */
export function changePause(
  verb: PauseResult['verb'],
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
): Promise<PauseResult> {
  return inCluster(verb, verb, settings, effects, async (aws, result) => {
    const { step, done } = verbs[verb]
    if (!result.unchanged) await step(aws)
    effects.log(`${result.unchanged ? 'find' : verb} cluster ${settings.identifier}: ${done}`)
    return result
  })
}

async function inCluster(
  verb: PauseResult['verb'],
  goOn: 'look' | PauseResult['verb'],
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  work: (aws: AwsContext, result: PauseResult) => Promise<PauseResult>,
): Promise<PauseResult> {
  if (settings.engine !== 'redshift')
    throw refusal(
      `A serverless warehouse is not ${verb}d: it costs while queries run, and for what it stores.`,
      'There is nothing to do; destroy-infrastructure removes it with its data.',
    )
  return withAws(settings, effects, goOn, {}, async (aws) => {
    const { clients, names, account } = aws
    const found = await (await clients.redshift()).findCluster(names.cluster)
    if (found === undefined) throw refusal(`There is no cluster ${names.cluster}.`, 'Run create-infrastructure.')
    const { isOurs, owner } = ownership(found.tags, settings)
    if (!isOurs) throw notOurs('cluster', names.cluster, settings, owner)
    const { wanted } = verbs[verb]
    const { perHour = null, perMonth = null } =
      verb === 'pause' ? pausedClusterPrice : clusterPrice(settings.region, found)
    return work(aws, {
      verb,
      identifier: settings.identifier,
      account: account.id,
      region: settings.region,
      before: found.status,
      status: wanted,
      unchanged: found.status === wanted,
      perHour,
      perMonth,
      pricesAsOf,
      cost: costOf(verb, perHour, perMonth),
    })
  })
}

function costOf(verb: PauseResult['verb'], perHour: number | null, perMonth: number | null): string {
  const month = dollars(perMonth ?? undefined)
  if (verb === 'pause')
    return `Paused, it costs ${month} a month: ${pausedClusterPrice.note.replace('paused: ', '')}. create-infrastructure --resume wakes it.`
  const price = perHour === null ? 'what is not known for this region' : `${dollars(perHour)} an hour, ${month} a month`
  return `Awake, it costs ${price}. destroy-infrastructure --pause ends that.`
}
