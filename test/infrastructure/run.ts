import { openClients } from '../../src/aws-client/clients.ts'
import type { CallObserver } from '../../src/aws-client/sdk-middleware.ts'
import { defaultShapes } from '../../src/aws-client/settings.ts'
import type {
  CreateOptions,
  DestroyOptions,
  InfrastructureEffects,
  InfrastructureSettings,
} from '../../src/infrastructure/index.ts'
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

/** One run of a command: a process of its own would have its own clients too. */
export interface Run {
  readonly lines: string[]
  readonly progress: string[]
  readonly settings: InfrastructureSettings
  readonly effects: InfrastructureEffects
  plan(options?: CreateOptions): ReturnType<typeof steps.planInfrastructure>
  create(options?: CreateOptions): ReturnType<typeof steps.createInfrastructure>
  planDestruction(): ReturnType<typeof steps.planDestruction>
  destroy(options?: DestroyOptions): ReturnType<typeof steps.destroyInfrastructure>
  describe(): ReturnType<typeof steps.describeInfrastructure>
  changePause(verb: steps.PauseResult['verb']): ReturnType<typeof steps.changePause>
  findCredentials(): ReturnType<typeof steps.findCredentials>
}

export interface RunOptions extends Partial<Omit<InfrastructureEffects, 'clients'>> {
  readonly observer?: CallObserver
  readonly profile?: string
}

/** A run against a double, which the environment of this process then points to, as a user's would. */
export function runWith(
  double: Pick<AwsDouble, 'environment' | 'checkIpUrl'>,
  changes: Partial<InfrastructureSettings> = {},
  options: RunOptions = {},
): Run {
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
    fetchAddress: async () => (await fetch(double.checkIpUrl)).text(),
    pollMs: 1,
    ...effectChanges,
  }
  const ending = <Result>(result: Promise<Result>) => result.finally(() => clients.close())
  return {
    lines,
    progress,
    settings,
    effects,
    plan: (options) => ending(steps.planInfrastructure(settings, effects, options)),
    create: (options) => ending(steps.createInfrastructure(settings, effects, options)),
    planDestruction: () => ending(steps.planDestruction(settings, effects)),
    destroy: (options) => ending(steps.destroyInfrastructure(settings, effects, options)),
    describe: () => ending(steps.describeInfrastructure(settings, effects)),
    changePause: (verb) => ending(steps.changePause(verb, settings, effects)),
    findCredentials: () => ending(steps.findCredentials(settings, effects)),
  }
}
