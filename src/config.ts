import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { findRegion } from './aws-region.ts'
import { keyAdvice, sectionMeant } from './config-advice.ts'
import { configKeys } from './config-keys.ts'
import { refusal, systemErrorCode } from './errors.ts'
import { type IniFile, readIni, valueIn } from './ini-file.ts'

export type Engine = 'duckdb' | 'redshift' | 'redshift-serverless'

/** Where a source is: a folder (absolute path), or a prefix of an S3 bucket, which is empty or ends with `/`. */
export type Location =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string }

/** A location as a config names it, with an absolute path. */
export const locationText = (location: Location): string =>
  location.kind === 'folder' ? location.path : `s3://${location.bucket}/${location.prefix}`

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
  /** Absolute path of the folder with the user's own questions; it need not exist. */
  readonly questions: string
  /** The checked values of every section. The infrastructure code reads its settings here. */
  readonly values: Values
}

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Reads and checks a config file. Relative paths in it are relative to the folder of the file.
 *
 * @throws UserError (exit code 2) if the file can't be read or has problems; it lists all of them.
 */
export function readConfig(file: string): Config {
  const values = checkedValues(file)
  const folder = dirname(file)
  const value = (section: string, key: string) => values[section]?.[key]
  const path = (section: string, key: string) => absolute(folder, value(section, key) ?? '')
  return {
    file,
    engine: value('WAREHOUSE', 'ENGINE') as Engine,
    database: path('WAREHOUSE', 'DATABASE'),
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
    // Without one, DuckDB reads buckets: S3 says where they are.
    region: regionOf(values) ?? 'us-west-2',
    lockTimeoutMs: 1000 * Number(value('WAREHOUSE', 'LOCK_TIMEOUT')),
    statementTimeoutMs: 1000 * Number(value('WAREHOUSE', 'STATEMENT_TIMEOUT')),
    caFile: value('WAREHOUSE', 'CA_FILE') === undefined ? undefined : path('WAREHOUSE', 'CA_FILE'),
    questions: absolute(folder, value('REPORT', 'QUESTIONS') ?? 'questions'),
    values,
  }
}

/** The text of a file that a person wrote. @throws UserError (exit code 2), with `hint`, if it can't be read. */
export function readText(what: string, file: string, hint: string): string {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const reason = { ENOENT: 'does not exist', EACCES: "can't be read: permission denied", EISDIR: 'is a folder' }
    throw refusal(
      `The ${what} ${file} ${reason[systemErrorCode(error) as keyof typeof reason] ?? `can't be read: ${String(error)}`}.`,
      hint,
    )
  }
  if (isUtf8(bytes) && !bytes.includes(0)) return new TextDecoder().decode(bytes)
  const isUtf16 = /^(\xff\xfe|\xfe\xff|\0|.\0)/s.test(bytes.toString('latin1', 0, 2))
  throw refusal(`The ${what} ${file} is ${isUtf16 ? 'UTF-16' : 'not UTF-8'} text.`, 'Save it as UTF-8.')
}

function checkedValues(file: string): Values {
  const hint = 'Use --config FILE to name another file, or copy config/dwh.cfg from this project.'
  const ini = readIni(readText('config file', file, hint))
  const problems = [...ini.problems, ...misplaced(ini)]
  const values: Record<string, Record<string, string>> = {}
  for (const { section, key, value, fallback } of configKeys) {
    values[section] ??= {}
    // The value may be a secret in the wrong place, so no message has it.
    const say = (problem: string | undefined) =>
      problems.push(`${lineText(ini, section, key)}[${section}] ${key}: ${problem}.`)
    try {
      const given = valueIn(ini, section, key) ?? (key === 'ENGINE' ? defaultEngine(ini) : fallback)
      if (given === undefined) continue
      const checked = value.safeParse(given)
      if (given.includes('\n') && section !== 'NETWORK')
        say('the next line is indented, so it belongs to this value; delete the blanks before it')
      else if (checked.success) values[section][key] = checked.data
      else say(checked.error.issues[0]?.message)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      say(error.message)
    }
  }
  for (const key of ['LOG_DATA', 'SONG_DATA'])
    if (!values.S3?.[key] && !problems.some((problem) => problem.includes(`[S3] ${key}:`)))
      problems.push(`[S3] ${key}: missing; set it to a folder, or s3://bucket/prefix.`)
  if (values.WAREHOUSE?.ENGINE?.startsWith('redshift') && regionOf(values) === undefined)
    problems.push('[AWS] REGION: missing; set it to the region of the warehouse, such as us-west-2.')
  if (problems.length > 0)
    throw refusal(
      `The config file ${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
      'Fix the file; documentation/commands.md lists every key.',
    )
  return values
}

/** Files of the course that this project comes from name no engine, and mean Redshift. */
function defaultEngine(ini: IniFile): Engine {
  return 'DWH' in ini.sections || valueIn(ini, 'CLUSTER', 'HOST') ? 'redshift' : 'duckdb'
}

/** HOST of an existing warehouse names its region. */
function regionOf({ AWS, CLUSTER }: Values): string | undefined {
  const ofHost = /\.([a-z]{2}(?:-[a-z]+)+-\d)\.redshift/.exec(CLUSTER?.HOST ?? '')?.[1]
  return AWS?.REGION ?? ofHost ?? findRegion(AWS?.PROFILE)
}

/** A problem for each unknown key and section. */
function misplaced(ini: IniFile): string[] {
  const known = new Set(configKeys.map(({ section }) => section))
  const referred = new Set<string>()
  for (const content of Object.values(ini.sections))
    for (const value of Object.values(content))
      for (const [, name = ''] of value.matchAll(/%\(([^)]+)\)s/g)) referred.add(name.toUpperCase())
  return Object.entries(ini.sections).flatMap(([section, content]) => {
    const keys = Object.keys(content).filter((key) => !referred.has(key))
    if (section === '')
      return keys.map((key) => `${lineText(ini, section, key)}a key outside of a section; put a section above it.`)
    const meant = section === 'DEFAULT' || known.has(section) ? undefined : sectionMeant(section)
    if (meant) return [`[${section}]: unknown section; did you mean [${meant}]?`]
    const isAllowed = (key: string) =>
      configKeys.some((each) => each.key === key && (each.section === section || section === 'DEFAULT'))
    const advice = keys
      .filter((key) => !isAllowed(key))
      .map((key) => `${lineText(ini, section, key)}[${section}] ${keyAdvice(section, key)}`)
    return known.has(section) || section === 'DEFAULT' || advice.length > 0
      ? advice
      : [`[${section}]: unknown section.`]
  })
}

function lineText(ini: IniFile, section: string, key: string): string {
  const line = ini.lineOf(section, key)
  return line === undefined ? '' : `line ${line}: `
}

/** An absolute path: `~` is the home folder, and what is relative is relative to `folder`. */
const absolute = (folder: string, path: string): string => resolve(folder, path.replace(/^~(?=\/|$)/, homedir()))

function parseLocation(text: string, folder: string): Location {
  const s3 = /^s3:\/\/([^/]+)\/?(.*)$/i.exec(text)
  if (!s3) return { kind: 'folder', path: absolute(folder, text) }
  const [, bucket = '', prefix = ''] = s3
  return { kind: 's3', bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` }
}
