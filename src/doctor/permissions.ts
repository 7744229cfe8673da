import { callerActions, loaderActions } from '../aws-client/actions.ts'
import { isDenied } from '../aws-client/explain.ts'
import { findDenied } from '../aws-client/iam.ts'
import { clusterArn } from '../aws-client/names.ts'
import type { AwsContext } from '../aws-client/resource.ts'
import { refusal } from '../errors.ts'
import { usesGivenHost } from '../infrastructure/given-warehouse.ts'
import { type DoctorContext, discovered, Undetermined } from './check.ts'

/** Actions on one resource: its ARN, or `*` if the policy can't name one. */
type Question = readonly [actions: readonly string[], resource: string]

/**
 * Asks IAM which actions the caller's policies allow. No action is tried.
 *
 * @throws UserError that names the actions that are missing; Undetermined where AWS does not say.
 */
export async function verifyPermissions(doctor: DoctorContext, aws: AwsContext): Promise<string> {
  const principal = principalOf(discovered(doctor, 'caller').arn)
  const iam = await aws.clients.iam()
  const missing: string[] = []
  let asked = 0
  for (const [actions, resource] of questionsFor(aws, usesGivenHost(doctor.context.config))) {
    missing.push(...(await findDenied(iam, principal, actions, resource).catch(unlessUnanswered)))
    asked += actions.length
  }
  const names = [...new Set(missing)]
  if (names.length > 0)
    throw refusal(
      `${names.length} of the ${asked} actions that the commands need ${names.length === 1 ? 'is' : 'are'} not allowed: ${names.join(', ')}.`,
      'Allow them in the policy of the user or role; documentation/iam-policy.json has all that the commands need.',
    )
  return `all ${asked} actions that the commands need are allowed`
}

/**
 * Asks IAM whether the role with which COPY reads may list and read the source and, of ours, the control bucket.
 *
 * @throws UserError that names the actions and where they are missing; Undetermined where AWS does not say.
 */
export async function verifyReader(
  doctor: DoctorContext,
  { settings, names, account, clients }: AwsContext,
  roleArn: string,
): Promise<string> {
  const iam = await clients.iam()
  const places = [...settings.sources, { bucket: names.bucket, prefix: 'manifests/' }]
  const missing: string[] = []
  for (const { bucket, prefix } of places) {
    const arn = `arn:${account.partition}:s3:::${bucket}`
    const questions: Question[] = [
      [['s3:ListBucket'], arn],
      [['s3:GetObject'], `${arn}/${prefix}any.json`],
    ]
    for (const [actions, resource] of questions) {
      const denied = await findDenied(iam, roleArn, actions, resource, prefix).catch(unlessUnanswered)
      missing.push(...denied.map((action) => `${action} on s3://${bucket}/${prefix}`))
    }
  }
  if (missing.length === 0)
    return `it may read ${places.map(({ bucket, prefix }) => `s3://${bucket}/${prefix}`).join(', ')}`
  const isTheirs = usesGivenHost(doctor.context.config) || settings.roleArn !== undefined
  throw refusal(
    `The role ${roleArn.split('/').at(-1)} lacks ${missing.join(', ')}.`,
    isTheirs ? 'Allow it in a policy of the role.' : 'Run create-infrastructure: it sets the policy of the role.',
  )
}

/** The user or role to ask about: IAM knows a session of a role (`sts::…:assumed-role/NAME/SESSION`) only as its role. */
function principalOf(arn: string): string {
  const [, partition, account, name] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? []
  if (name?.startsWith('AWSReservedSSO_'))
    return `arn:${partition}:iam::${account}:role/aws-reserved/sso.amazonaws.com/${name}`
  if (name !== undefined) return `arn:${partition}:iam::${account}:role/${name}`
  if (/:iam::\d+:(user|role)\//.test(arn)) return arn
  throw new Undetermined(
    `IAM can check the policies of users and roles, but you are ${arn}.`,
    'Use the keys of a user or a role. The root user may do everything and should not be used for this.',
  )
}

/** The actions, each with a resource for which the documented policy allows it. */
function questionsFor({ settings, names, account }: AwsContext, isGivenHost: boolean): Question[] {
  const { partition, id } = account
  const arn = (service: string, name: string) => `arn:${partition}:${service}:${name}`
  const isOfObjects = (action: string) => /Object|AbortMultipart/.test(action)
  const ofBucket = (actions: readonly string[], bucket: string, key: string): Question[] => [
    [actions.filter((action) => !isOfObjects(action)), arn('s3', `::${bucket}`)],
    [actions.filter(isOfObjects), arn('s3', `::${bucket}/${key}`)],
  ]
  const always = [
    ...settings.sources.flatMap(({ bucket, prefix }) => ofBucket(loaderActions.Source, bucket, `${prefix}any.json`)),
    ...ofBucket([...callerActions.ControlBucket, ...loaderActions.Manifests], names.bucket, 'manifests/any.json'),
  ]
  if (isGivenHost) return always
  const { Role, FirstClusterOfTheAccount, Network, Cluster, Serverless, Password, PasswordList } = callerActions
  const serviceRole = 'role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift'
  const secret = `redshift!${names.cluster}-${settings.user}-AbCdEf`
  return [
    [Role, arn('iam', `:${id}:role/${names.role}`)],
    [FirstClusterOfTheAccount, arn('iam', `:${id}:${serviceRole}`)],
    ...always,
    [Network, '*'],
    [Cluster, clusterArn(settings.region, account, names.cluster)],
    [Serverless, '*'],
    [Password, arn('secretsmanager', `${settings.region}:${id}:secret:${secret}`)],
    [PasswordList, '*'],
  ]
}

/** A caller who may not ask, or whom IAM doesn't find by this name, may still be allowed everything. */
function unlessUnanswered(error: unknown): never {
  if (isDenied(error))
    throw new Undetermined(
      "Permissions can't be checked: iam:SimulatePrincipalPolicy is not allowed.",
      'Allow it, or continue: a command that lacks a permission names it.',
    )
  if (error instanceof Error && /^(NoSuchEntity|InvalidInput)/.test(error.name))
    throw new Undetermined(
      "Your permissions can't be checked: IAM does not find your role by the name of the session.",
      'Continue: a command that lacks a permission names it.',
    )
  throw error
}
