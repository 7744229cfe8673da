import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AwsDouble, type AwsDoubleOptions, startAwsDouble } from './aws/index.ts'
import { type Finished, runAtTerminal, runScript, startScript } from './process.ts'

/** The kinds of warehouse, as lines of a config. */
export const kinds = {
  'a single-node cluster': { engine: 'redshift', settings: '' },
  'a multi-node cluster': { engine: 'redshift', settings: '[DWH]\nDWH_CLUSTER_TYPE = multi-node\nDWH_NUM_NODES = 2' },
  serverless: { engine: 'redshift-serverless', settings: '' },
} as const

export interface WorkplaceOptions {
  readonly engine?: string
  /** Further lines of the config. */
  readonly settings?: string
  readonly aws?: AwsDoubleOptions
}

/** A command that is running as a process of its own. */
interface Running {
  kill(signal: NodeJS.Signals): void
  readonly finished: Promise<Finished>
}

/** A person's folder with a config, and an account in a double of AWS; where commands run. */
export class AwsWorkplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'sparkify-aws-'))
  readonly double: AwsDouble
  /** The environment of the commands; a test may change it. */
  environment: Record<string, string>

  private constructor(double: AwsDouble) {
    this.double = double
    this.environment = { ...double.environment, SPARKIFY_POLL_MS: '10' }
  }

  static async start({ engine = 'redshift', settings = '', aws = {} }: WorkplaceOptions = {}): Promise<AwsWorkplace> {
    const workplace = new AwsWorkplace(await startAwsDouble(aws))
    workplace.configure(settings, engine)
    return workplace
  }

  configure(settings: string, engine = 'redshift', region = 'us-west-2'): void {
    const lines = [
      `[WAREHOUSE]\nENGINE = ${engine}`,
      `[AWS]\nREGION = ${region}`,
      '[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data',
      settings,
    ]
    writeFileSync(join(this.folder, 'dwh.cfg'), lines.join('\n'))
  }

  run(name: string, ...args: string[]): Promise<Finished> {
    return runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: this.folder, environment: this.environment })
  }

  /** Runs a command at a terminal and answers its question. */
  runAtTerminal(answer: string, name: string, ...args: string[]): Promise<Finished> {
    const options = { cwd: this.folder, environment: this.environment, prompt: '[y/N]', answer }
    return runAtTerminal(name, ['--config', 'dwh.cfg', ...args], options)
  }

  /** Starts a command as a process, at which `onFire` of a fault can send a signal. */
  begin(name: string, ...args: string[]): Running {
    let child: ChildProcess | undefined
    const finished = startScript(name, ['--config', 'dwh.cfg', ...args], {
      cwd: this.folder,
      environment: this.environment,
      onStart: (started) => {
        child = started
      },
    })
    return { kill: (signal) => void child?.kill(signal), finished }
  }

  /** The names of the calls so far that change something. */
  get changes(): string[] {
    return this.double.calls.map(({ action }) => action).filter((action) => !/^(Describe|Get|List|Head)/.test(action))
  }

  /** What the callers have left, by kind. */
  get left(): string[] {
    return this.double
      .remaining()
      .map(({ kind }) => kind)
      .sort()
  }

  async end(): Promise<void> {
    await this.double.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
