import { notOurs } from '../aws-client/explain.ts'
import { clusterPrice, dollars, pausedClusterPrice, sourceOf } from '../aws-client/prices.ts'
import { findCluster } from '../aws-client/redshift.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { pauseCluster, resumeCluster } from '../aws-client/resources/cluster.ts'
import { ownership } from '../aws-client/settings.ts'
import type { Config } from '../config.ts'
import { refusal } from '../errors.ts'
import { noCluster } from './connection.ts'
import { type DeploymentPlace, placeOf } from './inspect.ts'

/** What pausing or resuming the cluster changed, or would change. */
interface PauseResult extends DeploymentPlace {
  readonly verb: 'pause' | 'resume'
  /** The status that AWS reports, before and now. */
  readonly before: string
  readonly status: string
  readonly unchanged: boolean
  /** US dollars for everything but storage; null if not known. */
  readonly perHour: number | null
  readonly perMonth: number | null
  /** The price in words. */
  readonly cost: string
}

const verbs = {
  pause: { step: pauseCluster, wanted: 'paused' },
  resume: { step: resumeCluster, wanted: 'available' },
} as const

/** @throws UserError (exit code 2) for serverless, which can't be paused. */
export function verifyPausable({ engine }: Pick<Config, 'engine'>, verb: PauseResult['verb']): void {
  if (engine === 'redshift') return
  throw refusal(
    `A serverless warehouse can't be ${verb}d: its compute costs only while queries run.`,
    'Nothing needs to be done; destroy-infrastructure removes the warehouse with its data.',
  )
}

/**
 * What pausing or resuming the cluster would change and cost. Changes nothing.
 *
 * @throws UserError (exit code 2) if the cluster does not exist or is not ours.
 */
export async function planPause(verb: PauseResult['verb'], aws: AwsContext): Promise<PauseResult> {
  const { clients, names, settings } = aws
  const found = await findCluster(await clients.redshift(), names.cluster)
  if (found === undefined) throw noCluster(names.cluster)
  const { isOurs, owner } = ownership(found.tags, settings)
  if (!isOurs) throw notOurs('cluster', names.cluster, settings, owner)
  const price = verb === 'pause' ? pausedClusterPrice : clusterPrice(settings.region, found)
  const { perHour, perMonth, note } = price
  const month = `${dollars(perMonth)} per month`
  const cost =
    verb === 'pause'
      ? `Paused, it costs ${month}: ${note}. create-infrastructure --resume resumes it.`
      : `Running, it costs ${dollars(perHour)} per hour, ${month}. destroy-infrastructure --pause stops that.`
  return {
    verb,
    ...placeOf(aws),
    before: found.status,
    status: found.status,
    unchanged: found.status === verbs[verb].wanted,
    perHour,
    perMonth,
    cost: `${cost} ${sourceOf([price])}`,
  }
}

/** Pauses or resumes the cluster and waits until that is done; its data stay. Safe to run again, whatever happened before. */
export async function changePause(verb: PauseResult['verb'], aws: AwsContext): Promise<PauseResult> {
  const { step, wanted } = verbs[verb]
  const plan = await planPause(verb, aws)
  if (!plan.unchanged) await step(aws)
  aws.log(`${plan.unchanged ? 'find' : verb} cluster ${plan.identifier}: ${wanted}`)
  return { ...plan, status: wanted }
}
