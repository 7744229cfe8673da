import type { AwsClients } from '../aws-client/clients.ts'
import { explaining } from '../aws-client/explain.ts'
import { verifyIdentity } from '../aws-client/identity.ts'
import { resourceNames } from '../aws-client/names.ts'
import type { PollOptions } from '../aws-client/poll.ts'
import type { AwsContext, NetworkPlacement } from '../aws-client/resource.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { verifyInfrastructureSettings, verifyNames } from '../aws-client/verify-settings.ts'

/** All that the infrastructure steps touch outside of themselves. */
export interface InfrastructureEffects {
  readonly clients: AwsClients
  /** One line a thing that was done. */
  log(line: string): void
  /** What is going on at this moment, with the time it has taken so far. */
  progress?(text: string): void
  now(): Date
  /** Aborted by Ctrl-C: the step ends where it can be taken up again. */
  readonly signal?: AbortSignal
  /** The caller's public address; by default AWS is asked. */
  fetchAddress?(): Promise<string>
  /** Time between two looks at what takes minutes. */
  readonly pollMs: number
}

type Options = Pick<AwsContext, 'ttlHours' | 'finalSnapshot'>

/** What a step was asked to do, for the sentence about how to go on. */
export type Verb = 'create' | 'destroy' | 'look' | 'pause' | 'resume'

const goOn: Record<Verb, string> = {
  create: 'Run create-infrastructure again to go on, or destroy-infrastructure --yes to undo.',
  destroy: 'Run destroy-infrastructure --yes again to go on.',
  pause: 'Run destroy-infrastructure --pause again to wait for it, or create-infrastructure --resume to undo.',
  resume: 'Run create-infrastructure --resume again to wait for it, or destroy-infrastructure --pause to undo.',
  look: 'Nothing was changed; run it again.',
}

/**
 * Checks the settings, then who is calling, then does the work. Whatever AWS answers on the way becomes a sentence and a cure.
 */
export async function withAws<Result>(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  verb: Verb,
  options: Options & { findPlacement?: (aws: AwsContext) => Promise<NetworkPlacement> },
  work: (aws: AwsContext) => Promise<Result>,
): Promise<Result> {
  if (options.findPlacement === undefined) verifyNames(settings)
  else verifyInfrastructureSettings(settings)
  const { clients } = effects
  return explaining({ region: settings.region, profile: clients.profile }, async () => {
    const { findPlacement, ...rest } = options
    const aws = await openAws(settings, effects, verb, rest)
    return work({ ...aws, placement: await findPlacement?.(aws) })
  })
}

async function openAws(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  verb: Verb,
  options: Options,
): Promise<AwsContext> {
  const { clients } = effects
  const { account: id, partition } = await verifyIdentity(clients)
  const account = { id, partition }
  const poll: PollOptions = {
    pollMs: effects.pollMs,
    now: () => effects.now(),
    progress: (text) => effects.progress?.(text),
    signal: effects.signal,
    goOn: goOn[verb],
  }
  return { settings, clients, poll, account, names: resourceNames(settings, account), ...options }
}
