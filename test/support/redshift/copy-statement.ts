/** COPY as written: which table, from where, with which options. Options that don't exist, or not for JSON, are refused. */
import { closing, isName, isWord, splitAtCommas, syntaxError, type Token } from './lexer.ts'
import { SqlError } from './messages.ts'
import { notInDouble } from './types.ts'

export interface CopyStatement {
  readonly schema: string | undefined
  readonly table: string
  readonly columns: readonly string[] | undefined
  readonly source: S3Address
  /** ARN of a role, `default`, or undefined if keys are given. */
  readonly role: string | undefined
  readonly region: string | undefined
  /** `auto`, `auto ignorecase` or the address of a jsonpaths object. */
  readonly json: 'auto' | 'auto ignorecase' | S3Address
  readonly isManifest: boolean
  readonly isGzip: boolean
  readonly timeFormat: string | undefined
  readonly dateFormat: string | undefined
  readonly maxError: number
  readonly roundDecimals: boolean
  readonly truncateColumns: boolean
  /** Stands for invalid characters; undefined: they are errors. */
  readonly replacement: string | undefined
  readonly blanksAsNull: boolean
  readonly emptyAsNull: boolean
  readonly isDryRun: boolean
}

export interface S3Address {
  readonly bucket: string
  readonly key: string
}

export function parseAddress(text: string): S3Address | undefined {
  const found = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(text)
  return found === null ? undefined : { bucket: found[1] ?? '', key: found[2] ?? '' }
}

const source = (token: Token | undefined): S3Address => {
  const address = token?.kind === 'string' ? parseAddress(token.value) : undefined
  if (address === undefined) {
    throw new SqlError(
      '0A000',
      'LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)',
    )
  }
  return address
}

const notForJson =
  `csv delimiter escape fillrecord fixedwidth ignoreblanklines null readratio removequotes ignoreheader quote`.split(
    ' ',
  )
const otherFormats =
  `parquet orc avro shapefile bzip2 lzop zstd encrypted master_symmetric_key ssh explicit_ids job ignoreallerrors`.split(
    ' ',
  )

/** Reads the options one after the other. */
class Options {
  readonly #tokens: readonly Token[]
  #at: number
  readonly flags = new Set<string>()
  readonly values = new Map<string, string>()

  constructor(tokens: readonly Token[], from: number) {
    this.#tokens = tokens
    this.#at = from
    while (this.#at < tokens.length) this.#option()
  }

  get #token(): Token | undefined {
    return this.#tokens[this.#at]
  }

  #is(...words: readonly string[]): boolean {
    return isWord(this.#token, ...words)
  }

  #skip(...words: readonly string[]): boolean {
    const found = this.#is(...words)
    if (found) this.#at += 1
    return found
  }

  #string(): string {
    const token = this.#token
    if (token?.kind !== 'string') throw syntaxError(token)
    this.#at += 1
    return token.value
  }

  #set(name: string, value: string): void {
    if (this.values.has(name)) throw new SqlError('42601', `conflicting or redundant options: ${name}`)
    this.values.set(name, value)
  }

  #option(): void {
    const token = this.#token
    if (token?.kind !== 'word') throw syntaxError(token)
    const name = token.value
    if (notForJson.includes(name)) throw new SqlError('0A000', `${name.toUpperCase()} option is not supported for JSON`)
    if (otherFormats.includes(name)) throw notInDouble(`COPY option ${name.toUpperCase()}`)
    this.#at += 1
    if (name === 'with') return
    if (name === 'format') {
      this.#skip('as')
      if (this.#is(...otherFormats, 'csv')) throw notInDouble(`COPY format ${this.#token?.text}`)
      if (!this.#skip('json')) throw syntaxError(this.#token)
      this.#set('json', this.#token?.kind === 'string' ? this.#string() : 'auto')
    } else if (name === 'json') {
      this.#skip('as')
      this.#set('json', this.#token?.kind === 'string' ? this.#string() : 'auto')
    } else if (name === 'iam_role') {
      this.#set('role', this.#skip('default') ? 'default' : this.#string())
    } else if (['credentials', 'access_key_id', 'secret_access_key', 'session_token'].includes(name)) {
      this.#skip('as')
      this.#set(name, this.#string())
    } else if (['region', 'timeformat', 'dateformat', 'encoding'].includes(name)) {
      this.#skip('as')
      this.#set(name, name === 'encoding' && this.#is('utf8') ? this.#word() : this.#string())
    } else if (['compupdate', 'statupdate'].includes(name)) {
      if (!this.#skip('on', 'off', 'true', 'false')) this.#skip('preset')
      this.flags.add(name)
    } else if (['maxerror', 'comprows'].includes(name)) {
      this.#skip('as')
      const number = this.#token
      if (number?.kind !== 'number') throw syntaxError(number)
      this.#at += 1
      this.#set(name, number.text)
    } else if (name === 'acceptinvchars') {
      this.#skip('as')
      this.#set(name, this.#token?.kind === 'string' ? this.#string() : '?')
    } else if (
      [
        'manifest',
        'gzip',
        'roundec',
        'truncatecolumns',
        'blanksasnull',
        'emptyasnull',
        'noload',
        'trimblanks',
      ].includes(name)
    ) {
      this.flags.add(name)
    } else throw syntaxError(token)
  }

  #word(): string {
    const value = this.#token?.value ?? ''
    this.#at += 1
    return value
  }
}

function jsonSource(given: string | undefined): CopyStatement['json'] {
  if (given === undefined) throw notInDouble('COPY of a format other than JSON')
  if (given === 'auto' || given === 'auto ignorecase') return given
  if (given === 'noshred') throw notInDouble('COPY … JSON noshred')
  const address = parseAddress(given)
  if (address === undefined || address.key === '') {
    throw new SqlError('XX000', `Invalid JSONPaths file: ${given}`, {
      detail: 'It must be auto, auto ignorecase or the address of one object in S3.',
    })
  }
  return address
}

function checkNumber(text: string | undefined): number {
  const value = Number(text ?? '0')
  if (!Number.isInteger(value) || value < 0 || value > 100_000) {
    throw new SqlError('22023', 'MAXERROR value must be between 0 and 100000')
  }
  return value
}

/** `tokens` starts with the word COPY. */
export function parseCopy(tokens: readonly Token[]): CopyStatement {
  const [, first, dot, second] = tokens
  if (!isName(first)) throw syntaxError(first)
  const isQualified = dot?.text === '.' && isName(second)
  let at = isQualified ? 4 : 2
  let columns: readonly string[] | undefined
  if (tokens[at]?.text === '(') {
    const close = closing(tokens, at)
    columns = splitAtCommas(tokens.slice(at + 1, close)).map(([name, extra]) => {
      if (!isName(name) || extra !== undefined) throw syntaxError(extra ?? name)
      return name.value
    })
    at = close + 1
  }
  if (!isWord(tokens[at], 'from')) throw syntaxError(tokens[at])
  const from = source(tokens[at + 1])
  const { flags, values } = new Options(tokens, at + 2)
  if (!values.has('role') && !values.has('credentials') && !values.has('access_key_id')) {
    throw new SqlError('XX000', 'CREDENTIALS argument is required but not supplied')
  }
  const encoding = values.get('encoding')?.toLowerCase().replace('-', '')
  if (encoding !== undefined && encoding !== 'utf8') throw notInDouble(`ENCODING ${encoding}`)
  return {
    schema: isQualified ? first.value : undefined,
    table: isQualified ? second.value : first.value,
    columns,
    source: from,
    role: values.get('role'),
    region: values.get('region'),
    json: jsonSource(values.get('json')),
    isManifest: flags.has('manifest'),
    isGzip: flags.has('gzip'),
    timeFormat: values.get('timeformat'),
    dateFormat: values.get('dateformat'),
    maxError: checkNumber(values.get('maxerror')),
    roundDecimals: flags.has('roundec'),
    truncateColumns: flags.has('truncatecolumns'),
    replacement: values.get('acceptinvchars'),
    blanksAsNull: flags.has('blanksasnull'),
    emptyAsNull: flags.has('emptyasnull'),
    isDryRun: flags.has('noload'),
  }
}
