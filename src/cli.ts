import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, commands, commonOptions, help, type Outcome, type Values } from './commands.ts'
import type { Context } from './context.ts'
import { exitCodes, refusal, UserError } from './errors.ts'
import { callersFolder, projectFolder } from './folders.ts'
import { keptByNpm } from './npm-options.ts'
import { visibleJson, visibleLines } from './reports/visible-text.ts'

/**
 * Runs a command with the arguments of this process: the one place where options are parsed, output is written, errors
 * become words and the exit code is set.
 */
export async function runCommand(name: string): Promise<void> {
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`There is no command ${name}.`)
  process.stdout.on('error', endIfUnwritable)
  // The lockfile pins an SDK that runs on every Node this suite promises; its advice on later ones is not for the person here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  // Talk that nobody listens to any more ends no work.
  process.stderr.on('error', () => {})
  const interruption = interruptible()
  try {
    verifyNode()
    const kept = keptByNpm(command, process.argv.slice(2), process.env)
    if (kept) throw kept
    const values = parse(command, process.argv.slice(2))
    if (values.flags.help) {
      process.stdout.write(`${help(command)}\n`)
      return
    }
    if (values.texts.deadline !== undefined) interruption.endAfter(values.texts.deadline)
    const outcome = await run(command, values, interruption.signal)
    const output = values.flags.json ? visibleJson(outcome.json) : outcome.text
    if (output !== '') process.stdout.write(`${output}\n`)
    process.exitCode = outcome.exitCode
  } catch (error) {
    process.exitCode = report(error, name, interruption.signal)
  } finally {
    interruption.end()
  }
}

/** Some dependencies are ES modules only, which an older Node does not let this code require. */
function verifyNode(): void {
  if (process.features.require_module) return
  throw refusal(
    `Node ${process.version} can't run this suite.`,
    'Install Node 20.19, 22.12 or newer: https://nodejs.org has it.',
  )
}

async function run(command: Command, values: Values, signal: AbortSignal): Promise<Outcome> {
  const { openContext } = await import('./context.ts')
  let context: Context
  try {
    context = openContext(configFile(values), signal)
  } catch (error) {
    if (command.withoutConfig && error instanceof UserError) return command.withoutConfig(error)
    throw error
  }
  return command.run(context, values).finally(() => context.log.clear())
}

/** The options and arguments of a command. @throws UserError for what it does not know. */
export function parse(command: Command, args: string[]): Values {
  const options = { ...command.options, ...commonOptions }
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    })
    const empty = Object.keys(values).find((name) => values[name] === '')
    if (empty) throw new TypeError(`Option '--${empty}' has an empty value`)
    const [first, second] = positionals
    if (command.argument && !first?.trim() && !values.help) throw new TypeError(`${command.argument} is missing`)
    const surplus = command.argument ? second : first
    if (surplus !== undefined) throw new TypeError(`Unexpected argument '${surplus}'`)
    return {
      flags: Object.fromEntries(
        Object.entries(values).filter(([, value]) => typeof value === 'boolean'),
      ) as Values['flags'],
      texts: Object.fromEntries(
        Object.entries(options).map(([name, option]) => [name, (values[name] as string | undefined) ?? option.default]),
      ),
      positionals,
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const sentence = error.message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw refusal(`${sentence}.`, `npm run ${command.name} -- --help shows the options.`)
  }
}

function configFile({ texts }: Values): string {
  return texts.config === undefined ? join(projectFolder, 'config', 'dwh.cfg') : resolve(callersFolder(), texts.config)
}

interface Interruption {
  readonly signal: AbortSignal
  /** Interrupts the command after a time such as `90s`, `30m` or `2h`. */
  endAfter(time: string): void
  end(): void
}

/** How long a command may take to stop after it was asked to; ms. */
const graceMs = 60_000

/** Ctrl-C and the deadline ask the command to stop where nothing is half-done; a second Ctrl-C ends the process at once. */
function interruptible(): Interruption {
  const controller = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.failed)
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  return {
    signal: controller.signal,
    endAfter(time) {
      const ms = parseTime(time)
      timers.push(setTimeout(() => controller.abort(new Deadline(time)), ms))
      timers.push(setTimeout(() => process.exit(exitCodes.failed), ms + graceMs))
    },
    end() {
      for (const timer of timers) clearTimeout(timer)
      for (const signal of signals) process.off(signal, interrupt)
    },
  }
}

class Deadline extends Error {
  override readonly name = 'Deadline'
}

/** A time such as `90s`, `30m` or `2h` in ms. */
function parseTime(time: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(time) ?? []
  const factor: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000 }
  const ms = Number(count) * (factor[unit] ?? Number.NaN)
  // What a timer of Node holds: more, and it would fire at once.
  if (!(ms + graceMs < 2 ** 31))
    throw refusal(`--deadline ${time} is no time.`, 'Write 90s, 30m or 2h; 24 days at most.')
  return ms
}

function report(error: unknown, name: string, signal: AbortSignal): number {
  // Names of objects and values of the source stand in errors: they are shown, not obeyed.
  const say = (text: string) => process.stderr.write(`${visibleLines(text)}\n`)
  if (error instanceof UserError) {
    say(`${error.message}\n${error.hint}`)
    return error.exitCode
  }
  if (signal.aborted) {
    const why =
      signal.reason instanceof Deadline ? `The deadline of ${signal.reason.message} has passed` : 'Interrupted'
    say(`${why}. What was committed stays, nothing is half-done: run ${name} again to go on.`)
    return exitCodes.failed
  }
  say(
    `This is a bug of ours; please report it with these lines.\n${error instanceof Error ? error.stack : String(error)}`,
  )
  return exitCodes.failed
}

/** A reader that has seen enough (`| head -1`) is no failure: the command ends as it would have. */
function endIfUnwritable(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`The output can't be written (${error.code}).\nWrite it elsewhere; what was done stays done.\n`)
  process.exit(exitCodes.failed)
}
