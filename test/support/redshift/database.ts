/** One PGlite: a turn at a time, raw wire messages in and out, and whose session it currently acts for. */
import type { PGlite } from '@electric-sql/pglite'
import { type Message, query, readColumns, readFields, readMessages, readRow, SqlError } from './messages.ts'

export type Row = Readonly<Record<string, string | null>>

/** Runs what it is given one after the other. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

/** An ErrorResponse of PostgreSQL as what Redshift would have said. */
export function serverError(body: Buffer): SqlError {
  const { C: code = 'XX000', M: told = '', D: detail, n: constraint = '', c: column = '' } = readFields(body)
  const length = /^bytes:(\d+):/.exec(constraint)?.[1]
  if (length !== undefined) return new SqlError('22001', `value too long for type character varying(${length})`)
  if (code === '23502') return new SqlError(code, `Cannot insert a NULL value into column ${column}`)
  return new SqlError(code, told, { detail })
}

export class Database {
  readonly #lite: PGlite
  readonly #turn = new Turn()
  #settings = ''

  constructor(lite: PGlite) {
    this.#lite = lite
  }

  /** Sends messages as they are and gives back what came, whole messages only. */
  send(bytes: Buffer): Promise<readonly Message[]> {
    return this.#turn.take(async () => {
      const answer = await this.#lite.execProtocolRaw(bytes, { syncToFs: false })
      return readMessages(Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength)).messages
    })
  }

  /** Runs one or more statements; throws the first error; gives the rows of the last result. */
  async run(sql: string): Promise<readonly Row[]> {
    let columns: readonly string[] = []
    let rows: Row[] = []
    for (const { type, body } of await this.send(query(sql))) {
      if (type === 'E') throw serverError(body)
      if (type === 'T') {
        columns = readColumns(body)
        rows = []
      }
      if (type === 'D') {
        const values = readRow(body)
        rows.push(Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null])))
      }
    }
    return rows
  }

  /** Makes this database act for a session: its search path, time zone and so on, as SET statements. */
  async become(settings: string): Promise<void> {
    if (settings === this.#settings) return
    await this.run(settings)
    this.#settings = settings
  }

  /** After a rollback, which also takes back what SET did. */
  forgetSettings(): void {
    this.#settings = ''
  }

  /** Inserts rows in the text format of PostgreSQL's COPY. */
  copyIn(target: string, lines: readonly string[]): Promise<void> {
    return this.#turn.take(async () => {
      await this.#lite._handleBlob(new Blob([`${lines.join('\n')}\n`]))
      const answer = await this.#lite.execProtocolRaw(query(`copy ${target} from '/dev/blob'`), { syncToFs: false })
      for (const { type, body } of readMessages(Buffer.from(answer)).messages) if (type === 'E') throw serverError(body)
    })
  }

  /** Everything that is committed, as an image another PGlite can start from; what is not committed is not in it. */
  image(): Promise<File | Blob> {
    return this.#turn.take(() => this.#lite.dumpDataDir('none'))
  }

  async close(): Promise<void> {
    await this.#turn.take(() => this.#lite.close())
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A value in the text format of PostgreSQL's COPY. */
export const forCopyIn = (value: string | number | null): string =>
  value === null ? '\\N' : String(value).replace(/[\\\n\r\t]/g, (char) => escapes[char] ?? char)
