/** One object of a COPY: its records become lines for the database, its errors rows of SYS_LOAD_ERROR_DETAIL. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { failure } from './copy-source.ts'
import type { CopyStatement } from './copy-statement.ts'
import { forCopyIn } from './copy-text.ts'
import { type CopyColumn, convert, FieldError } from './copy-values.ts'
import type { LoadErrorRecord, LoadRecord } from './history.ts'
import { decode, JsonError, JsonReader } from './json-records.ts'
import type { Finder } from './jsonpaths.ts'
import { SqlError } from './messages.ts'

const typeNames: Readonly<Record<string, string>> = { bpchar: 'char' }

function describeError(error: unknown, column: CopyColumn | undefined, file: string, line: number): LoadErrorRecord {
  const length =
    column?.type === 'numeric'
      ? `${column.precision}, ${column.scale}`
      : ['varchar', 'bpchar'].includes(column?.type ?? '')
        ? String(column?.length)
        : '0'
  const type = column?.type ?? ''
  if (error instanceof FieldError) {
    return {
      file,
      line,
      column: column?.name ?? '',
      type: typeNames[type] ?? type,
      length,
      position: error.position,
      code: error.code,
      message: error.message,
    }
  }
  if (!(error instanceof JsonError)) throw error
  return {
    file,
    line: error.line,
    column: '',
    type: '',
    length: '',
    position: error.position,
    code: 1216,
    message: error.message,
  }
}

/** Reads objects into lines for the database; errors and files go to `load`. */
export class FileReader {
  readonly #copy: CopyStatement
  readonly #columns: readonly CopyColumn[]
  readonly #find: Finder
  readonly #load: LoadRecord

  constructor(copy: CopyStatement, columns: readonly CopyColumn[], find: Finder, load: LoadRecord) {
    this.#copy = copy
    this.#columns = columns
    this.#find = find
    this.#load = load
  }

  read(name: string, bytes: Buffer): readonly string[] {
    const startedAt = new Date()
    const text = decode(this.#unpack(bytes))
    const lines: string[] = []
    const reader = new JsonReader(text)
    for (let more = true; more; ) {
      try {
        const record = reader.next()
        more = record !== undefined
        if (record === undefined) continue
        const line = this.#line(this.#find(record), name, record.line)
        if (line !== undefined) lines.push(line)
      } catch (error) {
        this.#note(describeError(error, undefined, name, 0))
        reader.skipLine()
      }
    }
    const count = text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0)
    const etag = createHash('md5').update(bytes).digest('hex')
    this.#load.files.push({ name, bytes: bytes.length, lines: count, etag, startedAt })
    return lines
  }

  #unpack(bytes: Buffer): Buffer {
    if (!this.#copy.isGzip) return bytes
    try {
      return gunzipSync(bytes)
    } catch {
      throw failure('S3 file is not in gzip format', 'GZIP', this.#load.queryId)
    }
  }

  #line(values: ReturnType<Finder>, file: string, line: number): string | undefined {
    const fields: string[] = []
    for (const [index, column] of this.#columns.entries()) {
      try {
        const value = convert(values[index], column, this.#copy)
        if (value === null && column.isRequired) throw new FieldError(1213, 'Missing data for not-null field')
        fields.push(forCopyIn(value))
      } catch (error) {
        this.#note(describeError(error, column, file, line))
        return undefined
      }
    }
    return fields.join('\t')
  }

  #note(error: LoadErrorRecord): void {
    const { errors, table } = this.#load
    errors.push(error)
    if (errors.length < Math.max(this.#copy.maxError, 1)) return
    throw new SqlError(
      'XX000',
      `Load into table '${table}' failed. Check 'sys_load_error_detail' system table for details.`,
    )
  }
}
