import { rolePatterns } from './names.ts'
import { type PolicyDocument, type PolicyStatement, policy } from './policies.ts'
import type { Call } from './sdk-middleware.ts'

/** Calls whose IAM action is not simply `service:Operation`, or that need further ones. */
const exceptions: Readonly<Record<string, readonly string[]>> = {
  'iam:CreateRole': ['iam:CreateRole', 'iam:TagRole'],
  's3:CreateBucket': ['s3:CreateBucket', 's3:TagResource'],
  's3:DeleteObjects': ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  's3:GetBucketEncryption': ['s3:GetEncryptionConfiguration'],
  's3:PutBucketEncryption': ['s3:PutEncryptionConfiguration'],
  's3:GetBucketLifecycleConfiguration': ['s3:GetLifecycleConfiguration'],
  's3:PutBucketLifecycleConfiguration': ['s3:PutLifecycleConfiguration'],
  's3:GetPublicAccessBlock': ['s3:GetBucketPublicAccessBlock'],
  's3:PutPublicAccessBlock': ['s3:PutBucketPublicAccessBlock'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  's3:ListMultipartUploads': ['s3:ListBucketMultipartUploads'],
  'ec2:CreateSecurityGroup': ['ec2:CreateSecurityGroup', 'ec2:CreateTags'],
}

/** The IAM actions that a call needs by itself. */
export function actionsOf({ service, operation }: Call): readonly string[] {
  const action = `${service}:${operation}`
  return exceptions[action] ?? [action]
}

/** What someone needs who runs the commands: IAM actions by the part of AWS they touch. */
export const callerActions = {
  Role: [
    'iam:CreateRole',
    'iam:DeleteRole',
    'iam:DeleteRolePolicy',
    'iam:DetachRolePolicy',
    'iam:GetRole',
    'iam:GetRolePolicy',
    'iam:ListAttachedRolePolicies',
    'iam:ListRolePolicies',
    'iam:PassRole',
    'iam:PutRolePolicy',
    'iam:TagRole',
    'iam:UpdateAssumeRolePolicy',
  ],
  FirstClusterOfTheAccount: ['iam:CreateServiceLinkedRole'],
  ControlBucket: [
    's3:AbortMultipartUpload',
    's3:CreateBucket',
    's3:DeleteBucket',
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:GetBucketPolicy',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketTagging',
    's3:GetEncryptionConfiguration',
    's3:GetLifecycleConfiguration',
    's3:ListBucket',
    's3:ListBucketMultipartUploads',
    's3:ListBucketVersions',
    's3:PutBucketPolicy',
    's3:PutBucketPublicAccessBlock',
    's3:PutBucketTagging',
    's3:PutEncryptionConfiguration',
    's3:PutLifecycleConfiguration',
    's3:TagResource',
  ],
  Network: [
    'ec2:AuthorizeSecurityGroupIngress',
    'ec2:CreateSecurityGroup',
    'ec2:CreateTags',
    'ec2:DeleteSecurityGroup',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeRouteTables',
    'ec2:DescribeSecurityGroupRules',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeSubnets',
    'ec2:DescribeVpcAttribute',
    'ec2:DescribeVpcs',
    'ec2:RevokeSecurityGroupIngress',
  ],
  Cluster: [
    'redshift:CreateCluster',
    'redshift:CreateClusterSubnetGroup',
    'redshift:CreateScheduledAction',
    'redshift:CreateTags',
    'redshift:DeleteCluster',
    'redshift:DeleteClusterSubnetGroup',
    'redshift:DeleteScheduledAction',
    'redshift:DescribeClusterSnapshots',
    'redshift:DescribeClusterSubnetGroups',
    'redshift:DescribeClusters',
    'redshift:DescribeOrderableClusterOptions',
    'redshift:DescribeScheduledActions',
    'redshift:ModifyCluster',
    'redshift:ModifyClusterIamRoles',
    'redshift:ModifyScheduledAction',
    'redshift:PauseCluster',
    'redshift:ResumeCluster',
  ],
  Serverless: [
    'redshift-serverless:CreateNamespace',
    'redshift-serverless:CreateUsageLimit',
    'redshift-serverless:CreateWorkgroup',
    'redshift-serverless:DeleteNamespace',
    'redshift-serverless:DeleteUsageLimit',
    'redshift-serverless:DeleteWorkgroup',
    'redshift-serverless:GetNamespace',
    'redshift-serverless:GetWorkgroup',
    'redshift-serverless:ListSnapshots',
    'redshift-serverless:ListTagsForResource',
    'redshift-serverless:ListUsageLimits',
    'redshift-serverless:TagResource',
    'redshift-serverless:UpdateNamespace',
    'redshift-serverless:UpdateUsageLimit',
    'redshift-serverless:UpdateWorkgroup',
  ],
  Password: [
    'secretsmanager:CreateSecret',
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:RotateSecret',
    'secretsmanager:TagResource',
  ],
  PasswordList: ['secretsmanager:ListSecrets'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Parts whose names the suite chooses, and so need not be allowed for everything. */
const resources: Partial<Record<keyof typeof callerActions, readonly string[]>> = {
  FirstClusterOfTheAccount: ['arn:aws:iam::*:role/aws-service-role/redshift.amazonaws.com/*'],
  ControlBucket: ['arn:aws:s3:::sparkify-*', 'arn:aws:s3:::sparkify-*/*'],
  Password: ['arn:aws:secretsmanager:*:*:secret:redshift!*'],
}

/**
 * The smallest policy for someone who runs the commands, as `documentation/iam-policy.json` shows it.
 *
 * @param roleName the DWH_IAM_ROLE_NAME of the config, if it has one: no other role can be made, changed or passed on.
 */
export function callerPolicy(roleName: string = rolePatterns.reader): PolicyDocument {
  const statements = Object.entries(callerActions).map(([part, actions]): PolicyStatement => {
    const named = resources[part as keyof typeof callerActions]
    const roles = [roleName, rolePatterns.pause].map((name) => `arn:aws:iam::*:role/${name}`)
    return { Sid: part, Effect: 'Allow', Action: actions, Resource: part === 'Role' ? roles : (named ?? '*') }
  })
  return policy(...statements)
}
