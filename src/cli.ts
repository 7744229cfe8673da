/** Runs a command in this process: arguments, output, errors, signals and the exit code. */
import { join, resolve } from 'node:path'
import { type Command, help, type Outcome, type ParsedValues, parse } from './command.ts'
import type { Context } from './context.ts'
import { type ExitCode, exitCodes, refusal, UserError } from './errors.ts'
import { callersFolder, projectFolder, projectVersion } from './folders.ts'
import { withConfig } from './hints.ts'
import { keptByNpm } from './npm-options.ts'
import { escapeControlJson, escapeControlLines, shellWord } from './text.ts'

/** Runs a command with the arguments of this process. Entry scripts call it and nothing else. */
export async function main(command: Command): Promise<void> {
  process.stdout.on('error', endIfUnwritable)
  // A closed stderr must not abort the run.
  process.stderr.on('error', () => {})
  // The lockfile pins an SDK that runs on every Node this project supports; its advice about newer ones doesn't help anyone here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(exitCodes.failed)
    controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, interrupt)
  try {
    process.exitCode = await runCommand(command, process.argv.slice(2), controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, interrupt)
  }
}

/** Runs a command with these arguments, writes its result or why it failed, and returns the exit code. Never throws. */
export async function runCommand(command: Command, args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  /** The config as it was typed. */
  let config: string | undefined
  try {
    verifyNode()
    const kept = keptByNpm(command, args, process.env)
    if (kept) throw kept
    const { values, argument } = parse(command, args)
    if (values.help) {
      process.stdout.write(`${help(command)}\n`)
      return exitCodes.done
    }
    if (values.version) {
      process.stdout.write(`${projectVersion()}\n`)
      return exitCodes.done
    }
    if (values.config !== undefined) config = shellWord(String(values.config))
    const hint = (text: string) => withConfig(text, config)
    const { json, text = '', exitCode = exitCodes.done } = await answer(command, values, argument, signal, hint)
    // The text of query is data.
    const shown = command.argument === undefined ? hint(text) : text
    const output = values.json ? escapeControlJson(json) : shown
    if (output !== '') process.stdout.write(`${output}\n`)
    return exitCode
  } catch (error) {
    return report(error, signal, config)
  }
}

async function answer(
  command: Command,
  values: ParsedValues,
  argument: string,
  signal: AbortSignal,
  hint: (text: string) => string,
): Promise<Outcome> {
  const { openContext } = await import('./open-context.ts')
  const configFile =
    values.config === undefined
      ? join(projectFolder, 'config', 'dwh.cfg')
      : resolve(callersFolder(), String(values.config))
  let context: Context
  try {
    const { log, ...opened } = openContext(configFile, signal)
    context = {
      ...opened,
      log: { ...log, line: (text) => log.line(hint(text)), warn: (text) => log.warn(hint(text)) },
    }
  } catch (error) {
    if (command.withoutConfig && error instanceof UserError) return command.withoutConfig(error)
    throw error
  }
  return command.run(context, values, argument).finally(() => context.log.clear())
}

/** Some dependencies are ES modules only; an older Node refuses to `require` them. */
function verifyNode(): void {
  if (process.features.require_module) return
  throw refusal(`Node ${process.version} is too old.`, 'Install Node 20.19, 22.12 or newer: https://nodejs.org.')
}

function report(error: unknown, signal: AbortSignal, config: string | undefined): ExitCode {
  // Error messages may contain names and values from the source.
  const say = (words: string) => process.stderr.write(`${escapeControlLines(words)}\n`)
  if (error instanceof UserError) {
    say(`${error.message}\n${withConfig(error.hint, config)}`)
    return error.exitCode
  }
  if (signal.aborted) {
    say('Interrupted. What was committed stays; nothing is half done. Run the same command again to continue.')
    return exitCodes.failed
  }
  say(
    `This is a bug in this program. Please report it and include these lines.\n${error instanceof Error ? error.stack : String(error)}`,
  )
  return exitCodes.failed
}

/** A reader that closes the pipe early (`| head -1`) isn't a failure: the exit code stays as it is. */
function endIfUnwritable(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(
    `Can't write the output (${error.code}).\nRedirect it elsewhere. What was already done is kept.\n`,
  )
  process.exit(exitCodes.failed)
}
