/** The plain `pg` client for a double: verified TLS, and an error listener, which a client whose server hangs up needs. */
import pg from 'pg'
import type { RedshiftDouble } from './index.ts'

export interface Notice {
  readonly severity: string | undefined
  readonly message: string | undefined
}

/** A client that is connected. `notices` fills with what the server says besides. */
export async function connectTo(
  { ca, database, port }: Pick<RedshiftDouble, 'ca' | 'database' | 'port'>,
  options: pg.ClientConfig = {},
): Promise<pg.Client & { readonly notices: Notice[] }> {
  const client = new pg.Client({
    host: 'localhost',
    port,
    database,
    user: 'awsuser',
    password: 'Passw0rd',
    ssl: { ca },
    connectionTimeoutMillis: 10_000,
    ...options,
  })
  const notices: Notice[] = []
  client.on('error', () => undefined)
  client.on('notice', ({ severity, message }) => notices.push({ severity, message }))
  await client.connect()
  return Object.assign(client, { notices })
}

/** SQLSTATE and message of a query that must fail. */
export async function refusalOf(
  query: Promise<unknown>,
): Promise<{ readonly code: unknown; readonly message: string }> {
  try {
    await query
  } catch (error) {
    if (error instanceof Error) return { code: 'code' in error ? error.code : undefined, message: error.message }
    throw error
  }
  throw new Error('the query was not refused')
}
