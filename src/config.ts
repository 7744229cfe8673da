import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { type ZodType, z } from 'zod'
import { refusal, systemErrorCode } from './errors.ts'
import { type IniSections, readIni } from './ini-file.ts'

export type Engine = 'duckdb' | 'redshift' | 'redshift-serverless'

/** Where a source lies: a folder (absolute path) or a prefix of an S3 bucket, which always ends with `/` and so means a folder too. */
export type Location =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }

/** The settings of one run: checked, complete, with absolute paths. */
export interface Config {
  readonly file: string
  readonly engine: Engine
  /** DuckDB's file. */
  readonly database: string
  readonly sources: { readonly log_data: Location; readonly song_data: Location }
  /** Objects of at most this many bytes together make one load. */
  readonly batchBytes: number
  /** More records than this refused in one load, and nothing of it is loaded. */
  readonly maxQuarantined: number
  /** On Redshift, so many objects of up to 1 MB in one load are joined before COPY; never if 0. */
  readonly compactFrom: number
  /** DuckDB's memory limit (`4GB`) and number of threads; its own defaults if undefined. */
  readonly memoryLimit: string | undefined
  readonly threads: number | undefined
  /** How long to wait for another process that has DuckDB's file open; ms. */
  readonly lockTimeoutMs: number
  readonly region: string
  /** The longest a statement may run on Redshift; ms. */
  readonly statementTimeoutMs: number
  /** Absolute path. */
  readonly caFile: string | undefined
  /** The values of every section as they stand in the file, checked; for what only AWS needs. */
  readonly values: Values
}

interface ConfigKey {
  readonly section: string
  readonly key: string
  readonly value: ZodType<string>
  /** What it sets, for the table in the documentation. */
  readonly meaning: string
  /** Used when the file does not set it. */
  readonly fallback?: string
  readonly secret?: true
}

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>

const anyText = z.string()
const wholeNumber = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z.string().refine((text) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most, {
    error: `must be a whole number ${most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`}`,
  })
const oneOf = (...choices: string[]) =>
  z.string().refine((text) => choices.includes(text), { error: `must be one of ${choices.join(', ')}` })
const matching = (pattern: RegExp, error: string) => z.string().regex(pattern, { error })
const location = z.string().superRefine((text, context) => {
  const problem = locationProblem(text)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

/** Every key a config file may have. */
export const configKeys: readonly ConfigKey[] = [
  {
    section: 'WAREHOUSE',
    key: 'ENGINE',
    value: oneOf('duckdb', 'redshift', 'redshift-serverless'),
    fallback: 'redshift',
    meaning: 'the engine: duckdb, redshift or redshift-serverless',
  },
  {
    section: 'WAREHOUSE',
    key: 'DATABASE',
    value: matching(/\S/, 'must be the path of a file'),
    fallback: 'warehouse/sparkify.duckdb',
    meaning: "DuckDB's file; any DuckDB from 1.3 on opens it",
  },
  {
    section: 'WAREHOUSE',
    key: 'MEMORY_LIMIT',
    value: matching(/^\d+(\.\d+)?\s*([KMGT]i?B)$/i, 'must be a size such as 4GB'),
    meaning:
      "most memory DuckDB may use, such as 4GB; else 350 MB a core while something is written, 80 % of the machine's for questions",
  },
  {
    section: 'WAREHOUSE',
    key: 'THREADS',
    value: wholeNumber(1, 1024),
    meaning: 'threads DuckDB may use; by default one a core',
  },
  {
    section: 'WAREHOUSE',
    key: 'LOCK_TIMEOUT',
    value: wholeNumber(0, 86_399),
    fallback: '10',
    meaning: "seconds to wait for another process that has DuckDB's file open; 0 not at all",
  },
  {
    section: 'WAREHOUSE',
    key: 'STATEMENT_TIMEOUT',
    value: wholeNumber(1, 86_399),
    fallback: '3600',
    meaning: 'seconds a statement may run on Redshift',
  },
  {
    section: 'WAREHOUSE',
    key: 'CA_FILE',
    value: matching(/\S/, 'must be the path of a file'),
    meaning:
      "file of certificates (PEM) to trust on the way to Redshift instead of Node's own; for proxies that open TLS",
  },
  { section: 'S3', key: 'LOG_DATA', value: location, meaning: 'the event logs: a folder, or s3://bucket/prefix' },
  { section: 'S3', key: 'SONG_DATA', value: location, meaning: 'the song catalog: a folder, or s3://bucket/prefix' },
  {
    section: 'S3',
    key: 'LOG_JSONPATH',
    value: anyText,
    meaning: 'accepted from older files, not used: jsonpaths are made from the schema',
  },
  {
    section: 'ETL',
    key: 'BATCH_BYTES',
    value: wholeNumber(1),
    fallback: '1073741824',
    meaning: 'objects of at most this many bytes together make one load',
  },
  {
    section: 'ETL',
    key: 'MAX_QUARANTINED',
    value: wholeNumber(0),
    fallback: '1000',
    meaning: 'more refused records than this in one load, and nothing of it is loaded',
  },
  {
    section: 'ETL',
    key: 'COMPACT',
    value: wholeNumber(0),
    fallback: '500',
    meaning: 'on Redshift, from so many objects of up to 1 MB in one load on they are joined before COPY; 0 never',
  },
  {
    section: 'AWS',
    key: 'REGION',
    value: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-west-2'),
    meaning: 'region of everything that is created',
  },
  {
    section: 'AWS',
    key: 'PROFILE',
    value: anyText,
    meaning: 'profile of the AWS command line whose credentials are used',
  },
  { section: 'CLUSTER', key: 'HOST', value: anyText, meaning: 'address of a cluster that is there already: use it' },
  { section: 'CLUSTER', key: 'DB_NAME', value: anyText, meaning: 'database on that cluster' },
  { section: 'CLUSTER', key: 'DB_USER', value: anyText, meaning: 'user on that cluster' },
  {
    section: 'CLUSTER',
    key: 'DB_PASSWORD',
    value: anyText,
    secret: true,
    meaning: 'password on that cluster; better left out',
  },
  { section: 'CLUSTER', key: 'DB_PORT', value: wholeNumber(1, 65_535), meaning: 'port of that cluster' },
  {
    section: 'IAM_ROLE',
    key: 'ARN',
    value: matching(/^$|^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'must be empty or the ARN of a role'),
    meaning: 'role that reads the source buckets; empty: the one of create-infrastructure',
  },
  {
    section: 'DWH',
    key: 'DWH_CLUSTER_TYPE',
    value: oneOf('single-node', 'multi-node'),
    fallback: 'single-node',
    meaning: 'single-node or multi-node',
  },
  { section: 'DWH', key: 'DWH_NUM_NODES', value: wholeNumber(1), fallback: '1', meaning: 'nodes of the cluster' },
  {
    section: 'DWH',
    key: 'DWH_NODE_TYPE',
    value: anyText,
    fallback: 'ra3.large',
    meaning: 'node type, such as ra3.large',
  },
  {
    section: 'DWH',
    key: 'DWH_IAM_ROLE_NAME',
    value: anyText,
    meaning: 'name of the role to create; if not set, the name holds identifier and region',
  },
  {
    section: 'DWH',
    key: 'DWH_CLUSTER_IDENTIFIER',
    value: anyText,
    fallback: 'dwh',
    meaning: 'name of the cluster to create; the tag on everything holds it and the region',
  },
  { section: 'DWH', key: 'DWH_DB', value: anyText, fallback: 'dwh', meaning: 'database to create' },
  {
    section: 'DWH',
    key: 'DWH_DB_USER',
    value: anyText,
    fallback: 'dwhuser',
    meaning: 'administrator to create; AWS manages the password',
  },
  {
    section: 'DWH',
    key: 'DWH_DB_PASSWORD',
    value: anyText,
    secret: true,
    meaning: 'accepted from older files, not used: AWS manages the password',
  },
  {
    section: 'NETWORK',
    key: 'VPC_ID',
    value: matching(/^vpc-[0-9a-f]+$/, 'must be the id of a VPC, such as vpc-0123abcd'),
    meaning: 'VPC to use where the account has no default one, or another is wanted; with SUBNET_IDS',
  },
  {
    section: 'NETWORK',
    key: 'SUBNET_IDS',
    value: matching(/^subnet-[0-9a-f]+(\s*,\s*subnet-[0-9a-f]+)*$/, 'must be ids of subnets, separated by commas'),
    meaning: 'subnets of that VPC, separated by commas',
  },
  {
    section: 'NETWORK',
    key: 'ADDRESS',
    value: matching(/^\d{1,3}(\.\d{1,3}){3}$/, 'must be an IPv4 address'),
    meaning: 'the public IPv4 address that may connect; looked up if not set',
  },
  {
    section: 'SERVERLESS',
    key: 'BASE_RPU',
    value: wholeNumber(4),
    fallback: '4',
    meaning: 'base capacity in Redshift processing units: 4, 8 or a multiple of 8',
  },
  {
    section: 'SERVERLESS',
    key: 'MAX_RPU',
    value: wholeNumber(4),
    fallback: '8',
    meaning: 'most capacity it may grow to',
  },
  {
    section: 'SERVERLESS',
    key: 'DAILY_RPU_HOURS',
    value: wholeNumber(1),
    fallback: '8',
    meaning: 'RPU-hours a day after which AWS stops taking queries until the next day',
  },
  {
    section: 'DWH',
    key: 'DWH_PORT',
    value: wholeNumber(1, 65_535),
    fallback: '5439',
    meaning: 'port of the cluster to create',
  },
]

/**
 * Reads and checks a config file.
 *
 * Relative paths in it are relative to `folder`.
 *
 * @throws UserError (exit code 2) that lists every problem of the file, if it has any or can't be read.
 */
export function readConfig(file: string, folder: string): Config {
  const values = checkedValues(file, readSections(file))
  const value = (section: string, key: string) => values[section]?.[key]
  const path = (section: string, key: string) => resolve(folder, value(section, key) ?? '')
  const engine = value('WAREHOUSE', 'ENGINE') as Engine
  const database = path('WAREHOUSE', 'DATABASE')
  // It would put the log of its changes beside another file.
  if (engine === 'duckdb' && database.includes('?'))
    throw refusal(
      `DuckDB takes no question mark in the path ${database}.`,
      'Name another file as DATABASE in the config.',
    )
  return {
    file,
    engine,
    database,
    sources: {
      log_data: parseLocation(value('S3', 'LOG_DATA') ?? '', folder),
      song_data: parseLocation(value('S3', 'SONG_DATA') ?? '', folder),
    },
    batchBytes: Number(value('ETL', 'BATCH_BYTES')),
    maxQuarantined: Number(value('ETL', 'MAX_QUARANTINED')),
    compactFrom: Number(value('ETL', 'COMPACT')),
    memoryLimit: value('WAREHOUSE', 'MEMORY_LIMIT'),
    threads: value('WAREHOUSE', 'THREADS') === undefined ? undefined : Number(value('WAREHOUSE', 'THREADS')),
    region: value('AWS', 'REGION') ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-west-2',
    lockTimeoutMs: 1000 * Number(value('WAREHOUSE', 'LOCK_TIMEOUT')),
    statementTimeoutMs: 1000 * Number(value('WAREHOUSE', 'STATEMENT_TIMEOUT')),
    caFile: value('WAREHOUSE', 'CA_FILE') === undefined ? undefined : path('WAREHOUSE', 'CA_FILE'),
    values,
  }
}

function readSections(file: string): IniSections {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const reason = { ENOENT: 'does not exist', EACCES: 'may not be read by you', EISDIR: 'is a folder' }
    throw refusal(
      `The config file ${file} ${reason[systemErrorCode(error) as keyof typeof reason] ?? `can't be read: ${String(error)}`}.`,
      'Name another one with --config FILE, or copy config/dwh.cfg of this project.',
    )
  }
  if (!isUtf8(bytes)) throw refusal(`The config file ${file} is not UTF-8 text.`, 'Save it as UTF-8.')
  return readIni(new TextDecoder().decode(bytes))
}

function checkedValues(file: string, sections: IniSections): Values {
  const problems: string[] = []
  const known = [...new Set(configKeys.map(({ section }) => section))]
  for (const [section, content] of Object.entries(sections)) {
    if (section === '')
      problems.push(...Object.keys(content).map((key) => `${firstWord(key)}: unknown key outside of a section.`))
    else if (!known.includes(section))
      problems.push(`[${section}]: unknown section; did you mean [${closest(section, known)}]?`)
  }
  const values: Record<string, Record<string, string>> = {}
  for (const section of known) {
    const content = sections[section] ?? {}
    const keys = configKeys.filter((candidate) => candidate.section === section)
    for (const [key, given] of Object.entries(content)) {
      if (given === undefined || !keys.some((candidate) => candidate.key === key))
        problems.push(unknownKey(section, key, keys))
    }
    values[section] = {}
    for (const { key, value, fallback, secret } of keys) {
      const given = content[key] ?? fallback
      if (given === undefined) continue
      const checked = value.safeParse(given)
      if (checked.success) values[section][key] = checked.data
      else
        problems.push(
          `[${section}] ${key} = ${secret ? '…' : JSON.stringify(given)}: ${checked.error.issues[0]?.message}.`,
        )
    }
  }
  for (const key of ['LOG_DATA', 'SONG_DATA']) {
    if (!(key in (sections.S3 ?? {})))
      problems.push(`[S3] ${key}: missing; it says where the source lies: a folder, or s3://bucket/prefix.`)
  }
  if (problems.length > 0)
    throw refusal(
      `The config file ${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      'Mend the file; documentation/commands.md lists every key.',
    )
  return values
}

function unknownKey(section: string, key: string, keys: readonly ConfigKey[]): string {
  const word = firstWord(key)
  const nearest = closest(
    word,
    keys.map((known) => known.key),
  )
  if (word === nearest) return `[${section}] ${word}: there is no equals sign; write ${word} = value.`
  return `[${section}] ${word}: unknown key; did you mean ${nearest}?`
}

/** A line without an equals sign is a key as a whole, and what follows its first word may be a secret. */
function firstWord(key: string): string {
  return /^[^\s:]*/.exec(key.trim())?.[0] ?? ''
}

function locationProblem(text: string): string | undefined {
  if (text.trim() === '') return 'must be a folder, or s3://bucket/prefix'
  if (/^s3:/i.test(text)) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^\0]*)?$/.test(text))
      return 'must be s3://bucket/prefix with a valid bucket name'
    if (/\/\/|[*?]/.test(text.slice(5))) return 'must be a prefix, without wildcards or empty parts'
    return undefined
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text))
    return 'must be a folder, or s3://bucket/prefix; other addresses are not read'
  return text.includes('\0') ? 'must not hold NUL' : undefined
}

function parseLocation(text: string, folder: string): Location {
  const s3 = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(text)
  if (!s3) return { kind: 'folder', path: resolve(folder, text) }
  const [, bucket = '', prefix = ''] = s3
  return { kind: 's3', bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}
