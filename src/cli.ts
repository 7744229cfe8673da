/** The frame around every command: options, output, errors, signals and the exit code. Nothing else touches the process. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Context } from './context.ts'
import { type ExitCode, exitCodes, refusal, UserError } from './errors.ts'
import { callersFolder, projectFolder } from './folders.ts'
import { escapeControlJson, escapeControlLines } from './text.ts'

export interface Option {
  readonly type: 'boolean' | 'string'
  readonly description: string
  /** What the value is, in the help: `FILE`, `N`. */
  readonly value?: string
  readonly default?: string
}

type Options = Readonly<Record<string, Option>>

/** The values of a command's options, typed by their declarations. */
export type Values<Declared extends Options> = { readonly [Name in keyof Declared]: Value<Declared[Name]> }

type Value<Declared extends Option> = Declared extends { readonly type: 'boolean' }
  ? boolean
  : Declared extends { readonly default: string }
    ? string
    : Declared extends { readonly type: 'string' }
      ? string | undefined
      : string | boolean | undefined

/** What a command answers: one JSON document for `--json`, or text for a person. Both go to stdout. */
export interface Outcome {
  readonly json: unknown
  readonly text?: string
  /** 0 if left out. */
  readonly exitCode?: ExitCode
}

/** A command as data: help, documents, tests and npm's swallowed options are all read from here. */
export interface Command<Declared extends Options = Options> {
  readonly name: string
  readonly summary: string
  readonly options: Declared
  /** Name of the one argument that isn't an option, if the command takes one. */
  readonly argument?: string
  run(context: Context, values: Values<Declared>, argument: string): Promise<Outcome>
  /** What to answer if the config can't be read. Without it, the problem of the config ends the command. */
  withoutConfig?(problem: UserError): Promise<Outcome>
}

/** Declares a command, so that the values `run` gets are typed by its options. */
export function command<const Declared extends Options>(declared: Command<Declared>): Command<Declared> {
  return declared
}

/** An option without a value. */
export function flag<const Description extends string>(description: Description) {
  return { type: 'boolean', description } as const
}

/** An option with a value, which the help calls `value`: `FILE`, `N`. */
export function text(value: string, description: string) {
  return { type: 'string', value, description } as const
}

/** An option with a value and a default. */
export function textWithDefault(value: string, defaultValue: string, description: string) {
  return { type: 'string', value, description, default: defaultValue } as const
}

export const commonOptions = {
  config: text('FILE', 'settings (default: config/dwh.cfg of this project)'),
  json: flag('write one JSON document to stdout, nothing else'),
  help: flag('show this text'),
} satisfies Options

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

/** Runs a command with these arguments, writes what it answers or why it failed, and returns the exit code. Never throws. */
export async function runCommand(command: Command, args: readonly string[], signal: AbortSignal): Promise<ExitCode> {
  try {
    verifyNode()
    const { values, argument } = parse(command, args)
    if (values.help) {
      process.stdout.write(`${help(command)}\n`)
      return exitCodes.done
    }
    const { json, text = '', exitCode = exitCodes.done } = await answer(command, values, argument, signal)
    const output = values.json ? escapeControlJson(json) : text
    if (output !== '') process.stdout.write(`${output}\n`)
    return exitCode
  } catch (error) {
    return report(error, command.name, signal)
  }
}

async function answer(command: Command, values: ParsedValues, argument: string, signal: AbortSignal): Promise<Outcome> {
  const { openContext } = await import('./open-context.ts')
  const configFile =
    values.config === undefined
      ? join(projectFolder, 'config', 'dwh.cfg')
      : resolve(callersFolder(), String(values.config))
  let context: Context
  try {
    context = openContext(configFile, signal)
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

type ParsedValues = Values<Options>

/** Parses the arguments of a command. @throws UserError (exit code 2) if it doesn't know one. */
export function parse(command: Command, args: readonly string[]): { values: ParsedValues; argument: string } {
  const options = { ...command.options, ...commonOptions }
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    })
    const values: ParsedValues = Object.fromEntries(
      Object.entries<Option>(options).map(([name, option]) => [
        name,
        parsed.values[name] ?? (option.type === 'boolean' ? false : option.default),
      ]),
    )
    const empty = Object.keys(values).find((name) => values[name] === '')
    if (empty) throw new TypeError(`Option '--${empty}' has an empty value`)
    const [first, second] = parsed.positionals
    if (command.argument && !first?.trim() && !values.help) throw new TypeError(`${command.argument} is missing`)
    const surplus = command.argument ? second : first
    if (surplus !== undefined) throw new TypeError(`Unexpected argument '${surplus}'`)
    return { values, argument: first ?? '' }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const sentence = error.message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw refusal(`${sentence}.`, `npm run ${command.name} -- --help shows the options.`)
  }
}

/** The help of a command, as `--help` and documentation/commands.md show it. */
export function help(command: Command): string {
  const lines = Object.entries<Option>({ ...command.options, ...commonOptions }).map(([name, option]) => {
    const usage = `--${name}${option.value ? ` ${option.value}` : ''}`
    return `  ${usage.padEnd(23)} ${option.description}${option.default ? ` (default: ${option.default})` : ''}`
  })
  const script = command.name === 'start' ? 'npm start' : `npm run ${command.name}`
  const argument = command.argument ? ` "${command.argument}"` : ''
  return [`${script} --${argument} [options]`, '', command.summary, '', ...lines].join('\n')
}

function report(error: unknown, name: string, signal: AbortSignal): ExitCode {
  // Names and values from the source may stand in errors.
  const say = (words: string) => process.stderr.write(`${escapeControlLines(words)}\n`)
  if (error instanceof UserError) {
    say(`${error.message}\n${error.hint}`)
    return error.exitCode
  }
  if (signal.aborted) {
    say(`Interrupted. What was committed stays, nothing is half done. Run ${name} again to continue.`)
    return exitCodes.failed
  }
  say(
    `This is a bug in this program. Please report it with these lines.\n${error instanceof Error ? error.stack : String(error)}`,
  )
  return exitCodes.failed
}

/** A reader that has seen enough (`| head -1`) isn't a failure: the command ends as it would have. */
function endIfUnwritable(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`Can't write the output (${error.code}).\nWrite it elsewhere; what was done stays done.\n`)
  process.exit(exitCodes.failed)
}
