import { type AwsError, accessDenied, type ServiceName } from './errors.ts'
import { flag, type Params, records, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'

/** S3's permissions where they are not called as the action is. */
const s3Actions: Readonly<Record<string, string>> = {
  HeadBucket: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  DeleteObjects: 'DeleteObject',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
}

/** What the caller of Redshift needs so that Secrets Manager can keep the admin password. Assembled from the documents; not verified with an account. */
const managedPassword = ['CreateSecret', 'TagResource', 'DescribeSecret', 'RotateSecret'].map(
  (verb) => `secretsmanager:${verb}`,
)

/** What AWS checks of the caller of CreateWorkgroup. */
const lookingAtTheNetwork = [
  ...['AccountAttributes', 'Addresses', 'AvailabilityZones', 'InternetGateways', 'SecurityGroups', 'Subnets', 'Vpcs'],
].map((things) => `ec2:Describe${things}`)

const given = (list: readonly unknown[], action: string) => (list.length > 0 ? [action] : [])

/** Further permissions that a call needs beside the one of its own name, because of its parameters. */
const furtherActions: Readonly<Record<string, (params: Params) => string[]>> = {
  's3:CreateBucket': (params) => given(records(params, 'Tags'), 's3:TagResource'),
  'iam:CreateRole': (params) => given(records(params, 'Tags'), 'iam:TagRole'),
  'redshift:CreateCluster': (params) => [
    ...given(records(params, 'Tags'), 'redshift:CreateTags'),
    ...given(texts(params, 'IamRoles'), 'iam:PassRole'),
    ...(flag(params, 'ManageMasterPassword') ? managedPassword : []),
  ],
  'redshift:ModifyClusterIamRoles': (params) => given(texts(params, 'AddIamRoles'), 'iam:PassRole'),
  'redshift:CreateClusterSubnetGroup': (params) => given(records(params, 'Tags'), 'redshift:CreateTags'),
  // The permission to schedule includes the one to do what is scheduled only for the role, which is passed.
  'redshift:CreateScheduledAction': () => ['iam:PassRole'],
  'redshift-serverless:CreateNamespace': (params) => [
    ...given(records(params, 'tags'), 'redshift-serverless:TagResource'),
    ...given(texts(params, 'iamRoles'), 'iam:PassRole'),
    ...(flag(params, 'manageAdminPassword') ? managedPassword : []),
  ],
  'redshift-serverless:UpdateNamespace': (params) => given(texts(params, 'iamRoles'), 'iam:PassRole'),
  // It reads the password in the caller's name.
  'redshift-data:BatchExecuteStatement': (params) =>
    given(text(params, 'SecretArn') === undefined ? [] : [1], 'secretsmanager:GetSecretValue'),
  // Redshift looks at the network in the caller's name: CloudFormation's schema of a workgroup and Redshift's full-access policy list these.
  'redshift-serverless:CreateWorkgroup': (params) => [
    ...given(records(params, 'tags'), 'redshift-serverless:TagResource'),
    ...lookingAtTheNetwork,
  ],
}

/**
 * The IAM actions a call needs, its own first. `redshiftIsNew` says that the account has no AWSServiceRoleForRedshift yet, which the first cluster or namespace makes.
 * The list is as honest as the documents: see the comments for what is uncertain.
 */
export function iamActionOf(service: ServiceName, action: string, params: Params, redshiftIsNew: boolean): string[] {
  const own = `${service}:${service === 's3' ? (s3Actions[action] ?? action) : action}`
  // AWS grants this to everyone, whatever the policies say.
  if (own === 'sts:GetCallerIdentity') return []
  const makesServiceRole = own === 'redshift:CreateCluster' || own === 'redshift-serverless:CreateNamespace'
  const serviceRole = redshiftIsNew && makesServiceRole ? ['iam:CreateServiceLinkedRole'] : []
  return [own, ...(furtherActions[own]?.(params) ?? []), ...serviceRole]
}

/** The resource a refusal names, where it names one. */
function resourceOf(action: string, params: Params, { state, region }: CallContext): string | undefined {
  const [service = '', verb = ''] = action.split(':')
  const name = (parameter: string) => text(params, parameter) ?? '*'
  if (action === 'iam:PassRole')
    return [...['IamRoles', 'iamRoles', 'AddIamRoles'].flatMap((list) => texts(params, list)), name('IamRole')][0]
  if (service === 'iam') return state.arn('iam', '', `role/${name('RoleName')}`)
  if (service === 'redshift') return state.arn('redshift', region.name, `cluster:${name('ClusterIdentifier')}`)
  if (service === 'redshift-serverless')
    return state.arn(service, region.name, `${verb.replace(/^[A-Z][a-z]+/, '').toLowerCase()}/*`)
  return service === 'secretsmanager' ? name('SecretId') : undefined
}

/** The refusal of a call for the first permission it lacks, if it lacks one; `always`, as if it lacked the first. */
export function refusalOf(
  service: ServiceName,
  needs: readonly string[],
  params: Params,
  context: CallContext,
  always = false,
): AwsError | undefined {
  const missing = needs.find((action) => always || context.state.isDenied(action))
  if (missing === undefined) return undefined
  return accessDenied(service, context.caller?.arn ?? 'anonymous', missing, resourceOf(missing, params, context))
}
