import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { type ConfigKey, configKeys } from './config-keys.ts'
import { refusal, systemErrorCode } from './errors.ts'
import { type IniSections, readIni } from './ini-file.ts'

export type Engine = 'duckdb' | 'redshift' | 'redshift-serverless'

/** Where a source is: a folder (absolute path), or a prefix of an S3 bucket, which is empty or ends with `/`. */
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
  /** Maximum total size of the objects of one load, in bytes. */
  readonly batchBytes: number
  /** A load with more rejected records than this fails and loads nothing. */
  readonly maxQuarantined: number
  /** True if DuckDB stages into the permanent tables, which keep the records until the next load. */
  readonly keepStaging: boolean
  /** On Redshift, objects of up to 1 MB are joined before COPY if a load has at least this many of them; never if 0. */
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
  /** The checked values of every section, as written in the file. The infrastructure code reads its settings here. */
  readonly values: Values
}

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Reads and checks a config file.
 *
 * Relative paths in it are relative to `folder`.
 *
 * @throws UserError (exit code 2) if the file can't be read or has problems; it lists all of them.
 */
export function readConfig(file: string, folder: string): Config {
  const values = checkedValues(file, readSections(file))
  const value = (section: string, key: string) => values[section]?.[key]
  const path = (section: string, key: string) => resolve(folder, value(section, key) ?? '')
  const engine = value('WAREHOUSE', 'ENGINE') as Engine
  const database = path('WAREHOUSE', 'DATABASE')
  // DuckDB would put the write-ahead log next to a different file.
  if (engine === 'duckdb' && database.includes('?'))
    throw refusal(
      `DuckDB can't use a path with a question mark: ${database}.`,
      'Set DATABASE in the config to another path.',
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
    keepStaging: value('ETL', 'KEEP_STAGING') === 'yes',
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
    const reason = { ENOENT: 'does not exist', EACCES: "can't be read: permission denied", EISDIR: 'is a folder' }
    throw refusal(
      `The config file ${file} ${reason[systemErrorCode(error) as keyof typeof reason] ?? `can't be read: ${String(error)}`}.`,
      'Use --config FILE to name another file, or copy config/dwh.cfg from this project.',
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
    if (!(key in (sections.S3 ?? {}))) problems.push(`[S3] ${key}: missing; set it to a folder, or s3://bucket/prefix.`)
  }
  if (problems.length > 0)
    throw refusal(
      `The config file ${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      'Fix the file; documentation/commands.md lists every key.',
    )
  return values
}

function unknownKey(section: string, key: string, keys: readonly ConfigKey[]): string {
  const word = firstWord(key)
  const nearest = closest(
    word,
    keys.map((known) => known.key),
  )
  if (word === nearest) return `[${section}] ${word}: missing equals sign; write ${word} = value.`
  return `[${section}] ${word}: unknown key; did you mean ${nearest}?`
}

/** A line without an equals sign arrives as one long key. Only its first word is shown: the rest may be a secret. */
function firstWord(key: string): string {
  return /^[^\s:]*/.exec(key.trim())?.[0] ?? ''
}

function parseLocation(text: string, folder: string): Location {
  const s3 = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(text)
  if (!s3) return { kind: 'folder', path: resolve(folder, text) }
  const [, bucket = '', prefix = ''] = s3
  return { kind: 's3', bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}
