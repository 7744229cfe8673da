import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { distance } from 'fastest-levenshtein'
import { parse } from 'ini'
import { type Command, commonOptions, type Option } from './command.ts'
import { refusal, type UserError } from './errors.ts'
import { shellWord } from './text.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface KeptOption {
  readonly name: string
  readonly option: Option
  /** Empty if npm separated it from its value. */
  readonly values: readonly string[]
}

/** Options that npm takes for its own settings: it reads `--plan` as `-p -l -a -n`. Any other option becomes a setting of the same name. */
const npmSettings: Readonly<Record<string, readonly string[]>> = {
  json: ['json'],
  yes: ['yes'],
  plan: ['parseable', 'long', 'all'],
  verbose: ['loglevel'],
}

/**
 * An error if npm kept options of the command for itself, with the line to type instead; undefined if it kept none.
 *
 * npm 7 to 11 take options that don't follow a `--` for settings. `--ttl=8h` arrives as the variable `npm_config_ttl`;
 * `--ttl 8h` as that variable, set to `true`, and the argument `8h`. `--format csv` leaves only `csv`, because npm reads it
 * as its `--format-package-lock`. npm answers `--help` itself.
 */
export function keptByNpm(command: Command, args: readonly string[], environment: Environment): UserError | undefined {
  if (!isRunByNpm(command, environment)) return undefined
  const options = { ...command.options, ...commonOptions }
  const { given, positionals } = splitArguments(options, args)
  const kept = Object.entries<Option>(options).flatMap(([name, option]): KeptOption[] => {
    const choice = option.choices && positionals.findIndex((text) => option.choices?.includes(text))
    if (choice !== undefined && choice >= 0 && !given.some((word) => word.startsWith(`--${name}`)))
      return [{ name, option, values: positionals.splice(choice, 1) }]
    const values = keptValues(name, option, environment)
    return values ? [{ name, option, values }] : []
  })
  if (kept.length === 0) return undefined

  const words = [...completed(command, kept, positionals), ...given, ...positionals.map(shellWord)]
  const script =
    environment.npm_lifecycle_event === 'start' ? 'npm start' : `npm run ${environment.npm_lifecycle_event}`
  const names = kept.map(({ name }) => name)
  const unset = names.flatMap((name) => npmSettings[name] ?? []).map((setting) => variable(setting))
  return refusal(
    `npm kept ${names.map((name) => `--${name}`).join(', ')} for itself. Nothing was done.`,
    [
      `Type: ${script} -- ${words.join(' ')}`,
      ...(unset.length > 0
        ? [`If you typed no such option: unset ${unset.join(' ')}, or run npx ts-node src/${command.name}.ts instead.`]
        : []),
    ].join('\n'),
  )
}

/** npx and other package managers pass on every option. A process that npm started indirectly only inherits the variables. */
function isRunByNpm(command: Command, environment: Environment): boolean {
  const { npm_command, npm_config_user_agent = '', npm_lifecycle_script = '' } = environment
  return (
    npm_config_user_agent.startsWith('npm/') &&
    npm_command !== 'exec' &&
    npm_lifecycle_script.includes(`src/${command.name}.ts`)
  )
}

/** The arguments that arrived: options with their values as shell words, and the others. */
function splitArguments(options: Readonly<Record<string, Option>>, args: readonly string[]) {
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  const others = new Set(tokens.filter(({ kind }) => kind === 'positional').map(({ index }) => index))
  return { given: args.filter((_, index) => !others.has(index)).map(shellWord), positionals }
}

/** The values of an option that npm took for a setting; undefined if it took none, or the setting comes from an npmrc file. */
function keptValues(name: string, { type }: Option, environment: Environment): string[] | undefined {
  const settings = npmSettings[name] ?? [typedAs(name, environment)]
  const texts = settings.map((setting) => environment[variable(setting)])
  if (texts.some((text) => text === undefined || (text === '' && type === 'boolean'))) return undefined
  // The level of npm's own log has other values too.
  if (settings[0] === 'loglevel' && texts[0] !== name) return undefined
  const isFromFile = (setting: string) =>
    npmrcFiles(environment).some((values) => String(values[setting]) === environment[variable(setting)])
  if (settings.every(isFromFile)) return undefined
  return type === 'boolean' ? [] : (texts[0]?.split('\n\n').filter((text) => text !== '' && text !== 'true') ?? [])
}

/** npm's own settings that are one letter away from an option. */
const ownSettings = ['versions']

/** The setting that an option became: its name, one that is nearly the same, or for `-c` npm's `call`. */
function typedAs(name: string, environment: Environment): string {
  const settings = Object.keys(environment)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length).replaceAll('_', '-'))
  if (settings.includes(name)) return name
  if (name === 'config' && settings.includes('call')) return 'call'
  const isNear = (setting: string) => distance(setting, name) === 1 && name.length > 3 && !ownSettings.includes(setting)
  return settings.find(isNear) ?? name
}

const prefix = 'npm_config_'

const variable = (setting: string): string => prefix + setting.replaceAll('-', '_')

/** npm also puts the settings of these files into the environment. */
function npmrcFiles(environment: Environment): Record<string, unknown>[] {
  const { npm_config_userconfig, npm_config_globalconfig, npm_config_local_prefix, npm_execpath } = environment
  const files = [
    npm_config_userconfig,
    npm_config_globalconfig,
    npm_config_local_prefix && join(npm_config_local_prefix, '.npmrc'),
    npm_execpath && join(dirname(dirname(npm_execpath)), 'npmrc'),
  ]
  return files.flatMap((file) => {
    try {
      return file ? [parse(readFileSync(file, 'utf8'))] : []
    } catch {
      // Most of these files don't exist.
      return []
    }
  })
}

/**
 * The kept options as shell words. A value that npm left among the arguments is moved back to its option. If it is unclear
 * which argument belongs to which option, placeholders are used.
 */
function completed(command: Command, kept: readonly KeptOption[], positionals: string[]): string[] {
  const waiting = kept.filter(({ option, values }) => option.type === 'string' && values.length === 0)
  const own = command.argument ? 1 : 0
  // The argument of query is SQL, which contains blanks.
  const candidates = positionals.filter((text) => !command.argument || !/\s/.test(text))
  let value: string | undefined
  if (waiting.length === 1 && candidates.length === 1 && positionals.length <= own + 1) {
    value = candidates[0]
    positionals.splice(positionals.indexOf(value ?? ''), 1)
  } else if (waiting.length > 0 && positionals.length > own)
    positionals.splice(0, positionals.length, ...(command.argument ? [command.argument] : []))
  return kept.flatMap(({ name, option, values }) => {
    if (option.type === 'boolean') return [`--${name}`]
    if (values.length === 0)
      return value === undefined ? [`--${name}`, option.value ?? ''] : [`--${name}=${shellWord(value)}`]
    return values.map((text) => `--${name}=${shellWord(text)}`)
  })
}
