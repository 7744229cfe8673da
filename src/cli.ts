import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Command, commands, commonOptions, help, type Values } from './commands.ts'
import { exitCodes, refusal, UserError } from './errors.ts'
import { callersFolder, projectFolder } from './folders.ts'
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
    const values = parse(command, process.argv.slice(2))
    if (values.flags.help) {
      process.stdout.write(`${help(command)}\n`)
      return
    }
    const { openContext } = await import('./context.ts')
    const context = openContext(configFile(values), interruption.signal)
    const outcome = await command.run(context, values).finally(() => context.log.clear())
    const output = values.flags.json ? visibleJson(outcome.json) : outcome.text
    if (output !== '') process.stdout.write(`${output}\n`)
    process.exitCode = outcome.exitCode
  } catch (error) {
    process.exitCode = report(error, name, interruption.signal)
  } finally {
    interruption.end()
  }
}

function parse(command: Command, args: string[]): Values {
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

/** Ctrl-C asks the command to stop where nothing is half-done; a second one ends the process at once. */
function interruptible(): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.failed)
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, interrupt)
    },
  }
}

function report(error: unknown, name: string, signal: AbortSignal): number {
  // Names of objects and values of the source stand in errors: they are shown, not obeyed.
  const say = (text: string) => process.stderr.write(`${visibleLines(text)}\n`)
  if (error instanceof UserError) {
    say(`${error.message}\n${error.hint}`)
    return error.exitCode
  }
  if (signal.aborted) {
    say(`Interrupted. What was committed stays, nothing is half-done: run ${name} again to go on.`)
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
