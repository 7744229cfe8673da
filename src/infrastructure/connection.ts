import { notOurs } from '../aws-client/explain.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { ownership } from '../aws-client/settings.ts'
import { refusal, UserError } from '../errors.ts'

/** Where the warehouse listens and what a load needs beside: found by describing it, never written down. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  /** The role that COPY names. */
  readonly roleArn: string
  readonly secretArn: string
  /** Where manifests and jsonpaths go. */
  readonly controlBucket: string
}

/** An endpoint without what only a load needs, and the roles that the warehouse may take on. */
export type Listener = Omit<Endpoint, 'roleArn' | 'controlBucket'> & { readonly roleArns: readonly string[] }

/** @throws UserError if the warehouse is not there or can't be connected to. */
export async function findEndpoint(aws: AwsContext): Promise<Endpoint> {
  const { settings, names } = aws
  const { roleArns: _, ...listener } = await findListener(aws)
  return { ...listener, roleArn: settings.roleArn ?? (await findOurRole(aws)), controlBucket: names.bucket }
}

/** @throws UserError if the warehouse is not there or can't be connected to. */
export async function findListener(aws: AwsContext): Promise<Listener> {
  const { settings } = aws
  const found = await (settings.engine === 'redshift' ? findCluster(aws) : findWorkgroup(aws))
  const { endpoint, secretArn, database, user, roleArns } = found
  if (endpoint === undefined) throw incomplete(`The warehouse ${settings.identifier} has no address yet`)
  if (secretArn === undefined)
    throw new UserError(`AWS does not manage the password of ${settings.identifier}.`, {
      hint: 'Set HOST, DB_USER and the rest in [CLUSTER] to use it with a password of your own.',
    })
  return { ...endpoint, database, user, secretArn, roleArns }
}

async function findOurRole({ settings, names, clients }: AwsContext): Promise<string> {
  const role = await (await clients.iam()).findRole(names.role)
  if (role === undefined) throw incomplete(`The role ${names.role} is missing`)
  const { isOurs, owner } = ownership(role.tags, settings)
  if (!isOurs) throw notOurs('role', names.role, settings, owner)
  return role.arn
}

/** User and password of the administrator, as AWS keeps them at this moment: they change by themselves. */
export async function findCredentials(aws: AwsContext, secretArn: string): Promise<{ user: string; password: string }> {
  const found = await (await aws.clients.secretsManager()).findCredentials(secretArn)
  if (found === undefined) throw incomplete('The password that AWS manages is not there')
  return found
}

async function findCluster({ clients, names }: AwsContext) {
  const found = await (await clients.redshift()).findCluster(names.cluster)
  if (found === undefined) throw refusal(`There is no cluster ${names.cluster}.`, 'Run create-infrastructure.')
  if (['paused', 'pausing', 'resuming'].includes(found.status))
    throw refusal(
      `The cluster ${names.cluster} is ${found.status}.`,
      'Run create-infrastructure --resume, which wakes it and waits until it can be used.',
    )
  return { ...found, roleArns: found.roles.filter(({ status }) => status === 'in-sync').map(({ arn }) => arn) }
}

async function findWorkgroup({ clients, names }: AwsContext) {
  const serverless = await clients.redshiftServerless()
  const workgroup = await serverless.findWorkgroup(names.workgroup)
  const namespace = await serverless.findNamespace(names.namespace)
  if (workgroup === undefined || namespace === undefined)
    throw refusal(`There is no workgroup ${names.workgroup} with its namespace.`, 'Run create-infrastructure.')
  return { ...namespace, endpoint: workgroup.endpoint }
}

function incomplete(what: string): UserError {
  return refusal(`${what}: create-infrastructure has not finished.`, 'Run create-infrastructure.')
}
