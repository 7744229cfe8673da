/** What the double remembers of its statements, loads and sessions, and shows in system tables. No rollback takes it back. */

import { forCopyIn } from './copy-text.ts'
import type { Database } from './database.ts'
import { quoteText } from './lexer.ts'

export interface StatementRecord {
  readonly queryId: number
  /** Process id of the session: what pg_backend_pid() says. */
  readonly session: number
  readonly user: string
  /** As the client sent it. */
  readonly text: string
  readonly queryGroup: string
  readonly transactionId: number
  readonly startedAt: Date
  milliseconds: number
  /** SQLSTATE if it was refused; `cut` if a fault ended the connection. */
  outcome: 'running' | 'ok' | 'cut' | (string & {})
  error: string | undefined
  /** Where it ran: the main database, what was last committed, or neither. */
  ranOn: 'main' | 'snapshot' | 'none'
}

export interface LoadRecord {
  readonly queryId: number
  readonly transactionId: number
  readonly session: number
  readonly database: string
  readonly table: string
  readonly tableId: number
  readonly source: string
  readonly startedAt: Date
  endedAt: Date
  status: 'running' | 'completed' | 'aborted'
  rows: number
  bytes: number
  readonly files: LoadedFile[]
  readonly errors: LoadErrorRecord[]
}

export interface LoadedFile {
  readonly name: string
  readonly bytes: number
  readonly lines: number
  readonly etag: string
  readonly startedAt: Date
}

export interface LoadErrorRecord {
  readonly file: string
  readonly line: number
  readonly column: string
  readonly type: string
  readonly length: string
  readonly position: number
  readonly code: number
  readonly message: string
}

export interface SessionRecord {
  readonly process: number
  readonly user: string
  readonly database: string
  readonly startedAt: Date
}

export interface LockRecord {
  readonly process: number
  readonly user: string
  readonly transactionId: number
  readonly startedAt: Date
  readonly table: string
}

type Values = Readonly<Record<string, string | number | boolean | null>>

const timestamp = (date: Date) => date.toISOString().replace('Z', '')
const between = (from: Date, to: Date) => (to.getTime() - from.getTime()) * 1000
const cut = (text: string, length: number) => [...text].slice(0, length).join('')

const queryType = (text: string) => {
  const word = /^\s*(?:--[^\n]*\n\s*|\/\*.*?\*\/\s*)*(\w+)/s.exec(text)?.[1]?.toUpperCase() ?? 'OTHER'
  if (['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'COPY', 'UNLOAD'].includes(word)) return word
  if (word === 'WITH') return 'SELECT'
  if (/^\s*create\s+(\w+\s+)*table\b.*\bas\s+(\(|select|with)/is.test(text)) return 'CTAS'
  return ['CREATE', 'ALTER', 'DROP', 'TRUNCATE'].includes(word) ? 'DDL' : 'UTILITY'
}

export class History {
  readonly statements: StatementRecord[] = []
  readonly loads: LoadRecord[] = []
  readonly sessions = new Map<number, SessionRecord>()
  /** Filled in by the sessions that hold locks. */
  readonly locks = new Map<number, readonly LockRecord[]>()
  readonly #database: string
  readonly #isServerless: boolean
  readonly #startedAt = new Date()
  #last = { query: 1000, transaction: 5000, process: 1_073_742_000 }

  constructor(database: string, { isServerless }: { readonly isServerless: boolean }) {
    this.#database = database
    this.#isServerless = isServerless
  }

  next(what: 'query' | 'transaction' | 'process'): number {
    this.#last[what] += 1
    return this.#last[what]
  }

  /** Writes what is known now into the system tables of this database. */
  async fill(database: Database, tables: readonly string[], { hideLoadErrors = false } = {}): Promise<void> {
    for (const name of tables) {
      const isHidden = hideLoadErrors && name === 'sys_load_error_detail'
      const rows = isHidden ? [] : ((await this.#lockRows(database, name)) ?? this.#rows(name))
      await database.run(`truncate redshift.${name}`)
      const columns = Object.keys(rows[0] ?? {})
      if (columns.length === 0) continue
      const lines = rows.map((row) => columns.map((column) => forCopyIn(row[column])).join('\t'))
      await database.copyIn(`redshift.${name} (${columns.join(', ')})`, `${lines.join('\n')}\n`)
    }
  }

  async #lockRows(database: Database, name: string): Promise<readonly Values[] | undefined> {
    if (name !== 'svv_transactions' && name !== 'stv_locks') return undefined
    const rows: Values[] = []
    for (const { process, user, transactionId, startedAt, table } of [...this.locks.values()].flat()) {
      const [found] = await database.run(`select to_regclass(quote_ident(${quoteText(table)}))::oid::bigint as id`)
      const relation = found?.id ?? null
      const since = timestamp(startedAt)
      rows.push(
        name === 'stv_locks'
          ? {
              table_id: relation,
              last_update: since,
              lock_owner: transactionId,
              lock_owner_pid: process,
              lock_owner_start_ts: since,
              lock_status: 'Holding write lock',
            }
          : {
              txn_owner: user,
              txn_db: this.#database,
              xid: transactionId,
              pid: process,
              txn_start: since,
              lock_mode: 'ExclusiveLock',
              lockable_object_type: 'relation',
              relation,
              granted: true,
            },
      )
    }
    return rows
  }

  #rows(name: string): readonly Values[] {
    switch (name) {
      case 'sys_load_error_detail':
        return this.loads.flatMap((load) => load.errors.map((error) => this.#loadError(load, error)))
      case 'sys_load_history':
        return this.loads.map((load) => this.#load(load))
      case 'sys_load_detail':
        return this.loads.flatMap((load) => load.files.map((file) => this.#file(load, file)))
      case 'sys_query_history':
        return this.statements.map((statement) => this.#statement(statement))
      case 'sys_serverless_usage':
        return this.#isServerless ? [this.#usage()] : []
      case 'stv_sessions':
        return [...this.sessions.values()].map(({ process, user, database, startedAt }) => ({
          starttime: timestamp(startedAt),
          process,
          user_name: cut(user, 50),
          db_name: cut(database, 50),
          timeout_sec: 0,
        }))
      default:
        return []
    }
  }

  #loadError(load: LoadRecord, error: LoadErrorRecord): Values {
    return {
      user_id: 100,
      query_id: load.queryId,
      transaction_id: load.transactionId,
      session_id: load.session,
      database_name: cut(load.database, 64),
      table_id: load.tableId,
      start_time: timestamp(load.startedAt),
      file_name: cut(error.file, 256),
      line_number: error.line,
      column_name: cut(error.column, 127),
      column_type: cut(error.type, 10),
      column_length: cut(error.length, 10),
      position: error.position,
      error_code: error.code,
      error_message: cut(error.message, 512),
    }
  }

  #load(load: LoadRecord): Values {
    const bytes = load.files.reduce((sum, file) => sum + file.bytes, 0)
    return {
      user_id: 100,
      query_id: load.queryId,
      transaction_id: load.transactionId,
      session_id: load.session,
      database_name: load.database,
      status: load.status,
      table_name: load.table,
      start_time: timestamp(load.startedAt),
      end_time: timestamp(load.endedAt),
      duration: between(load.startedAt, load.endedAt),
      data_source: load.source,
      file_format: 'json',
      loaded_rows: load.rows,
      loaded_bytes: load.bytes,
      source_file_count: load.files.length,
      source_file_bytes: bytes,
      file_count_scanned: load.files.length,
      file_bytes_scanned: bytes,
      error_count: load.errors.length,
      copy_job_id: -1,
    }
  }

  #file(load: LoadRecord, { name, bytes, lines, etag, startedAt }: LoadedFile): Values {
    return {
      user_id: 100,
      query_id: load.queryId,
      file_name: cut(name, 256),
      bytes_scanned: bytes,
      lines_scanned: lines,
      record_time: timestamp(load.endedAt),
      splits_scanned: 1,
      start_time: timestamp(startedAt),
      end_time: timestamp(load.endedAt),
      file_etag: etag,
    }
  }

  #statement(statement: StatementRecord): Values {
    const { queryId, session, text, queryGroup, transactionId, startedAt, milliseconds, outcome, error } = statement
    const elapsed = Math.round(milliseconds * 1000)
    const isRunning = outcome === 'running'
    return {
      user_id: 100,
      query_id: queryId,
      query_label: cut(queryGroup, 320),
      transaction_id: transactionId,
      session_id: session,
      database_name: cut(this.#database, 128),
      query_type: queryType(text),
      status: isRunning ? 'running' : outcome === 'ok' ? 'success' : outcome === '57014' ? 'canceled' : 'failed',
      result_cache_hit: false,
      start_time: timestamp(startedAt),
      end_time: isRunning ? null : timestamp(new Date(startedAt.getTime() + milliseconds)),
      elapsed_time: elapsed,
      queue_time: 0,
      execution_time: elapsed,
      error_message: error === undefined ? null : cut(error, 512),
      query_text: cut(text, 4000),
      compute_type: 'primary',
      compile_time: 0,
      planning_time: 0,
      lock_wait_time: 0,
    }
  }

  /** One row, from the start of the double until now: at least a minute of 8 RPU if anything ran. */
  #usage(): Values {
    const seconds = this.statements.reduce((sum, { milliseconds }) => sum + milliseconds / 1000, 0)
    return {
      start_time: timestamp(this.#startedAt),
      end_time: timestamp(new Date()),
      compute_seconds: seconds * 8,
      compute_capacity: seconds > 0 ? 8 : 0,
      data_storage: 1,
      cross_region_transferred_data: 0,
      charged_seconds: seconds > 0 ? Math.max(60, Math.ceil(seconds)) * 8 : 0,
    }
  }
}
