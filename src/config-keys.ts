/** Every key that a config file may have, as data. The table in documentation/commands.md is generated from it. */
import { type ZodType, z } from 'zod'

interface Key {
  readonly value: ZodType<string>
  /** What it sets. */
  readonly meaning: string
  /** Used when the file doesn't set it. */
  readonly fallback?: string | undefined
}

export interface ConfigKey extends Key {
  readonly section: string
  readonly key: string
}

const key = (value: ZodType<string>, meaning: string, fallback?: string): Key => ({ value, meaning, fallback })

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

const keysBySection: Readonly<Record<string, Readonly<Record<string, Key>>>> = {
  WAREHOUSE: {
    ENGINE: key(
      oneOf('duckdb', 'redshift', 'redshift-serverless'),
      'the engine: duckdb, redshift or redshift-serverless; by default duckdb, but redshift if the file has a section DWH or a HOST in [CLUSTER]',
    ),
    // DuckDB would take the part before a colon for an extension, and put the log of a path with a question mark elsewhere.
    DATABASE: key(
      matching(/^(?!:memory:|[a-z][a-z0-9+.-]+:)[^?]+$/is, 'must be the path of a file, without a question mark'),
      "DuckDB's file, `~` for the home folder; DuckDB 1.3 and newer can open it",
      'warehouse/sparkify.duckdb',
    ),
    MEMORY_LIMIT: key(
      matching(/^\d+(\.\d+)?\s*([KMGT]i?B)$/i, 'must be a size such as 4GB'),
      "the most memory DuckDB may use, such as 4GB; by default 350 MB per core for writing and 80 % of the machine's memory for reading",
    ),
    THREADS: key(wholeNumber(1, 1024), 'threads DuckDB may use; by default one per core'),
    LOCK_TIMEOUT: key(
      wholeNumber(0, 86_399),
      "seconds to wait for another process that has DuckDB's file open; 0 doesn't wait",
      '10',
    ),
    STATEMENT_TIMEOUT: key(wholeNumber(1, 86_399), 'seconds a statement may run on Redshift', '3600'),
    CA_FILE: key(
      matching(/\S/, 'must be the path of a file'),
      "PEM file of certificates to trust for Redshift instead of Node's own; for proxies that intercept TLS",
    ),
  },
  S3: {
    LOG_DATA: key(location, 'the event logs: a folder, or s3://bucket/prefix'),
    SONG_DATA: key(location, 'the song catalog: a folder, or s3://bucket/prefix'),
    KMS_KEY: key(
      matching(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/\S+$/, 'must be the ARN of a key of AWS KMS'),
      'on Redshift, the KMS key with which the source is encrypted, if it is: the reader role may then use it',
    ),
    LOG_JSONPATH: key(anyText, 'accepted from older files, not used: jsonpaths are made from the schema'),
  },
  REPORT: {
    QUESTIONS: key(
      matching(/\S/, 'must be the path of a folder'),
      'folder of your own questions, as .sql files; by default the folder questions beside the config',
    ),
  },
  ETL: {
    BATCH_BYTES: key(
      wholeNumber(1),
      'maximum total size of the objects loaded in one transaction, in bytes',
      '536870912',
    ),
    MAX_QUARANTINED: key(wholeNumber(0), 'a load with more rejected records than this fails and loads nothing', '1000'),
    KEEP_STAGING: key(
      oneOf('yes', 'no'),
      'on DuckDB, yes keeps what the last load staged in the staging tables, to look at; it takes longer',
      'no',
    ),
    COMPACT: key(
      wholeNumber(0),
      'on Redshift, join objects of up to 1 MB before COPY if a load has at least this many of them; 0 never joins',
      '500',
    ),
  },
  AWS: {
    REGION: key(
      matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-west-2'),
      'region of everything that is created; by default that of HOST, of the environment, or of the AWS command line',
    ),
    PROFILE: key(anyText, 'AWS command line profile to take credentials from'),
  },
  CLUSTER: {
    HOST: key(anyText, 'address of an existing warehouse to use, as the console shows it'),
    DB_NAME: key(anyText, 'database of that warehouse'),
    DB_USER: key(anyText, 'user of that warehouse'),
    DB_PASSWORD: key(anyText, 'password of that user; without it, statements go by the Data API as your IAM identity'),
    DB_PORT: key(wholeNumber(1, 65_535), 'port of that warehouse'),
    TLS_NAME: key(anyText, 'name in its certificate, if HOST is a tunnel such as localhost'),
  },
  IAM_ROLE: {
    ARN: key(
      matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'must be empty or the ARN of a role'),
      'role that reads the source buckets; if empty, the role that create-infrastructure made',
    ),
  },
  DWH: {
    DWH_CLUSTER_TYPE: key(oneOf('single-node', 'multi-node'), 'single-node or multi-node', 'single-node'),
    DWH_NUM_NODES: key(wholeNumber(1), 'nodes of the cluster', '1'),
    DWH_NODE_TYPE: key(anyText, 'node type, such as ra3.large', 'ra3.large'),
    DWH_IAM_ROLE_NAME: key(
      anyText,
      'name of the role to create; by default made from the cluster identifier and the region',
    ),
    DWH_CLUSTER_IDENTIFIER: key(
      anyText,
      'name of the cluster to create; the tag on every created resource contains it and the region',
      'dwh',
    ),
    DWH_DB: key(anyText, 'database to create', 'dwh'),
    DWH_DB_USER: key(anyText, 'administrator to create; AWS manages the password', 'dwhuser'),
    DWH_DB_PASSWORD: key(anyText, 'accepted from older files, not used: AWS manages the password'),
    DWH_PORT: key(wholeNumber(1, 65_535), 'port of the cluster to create', '5439'),
  },
  NETWORK: {
    VPC_ID: key(
      matching(/^vpc-[0-9a-f]+$/, 'must be the id of a VPC, such as vpc-0123abcd'),
      "VPC to use instead of the account's default one; set SUBNET_IDS too",
    ),
    SUBNET_IDS: key(
      matching(/^subnet-[0-9a-f]+(\s*,\s*subnet-[0-9a-f]+)*$/, 'must be ids of subnets, separated by commas'),
      'subnets of that VPC, separated by commas',
    ),
  },
  SERVERLESS: {
    BASE_RPU: key(wholeNumber(4), 'base capacity in Redshift processing units: 4, 8 or a multiple of 8', '4'),
    MAX_RPU: key(wholeNumber(4), 'maximum capacity in Redshift processing units', '8'),
    DAILY_RPU_HOURS: key(wholeNumber(1), 'RPU-hours per day after which AWS refuses queries until the next day', '8'),
  },
}

/** The keys in the order of their sections. */
export const configKeys: readonly ConfigKey[] = Object.entries(keysBySection).flatMap(([section, keys]) =>
  Object.entries(keys).map(([key, declared]) => ({ section, key, ...declared })),
)

function locationProblem(text: string): string | undefined {
  if (text.trim() === '') return 'must be a folder, or s3://bucket/prefix'
  if (/^s3:/i.test(text)) {
    if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[^\0]*)?$/.test(text))
      return 'must be s3://bucket/prefix with a valid bucket name'
    if (/\/\/|[*?]/.test(text.slice(5))) return 'must be a prefix, without wildcards or empty parts'
    return undefined
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text))
    return 'must be a folder, or s3://bucket/prefix; other addresses are not supported'
  return text.includes('\0') ? 'must not contain a NUL character' : undefined
}
