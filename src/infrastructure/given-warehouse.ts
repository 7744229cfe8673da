import { openClients } from '../aws-client/clients.ts'
import type { Config } from '../config.ts'
import { refusal } from '../errors.ts'
import type { DataWarehouse } from '../warehouse/data-session.ts'
import type { Endpoint } from '../warehouse/redshift-pg.ts'

/** HOST as the console, a JDBC or ODBC setting or a shell shows it: a name, maybe with a port, a database and options. */
const address =
  /^(?:jdbc:redshift(?::iam)?:\/\/)?(?<host>[\w-]+(?:\.[\w-]+)*)(?::(?<port>\d+))?(?:\/(?<database>[\w.+@-]+))?\/?(?:[?;].*)?$/
/** AWS's own names: of a cluster `name.hash.region.redshift…`, of a workgroup `name.account.region.redshift-serverless…`. */
const awsName =
  /^(?<name>[a-z0-9-]+)\.[a-z0-9]+\.(?<region>[a-z]{2}(?:-[a-z]+)+-\d)\.redshift(?<serverless>-serverless)?\.amazonaws\.com(?:\.cn)?$/

/** The warehouse that HOST in [CLUSTER] names. */
interface GivenWarehouse {
  readonly host: string
  readonly port: number
  readonly database: string
  /** '' where the caller's IAM identity is the user. */
  readonly user: string
  /** Undefined: statements go by the Data API, as the caller's IAM identity. */
  readonly password: string | undefined
}

/** True if the config names an existing warehouse, which is used but never created or removed. */
export const usesGivenHost = ({ values }: Pick<Config, 'values'>): boolean => (values.CLUSTER?.HOST ?? '') !== ''

/** @throws UserError (exit code 2) if the config names an existing warehouse: we neither create nor remove it. */
export function verifyNoGivenHost(config: Pick<Config, 'values'>): void {
  if (!usesGivenHost(config)) return
  throw refusal(
    `HOST in [CLUSTER] names ${givenHost(config).host}: that warehouse is used as it is and never created or removed.`,
    'Remove HOST from the config to use a warehouse that create-infrastructure creates.',
  )
}

/** The parts of HOST. HOST itself may contain a password, so no message has it. @throws UserError (exit code 2) if it isn't an address. */
export function givenHost({ values }: Pick<Config, 'values'>): { host: string; port?: string; database?: string } {
  const { host = '', port, database } = address.exec(values.CLUSTER?.HOST ?? '')?.groups ?? {}
  if (host !== '') return { host, ...(port && { port }), ...(database && { database }) }
  throw refusal(
    'HOST in [CLUSTER] is not the address of a warehouse.',
    'Copy the endpoint from the Redshift console: name.….redshift.amazonaws.com:5439/dev.',
  )
}

/** @throws UserError (exit code 2) if [CLUSTER] contradicts itself or lacks something. */
export function givenWarehouse(config: Pick<Config, 'values'>): GivenWarehouse {
  const { DB_NAME, DB_USER, DB_PASSWORD, DB_PORT } = config.values.CLUSTER ?? {}
  const { host, ...inHost } = givenHost(config)
  const one = (key: string, first: string | undefined, second: string | undefined) => {
    if (first && second && first !== second)
      throw refusal(`HOST in [CLUSTER] says ${first}, but ${key} says ${second}.`, `Remove ${key}, or correct it.`)
    return first || second || ''
  }
  const port = Number(one('DB_PORT', inHost.port, DB_PORT) || 5439)
  const given = { host, port, database: one('DB_NAME', inHost.database, DB_NAME) }
  const required = { DB_NAME: given.database, ...(DB_PASSWORD && { DB_USER: DB_USER ?? '' }) }
  const missing = Object.entries(required).flatMap(([key, value]) => (value === '' ? [key] : []))
  if (missing.length > 0)
    throw refusal(
      `HOST in [CLUSTER] names a warehouse, but ${missing.join(', ')} is missing.`,
      'Set it in [CLUSTER], or remove HOST to use the warehouse that create-infrastructure creates.',
    )
  return { ...given, user: DB_USER ?? '', password: DB_PASSWORD || undefined }
}

/** The address and the login of that warehouse, for a connection with a password. */
export function givenConnection(config: Pick<Config, 'values'>): Endpoint {
  const { password = '', ...place } = givenWarehouse(config)
  const tlsName = config.values.CLUSTER?.TLS_NAME
  return { ...place, password, ...(tlsName && { tlsName }) }
}

/**
 * That warehouse for the Data API: HOST names cluster or workgroup and region, and the user is the caller's IAM identity.
 *
 * @throws UserError (exit code 2) if HOST is not a name that AWS gives.
 */
export async function givenDataWarehouse(config: Pick<Config, 'values'>): Promise<DataWarehouse> {
  const { host, database } = givenWarehouse(config)
  const { name, region, serverless } = awsName.exec(host)?.groups ?? {}
  if (name === undefined || region === undefined)
    throw refusal(
      `DB_PASSWORD in [CLUSTER] is missing, and ${host} is not a name of AWS's that tells which warehouse it is.`,
      'Set DB_USER and DB_PASSWORD, or HOST to the endpoint that the Redshift console shows: then your IAM identity is enough.',
    )
  const clients = openClients({ region, profile: config.values.AWS?.PROFILE })
  return {
    service: await clients.redshiftData(),
    target: { ...(serverless ? { workgroup: name } : { cluster: name }), database },
    user: 'Your IAM identity',
    region,
    profile: clients.profile,
  }
}
