/**
 * A double of Amazon Redshift's SQL endpoint for tests: PGlite behind the PostgreSQL wire protocol with TLS. It takes Redshift's
 * dialect and refuses what Redshift refuses, as far as documentation and recorded errors tell. documentation/redshift.md says what it
 * can't show.
 */
import { createServer, type Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import { createAuthority, createCertificate } from './certificates.ts'
import type { CopyEnvironment, ObjectReader, RoleState } from './copy-source.ts'
import { Engine } from './engine.ts'
import { Faults } from './faults.ts'
import { History, type StatementRecord } from './history.ts'
import type { Session } from './session.ts'
import { WireConnection } from './wire.ts'

export type { CopyReader, ObjectReader, RoleState } from './copy-source.ts'
export type { FaultOptions, Faults, Refusal } from './faults.ts'
export type { StatementRecord } from './history.ts'

/** What the server shows of itself: `none` means that it refuses TLS. */
export type CertificateKind = 'valid' | 'wrong-host' | 'untrusted' | 'expired' | 'none'

export interface RedshiftDoubleOptions extends Partial<ObjectReader> {
  /** Says who may log in; gets names such as `IAM:loader` too. Default: `awsuser` with `Passw0rd`. */
  readonly users?: (user: string, password: string) => boolean
  /** The one database. Default `dev`. */
  readonly database?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Host names or IPv4 addresses of the certificate. Default `localhost` and `127.0.0.1`. */
  readonly hosts?: readonly string[]
  readonly certificate?: CertificateKind
  /** Region of the cluster. Default `us-west-2`. */
  readonly region?: string
  /** Region of a bucket; undefined means where the cluster is. */
  readonly bucketRegion?: (bucket: string) => string | undefined
  /** Whether COPY can use a role. Default: every role is `ok`. May change its mind between two calls. */
  readonly roleState?: (arn: string) => RoleState
  /** ARN behind `IAM_ROLE default`. */
  readonly defaultRole?: string
  /** SYS_SERVERLESS_USAGE has rows. */
  readonly serverless?: boolean
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
  /** Open sessions, by process id. */
  readonly sessions: ReadonlyMap<number, Session>
  /** What connections from now on are shown. */
  certificate: CertificateKind
  /** Cuts every connection; their transactions are rolled back. */
  cutAll(): void
  close(): Promise<void>
}

const nothing: ObjectReader = { readObject: async () => undefined, listObjects: async () => [] }

function createSecureContexts(hosts: readonly string[]) {
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

function listen(onSocket: (socket: Socket) => void, port: number) {
  const server = createServer({ keepAlive: true }, onSocket)
  return new Promise<{ server: typeof server; port: number }>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : port })
    })
  })
}

/** Starts a double of its own, with an empty database. Close it when done. */
export async function startRedshiftDouble(options: RedshiftDoubleOptions = {}): Promise<RedshiftDouble> {
  const database = options.database ?? 'dev'
  const engine = await Engine.start()
  const history = new History(database, { isServerless: options.serverless ?? false })
  const faults = new Faults()
  const sessions = new Map<number, Session>()
  const { ca, contexts } = createSecureContexts(options.hosts ?? ['localhost', '127.0.0.1'])
  const copy: CopyEnvironment = {
    objects: {
      readObject: options.readObject ?? nothing.readObject,
      listObjects: options.listObjects ?? nothing.listObjects,
    },
    region: options.region ?? 'us-west-2',
    bucketRegion: options.bucketRegion ?? (() => undefined),
    roleState: options.roleState ?? (() => 'ok'),
    defaultRole: options.defaultRole,
  }
  const connections = new Set<WireConnection>()
  const endpoint = {
    services: { engine, history, faults, copy, sessions },
    database,
    isUser: options.users ?? ((user: string, password: string) => user === 'awsuser' && password === 'Passw0rd'),
    secureContext: () => contexts[double.certificate],
    onBug: (error: unknown) => console.error('redshift double:', error),
  }
  const { server, port } = await listen((socket) => {
    const connection = new WireConnection(endpoint, socket)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  }, options.port ?? 0)
  const double: RedshiftDouble = {
    host: 'localhost',
    port,
    ca,
    database,
    statements: history.statements,
    faults,
    sessions,
    certificate: options.certificate ?? 'valid',
    cutAll: () => {
      for (const connection of connections) connection.destroy()
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      double.cutAll()
      await closed
      await engine.close()
    },
  }
  return double
}
