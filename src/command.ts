/** What a command is: its name, options, run and output, as data. Help, documents and tests read the same record. */
import { parseArgs } from 'node:util'
import { distance } from 'fastest-levenshtein'
import type { Context } from './context.ts'
import { type ExitCode, refusal, type UserError } from './errors.ts'
import { shellWord } from './text.ts'

export interface Option {
  readonly type: 'boolean' | 'string'
  readonly description: string
  /** Name of the value in the help: `FILE`, `N`. */
  readonly value?: string
  readonly default?: string
  /** The allowed values; any value if left out. */
  readonly choices?: readonly string[]
}

export type Options = Readonly<Record<string, Option>>

/** The values of a command's options, typed by their declarations. */
export type Values<Declared extends Options> = { readonly [Name in keyof Declared]: Value<Declared[Name]> }

type Value<Declared extends Option> = Declared extends { readonly type: 'boolean' }
  ? boolean
  : Declared extends { readonly default: string }
    ? string
    : Declared extends { readonly type: 'string' }
      ? string | undefined
      : string | boolean | undefined

/** The result of a command: one JSON document for `--json`, or text for a person. Both go to stdout. */
export interface Outcome {
  readonly json: unknown
  readonly text?: string
  /** 0 if left out. */
  readonly exitCode?: ExitCode
}

/** A command as data. The help, the documents, the tests and the check for options that npm kept all read it. */
export interface Command<Declared extends Options = Options> {
  readonly name: string
  readonly summary: string
  readonly options: Declared
  /** Name of the one argument that isn't an option, if the command takes one. */
  readonly argument?: string
  /** True if the command can do without its argument. */
  readonly isArgumentOptional?: true
  run(context: Context, values: Values<Declared>, argument: string): Promise<Outcome>
  /** The result if the config can't be read. Without this, an unreadable config ends the command with its error. */
  withoutConfig?(problem: UserError): Promise<Outcome>
}

/** Declares a command, so that the values `run` gets are typed by its options. */
export const command = <const Declared extends Options>(declared: Command<Declared>): Command<Declared> => declared

/** An option without a value. */
export function flag<const Description extends string>(description: Description) {
  return { type: 'boolean', description } as const
}

/** An option with a value, which the help calls `value`: `FILE`, `N`. */
export const text = (value: string, description: string) => ({ type: 'string', value, description }) as const

/** An option with a value and a default. */
export function textWithDefault(value: string, defaultValue: string, description: string) {
  return { type: 'string', value, description, default: defaultValue } as const
}

/** An option with one of a few values; the first is the default. */
export function choice(value: string, choices: readonly [string, ...string[]]) {
  const description = choices.join(', ').replace(/, ([^,]*)$/, ' or $1')
  return { type: 'string', value, description, choices, default: choices[0] } as const
}

export const commonOptions = {
  config: text('FILE', 'settings (default: config/dwh.cfg of this project)'),
  json: flag('write one JSON document to stdout, nothing else'),
  help: flag('show this text'),
  version: flag('show the version of this project'),
} satisfies Options

export type ParsedValues = Values<Options>

/** A dash of a word processor, or a letter instead of a name: what people type for options. */
const slips: readonly [typed: RegExp, meant: (name: string) => string][] = [
  [/^[\u2010-\u2015\u2212]+-?(?=\w)/, (name) => `--${name}`],
  [/^-c$/, () => '--config'],
  [/^-h$/, () => '--help'],
  [/^-y$/, () => '--yes'],
]

/** The corrected words for a misspelt option, or for a config file without `--config`; undefined for every other argument. */
function meantBy(command: Command, options: Options, arg: string, previous = ''): readonly string[] | undefined {
  const slip = slips.find(([typed]) => typed.test(arg))
  if (slip !== undefined) return [slip[1](arg.replace(slip[0], ''))]
  const [, typed = '', value = ''] = /^--([a-z_-]+)(=.*)?$/.exec(arg) ?? []
  if (typed !== '' && !Object.hasOwn(options, typed)) {
    const near = Object.keys(options).find((name) => distance(name, typed) <= (name.length > 4 ? 2 : 1))
    return near === undefined ? undefined : [`--${near}${value}`]
  }
  if (command.argument !== undefined) return undefined
  if (/^[^-].*\.(cfg|ini)$/.test(arg) && !previous.startsWith('-')) return ['--config', arg]
  return Object.hasOwn(options, arg) ? [`--${arg}`] : undefined
}

/** @throws UserError (exit code 2) with the line to type if an argument is nearly an option. */
function verifyNoSlip(command: Command, options: Options, args: readonly string[]): void {
  const isValue = (index: number) => options[args[index - 1]?.slice(2) ?? '']?.value !== undefined
  const meant = args.map((arg, index) => (isValue(index) ? undefined : meantBy(command, options, arg, args[index - 1])))
  const at = meant.findIndex((words) => words !== undefined)
  if (at === -1) return
  throw refusal(
    `${args[at]} is not an option: did you mean ${meant[at]?.join(' ')}?`,
    `Type: ${scriptOf(command)} -- ${args
      .flatMap((arg, index) => meant[index] ?? [arg])
      .map(shellWord)
      .join(' ')}`,
  )
}

/** Joins an option and a negative number behind it, which would be taken for an option of its own. */
function withNumbers(options: Options, args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    const isValue = (at: number) =>
      /^-\d/.test(args[at] ?? '') && options[args[at - 1]?.slice(2) ?? '']?.type === 'string'
    if (isValue(index + 1)) return [`${arg}=${args[index + 1]}`]
    return isValue(index) ? [] : [arg]
  })
}

const scriptOf = ({ name }: Command) => (name === 'start' ? 'npm start' : `npm run ${name}`)

/** Parses the arguments of a command. @throws UserError (exit code 2) if one is unknown, missing or invalid. */
export function parse(command: Command, args: readonly string[]): { values: ParsedValues; argument: string } {
  const options: Options = { ...command.options, ...commonOptions }
  verifyNoSlip(command, options, args)
  try {
    const parsed = parseArgs({
      args: withNumbers(options, args),
      allowPositionals: true,
      options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    })
    const values: ParsedValues = Object.fromEntries(
      Object.entries<Option>(options).map(([name, option]) => [
        name,
        parsed.values[name] ?? (option.type === 'boolean' ? false : option.default),
      ]),
    )
    for (const [name, { choices }] of Object.entries<Option>(options))
      if (choices && !choices.includes(String(values[name])))
        throw refusal(`Invalid --${name} ${values[name]}.`, `Use one of ${choices.join(', ')}.`)
    const empty = Object.keys(values).find((name) => values[name] === '')
    if (empty) throw new TypeError(`Option '--${empty}' has an empty value`)
    const [first, second] = parsed.positionals
    if (command.argument && !command.isArgumentOptional && !first?.trim() && !values.help)
      throw new TypeError(`${command.argument} is missing`)
    if (command.argument && second !== undefined)
      throw refusal(
        `There are ${parsed.positionals.length} arguments instead of one.`,
        `Put the ${command.argument} in quotes: ${scriptOf(command)} -- "${command.argument}"`,
      )
    if (!command.argument && first !== undefined) throw new TypeError(`Unexpected argument '${first}'`)
    return { values, argument: first ?? '' }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const sentence = error.message.split(/\.\s/)[0]?.replace(/\.$/, '')
    throw refusal(`${sentence}.`, `To see the options: ${scriptOf(command)} -- --help`)
  }
}

/** The help of a command, as `--help` and documentation/commands.md show it. */
export function help(command: Command): string {
  const lines = Object.entries<Option>({ ...command.options, ...commonOptions }).map(([name, option]) => {
    const usage = `--${name}${option.value ? ` ${option.value}` : ''}`
    return `  ${usage.padEnd(23)} ${option.description}${option.default ? ` (default: ${option.default})` : ''}`
  })
  const argument = command.argument ? ` "${command.argument}"` : ''
  return [`${scriptOf(command)} --${argument} [options]`, '', command.summary, '', ...lines].join('\n')
}
