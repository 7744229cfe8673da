/**
 * The Data API in front of the same engine: batches that go on past a failed statement, serial sessions that end by themselves with a
 * rollback, submits that may be repeated, long polling and pages.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AwsError } from '../aws/errors.ts'
import { integer, type Params, required, text, texts } from '../aws/params.ts'
import { Cut } from './faults.ts'
import { type Message, readFields, readMessages, readRow, readText } from './messages.ts'
import { type Services, Session } from './session.ts'

const limits = { statements: 40, bytes: 100_000, waitSeconds: 30 }

const typeNames: Readonly<Record<number, string>> = {
  16: 'bool',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  700: 'float4',
  701: 'float8',
  1042: 'bpchar',
  1082: 'date',
  1114: 'timestamp',
  1184: 'timestamptz',
  1700: 'numeric',
}

interface Column {
  readonly name: string
  readonly type: string
}

interface Statement {
  readonly id: string
  readonly text: string
  status: 'SUBMITTED' | 'STARTED' | 'FINISHED' | 'FAILED' | 'ABORTED'
  error?: string
  rows: number
  queryId: number
  milliseconds: number
  columns?: readonly Column[]
  records: readonly (readonly (string | null)[])[]
}

interface Batch {
  readonly id: string
  readonly sessionId: string | undefined
  readonly statements: readonly Statement[]
  readonly done: Promise<void>
  status: Statement['status']
}

/** A session, or the connection of a batch without one. */
interface DataSession {
  readonly id: string
  readonly session: Session
  messages: Buffer[]
  running: Batch | undefined
  keepAliveSeconds: number
  timer: NodeJS.Timeout | undefined
}

const invalid = (message: string) => new AwsError('ValidationException', message)

export class DataApi {
  /** How long a second of a session's keep-alive takes; a test may let them end sooner. */
  secondMs = 1000
  /** Rows of a page. */
  pageRows = 500
  /** From now on requests that want to wait are refused, as when an account has too many of them. */
  refusesToWait = false
  readonly #services: Services
  readonly #database: string
  readonly #sessions = new Map<string, DataSession>()
  readonly #batches = new Map<string, Batch>()
  readonly #tokens = new Map<string, Batch>()

  constructor(services: Services, database: string) {
    this.#services = services
    this.#database = database
  }

  /** Sessions that have not ended. */
  get openSessions(): number {
    return this.#sessions.size
  }

  submit(params: Params) {
    const sqls = texts(params, 'Sqls')
    const keepAlive = integer(params, 'SessionKeepAliveSeconds')
    const sessionId = text(params, 'SessionId')
    const token = required(params, 'ClientToken')
    if (text(params, 'ExecutionMode') !== 'AUTO_COMMIT')
      throw new Error("the double doesn't know batches as transactions")
    if (sqls.length === 0 || sqls.length > limits.statements)
      throw invalid(`Sqls must have 1 to ${limits.statements} members`)
    if (sqls.some((sql) => Buffer.byteLength(sql) > limits.bytes))
      throw invalid('Cannot exceed maximum statement length of 100 KB.')
    const known = this.#tokens.get(token)
    if (known !== undefined) return this.#submitted(known)
    if (sessionId === undefined && text(params, 'Database') !== this.#database)
      throw invalid(`database ${text(params, 'Database')} does not exist`)
    const session = sessionId === undefined ? this.#connect(keepAlive ?? 0) : this.#find(sessionId)
    clearTimeout(session.timer)
    if (keepAlive !== undefined) session.keepAliveSeconds = keepAlive
    const statements = sqls.map((sql): Statement => {
      return { id: randomUUID(), text: sql, status: 'SUBMITTED', rows: 0, queryId: 0, milliseconds: 0, records: [] }
    })
    let finish = () => {}
    const done = new Promise<void>((resolve) => {
      finish = resolve
    })
    const batch: Batch = {
      id: randomUUID(),
      sessionId: session.keepAliveSeconds > 0 ? session.id : undefined,
      statements,
      done,
      status: 'STARTED',
    }
    this.#tokens.set(token, batch)
    this.#batches.set(batch.id, batch)
    session.running = batch
    void this.#run(batch, session).finally(finish)
    return this.#submitted(batch)
  }

  async describe(params: Params) {
    const batch = this.#batch(required(params, 'Id'))
    const seconds = integer(params, 'WaitTimeSeconds') ?? 0
    if (seconds < 0 || seconds > limits.waitSeconds) throw invalid(`WaitTimeSeconds must be 0 to ${limits.waitSeconds}`)
    if (seconds > 0 && this.refusesToWait)
      throw new AwsError(
        'ActiveWaitingRequestsExceededException',
        'Active waiting requests exceeded the allowed quota.',
      )
    const over = new AbortController()
    await Promise.race([batch.done, sleep(seconds * 1000, undefined, { signal: over.signal }).catch(() => {})])
    over.abort()
    return {
      Id: batch.id,
      Status: batch.status,
      SessionId: batch.sessionId,
      Error: batch.statements.find(({ error }) => error !== undefined)?.error,
      SubStatements: batch.statements.map(({ id, status, error, rows, queryId, milliseconds, columns }) => ({
        ...{ Id: id, Status: status, Error: error, ResultRows: rows, RedshiftQueryId: queryId },
        HasResultSet: columns !== undefined,
        Duration: Math.round(milliseconds * 1e6),
      })),
    }
  }

  result(params: Params) {
    const id = required(params, 'Id')
    const from = Number(text(params, 'NextToken') ?? 0)
    const statement = [...this.#batches.values()]
      .flatMap(({ statements }) => statements)
      .find((each) => each.id === id && each.status === 'FINISHED')
    if (statement?.columns === undefined) throw new AwsError('ResourceNotFoundException', 'Query does not have result.')
    const { columns, records } = statement
    const next = from + this.pageRows
    return {
      ColumnMetadata: columns.map(({ name, type }) => ({ name, label: name, typeName: type })),
      Records: records.slice(from, next).map((row) => row.map((value, index) => fieldOf(value, columns[index]?.type))),
      TotalNumRows: records.length,
      ...(next < records.length && { NextToken: String(next) }),
    }
  }

  cancel(params: Params) {
    const batch = this.#batch(required(params, 'Id'))
    const session = [...this.#sessions.values()].find(({ running }) => running === batch)
    if (session === undefined) throw invalid('Could not cancel a query that is already in FINISHED state')
    batch.status = 'ABORTED'
    session.session.cancel()
    return { Status: true }
  }

  async close(): Promise<void> {
    for (const session of [...this.#sessions.values()]) {
      session.session.cancel()
      await this.#end(session)
    }
  }

  #submitted({ id, sessionId }: Batch) {
    return { Id: id, SessionId: sessionId }
  }

  #batch(id: string): Batch {
    const batch = this.#batches.get(id)
    if (batch === undefined) throw new AwsError('ResourceNotFoundException', 'Query does not exist.')
    return batch
  }

  #find(id: string): DataSession {
    const session = this.#sessions.get(id)
    if (session === undefined) throw invalid(`Session ${id} is not available`)
    if (session.running !== undefined) throw invalid(`Session ${id} is busy`)
    return session
  }

  #connect(keepAliveSeconds: number): DataSession {
    const opened: DataSession = {
      id: randomUUID(),
      session: new Session(this.#services, this.#database, (bytes) => void opened.messages.push(bytes)),
      messages: [],
      running: undefined,
      keepAliveSeconds,
      timer: undefined,
    }
    this.#sessions.set(opened.id, opened)
    return opened
  }

  async #run(batch: Batch, session: DataSession): Promise<void> {
    for (const statement of batch.statements) {
      if (batch.status === 'ABORTED') {
        statement.status = 'ABORTED'
        continue
      }
      statement.status = 'STARTED'
      session.messages = []
      const begun = performance.now()
      try {
        await session.session.simpleQuery(statement.text)
      } catch (error) {
        if (!(error instanceof Cut)) throw error
        // The warehouse lost the session: nobody knows what became of the statement.
        for (const left of batch.statements) if (left.status !== 'FINISHED') left.status = 'ABORTED'
        batch.status = 'ABORTED'
        session.running = undefined
        return this.#end(session)
      }
      statement.milliseconds = performance.now() - begun
      statement.queryId = this.#services.history.statements.at(-1)?.queryId ?? 0
      readAnswer(statement, readMessages(Buffer.concat(session.messages)).messages)
    }
    if (batch.status !== 'ABORTED')
      batch.status = batch.statements.some(({ status }) => status === 'FAILED') ? 'FAILED' : 'FINISHED'
    session.running = undefined
    if (batch.sessionId === undefined) return this.#end(session)
    session.timer = setTimeout(() => void this.#end(session), session.keepAliveSeconds * this.secondMs)
    session.timer.unref()
  }

  /** The session is over; its transaction is rolled back. */
  async #end(session: DataSession): Promise<void> {
    clearTimeout(session.timer)
    this.#sessions.delete(session.id)
    await session.session.close()
  }
}

/** What the messages of the server say about a statement. */
function readAnswer(statement: Statement, messages: readonly Message[]): void {
  const failed = messages.find(({ type }) => type === 'E')
  if (failed !== undefined) {
    const { M: told = '', D: detail } = readFields(failed.body)
    statement.status = 'FAILED'
    statement.error = `ERROR: ${told}${detail === undefined ? '' : `\n  Detail: ${detail}`}`
    return
  }
  statement.status = 'FINISHED'
  const described = messages.find(({ type }) => type === 'T')
  if (described !== undefined) statement.columns = readDescription(described.body)
  statement.records = messages.filter(({ type }) => type === 'D').map(({ body }) => readRow(body))
  const completed = messages.find(({ type }) => type === 'C')
  const tag = completed === undefined ? '' : readText(completed.body, 0).value
  statement.rows = Number(/^(?:INSERT 0|UPDATE|DELETE|SELECT) (\d+)/.exec(tag)?.[1] ?? 0)
}

/** Name and type of the columns of a RowDescription. */
function readDescription(body: Buffer): readonly Column[] {
  let at = 2
  return Array.from({ length: body.readInt16BE(0) }, () => {
    const { value: name, next } = readText(body, at)
    at = next + 18
    return { name, type: typeNames[body.readInt32BE(next + 6)] ?? 'varchar' }
  })
}

function fieldOf(value: string | null, type = 'varchar') {
  if (value === null) return { isNull: true }
  if (type === 'bool') return { booleanValue: value === 't' }
  if (type.startsWith('int')) return { longValue: Number(value) }
  if (type.startsWith('float')) return { doubleValue: Number(value) }
  return { stringValue: value }
}
