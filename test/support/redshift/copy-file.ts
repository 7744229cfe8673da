/** One object of a COPY: its records become lines for the database, its errors rows of SYS_LOAD_ERROR_DETAIL. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { failure } from './copy-source.ts'
import type { CopyStatement } from './copy-statement.ts'
import { type CopyColumn, convert, FieldError } from './copy-values.ts'
import { forCopyIn } from './database.ts'
import type { LoadErrorRecord, LoadRecord } from './history.ts'
import { decode, JsonError, JsonReader, type JsonRecord } from './json-records.ts'
import { SqlError } from './messages.ts'

/** Reads objects into lines for the database; errors and files go to `load`. */
export class FileReader {
  readonly #copy: CopyStatement
  readonly #columns: readonly CopyColumn[]
  readonly #keys: readonly string[]
  readonly #load: LoadRecord

  constructor(copy: CopyStatement, columns: readonly CopyColumn[], keys: readonly string[], load: LoadRecord) {
    this.#copy = copy
    this.#columns = columns
    this.#keys = keys
    this.#load = load
  }

  read(file: string, bytes: Buffer): readonly string[] {
    const text = decode(this.#unpack(file, bytes))
    const lines: string[] = []
    const reader = new JsonReader(text)
    for (let more = true; more; ) {
      try {
        const record = reader.next()
        more = record !== undefined
        const line = record && this.#line(record, file)
        if (line !== undefined) lines.push(line)
      } catch (error) {
        if (!(error instanceof JsonError)) throw error
        this.#note({ file, line: error.line, column: '', code: 1216, message: error.message })
        reader.skipLine()
      }
    }
    const count = text.split('\n').length - (text === '' || text.endsWith('\n') ? 1 : 0)
    const etag = createHash('md5').update(bytes).digest('hex')
    this.#load.files.push({ name: file, bytes: bytes.length, lines: count, etag })
    return lines
  }

  #unpack(file: string, bytes: Buffer): Buffer {
    if (!this.#copy.isGzip) return bytes
    try {
      return gunzipSync(bytes)
    } catch {
      // As recorded of lzop; of gzip it is not on record.
      throw failure('failed to inflate with gzip: unexpected end of file', `S3 key being read : ${file}`, 9001)
    }
  }

  #line({ fields, line }: JsonRecord, file: string): string | undefined {
    const values: string[] = []
    for (const [index, column] of this.#columns.entries()) {
      try {
        const value = convert(fields.get(this.#keys[index] ?? '') ?? null, column, this.#copy)
        if (value === null && column.isRequired) throw new FieldError(1213, 'Missing data for not-null field')
        values.push(forCopyIn(value))
      } catch (error) {
        if (!(error instanceof FieldError)) throw error
        this.#note({ file, line, column: column.name, code: error.code, message: error.message })
        return undefined
      }
    }
    return values.join('\t')
  }

  #note(error: LoadErrorRecord): void {
    const { errors, table } = this.#load
    errors.push(error)
    if (errors.length < Math.max(this.#copy.maxError, 1)) return
    const told = `Load into table '${table}' failed. Check 'sys_load_error_detail' system table for details.`
    throw new SqlError('XX000', told)
  }
}
