import { type AwsClients, openClients } from '../aws-client/clients.ts'
import { explaining } from '../aws-client/explain.ts'
import { resourceNames } from '../aws-client/names.ts'
import type { PollOptions } from '../aws-client/poll.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { findCaller } from '../aws-client/sts.ts'
import { verifyInfrastructureSettings, verifyNames } from '../aws-client/verify-settings.ts'
import type { Context } from '../context.ts'

/** Everything outside themselves that the infrastructure steps touch. */
export interface InfrastructureEffects extends Omit<PollOptions, 'goOn'> {
  readonly clients: AwsClients
  /** Called with one line for each thing that was done. */
  log(line: string): void
}

/** What the infrastructure steps touch, taken from the context of a command. */
export function infrastructureEffects({ config, log, now, pauseMs, signal }: Context): InfrastructureEffects {
  return {
    clients: openClients({ region: config.region, profile: config.values.AWS?.PROFILE }),
    log: (line) => log.line(line),
    progress: (text) => log.progress(text),
    now,
    signal,
    pollMs: pauseMs,
  }
}

/** How to continue a command that was interrupted or timed out. */
const goOn = {
  create: 'Run create-infrastructure again to go on, or destroy-infrastructure --yes to undo.',
  destroy: 'Run destroy-infrastructure --yes again to go on.',
  pause: 'Run destroy-infrastructure --pause again to wait for it, or create-infrastructure --resume to undo.',
  resume: 'Run create-infrastructure --resume again to wait for it, or destroy-infrastructure --pause to undo.',
  look: 'Nothing was changed; run it again.',
}

/** A task in AWS. With `isCreation`, all settings are checked before the first call, because the warehouse may be created. */
export interface AwsTask extends Pick<AwsContext, 'ttlHours' | 'finalSnapshot'> {
  readonly verb: keyof typeof goOn
  readonly isCreation?: boolean
}

/**
 * Checks the settings, asks AWS who is calling, then does the work.
 *
 * @throws UserError for everything that AWS refuses, with the cause and how to fix it.
 */
export async function withAws<Result>(
  settings: InfrastructureSettings,
  effects: InfrastructureEffects,
  { verb, isCreation = false, ...options }: AwsTask,
  work: (aws: AwsContext) => Promise<Result>,
): Promise<Result> {
  if (isCreation) verifyInfrastructureSettings(settings)
  else verifyNames(settings)
  const { clients, log, progress, now, signal, pollMs } = effects
  return explaining({ region: settings.region, profile: clients.profile }, async () => {
    const { account: id, partition } = await findCaller(await clients.sts())
    const account = { id, partition }
    return work({
      ...options,
      settings,
      clients,
      account,
      names: resourceNames(settings, account),
      poll: { pollMs, now, progress, signal, goOn: goOn[verb] },
      log,
    })
  })
}
