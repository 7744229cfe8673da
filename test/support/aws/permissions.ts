import { type AwsError, accessDenied, type ServiceName } from './errors.ts'
import { isDenied } from './iam.ts'
import { flag, type Params, records, text, texts } from './params.ts'
import type { CallContext } from './protocols.ts'

/** S3's permissions where they are not called as the action is. */
const s3Actions: Readonly<Record<string, string>> = {
  ListBuckets: 'ListAllMyBuckets',
  HeadBucket: 'ListBucket',
  ListObjects: 'ListBucket',
  ListObjectsV2: 'ListBucket',
  ListObjectVersions: 'ListBucketVersions',
  ListMultipartUploads: 'ListBucketMultipartUploads',
  HeadObject: 'GetObject',
  DeleteObjects: 'DeleteObject',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  DeleteBucketLifecycle: 'PutLifecycleConfiguration',
  DeleteBucketTagging: 'PutBucketTagging',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
}

/** What the caller of Redshift needs so that Secrets Manager can keep the admin password. Assembled from the documents; not verified with an account. */
const managedPassword = [
  'secretsmanager:CreateSecret',
  'secretsmanager:TagResource',
  'secretsmanager:DescribeSecret',
  'secretsmanager:RotateSecret',
]

/** Further permissions that a call needs beside the one of its own name, because of its parameters. */
const furtherActions: Readonly<Record<string, (params: Params) => string[]>> = {
  's3:CreateBucket': (params) => given(records(params, 'Tags'), 's3:TagResource'),
  'iam:CreateRole': (params) => given(records(params, 'Tags'), 'iam:TagRole'),
  'ec2:CreateSecurityGroup': taggingOnCreate,
  'ec2:AuthorizeSecurityGroupIngress': taggingOnCreate,
  'redshift:CreateCluster': (params) => [
    ...given(records(params, 'Tags'), 'redshift:CreateTags'),
    ...given(texts(params, 'IamRoles'), 'iam:PassRole'),
    ...(flag(params, 'ManageMasterPassword') ? managedPassword : []),
  ],
  'redshift:ModifyCluster': (params) => (flag(params, 'ManageMasterPassword') ? managedPassword : []),
  'redshift:ModifyClusterIamRoles': (params) => given(texts(params, 'AddIamRoles'), 'iam:PassRole'),
  'redshift:CreateClusterSubnetGroup': (params) => given(records(params, 'Tags'), 'redshift:CreateTags'),
  'redshift:CreateClusterSnapshot': (params) => given(records(params, 'Tags'), 'redshift:CreateTags'),
  // The permission to schedule includes the one to do what is scheduled only for the role, which is passed.
  'redshift:CreateScheduledAction': () => ['iam:PassRole'],
  'redshift:ModifyScheduledAction': (params) => (text(params, 'IamRole') === undefined ? [] : ['iam:PassRole']),
  'redshift:GetClusterCredentials': (params) => (flag(params, 'AutoCreate') ? ['redshift:CreateClusterUser'] : []),
  'redshift-serverless:CreateNamespace': (params) => [
    ...given(records(params, 'tags'), 'redshift-serverless:TagResource'),
    ...given(texts(params, 'iamRoles'), 'iam:PassRole'),
    ...(flag(params, 'manageAdminPassword') ? managedPassword : []),
  ],
  'redshift-serverless:UpdateNamespace': (params) => [
    ...given(texts(params, 'iamRoles'), 'iam:PassRole'),
    ...(flag(params, 'manageAdminPassword') ? managedPassword : []),
  ],
  // Redshift looks at the network in the caller's name; its full-access policy has these for that.
  'redshift-serverless:CreateWorkgroup': (params) => [
    ...given(records(params, 'tags'), 'redshift-serverless:TagResource'),
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcs',
  ],
}

function given(list: readonly unknown[], action: string): string[] {
  return list.length > 0 ? [action] : []
}

function taggingOnCreate(params: Params): string[] {
  return given(records(params, 'TagSpecification'), 'ec2:CreateTags')
}

/**
 * The IAM actions a call needs, its own first. `redshiftIsNew` says that the account has no AWSServiceRoleForRedshift yet, which the first cluster or workgroup makes.
 * The list is as honest as the documents: see the comments for what is uncertain.
 */
export function iamActionOf(
  service: ServiceName,
  action: string,
  params: Params = {},
  { redshiftIsNew = false }: { redshiftIsNew?: boolean } = {},
): string[] {
  const own = `${service}:${service === 's3' ? (s3Actions[action] ?? action) : action}`
  // AWS grants this to everyone, whatever the policies say.
  if (own === 'sts:GetCallerIdentity') return []
  const further = furtherActions[own]?.(params) ?? []
  const makesServiceRole = own === 'redshift:CreateCluster' || own === 'redshift-serverless:CreateNamespace'
  return [own, ...further, ...(redshiftIsNew && makesServiceRole ? ['iam:CreateServiceLinkedRole'] : [])]
}

/** The resource a refusal names. */
function resourceOf(action: string, params: Params, { state, region }: CallContext): string | undefined {
  const name = (...names: string[]) =>
    names.map((each) => text(params, each)).find((value) => value !== undefined) ?? '*'
  const [service = '', verb = ''] = action.split(':')
  if (action === 'iam:PassRole')
    return [
      ...texts(params, 'IamRoles'),
      ...texts(params, 'iamRoles'),
      ...texts(params, 'AddIamRoles'),
      text(params, 'IamRole'),
    ].find((role) => role !== undefined)
  if (action === 'iam:CreateServiceLinkedRole')
    return state.arn('iam', '', 'role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift')
  switch (service) {
    case 'iam':
      return state.arn('iam', '', `role/${name('RoleName')}`)
    case 'ec2':
      return verb.startsWith('Describe')
        ? undefined
        : state.arn('ec2', region.name, `security-group/${name('GroupId')}`)
    case 'redshift':
      if (verb.includes('ScheduledAction')) return '*'
      if (verb.includes('SubnetGroup'))
        return state.arn('redshift', region.name, `subnetgroup:${name('ClusterSubnetGroupName')}`)
      return text(params, 'ResourceName') ?? state.arn('redshift', region.name, `cluster:${name('ClusterIdentifier')}`)
    case 'redshift-serverless':
      return state.arn(
        'redshift-serverless',
        region.name,
        `${verb.endsWith('Namespace') ? 'namespace' : 'workgroup'}/*`,
      )
    case 'secretsmanager':
      return name('SecretId')
    default:
      return undefined
  }
}

/** The refusal of a call for the first permission it lacks, if it lacks one. */
export function refusalOf(
  service: ServiceName,
  needs: readonly string[],
  params: Params,
  context: CallContext,
): AwsError | undefined {
  const missing = needs.find((action) => isDenied(context.state, action))
  return missing === undefined ? undefined : refusalFor(service, missing, params, context)
}

/** The refusal of a call for want of one permission. */
export function refusalFor(service: ServiceName, action: string, params: Params, context: CallContext): AwsError {
  return accessDenied(service, context.caller?.arn ?? 'anonymous', action, resourceOf(action, params, context))
}
