import type { Context } from './context.ts'
import type { ExitCode, UserError } from './errors.ts'

export interface Option {
  readonly type: 'boolean' | 'string'
  /** What the value is, in the help: `FILE`, `N`. */
  readonly value?: string
  readonly description: string
  readonly default?: string
}

/** What a command answers: the JSON document, and the same as text for a person. */
export interface Outcome {
  readonly json: unknown
  readonly text: string
  readonly exitCode: ExitCode
}

export interface Values {
  readonly flags: Readonly<Record<string, boolean>>
  readonly texts: Readonly<Record<string, string | undefined>>
  readonly positionals: readonly string[]
}

/** A command as data. Help, documents and tests read the same record; `run` loads its step only when it is called. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Name of the one argument that is not an option, if the command takes one. */
  readonly argument?: string
  readonly options: Readonly<Record<string, Option>>
  run(context: Context, values: Values): Promise<Outcome>
  /** What it answers where the config can't be read; without it that is refused. */
  withoutConfig?(refusal: UserError): Promise<Outcome>
}

export const commonOptions: Readonly<Record<string, Option>> = {
  config: { type: 'string', value: 'FILE', description: 'settings (default: config/dwh.cfg of this project)' },
  deadline: {
    type: 'string',
    value: 'TIME',
    description: 'stop after 90s, 30m or 2h, as Ctrl-C would: nothing half-done',
  },
  json: { type: 'boolean', description: 'one JSON document on stdout, nothing else there' },
  help: { type: 'boolean', description: 'this text' },
}

export const commands: readonly Command[] = [
  {
    name: 'start',
    summary: 'Makes sample data if there is none, then runs create-infrastructure, create-tables, etl and analyze.',
    options: {},
    run: async (context) => (await import('./steps/outcomes.ts')).start(context),
  },
  {
    name: 'create-infrastructure',
    summary:
      'Finds or creates what the engine needs: on DuckDB the folder of the database; on Redshift role, bucket, network rule, cluster or workgroup.',
    options: {
      plan: { type: 'boolean', description: 'change nothing; show what would be created and what it costs' },
      yes: { type: 'boolean', description: 'do not ask before something is created that costs money' },
      ttl: {
        type: 'string',
        value: '8h',
        description: 'AWS itself pauses the cluster after this time; serverless computes at most so long a day',
      },
      resume: { type: 'boolean', description: 'only wake the cluster that is paused, and wait until it can be used' },
    },
    run: async (context, { flags, texts }) =>
      (await import('./steps/outcomes.ts')).createInfrastructure(context, {
        plan: flags.plan === true,
        yes: flags.yes === true,
        ttl: texts.ttl,
        resume: flags.resume === true,
      }),
  },
  {
    name: 'create-tables',
    summary: 'Creates the tables that are missing, never drops one; says where live tables differ from the schema.',
    options: {
      plan: { type: 'boolean', description: 'change nothing; show which tables would be created' },
      reset: { type: 'boolean', description: 'drop the tables and create them anew; says what would go' },
      yes: { type: 'boolean', description: 'with --reset: really do it' },
    },
    run: async (context, { flags }) =>
      (await import('./steps/outcomes.ts')).createTables(context, {
        plan: flags.plan === true,
        reset: flags.reset === true,
        yes: flags.yes === true,
      }),
  },
  {
    name: 'etl',
    summary: 'Loads what is new at the source, changes what changed, leaves the rest alone.',
    options: {
      full: { type: 'boolean', description: 'rebuild the star from the whole source, in one transaction' },
      plan: { type: 'boolean', description: 'load nothing; show which objects would be loaded, and how' },
      'retry-quarantine': {
        type: 'boolean',
        description: 'also load again the objects of which records are in quarantine',
      },
    },
    run: async (context, { flags }) =>
      (await import('./steps/outcomes.ts')).etl(context, {
        full: flags.full === true,
        plan: flags.plan === true,
        retryQuarantine: flags['retry-quarantine'] === true,
      }),
  },
  {
    name: 'analyze',
    summary: 'Answers the questions: tables in the terminal; SVG, CSV and index.html in a folder.',
    options: {
      out: { type: 'string', value: 'DIR', description: 'folder for the report', default: 'report' },
    },
    run: async (context, { texts }) =>
      (await import('./steps/outcomes.ts')).analyze(context, { out: texts.out ?? 'report' }),
  },
  {
    name: 'query',
    summary: 'Runs one query, which can read everything and change nothing.',
    argument: 'SQL',
    options: {
      format: { type: 'string', value: 'FORMAT', description: 'table, json or csv', default: 'table' },
    },
    run: async (context, { texts, positionals }) =>
      (await import('./steps/outcomes.ts')).query(context, {
        statement: positionals[0] ?? '',
        format: texts.format ?? 'table',
      }),
  },
  {
    name: 'status',
    summary:
      'What exists and what it costs, the last loads, what is not loaded yet, what is in quarantine, where tables disagree with the schema.',
    options: {},
    run: async (context) => (await import('./steps/outcomes.ts')).status(context),
  },
  {
    name: 'doctor',
    summary:
      'Looks for what is wrong, from the config over credentials, source and network to the ledger, and says what mends it. Changes nothing.',
    options: {},
    run: async (context) => (await import('./steps/outcomes.ts')).doctor(context),
    withoutConfig: async (refusal) => (await import('./steps/outcomes.ts')).doctorOfConfig(refusal),
  },
  {
    name: 'generate',
    summary: 'Writes events and songs of a simulated month in the layout of the source; same seed, same bytes.',
    options: {
      events: { type: 'string', value: 'N', description: 'number of events', default: '8000' },
      songs: { type: 'string', value: 'N', description: 'number of songs in the catalog', default: '14896' },
      seed: { type: 'string', value: 'N', description: 'seed of the simulation', default: '1' },
      out: { type: 'string', value: 'DIR', description: 'folder for log_data and song_data', default: 'data' },
    },
    run: async (context, { texts }) =>
      (await import('./steps/outcomes.ts')).generate(context, {
        events: texts.events ?? '',
        songs: texts.songs ?? '',
        seed: texts.seed ?? '',
        out: texts.out ?? '',
      }),
  },
  {
    name: 'destroy-infrastructure',
    summary:
      'Shows what it would remove; removes it with --yes and proves that nothing is left that costs. The source is never touched.',
    options: {
      yes: { type: 'boolean', description: 'really remove it' },
      pause: {
        type: 'boolean',
        description: 'remove nothing; let the cluster sleep, which then costs only what it stores and its secret',
      },
      'final-snapshot': {
        type: 'string',
        value: 'NAME',
        description: 'keep the data of the cluster or namespace in a snapshot',
      },
      'retention-days': {
        type: 'string',
        value: 'N',
        description: 'days until AWS deletes that snapshot',
        default: '7',
      },
    },
    run: async (context, { flags, texts }) =>
      (await import('./steps/outcomes.ts')).destroyInfrastructure(context, {
        yes: flags.yes === true,
        finalSnapshot: texts['final-snapshot'],
        retentionDays: texts['retention-days'],
        pause: flags.pause === true,
      }),
  },
  {
    name: 'document',
    summary:
      'Writes what is made from the code and from measurements: parts of README.md, documentation/ and notebooks/.',
    options: {
      check: { type: 'boolean', description: 'change nothing; fail if a part is stale' },
      measure: {
        type: 'boolean',
        description: 'first measure again, over the real logs and songs that the config names',
      },
    },
    run: async (context, { flags }) =>
      (await import('./steps/outcomes.ts')).document(context, {
        check: flags.check === true,
        measure: flags.measure === true,
      }),
  },
]

/** The help of a command, as `--help` and documentation/commands.md show it. */
export function help(command: Command): string {
  const lines = Object.entries({ ...command.options, ...commonOptions }).map(([name, option]: [string, Option]) => {
    const usage = `--${name}${option.value ? ` ${option.value}` : ''}`
    const words = `${option.description}${option.default ? ` (default: ${option.default})` : ''}`
    return `  ${usage.padEnd(21)} ${wrapped(words)}`
  })
  const script = command.name === 'start' ? 'npm start' : `npm run ${command.name}`
  return [
    `${script} --${command.argument ? ` "${command.argument}"` : ''} [options]`,
    '',
    command.summary,
    '',
    ...lines,
  ].join('\n')
}

/** Long descriptions, over lines of their own under the first. */
function wrapped(words: string): string {
  return words.replace(/(.{70,}?,) /g, `$1\n${' '.repeat(24)}`)
}
