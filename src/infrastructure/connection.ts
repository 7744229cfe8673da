import { notOurs } from '../aws-client/explain.ts'
import { findRole } from '../aws-client/iam.ts'
import { findCluster } from '../aws-client/redshift.ts'
import { findNamespace, findWorkgroup } from '../aws-client/redshift-serverless.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { defaultShapes, type InfrastructureSettings, ownership } from '../aws-client/settings.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { NotCreated, refusal, UserError } from '../errors.ts'
import type { DataWarehouse } from '../warehouse/data-session.ts'
import { ensureControlBucket } from './ensure.ts'
import { usesGivenHost } from './given-warehouse.ts'
import { inAws, infrastructureEffects, infrastructureSettings, withAws } from './with-aws.ts'

/** What COPY needs: the role that reads the objects, and the bucket for manifests. */
interface CopyResources {
  readonly roleArn: string
  readonly controlBucket: string
}

/** Where the warehouse listens and what a load needs: asked of AWS every time, never stored. */
export interface WarehouseEndpoint extends CopyResources {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly secretArn: string
}

/**
 * The warehouse that create-infrastructure created, behind the Data API: Redshift reads the password that AWS manages, we never do.
 *
 * @throws UserError if the warehouse does not exist or is not ready.
 */
export function findDataWarehouse(context: Context): Promise<DataWarehouse> {
  return inAws(context, { verb: 'look' }, async (aws) => {
    const { settings, names, clients } = aws
    const { database, user, secretArn } = await findListener(aws)
    const place = settings.engine === 'redshift' ? { cluster: names.cluster } : { workgroup: names.workgroup }
    const target = { ...place, database, secretArn }
    return { service: await clients.redshiftData(), target, user, region: settings.region, profile: clients.profile }
  })
}

/** @throws UserError if the role is not known, or the control bucket can't be created. */
export async function findCopyResources(context: Context): Promise<CopyResources> {
  const { config } = context
  if (!usesGivenHost(config)) return inAws(context, { verb: 'look' }, findEndpoint)
  const roleArn = givenRole(config)
  const effects = infrastructureEffects(context)
  return { roleArn, controlBucket: await withAws(bucketOnly(config), effects, { verb: 'create' }, ensureControlBucket) }
}

/** @throws UserError if the warehouse does not exist or can't be connected to. */
export async function findEndpoint(aws: AwsContext): Promise<WarehouseEndpoint> {
  const { settings, names } = aws
  const { roleArns: _, ...listener } = await findListener(aws)
  return { ...listener, roleArn: settings.roleArn ?? (await findOurRole(aws)), controlBucket: names.bucket }
}

/** Where the warehouse listens, and the roles that it may assume. @throws UserError if it does not exist or can't be connected to. */
export async function findListener(aws: AwsContext) {
  const { engine, identifier } = aws.settings
  const found = await (engine === 'redshift' ? clusterListener(aws) : workgroupListener(aws))
  const { endpoint, secretArn, database, user, roleArns } = found
  if (endpoint === undefined) throw incomplete(`The warehouse ${identifier} has no address yet`)
  if (secretArn === undefined)
    throw new UserError(`AWS does not manage the password of ${identifier}.`, {
      hint: 'Set HOST, DB_USER and the rest in [CLUSTER] to connect with your own password.',
    })
  return { ...endpoint, database, user, secretArn, roleArns }
}

/** @throws UserError (exit code 2) if [IAM_ROLE] does not name the role with which the warehouse of [CLUSTER] reads the source. */
export function givenRole({ values }: Config): string {
  if (values.IAM_ROLE?.ARN) return values.IAM_ROLE.ARN
  throw refusal(
    'HOST in [CLUSTER] names a warehouse, but [IAM_ROLE] does not name the role with which it reads the source.',
    'Set ARN in [IAM_ROLE] to a role that is attached to the warehouse and may read LOG_DATA and SONG_DATA.',
  )
}

/** Settings for the control bucket of a warehouse that we didn't create: its own shape, such as a retired node type, does not matter. */
export function bucketOnly(config: Config): InfrastructureSettings {
  return { ...infrastructureSettings(config), ...defaultShapes, engine: 'redshift', identifier: 'dwh', port: 5439 }
}

/** The cluster does not exist. */
export const noCluster = (name: string) => new NotCreated(`There is no cluster ${name}.`, 'Run create-infrastructure.')

const incomplete = (what: string) =>
  refusal(`${what}: create-infrastructure has not finished.`, 'Run create-infrastructure.')

async function findOurRole({ settings, names, clients }: AwsContext): Promise<string> {
  const role = await findRole(await clients.iam(), names.role)
  if (role === undefined) throw incomplete(`The role ${names.role} is missing`)
  const { isOurs, owner } = ownership(role.tags, settings)
  if (!isOurs) throw notOurs('role', names.role, settings, owner)
  return role.arn
}

async function clusterListener({ clients, names }: AwsContext) {
  const found = await findCluster(await clients.redshift(), names.cluster)
  if (found === undefined) throw noCluster(names.cluster)
  if (['paused', 'pausing', 'resuming'].includes(found.status))
    throw refusal(
      `The cluster ${names.cluster} is ${found.status}.`,
      'Run create-infrastructure --resume: it resumes the cluster and waits until it is available.',
    )
  return { ...found, roleArns: found.roles.filter(({ status }) => status === 'in-sync').map(({ arn }) => arn) }
}

async function workgroupListener({ clients, names }: AwsContext) {
  const serverless = await clients.redshiftServerless()
  const workgroup = await findWorkgroup(serverless, names.workgroup)
  const namespace = await findNamespace(serverless, names.namespace)
  if (workgroup === undefined || namespace === undefined)
    throw new NotCreated(`There is no workgroup ${names.workgroup} with its namespace.`, 'Run create-infrastructure.')
  return { ...namespace, endpoint: workgroup.endpoint }
}
