import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { explainedRedshiftError } from './redshift-errors.ts'
import type { Endpoint } from './redshift-pg.ts'

/** Where a warehouse listens. The user is only used in error messages. */
type Place = Omit<Endpoint, 'password'>

/** The PostgreSQL message that asks for TLS: its length and the number of the request. */
const requestForTls = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])

/**
 * Connects to a Redshift endpoint step by step, as a session does: name, port, certificate. Does not log in.
 * Each step throws a UserError with cause and fix.
 */
export function probe(place: Place, { caFile, timeoutMs }: { caFile?: string | undefined; timeoutMs: number }) {
  const explaining = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw explainedRedshiftError(error, place)
    }
  }
  const open = () => withDeadline(timeoutMs, connect({ host: place.host, port: place.port }), 'connect')
  return {
    /** The addresses of the host. */
    resolve: () =>
      explaining(async () =>
        (await lookup(place.host, { all: true, order: 'ipv4first' })).map(({ address }) => address),
      ),
    /** Opens a connection and closes it. */
    connect: () => explaining(async () => void (await open()).destroy()),
    /** Verifies chain and name of the certificate as a session does, and answers with its name and the version of TLS. */
    verifyCertificate: () =>
      explaining(async () => {
        const socket = await open()
        try {
          socket.write(requestForTls)
          const [answer] = await withDeadline<Buffer>(timeoutMs, socket, 'data')
          if (answer !== 0x53) throw new Error('The server does not support SSL connections')
          const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }
          const secure = connectTls({ socket, servername: place.tlsName ?? place.host, ...ca })
          await withDeadline(timeoutMs, secure, 'secureConnect')
          const found = { name: String(secure.getPeerCertificate().subject.CN), protocol: String(secure.getProtocol()) }
          secure.destroy()
          return found
        } finally {
          socket.destroy()
        }
      }),
  }
}

/** Waits for one event of a socket and answers with its value, or the socket. Closes the socket when the time is over. */
function withDeadline<Result = Socket>(timeoutMs: number, socket: Socket, event: string): Promise<Result> {
  const timer = setTimeout(() => socket.destroy(new Error('timeout expired')), timeoutMs)
  return new Promise<Result>((resolve, reject) => {
    // They stay: a later error must not end the process.
    socket.on('error', reject).on('close', () => reject(new Error('Connection terminated unexpectedly')))
    socket.once(event, (value?: Result) => resolve(value ?? (socket as Result)))
  }).finally(() => clearTimeout(timer))
}
