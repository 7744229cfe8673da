/** An evening on Redshift as a story: the commands a learner gives one after the other, run against the doubles by a clock that is told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import { clusterPrice, dollars, pricesAsOf } from '../../src/aws-client/prices.ts'
import { parse } from '../../src/cli.ts'
import { commands } from '../../src/commands.ts'
import { openContext } from '../../src/context.ts'
import { type ExitCode, UserError } from '../../src/errors.ts'
import { duration, type Log } from '../../src/log.ts'
import { Cloud } from './cloud.ts'

/** How long things take by the clock of the story, in ms. Nobody measured them on AWS; `look` is how often the commands really look. */
const paces = { look: 15_000, command: 3_000, statement: 1_000, person: 120_000 }

/** When the story is said to begin. The clock itself begins now, because the engine of the double has timers of its own. */
const saidStart = Date.parse('2026-10-09T18:30:00Z')

/** Looks, 15 s apart, that changes take: a cluster is there after six minutes and gone after three. */
const polls = { clusterAvailable: 23, rolesInSync: 1, clusterDeleted: 11, interfaceReleased: 2 }

const config = `[WAREHOUSE]
ENGINE = redshift

[AWS]
REGION = us-east-1

[S3]
LOG_DATA = s3://your-bucket/log_data
SONG_DATA = s3://your-bucket/song_data
`

export interface Told {
  readonly command: string
  readonly output: string
  readonly exitCode: ExitCode
  readonly startedAt: Date
  /** By the clock of the story, ms. */
  readonly took: number
  /** US dollars since the cluster was made, as text. */
  readonly cost: string
}

export class Evening {
  readonly #cloud: Cloud
  readonly #folder = mkdtempSync(join(tmpdir(), 'sparkify-evening-'))
  readonly #configFile = join(this.#folder, 'redshift.cfg')
  /** From the clock to the time that is said; whole minutes, ms. */
  readonly #shift = saidStart - Math.floor(Date.now() / 60_000) * 60_000
  /** The random parts of the ids of loads, in the order in which they are told. */
  readonly #loads: string[] = []
  readonly #key = 'log_data/2018/11/2018-11-15-events.json'
  #whole = ''
  #cost = 0

  private constructor(cloud: Cloud) {
    this.#cloud = cloud
  }

  /** The doubles with a bucket of generated logs and songs, one line of which is cut off. The clock is the story's until `end`. */
  static async begin(): Promise<Evening> {
    const cloud = await Cloud.start({ aws: { region: 'us-east-1', polls } })
    const evening = new Evening(cloud)
    // As npm says where the person stands.
    const standing = { INIT_CWD: evening.#folder, npm_package_json: join(process.cwd(), 'package.json') }
    Object.assign(process.env, cloud.environment, standing)
    const trusted = `CA_FILE = ${join(cloud.folder, 'ca.pem')}\n`
    writeFileSync(
      evening.#configFile,
      `${config.replace('\n\n[AWS]', `\n${trusted}\n[AWS]`)}[NETWORK]\nADDRESS = 203.0.113.10\n`,
    )
    await evening.#run('generate', ['--events', '2000', '--songs', '300', '--out', 'bucket'])
    const bucket = cloud.aws.seedBucket('your-bucket', { folder: join(evening.#folder, 'bucket') })
    evening.#whole = readFileSync(join(evening.#folder, 'bucket', evening.#key), 'utf8')
    // The first play after the first line.
    bucket.put(evening.#key, evening.#whole.replace(/\n(?=.*"NextSong")(.{60}).*/, '\n$1'))
    vi.useFakeTimers({ toFake: ['Date'], now: saidStart - evening.#shift })
    return evening
  }

  /** What the learner has left in the account. */
  get left(): readonly unknown[] {
    return this.#cloud.aws.remaining()
  }

  /** Somebody mends the line at the source. */
  mendSource(): void {
    this.#cloud.aws.state.buckets.get('your-bucket')?.put(this.#key, this.#whole)
  }

  /** Gives a command after a person's pause. */
  async tell(name: string, ...args: string[]): Promise<Told> {
    this.#advance(paces.person)
    const startedAt = new Date()
    const { statements } = this.#cloud.redshift
    const before = statements.length
    const { lines, exitCode } = await this.#run(name, args)
    this.#advance(paces.command + (statements.length - before) * paces.statement)
    const words = ['--config', 'redshift.cfg', ...args].map((word) => (word.includes(' ') ? `"${word}"` : word))
    return {
      command: `npm run ${name} -- ${words.join(' ')}`,
      output: this.#shown(lines.join('\n')),
      exitCode,
      startedAt: new Date(startedAt.getTime() + this.#shift),
      took: Date.now() - startedAt.getTime(),
      cost: dollars(this.#cost),
    }
  }

  async end(): Promise<void> {
    vi.useRealTimers()
    rmSync(this.#folder, { recursive: true, force: true })
    await this.#cloud.close()
  }

  /** Runs a command as the command line does, in this process, whose clock is the story's. */
  async #run(name: string, args: string[]): Promise<{ lines: string[]; exitCode: ExitCode }> {
    const command = commands.find((candidate) => candidate.name === name)
    if (command === undefined) throw new Error(`There is no command ${name}.`)
    const lines: string[] = []
    const log: Log = {
      done: (verb, object, result) => lines.push(`${verb.padEnd(9)} ${object.padEnd(14)} ${result}`),
      line: (text) => lines.push(text),
      warn: (text) => lines.push(text),
      progress: (text) => {
        if (/^(cluster|roles) /.test(text)) this.#advance(paces.look)
      },
      clear() {},
    }
    const context = { ...openContext(this.#configFile, new AbortController().signal, this.#folder), log }
    try {
      const { text, exitCode } = await command.run(context, parse(command, args))
      return { lines: text === '' ? lines : [...lines, text], exitCode }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return { lines: [...lines, error.message, error.hint], exitCode: error.exitCode }
    }
  }

  /** Lets time pass; a cluster that is there costs meanwhile. */
  #advance(milliseconds: number): void {
    vi.setSystemTime(Date.now() + milliseconds)
    const { perHour = 0 } = clusterPrice('us-east-1', { nodeType: 'ra3.large', nodes: 1 })
    if (this.#cloud.aws.state.clusters.size > 0) this.#cost += (perHour * milliseconds) / 3_600_000
  }

  /** Without what differs from run to run: the day, folders, ports, the random part of the ids of loads. */
  #shown(text: string): string {
    for (const [, id = ''] of text.matchAll(/\d{8}T\d{9}Z-([0-9a-f]{6})/g))
      if (!this.#loads.includes(id)) this.#loads.push(id)
    const said = (time: string) => new Date(Date.parse(time) + this.#shift).toISOString()
    const told = this.#loads.reduce(
      (result, id, index) => result.replaceAll(id, String(index + 1).padStart(6, '0')),
      text,
    )
    return told
      .replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z/g, (_, ...[y, mo, d, h, mi, s, ms]) =>
        said(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`).replace(/[-:.]/g, ''),
      )
      .replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d)/g, (_, day, time) =>
        said(`${day}T${time}Z`).slice(0, 16).replace('T', ' '),
      )
      .replaceAll(`${this.#folder}/`, '')
      .replaceAll(`localhost:${this.#cloud.redshift.port}`, 'localhost:5439')
      .replaceAll(`port ${this.#cloud.redshift.port}`, 'port 5439')
  }
}

const timeOf = (date: Date) => date.toISOString().slice(11, 19)

/** What was told, as a part of the page. */
export function markdownOf({ command, output, exitCode, startedAt, took, cost }: Told): string {
  const facts = [`${timeOf(startedAt)} UTC`, `took ${duration(took)}`, `exit code ${exitCode}`, `cost so far ${cost}`]
  return `\`\`\`text\n$ ${command}\n${output}\n\`\`\`\n\n${facts.join(' · ')}`
}

/** How the story begins: what it is, by which clock, and all of it at a glance. */
export function introduction(told: readonly Told[]): string {
  const cluster = Math.round((polls.clusterAvailable * paces.look) / 60_000)
  const last = told.at(-1)
  const rows = told.map(
    ({ command, startedAt, took, exitCode, cost }) =>
      `| ${timeOf(startedAt)} | \`${command
        .replace(' --config redshift.cfg', '')
        .replace(/^npm run (\S+) -- ?/, '$1 ')
        .trim()}\` | ${duration(took)} | ${exitCode} | ${cost} |`,
  )
  return `# An evening on Redshift

Somebody makes a cluster, loads a month of logs, looks at it and removes it again. What they see is what the commands say, word for word, but **no AWS
account was used**: the commands run against the doubles of AWS and Redshift that the tests use ([redshift-double.md](redshift-double.md)),
over 2,000 generated events and 300 songs. \`test/evening.test.ts\` plays the evening again with every run of the tests and fails if this page
says something else; \`npx vitest run test/evening.test.ts -u\` writes it anew.

**The clock is made up, and so is the cost.** It starts on a Friday evening and goes on ${paces.look / 1000} s with each look at something that takes minutes, as often
as the commands really look, and the double has the cluster ready after about ${cluster} minutes; a command takes ${paces.command / 1000} s and ${paces.statement / 1000} s for each statement, and between two
commands the person reads for ${paces.person / 60_000} minutes. The cost is that time at the prices of ${pricesAsOf} in us-east-1 for one ra3.large node, its address and its
secret, from the call that creates the cluster until it is gone, without storage and tax. It came to **${last?.cost}**. In the double the cluster listens at
localhost, with a certificate and an address of the caller that its config names beside what is shown here; ports and the ends of load ids are made equal.

\`redshift.cfg\`:

\`\`\`ini
${config.trimEnd()}
\`\`\`

| UTC | command | took | exit code | cost so far |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}
