import { CreateSecurityGroupCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2'
import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { CreateClusterCommand } from '@aws-sdk/client-redshift'
import { CreateNamespaceCommand } from '@aws-sdk/client-redshift-serverless'
import { CreateBucketCommand, GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, iamActionOf, startAwsDouble } from './index.ts'

let double: AwsDouble
let clients: ReturnType<typeof clientsOf>

beforeEach(async () => {
  double = await startAwsDouble()
  clients = clientsOf(double)
})
afterEach(() => double.close())

const Bucket = 'open'
const cluster = {
  ClusterIdentifier: 'events',
  NodeType: 'ra3.large',
  ClusterType: 'single-node',
  MasterUsername: 'admin',
  ManageMasterPassword: true,
  IamRoles: ['arn:aws:iam::123456789012:role/reader'],
  Tags: [{ Key: 'a', Value: 'b' }],
}

describe('permissions', () => {
  test('what a call needs is in the list of calls', async () => {
    await clients.redshift.send(new CreateClusterCommand(cluster))
    expect(double.calls.at(-1)).toMatchObject({
      service: 'redshift',
      action: 'CreateCluster',
      needs: [
        'redshift:CreateCluster',
        'redshift:CreateTags',
        'iam:PassRole',
        'secretsmanager:CreateSecret',
        'secretsmanager:TagResource',
        'secretsmanager:DescribeSecret',
        'secretsmanager:RotateSecret',
        'iam:CreateServiceLinkedRole',
      ],
    })
    expect(iamActionOf('s3', 'ListObjectsV2')).toEqual(['s3:ListBucket'])
    expect(iamActionOf('s3', 'PutBucketEncryption')).toEqual(['s3:PutEncryptionConfiguration'])
    expect(iamActionOf('sts', 'GetCallerIdentity')).toEqual([])
  })

  test('passwords are not in it', async () => {
    await clients.redshift.send(
      new CreateClusterCommand({ ...cluster, ManageMasterPassword: false, MasterUserPassword: 'Visible123' }),
    )
    expect(JSON.stringify(double.calls)).not.toContain('Visible123')
  })

  test('each service refuses in its own words', async () => {
    const messages: string[] = []
    const refused = async (action: string, call: () => Promise<unknown>) => {
      double.state.denied.clear()
      double.state.denied.add(action)
      const error = await errorOf(call())
      messages.push(`${error.name} ${error.$metadata?.httpStatusCode}: ${error.message}`)
    }
    const createCluster = () => clients.redshift.send(new CreateClusterCommand(cluster))
    await refused('redshift:CreateCluster', createCluster)
    await refused('iam:PassRole', createCluster)
    await refused('secretsmanager:CreateSecret', createCluster)
    await refused('iam:CreateServiceLinkedRole', createCluster)
    await refused('iam:TagRole', () =>
      clients.iam.send(
        new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: '{}', Tags: [{ Key: 'a', Value: 'b' }] }),
      ),
    )
    await refused('ec2:DescribeVpcs', () => clients.ec2.send(new DescribeVpcsCommand()))
    await refused('ec2:CreateSecurityGroup', () =>
      clients.ec2.send(new CreateSecurityGroupCommand({ GroupName: 'a', Description: 'b' })),
    )
    await refused('redshift-serverless:CreateNamespace', () =>
      clients.serverless.send(new CreateNamespaceCommand({ namespaceName: 'events' })),
    )
    await refused('secretsmanager:GetSecretValue', () =>
      clients.secrets.send(new GetSecretValueCommand({ SecretId: 'x' })),
    )
    await refused('s3:*', () => clients.s3.send(new CreateBucketCommand({ Bucket: 'abc' })))
    await refused('s3:ListBucket', () => clients.s3.send(new HeadBucketCommand({ Bucket: 'abc' })))
    expect(messages).toMatchSnapshot()
    expect(double.remaining()).toEqual([])
  })

  test('who may not list a bucket may not learn what is missing', async () => {
    double.seedBucket(Bucket, { public: true })
    double.state.denied.add('s3:ListBucket')
    expect((await errorOf(clients.s3.send(new GetObjectCommand({ Bucket, Key: 'none' })))).name).toBe('AccessDenied')
  })
})

test('the address of the caller, as checkip.amazonaws.com says it', async () => {
  expect(await (await fetch(double.checkIpUrl)).text()).toBe('203.0.113.10\n')
})
