import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../src/folders.ts'
import { type AwsDouble, type AwsDoubleOptions, startAwsDouble } from './aws/index.ts'
import { type Finished, runProcess, runScript, tsNode } from './process.ts'

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
export interface Running {
  kill(signal: NodeJS.Signals): void
  readonly finished: Promise<Finished>
}

/** A person's folder with a config, and an account in a double of AWS; the commands run there as processes. */
export class AwsWorkplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'sparkify-aws-'))
  readonly double: AwsDouble
  /** What the processes find in their environment; a test may change it. */
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

  configure(settings: string, engine = 'redshift'): void {
    const lines = [
      `[WAREHOUSE]\nENGINE = ${engine}`,
      '[AWS]\nREGION = us-west-2',
      '[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data',
      '[NETWORK]\nADDRESS = 203.0.113.10',
      settings,
    ]
    writeFileSync(join(this.folder, 'dwh.cfg'), lines.join('\n'))
  }

  run(name: string, ...args: string[]): Promise<Finished> {
    return runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: this.folder, environment: this.environment })
  }

  /** Runs a command at a terminal of its own, where `typed` is typed. What it writes to either stream comes as stdout. */
  runAtTerminal(typed: string, name: string, ...args: string[]): Promise<Finished> {
    const command = [tsNode, join(projectFolder, 'src', `${name}.ts`), '--config', 'dwh.cfg', ...args].join(' ')
    const line = `(sleep 3; echo ${typed}) | script -qec '${command}' /dev/null`
    return runProcess(['bash', '-o', 'pipefail', '-c', line], { cwd: this.folder, environment: this.environment })
  }

  /** Starts a command that something is going to happen to. */
  begin(name: string, ...args: string[]): Running {
    const child = spawn(tsNode, [join(projectFolder, 'src', `${name}.ts`), '--config', 'dwh.cfg', ...args], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text
      })
    const finished = new Promise<Finished>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal, ...texts }))
    })
    return { kill: (signal) => void child.kill(signal), finished }
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
