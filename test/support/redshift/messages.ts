/** Messages of the PostgreSQL wire protocol 3.0: reading and making them. Knows no session and no database. */

export interface Message {
  /** One letter. */
  readonly type: string
  readonly body: Buffer
  /** The message as it came, type and length included. */
  readonly bytes: Buffer
}

/** What Redshift reports when a statement fails. Anything else thrown here is a bug of the double. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  readonly code: string
  readonly severity: 'ERROR' | 'FATAL'
  readonly detail: string | undefined

  constructor(
    code: string,
    message: string,
    {
      severity = 'ERROR',
      detail,
    }: { readonly severity?: 'ERROR' | 'FATAL'; readonly detail?: string | undefined } = {},
  ) {
    super(message)
    this.code = code
    this.severity = severity
    this.detail = detail
  }
}

export function message(type: string, ...parts: readonly (Buffer | Uint8Array)[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 4)
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(length, 1)
  return Buffer.concat([head, ...parts])
}

const text = (value: string) => Buffer.from(`${value}\0`)

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}

export const query = (sql: string) => message('Q', text(sql))
export const sync = message('S')

export const authenticationOk = message('R', int32(0))
export const askCleartextPassword = message('R', int32(3))
export const parameterStatus = (name: string, value: string) => message('S', text(name), text(value))
export const backendKeyData = (process: number, secret: number) => message('K', int32(process), int32(secret))
export const readyForQuery = (status: 'I' | 'T' | 'E') => message('Z', Buffer.from(status))
export const commandComplete = (tag: string) => message('C', text(tag))
export const parseComplete = message('1')
export const bindComplete = message('2')
export const noData = message('n')

export function errorResponse({ severity, code, message: told, detail }: SqlError): Buffer {
  const more = detail === undefined ? '' : `D${detail}\0`
  return message('E', Buffer.from(`S${severity}\0C${code}\0M${told}\0${more}\0`))
}

export function notice(severity: 'INFO' | 'WARNING', told: string): Buffer {
  return message('N', Buffer.from(`S${severity}\0C00000\0M${told}\0\0`))
}

/** Takes whole messages off the front of a buffer. */
export function readMessages(buffer: Buffer): { readonly messages: readonly Message[]; readonly rest: Buffer } {
  const messages: Message[] = []
  let at = 0
  while (at + 5 <= buffer.length) {
    const end = at + 1 + buffer.readInt32BE(at + 1)
    if (end > buffer.length || end < at + 5) break
    const bytes = buffer.subarray(at, end)
    messages.push({ type: String.fromCharCode(buffer[at] ?? 0), body: bytes.subarray(5), bytes })
    at = end
  }
  return { messages, rest: buffer.subarray(at) }
}

/** The zero-terminated string that starts at `from`, and where the next thing starts. */
export function readText(body: Buffer, from: number): { readonly value: string; readonly next: number } {
  const found = body.indexOf(0, from)
  const end = found === -1 ? body.length : found
  return { value: body.toString('utf8', from, end), next: end + 1 }
}

/** The fields of an ErrorResponse or NoticeResponse by their letter. */
export function readFields(body: Buffer): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const { value, next } = readText(body, at + 1)
    fields[String.fromCharCode(body[at] ?? 0)] = value
    at = next
  }
  return fields
}

/** The values of a DataRow in text format. */
export function readRow(body: Buffer): readonly (string | null)[] {
  const count = body.readInt16BE(0)
  const values: (string | null)[] = []
  let at = 2
  for (let index = 0; index < count; index += 1) {
    const length = body.readInt32BE(at)
    at += 4
    values.push(length < 0 ? null : body.toString('utf8', at, at + length))
    at += Math.max(length, 0)
  }
  return values
}

/** The column names of a RowDescription. */
export function readColumns(body: Buffer): readonly string[] {
  const count = body.readInt16BE(0)
  const names: string[] = []
  let at = 2
  for (let index = 0; index < count; index += 1) {
    const { value, next } = readText(body, at)
    names.push(value)
    at = next + 18
  }
  return names
}
