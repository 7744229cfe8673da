/**
 * A double of Amazon Redshift's SQL endpoint for tests: PGlite behind the PostgreSQL wire protocol with TLS. It takes the SQL that this
 * project uses, answers it as Redshift documents, and refuses everything else. documentation/redshift.md says what it can't show.
 */
import { createServer, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { createAuthority, createCertificate } from './certificates.ts'
import type { CopyEnvironment } from './copy-source.ts'
import { DataApi } from './data-api.ts'
import { Engine } from './engine.ts'
import { Faults } from './faults.ts'
import { History, type StatementRecord } from './history.ts'
import type { Session } from './session.ts'
import { WireConnection } from './wire.ts'

export type { StatementRecord } from './history.ts'

/** What the server shows of itself: `none` means that it refuses TLS. */
export type CertificateKind = 'valid' | 'wrong-host' | 'untrusted' | 'expired' | 'none'

export interface RedshiftDoubleOptions extends Partial<CopyEnvironment> {
  /** Says who may log in. Default: `awsuser` with `Passw0rd`. */
  readonly users?: (user: string, password: string) => boolean
  /** How long a second of the life of a Data API session takes. Default 1000 ms. */
  readonly secondMs?: number
  /** The one database. Default `dev`. */
  readonly database?: string
}

export interface RedshiftDouble {
  readonly host: string
  readonly port: number
  /** PEM of the authority to trust. */
  readonly ca: string
  readonly database: string
  /** Every statement so far, in the order of arrival, refused ones too. */
  readonly statements: readonly StatementRecord[]
  readonly faults: Faults
  /** The same engine behind the Data API. */
  readonly dataApi: DataApi
  /** Open sessions, by process id. */
  readonly sessions: ReadonlyMap<number, Session>
  /** What connections from now on are shown. */
  certificate: CertificateKind
  /** Cuts every connection. */
  close(): Promise<void>
}

const hosts = ['localhost', '127.0.0.1']

function createSecureContexts() {
  const authority = { name: 'Redshift double test authority', ...createAuthority('Redshift double test authority') }
  const stranger = { name: 'Unknown test authority', ...createAuthority('Unknown test authority') }
  const context = ({ certificate: cert, key }: { certificate: string; key: string }) =>
    createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  const contexts = {
    valid: context(createCertificate(authority, hosts)),
    'wrong-host': context(createCertificate(authority, ['another-cluster.example.com'])),
    untrusted: context(createCertificate(stranger, hosts)),
    expired: context(createCertificate(authority, hosts, { expired: true })),
    none: undefined,
  }
  return { ca: authority.certificate, contexts }
}

function listen(onSocket: (socket: Socket) => void) {
  const server = createServer({ keepAlive: true }, onSocket)
  return new Promise<{ server: typeof server; port: number }>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : 0 })
    })
  })
}

/** Starts a double of its own, with an empty database. Close it when done. */
export async function startRedshiftDouble(options: RedshiftDoubleOptions = {}): Promise<RedshiftDouble> {
  const database = options.database ?? 'dev'
  const engine = await Engine.start()
  const history = new History()
  const faults = new Faults()
  const sessions = new Map<number, Session>()
  const { ca, contexts } = createSecureContexts()
  const copy: CopyEnvironment = {
    readObject: options.readObject ?? (async () => undefined),
    bucketRegion: options.bucketRegion ?? (() => undefined),
    roleState: options.roleState ?? (() => 'ok'),
  }
  const connections = new Set<WireConnection>()
  const services = { engine, history, faults, copy, sessions }
  const dataApi = new DataApi(services, database)
  dataApi.secondMs = options.secondMs ?? dataApi.secondMs
  const endpoint = {
    services,
    database,
    isUser: options.users ?? ((user: string, password: string) => user === 'awsuser' && password === 'Passw0rd'),
    secureContext: () => contexts[double.certificate],
    onBug: (error: unknown) => console.error('redshift double:', error),
  }
  const { server, port } = await listen((socket) => {
    const connection = new WireConnection(endpoint, socket)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  const double: RedshiftDouble = {
    host: 'localhost',
    port,
    ca,
    database,
    statements: history.statements,
    faults,
    dataApi,
    sessions,
    certificate: 'valid',
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.destroy()
      await closed
      await dataApi.close()
      await engine.close()
    },
  }
  return double
}
