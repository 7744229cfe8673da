/** COPY as this project writes it: JSON of the objects in a manifest, by paths, as a role. Any other option is refused. */
import { isAt, isName, isWord, readNames, syntaxError, type Token, unknown } from './lexer.ts'
import { SqlError } from './messages.ts'

export interface S3Address {
  readonly bucket: string
  readonly key: string
}

export interface CopyStatement {
  readonly table: string
  readonly columns: readonly string[]
  readonly manifest: S3Address
  readonly jsonpaths: S3Address
  /** ARN. */
  readonly role: string
  readonly region: string
  readonly isGzip: boolean
  readonly maxError: number
  readonly roundDecimals: boolean
  readonly isDryRun: boolean
}

/** Throws a SqlError if it's no address of an object in S3. */
export function parseAddress(text: string): S3Address {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(text) ?? []
  if (bucket === undefined || key === undefined) throw unknown(`${text}, which is no address of an object in S3`)
  return { bucket, key }
}

/** Options with a value, and the words that may come before it. */
const withValue: Readonly<Record<string, readonly string[]>> = {
  iam_role: [],
  region: [],
  format: ['as', 'json'],
  timeformat: [],
  maxerror: [],
  compupdate: [],
  statupdate: [],
}
const flags = ['manifest', 'gzip', 'roundec', 'noload']

function readOptions(tokens: readonly Token[], from: number): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (let at = from; at < tokens.length; at += 1) {
    const name = tokens[at]?.value ?? ''
    const words = withValue[name]
    if (options.has(name)) throw new SqlError('42601', `conflicting or redundant options: ${name}`)
    if (words === undefined && !flags.includes(name)) throw unknown(`the COPY option ${name}`)
    if (words !== undefined) {
      if (!isAt(tokens, at + 1, ...words)) throw syntaxError(tokens[at + 1])
      at += 1 + words.length
    }
    options.set(name, tokens[at]?.value ?? '')
  }
  return options
}

/** `tokens` starts with the word COPY. */
export function parseCopy(tokens: readonly Token[]): CopyStatement {
  const table = tokens[1]
  if (!isName(table)) throw syntaxError(table)
  const { names: columns, next } = readNames(tokens, 2)
  if (!isWord(tokens[next], 'from')) throw syntaxError(tokens[next])
  const options = readOptions(tokens, next + 2)
  const { iam_role: role, region = 'us-west-2', format, timeformat, maxerror = '0' } = Object.fromEntries(options)
  if (role === undefined) throw new SqlError('XX000', 'CREDENTIALS argument is required but not supplied')
  if (!options.has('manifest') || format === undefined || timeformat !== 'epochmillisecs')
    throw unknown("COPY without MANIFEST, FORMAT AS JSON and TIMEFORMAT 'epochmillisecs'")
  if (!/^\d+$/.test(maxerror) || Number(maxerror) > 100_000)
    throw new SqlError('22023', 'MAXERROR value must be between 0 and 100000')
  return {
    table: table.value,
    columns,
    manifest: parseAddress(tokens[next + 1]?.value ?? ''),
    jsonpaths: parseAddress(format),
    role,
    region,
    isGzip: options.has('gzip'),
    maxError: Number(maxerror),
    roundDecimals: options.has('roundec'),
    isDryRun: options.has('noload'),
  }
}
