/** Every key that a config file may have, as data. The table in documentation/commands.md is generated from it. */
import { type ZodType, z } from 'zod'

interface Key {
  readonly value: ZodType<string>
  /** What it sets. */
  readonly meaning: string
  /** Used when the file doesn't set it. */
  readonly fallback?: string
}

export interface ConfigKey extends Key {
  readonly section: string
  readonly key: string
}

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
    ENGINE: {
      value: oneOf('duckdb', 'redshift', 'redshift-serverless'),
      meaning:
        'the engine: duckdb, redshift or redshift-serverless; by default duckdb, but redshift if the file has a section DWH or a HOST in [CLUSTER]',
    },
    DATABASE: {
      // DuckDB would take the part before a colon for an extension, and put the log of a path with a question mark elsewhere.
      value: matching(
        /^(?!:memory:|[a-z][a-z0-9+.-]+:)[^?]+$/is,
        'must be the path of a file, without a question mark',
      ),
      fallback: 'warehouse/sparkify.duckdb',
      meaning: "DuckDB's file, `~` for the home folder; DuckDB 1.3 and newer can open it",
    },
    MEMORY_LIMIT: {
      value: matching(/^\d+(\.\d+)?\s*([KMGT]i?B)$/i, 'must be a size such as 4GB'),
      meaning:
        "the most memory DuckDB may use, such as 4GB; by default 350 MB per core for writing and 80 % of the machine's memory for reading",
    },
    THREADS: { value: wholeNumber(1, 1024), meaning: 'threads DuckDB may use; by default one per core' },
    LOCK_TIMEOUT: {
      value: wholeNumber(0, 86_399),
      fallback: '10',
      meaning: "seconds to wait for another process that has DuckDB's file open; 0 doesn't wait",
    },
    STATEMENT_TIMEOUT: {
      value: wholeNumber(1, 86_399),
      fallback: '3600',
      meaning: 'seconds a statement may run on Redshift',
    },
    CA_FILE: {
      value: matching(/\S/, 'must be the path of a file'),
      meaning: "PEM file of certificates to trust for Redshift instead of Node's own; for proxies that intercept TLS",
    },
  },
  S3: {
    LOG_DATA: { value: location, meaning: 'the event logs: a folder, or s3://bucket/prefix' },
    SONG_DATA: { value: location, meaning: 'the song catalog: a folder, or s3://bucket/prefix' },
    KMS_KEY: {
      value: matching(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/\S+$/, 'must be the ARN of a key of AWS KMS'),
      meaning: 'on Redshift, the KMS key with which the source is encrypted, if it is: the reader role may then use it',
    },
    LOG_JSONPATH: {
      value: anyText,
      meaning: 'accepted from older files, not used: jsonpaths are made from the schema',
    },
  },
  REPORT: {
    QUESTIONS: {
      value: matching(/\S/, 'must be the path of a folder'),
      meaning: 'folder of your own questions, as .sql files; by default the folder questions beside the config',
    },
  },
  ETL: {
    BATCH_BYTES: {
      value: wholeNumber(1),
      fallback: '1073741824',
      meaning: 'maximum total size of the objects loaded in one transaction, in bytes',
    },
    MAX_QUARANTINED: {
      value: wholeNumber(0),
      fallback: '1000',
      meaning: 'a load with more rejected records than this fails and loads nothing',
    },
    KEEP_STAGING: {
      value: oneOf('yes', 'no'),
      fallback: 'no',
      meaning: 'on DuckDB, yes keeps what the last load staged in the staging tables, to look at; it takes longer',
    },
    COMPACT: {
      value: wholeNumber(0),
      fallback: '500',
      meaning:
        'on Redshift, join objects of up to 1 MB before COPY if a load has at least this many of them; 0 never joins',
    },
  },
  AWS: {
    REGION: {
      value: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as us-west-2'),
      meaning:
        'region of everything that is created; by default that of HOST, of the environment, or of the AWS command line',
    },
    PROFILE: { value: anyText, meaning: 'AWS command line profile to take credentials from' },
  },
  CLUSTER: {
    HOST: { value: anyText, meaning: 'address of an existing warehouse to use, as the console shows it' },
    DB_NAME: { value: anyText, meaning: 'database of that warehouse' },
    DB_USER: { value: anyText, meaning: 'user of that warehouse' },
    DB_PASSWORD: {
      value: anyText,
      meaning: 'password of that user; without it, statements go by the Data API as your IAM identity',
    },
    DB_PORT: { value: wholeNumber(1, 65_535), meaning: 'port of that warehouse' },
    TLS_NAME: { value: anyText, meaning: 'name in its certificate, if HOST is a tunnel such as localhost' },
  },
  IAM_ROLE: {
    ARN: {
      value: matching(/^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/, 'must be empty or the ARN of a role'),
      meaning: 'role that reads the source buckets; if empty, the role that create-infrastructure made',
    },
  },
  DWH: {
    DWH_CLUSTER_TYPE: {
      value: oneOf('single-node', 'multi-node'),
      fallback: 'single-node',
      meaning: 'single-node or multi-node',
    },
    DWH_NUM_NODES: { value: wholeNumber(1), fallback: '1', meaning: 'nodes of the cluster' },
    DWH_NODE_TYPE: { value: anyText, fallback: 'ra3.large', meaning: 'node type, such as ra3.large' },
    DWH_IAM_ROLE_NAME: {
      value: anyText,
      meaning: 'name of the role to create; by default made from the cluster identifier and the region',
    },
    DWH_CLUSTER_IDENTIFIER: {
      value: anyText,
      fallback: 'dwh',
      meaning: 'name of the cluster to create; the tag on every created resource contains it and the region',
    },
    DWH_DB: { value: anyText, fallback: 'dwh', meaning: 'database to create' },
    DWH_DB_USER: { value: anyText, fallback: 'dwhuser', meaning: 'administrator to create; AWS manages the password' },
    DWH_DB_PASSWORD: {
      value: anyText,
      meaning: 'accepted from older files, not used: AWS manages the password',
    },
    DWH_PORT: { value: wholeNumber(1, 65_535), fallback: '5439', meaning: 'port of the cluster to create' },
  },
  NETWORK: {
    VPC_ID: {
      value: matching(/^vpc-[0-9a-f]+$/, 'must be the id of a VPC, such as vpc-0123abcd'),
      meaning: "VPC to use instead of the account's default one; set SUBNET_IDS too",
    },
    SUBNET_IDS: {
      value: matching(/^subnet-[0-9a-f]+(\s*,\s*subnet-[0-9a-f]+)*$/, 'must be ids of subnets, separated by commas'),
      meaning: 'subnets of that VPC, separated by commas',
    },
  },
  SERVERLESS: {
    BASE_RPU: {
      value: wholeNumber(4),
      fallback: '4',
      meaning: 'base capacity in Redshift processing units: 4, 8 or a multiple of 8',
    },
    MAX_RPU: { value: wholeNumber(4), fallback: '8', meaning: 'maximum capacity in Redshift processing units' },
    DAILY_RPU_HOURS: {
      value: wholeNumber(1),
      fallback: '8',
      meaning: 'RPU-hours per day after which AWS refuses queries until the next day',
    },
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
