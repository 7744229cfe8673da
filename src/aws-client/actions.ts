import { rolePatterns } from './names.ts'
import { type PolicyDocument, policy } from './policies.ts'
import type { Call } from './sdk-middleware.ts'

/** Calls whose IAM action is not simply `service:Operation`, or that need several. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'iam:CreateRole': ['iam:CreateRole', 'iam:TagRole'],
  's3:CreateBucket': ['s3:CreateBucket', 's3:TagResource'],
  's3:DeleteObjects': ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  's3:PutBucketEncryption': ['s3:PutEncryptionConfiguration'],
  's3:PutBucketLifecycleConfiguration': ['s3:PutLifecycleConfiguration'],
  's3:PutPublicAccessBlock': ['s3:PutBucketPublicAccessBlock'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListMultipartUploads': ['s3:ListBucketMultipartUploads'],
}

/** The IAM actions that one call needs. */
export function actionsOf({ service, operation }: Call): readonly string[] {
  const action = `${service}:${operation}`
  return exceptions[action] ?? [action]
}

/** IAM actions of one service, from their names. */
function actions(service: string, names: string): readonly string[] {
  return names.split(/\s+/).map((name) => `${service}:${name}`)
}

/** What the commands that create, describe and destroy need: IAM actions by the part of AWS they touch. */
export const callerActions = {
  Role: actions(
    'iam',
    `CreateRole DeleteRole DeleteRolePolicy DetachRolePolicy GetRole ListAttachedRolePolicies
    ListRolePolicies PassRole PutRolePolicy TagRole UpdateAssumeRolePolicy`,
  ),
  FirstClusterOfTheAccount: actions('iam', 'CreateServiceLinkedRole'),
  ControlBucket: actions(
    's3',
    `AbortMultipartUpload CreateBucket DeleteBucket DeleteObject DeleteObjectVersion GetBucketTagging ListBucket
    ListBucketMultipartUploads ListBucketVersions PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging
    PutEncryptionConfiguration PutLifecycleConfiguration TagResource`,
  ),
  /** We call none of them: CloudFormation's schema of a workgroup lists them as what AWS checks of its caller. */
  Network: actions(
    'ec2',
    `DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeInternetGateways
    DescribeSecurityGroups DescribeSubnets DescribeVpcs`,
  ),
  Cluster: actions(
    'redshift',
    `CreateCluster CreateClusterSubnetGroup CreateScheduledAction CreateTags DeleteCluster DeleteClusterSubnetGroup
    DeleteScheduledAction DescribeClusterSnapshots DescribeClusterSubnetGroups DescribeClusters DescribeScheduledActions
    ModifyCluster ModifyClusterIamRoles ModifyScheduledAction PauseCluster ResumeCluster`,
  ),
  Serverless: actions(
    'redshift-serverless',
    `CreateNamespace CreateUsageLimit CreateWorkgroup DeleteNamespace DeleteUsageLimit DeleteWorkgroup GetNamespace
    GetWorkgroup ListSnapshots ListTagsForResource ListUsageLimits TagResource UpdateNamespace UpdateUsageLimit
    UpdateWorkgroup`,
  ),
  Statements: actions('redshift-data', 'BatchExecuteStatement CancelStatement DescribeStatement GetStatementResult'),
  Password: actions('secretsmanager', 'CreateSecret DescribeSecret GetSecretValue RotateSecret TagResource'),
  PasswordList: actions('secretsmanager', 'ListSecrets'),
}

/** What etl needs besides: it lists and reads the source, and writes manifests and jsonpaths for COPY. */
export const loaderActions = { Source: actions('s3', 'GetObject ListBucket'), Manifests: actions('s3', 'PutObject') }

/** What doctor needs to find missing permissions; without it, doctor reports them as unknown. */
export const doctorActions = { Doctor: actions('iam', 'SimulatePrincipalPolicy') }

/** Parts whose resources have names that we choose or know. */
const resources: Readonly<Record<string, readonly string[]>> = {
  Role: [rolePatterns.reader, rolePatterns.pause].map((name) => `arn:aws:iam::*:role/${name}`),
  FirstClusterOfTheAccount: ['arn:aws:iam::*:role/aws-service-role/redshift.amazonaws.com/*'],
  ControlBucket: ['arn:aws:s3:::sparkify-*', 'arn:aws:s3:::sparkify-*/*'],
  Password: ['arn:aws:secretsmanager:*:*:secret:redshift!*'],
  Source: ['arn:aws:s3:::udacity-dend', 'arn:aws:s3:::udacity-dend/*'],
  Manifests: ['arn:aws:s3:::sparkify-*/*'],
}

/** The policy of `documentation/iam-policy.json`: the smallest one with which every command can be run. */
export function documentedPolicy(): PolicyDocument {
  const parts = Object.entries({ ...callerActions, ...loaderActions, ...doctorActions })
  return policy(
    ...parts.map(([Sid, Action]) => ({ Sid, Effect: 'Allow' as const, Action, Resource: resources[Sid] ?? '*' })),
  )
}
