import { defaultShapes, type InfrastructureSettings } from '../aws-client/settings.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { refusal } from '../errors.ts'
import type { Endpoint } from '../warehouse/redshift-pg.ts'
import { infrastructureEffects, infrastructureSettings, usesGivenHost } from './aws-settings.ts'
import { ensureControlBucket, findCredentials, findEndpoint } from './index.ts'

/** What COPY needs beside the objects: the role that reads them and the bucket for manifests. */
export interface LoadSite {
  readonly roleArn: string
  readonly controlBucket: string
}

/** Where to connect and as whom: as [CLUSTER] says if it names a host, else found by describing what create-infrastructure made. */
export async function findConnection(context: Context): Promise<Endpoint> {
  const { config } = context
  if (usesGivenHost(config)) return givenConnection(config)
  const { endpoint, user, password } = await findCredentials(
    infrastructureSettings(config),
    infrastructureEffects(context),
  )
  return { host: endpoint.host, port: endpoint.port, database: endpoint.database, user, password }
}

/** @throws UserError if the role is not known, or the control bucket can't be made. */
export async function findLoadSite(context: Context): Promise<LoadSite> {
  const { config } = context
  const effects = infrastructureEffects(context)
  if (!usesGivenHost(config)) return findEndpoint(infrastructureSettings(config), effects)
  const roleArn = config.values.IAM_ROLE?.ARN ?? ''
  if (roleArn === '')
    throw refusal(
      'HOST in [CLUSTER] names a warehouse, but no role is named with which it reads the source.',
      'Set ARN in [IAM_ROLE] to a role that is attached to it and may read LOG_DATA and SONG_DATA.',
    )
  return { roleArn, controlBucket: await ensureControlBucket(bucketOnly(config), effects) }
}

export function givenConnection({ values }: Config): Endpoint {
  const { HOST = '', DB_NAME = '', DB_USER = '', DB_PASSWORD = '', DB_PORT = '5439' } = values.CLUSTER ?? {}
  const missing = Object.entries({ DB_NAME, DB_USER, DB_PASSWORD }).filter(([, value]) => value === '')
  if (missing.length > 0)
    throw refusal(
      `HOST in [CLUSTER] names a warehouse, but ${missing.map(([key]) => key).join(', ')} is missing.`,
      'Set it in [CLUSTER], or take HOST out to use the warehouse that create-infrastructure makes.',
    )
  return { host: HOST, port: Number(DB_PORT), database: DB_NAME, user: DB_USER, password: DB_PASSWORD }
}

/** The shape of a cluster that somebody else made is none of our business; a retired node type must not stand in the way. */
export function bucketOnly(config: Config): InfrastructureSettings {
  const settings = infrastructureSettings(config)
  return { ...settings, ...defaultShapes, engine: 'redshift', identifier: 'dwh', port: 5439 }
}
