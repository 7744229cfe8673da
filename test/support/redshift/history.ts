/** What the double remembers of its statements and loads, and shows in system tables. No rollback takes it back. */
import { type Database, forCopyIn } from './database.ts'

/** The system tables that the double fills from its own records, with the columns that the project reads, as documented. */
export const systemTables: Readonly<Record<string, string>> = {
  sys_load_error_detail: `query_id bigint, session_id integer, start_time timestamp, file_name char(256), line_number bigint,
    column_name char(127), error_code integer, error_message char(512)`,
  sys_load_history: 'query_id bigint, session_id integer, start_time timestamp, loaded_rows bigint',
  sys_load_detail:
    'query_id bigint, file_name char(256), bytes_scanned integer, lines_scanned integer, file_etag char(256)',
}

export interface StatementRecord {
  readonly queryId: number
  /** Process id of the session: what pg_backend_pid() says. */
  readonly session: number
  /** As the client sent it. */
  readonly text: string
  readonly transactionId: number
  /** SQLSTATE if it was refused; `cut` if a fault ended the connection. */
  outcome: 'running' | 'ok' | 'cut' | (string & {})
}

export interface LoadRecord {
  readonly queryId: number
  readonly session: number
  readonly table: string
  readonly startedAt: Date
  rows: number
  readonly files: { readonly name: string; readonly bytes: number; readonly lines: number; readonly etag: string }[]
  readonly errors: LoadErrorRecord[]
}

export interface LoadErrorRecord {
  readonly file: string
  readonly line: number
  readonly column: string
  readonly code: number
  readonly message: string
}

type Values = Readonly<Record<string, string | number>>

const cut = (text: string, length: number) => [...text].slice(0, length).join('')

export class History {
  readonly statements: StatementRecord[] = []
  readonly loads: LoadRecord[] = []
  #last = { query: 1000, transaction: 5000, process: 1_073_742_000 }

  next(what: 'query' | 'transaction' | 'process'): number {
    this.#last[what] += 1
    return this.#last[what]
  }

  /** Writes what is known now into the system tables of this database. */
  async fill(
    database: Database,
    tables: readonly string[],
    { hideLoadErrors }: { hideLoadErrors: boolean },
  ): Promise<void> {
    for (const name of tables) {
      const isHidden = name === 'sys_load_error_detail' && hideLoadErrors
      const rows = isHidden ? [] : this.loads.flatMap(rowsOf[name] ?? (() => []))
      await database.run(`truncate redshift.${name}`)
      if (rows[0] === undefined) continue
      const lines = rows.map((row) => Object.values(row).map(forCopyIn).join('\t'))
      await database.copyIn(`redshift.${name} (${Object.keys(rows[0]).join(', ')})`, lines)
    }
  }
}

const errorRows = ({ queryId, session, startedAt, errors }: LoadRecord): Values[] =>
  errors.map(({ file, line, column, code, message }) => ({
    query_id: queryId,
    session_id: session,
    start_time: startedAt.toISOString().replace('Z', ''),
    file_name: cut(file, 256),
    line_number: line,
    column_name: column,
    error_code: code,
    // A CHAR column holds no NUL, which the message may quote.
    error_message: cut(message.replaceAll('\0', ''), 512),
  }))

const fileRows = ({ queryId, files }: LoadRecord): Values[] =>
  files.map(({ name, bytes, lines, etag }) => ({
    query_id: queryId,
    file_name: cut(name, 256),
    bytes_scanned: bytes,
    lines_scanned: lines,
    file_etag: etag,
  }))

const historyRows = ({ queryId, session, startedAt, rows }: LoadRecord): Values[] => [
  {
    query_id: queryId,
    session_id: session,
    start_time: startedAt.toISOString().replace('Z', ''),
    loaded_rows: rows,
  },
]

const rowsOf: Readonly<Record<string, (load: LoadRecord) => Values[]>> = {
  sys_load_error_detail: errorRows,
  sys_load_history: historyRows,
  sys_load_detail: fileRows,
}
