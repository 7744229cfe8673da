import { openClients } from '../../src/aws-client/clients.ts'
import type { CallObserver } from '../../src/aws-client/sdk-middleware.ts'
import { defaultShapes } from '../../src/aws-client/settings.ts'
import { findEndpoint } from '../../src/infrastructure/connection.ts'
import type { AwsTask, InfrastructureEffects, InfrastructureSettings } from '../../src/infrastructure/index.ts'
import * as steps from '../../src/infrastructure/index.ts'
import type { AwsDouble } from '../support/aws/index.ts'

/** Settings as a config would give them, changed where a test needs it. */
export function settingsFor(changes: Partial<InfrastructureSettings> = {}): InfrastructureSettings {
  return {
    engine: 'redshift',
    region: 'us-west-2',
    identifier: 'dwh',
    roleName: 'dwhRole',
    database: 'dwh',
    user: 'dwhuser',
    port: 5439,
    sources: [
      { bucket: 'udacity-dend', prefix: 'log_data/' },
      { bucket: 'udacity-dend', prefix: 'song_data/' },
    ],
    ...defaultShapes,
    ...changes,
  }
}

export const serverless = { engine: 'redshift-serverless' } as const
export const multiNode = { cluster: { type: 'multi-node', nodes: 2, nodeType: 'ra3.large' } } as const

type Ttl = Pick<AwsTask, 'ttlHours'>

export interface RunOptions extends Partial<Omit<InfrastructureEffects, 'clients'>> {
  readonly observer?: CallObserver
  readonly profile?: string
}

/**
 * One run of a command against a double, with clients of its own, as a process would have. The environment of this process points to
 * the double from then on, as a user's would.
 */
export function runWith(
  double: Pick<AwsDouble, 'environment'>,
  changes: Partial<InfrastructureSettings> = {},
  options: RunOptions = {},
) {
  Object.assign(process.env, double.environment)
  const settings = settingsFor(changes)
  const { observer, profile, ...effectChanges } = options
  const clients = openClients({ region: settings.region, observer, profile })
  const lines: string[] = []
  const progress: string[] = []
  const effects: InfrastructureEffects = {
    clients,
    log: (line) => lines.push(line),
    progress: (text) => progress.push(text),
    now: () => new Date(),
    pollMs: 1,
    ...effectChanges,
  }
  const run = <Result>(task: AwsTask, work: Parameters<typeof steps.withAws<Result>>[3]) =>
    steps.withAws(settings, effects, task, work).finally(() => clients.close())
  return {
    lines,
    progress,
    settings,
    effects,
    plan: (options: Ttl = {}) => run({ verb: 'look', isCreation: true, ...options }, steps.planCreation),
    create: (options: Ttl = {}) => run({ verb: 'create', isCreation: true, ...options }, steps.createInfrastructure),
    planDestruction: () => run({ verb: 'look' }, steps.planDestruction),
    destroy: (finalSnapshot?: AwsTask['finalSnapshot']) =>
      run({ verb: 'destroy', finalSnapshot }, steps.destroyInfrastructure),
    describe: () => run({ verb: 'look' }, steps.describeInfrastructure),
    changePause: (verb: 'pause' | 'resume') => run({ verb }, (aws) => steps.changePause(verb, aws)),
    findEndpoint: () => run({ verb: 'look' }, findEndpoint),
  }
}
