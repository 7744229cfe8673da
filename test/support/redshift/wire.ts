/** One connection: SSL request, startup, password, then messages in their order. */
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import { Turn } from './database.ts'
import { ExtendedProtocol } from './extended.ts'
import { Cut } from './faults.ts'
import {
  askCleartextPassword,
  authenticationOk,
  backendKeyData,
  errorResponse,
  type Message,
  parameterStatus,
  readMessages,
  readText,
  SqlError,
} from './messages.ts'
import { type Services, Session } from './session.ts'

export interface Endpoint {
  readonly services: Services
  readonly database: string
  readonly isUser: (user: string, password: string) => boolean
  /** Undefined: the server has no TLS. */
  readonly secureContext: () => SecureContext | undefined
  /** What nobody's fault arranged: a bug of the double. */
  readonly onBug: (error: unknown) => void
}

const codes = { ssl: 80_877_103, startup: 196_608 }
const startupParameters = ['user', 'database', 'client_encoding', 'application_name']

const fatal = (code: string, told: string) => new SqlError(code, told, { severity: 'FATAL' })

function readStartup(body: Buffer): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let at = 4; at < body.length && body[at] !== 0; ) {
    const name = readText(body, at)
    const value = readText(body, name.next)
    found.set(name.value.toLowerCase(), value.value)
    at = value.next
  }
  return found
}

/** A startup parameter that Redshift doesn't know ends the connection. */
function checkStartup(startup: ReadonlyMap<string, string>): void {
  const stray = [...startup.keys()].find((name) => !startupParameters.includes(name))
  if (stray !== undefined) throw fatal('42704', `unrecognized configuration parameter "${stray}"`)
}

export class WireConnection {
  readonly #endpoint: Endpoint
  readonly #raw: Socket
  #socket: Socket
  #buffer = Buffer.alloc(0)
  #startup: ReadonlyMap<string, string> | undefined
  #session: Session | undefined
  #extended: ExtendedProtocol | undefined
  readonly #turn = new Turn()

  constructor(endpoint: Endpoint, socket: Socket) {
    this.#endpoint = endpoint
    this.#raw = socket
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    socket.on('close', () => this.#lost())
    if (!endpoint.services.faults.silent) this.#listen()
  }

  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  destroy(): void {
    this.#socket.destroy()
    this.#raw.destroy()
  }

  #listen(): void {
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      try {
        this.#read()
      } catch (error) {
        this.#refuse(error)
      }
    })
  }

  #read(): void {
    while (this.#startup === undefined && this.#buffer.length >= 8) {
      const length = this.#buffer.readInt32BE(0)
      if (this.#buffer.length < length) return
      const body = this.#buffer.subarray(4, length)
      this.#buffer = this.#buffer.subarray(length)
      if (this.#open(body)) return
    }
    if (this.#startup === undefined) return
    const { messages, rest } = readMessages(this.#buffer)
    this.#buffer = Buffer.from(rest)
    for (const message of messages)
      void this.#turn.take(() => this.#receive(message)).catch((error) => this.#refuse(error))
  }

  /** A message without a type letter. Says whether the socket was replaced or closed. */
  #open(body: Buffer): boolean {
    const code = body.readInt32BE(0)
    if (code === codes.ssl) return this.#secure()
    if (code !== codes.startup) throw fatal('0A000', 'unsupported frontend protocol')
    const startup = readStartup(body)
    if (!(this.#socket instanceof TLSSocket)) throw fatal('28000', 'no pg_hba.conf entry for this host, SSL off')
    checkStartup(startup)
    this.#startup = startup
    this.write(askCleartextPassword)
    return false
  }

  #secure(): boolean {
    const secureContext = this.#endpoint.secureContext()
    if (secureContext === undefined) {
      this.write(Buffer.from('N'))
      return false
    }
    this.write(Buffer.from('S'))
    this.#raw.removeAllListeners('data')
    this.#socket = new TLSSocket(this.#raw, { isServer: true, secureContext })
    this.#socket.on('error', () => this.destroy())
    this.#listen()
    return true
  }

  async #receive(message: Message): Promise<void> {
    const session = this.#session
    if (session === undefined) return this.#login(message)
    if (message.type === 'X') this.#socket.end()
    else if (message.type === 'Q') await session.simpleQuery(readText(message.body, 0).value)
    else if ('PBDES'.includes(message.type)) await this.#extended?.handle(message)
    else throw fatal('08P01', `invalid frontend message type ${message.type.charCodeAt(0)}`)
  }

  #login({ type, body }: Message): void {
    const startup = this.#startup ?? new Map<string, string>()
    const user = startup.get('user') ?? ''
    const database = startup.get('database') ?? user
    const { services, isUser } = this.#endpoint
    if (type !== 'p') throw fatal('08P01', 'expected password response')
    if (!isUser(user, readText(body, 0).value))
      throw fatal('28P01', `password authentication failed for user "${user}"`)
    if (database !== this.#endpoint.database) throw fatal('3D000', `database "${database}" does not exist`)
    const session = new Session(services, database, (bytes) => this.write(bytes))
    this.#session = session
    this.#extended = new ExtendedProtocol(session)
    this.write(authenticationOk)
    for (const [name, value] of [
      ['server_version', '8.0.2'],
      ['client_encoding', 'UTF8'],
    ] as const)
      this.write(parameterStatus(name, value))
    this.write(backendKeyData(session.process, 0))
    session.ready()
  }

  /** Ends the connection with an error, or without a word if a fault says so. */
  #refuse(error: unknown): void {
    if (error instanceof Cut) {
      this.destroy()
      return
    }
    if (!(error instanceof SqlError)) this.#endpoint.onBug(error)
    this.write(errorResponse(error instanceof SqlError ? error : fatal('XX000', `redshift double: ${error}`)))
    this.#socket.end()
  }

  #lost(): void {
    const session = this.#session
    if (session === undefined) return
    this.#session = undefined
    session.lost()
    void this.#turn.take(() => session.close()).catch((error) => this.#endpoint.onBug(error))
  }
}
