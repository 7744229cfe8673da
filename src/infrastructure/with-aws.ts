import { type AwsClients, openClients } from '../aws-client/clients.ts'
import { explaining } from '../aws-client/explain.ts'
import { findCaller } from '../aws-client/iam.ts'
import { resourceNames } from '../aws-client/names.ts'
import type { PollOptions } from '../aws-client/poll.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import type { InfrastructureSettings } from '../aws-client/settings.ts'
import { verifyInfrastructureSettings, verifyNames } from '../aws-client/verify-settings.ts'
import type { Config } from '../config.ts'
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

/** The infrastructure that the config asks for. */
export function infrastructureSettings({ engine, region, sources, values }: Config): InfrastructureSettings {
  const { DWH = {}, IAM_ROLE = {}, NETWORK = {}, S3 = {}, SERVERLESS = {} } = values
  return {
    engine: engine === 'redshift-serverless' ? 'redshift-serverless' : 'redshift',
    region,
    identifier: DWH.DWH_CLUSTER_IDENTIFIER ?? '',
    roleName: DWH.DWH_IAM_ROLE_NAME || undefined,
    roleArn: IAM_ROLE.ARN || undefined,
    database: DWH.DWH_DB ?? '',
    user: DWH.DWH_DB_USER ?? '',
    port: Number(DWH.DWH_PORT),
    sources: Object.values(sources).flatMap((location) => (location.kind === 's3' ? [location] : [])),
    kmsKey: S3.KMS_KEY || undefined,
    vpcId: NETWORK.VPC_ID,
    subnetIds: NETWORK.SUBNET_IDS?.split(/\s*,\s*/),
    cluster: {
      type: DWH.DWH_CLUSTER_TYPE === 'multi-node' ? 'multi-node' : 'single-node',
      nodes: Number(DWH.DWH_NUM_NODES),
      nodeType: DWH.DWH_NODE_TYPE ?? '',
    },
    serverless: {
      baseCapacity: Number(SERVERLESS.BASE_RPU),
      maxCapacity: Number(SERVERLESS.MAX_RPU),
      dailyLimit: Number(SERVERLESS.DAILY_RPU_HOURS),
    },
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

/** Does a task with the settings of the config. @throws UserError as `withAws` does. */
export function inAws<Result>(context: Context, task: AwsTask, work: (aws: AwsContext) => Promise<Result>) {
  return withAws(infrastructureSettings(context.config), infrastructureEffects(context), task, work)
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
  const { clients, log, ...poll } = effects
  return explaining({ region: settings.region, profile: clients.profile }, async () => {
    const { account: id, partition } = await findCaller(await clients.sts())
    const account = { id, partition }
    const names = resourceNames(settings, account)
    return work({ ...options, settings, clients, account, names, poll: { ...poll, goOn: goOn[verb] }, log })
  })
}
