import {
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  NoSuchEntityException,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clientsOf, errorOf } from './clients.ts'
import { type AwsDouble, refusedAssumption, roleAllows, startAwsDouble } from './index.ts'

const trust = (service: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
      },
    ],
  })

const policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: 'arn:aws:s3:::udacity-dend',
      Condition: { StringLike: { 's3:prefix': ['log_data/*'] } },
    },
    { Effect: 'Allow', Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::udacity-dend/log_data/*' },
  ],
})

let double: AwsDouble
let clients: ReturnType<typeof clientsOf>

beforeEach(async () => {
  double = await startAwsDouble()
  clients = clientsOf(double)
})
afterEach(() => double.close())

describe('sts', () => {
  test('says who is calling', async () => {
    const { Account, Arn } = await clients.sts.send(new GetCallerIdentityCommand())
    expect({ Account, Arn }).toEqual({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/sparkify' })
  })

  test.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'] as const)(
    'refuses a key with %s',
    async (problem) => {
      double.identities.set('AKIABAD', { arn: 'arn', userId: 'id', problem })
      const sts = new STSClient({
        endpoint: double.url,
        region: 'us-west-2',
        credentials: { accessKeyId: 'AKIABAD', secretAccessKey: 'x' },
      })
      const error = await errorOf(sts.send(new GetCallerIdentityCommand()))
      expect([error.name, error.$metadata?.httpStatusCode]).toEqual([problem, 403])
    },
  )

  test('refuses a key nobody has', async () => {
    const sts = new STSClient({
      endpoint: double.url,
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIAUNKNOWN', secretAccessKey: 'x' },
    })
    expect((await errorOf(sts.send(new GetCallerIdentityCommand()))).name).toBe('InvalidClientTokenId')
  })
})

describe('iam', () => {
  const create = (RoleName = 'reader') =>
    clients.iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: trust('redshift.amazonaws.com'),
        Description: 'reads the events',
        Tags: [{ Key: 'project', Value: 'sparkify' }],
      }),
    )

  test('shows a new role after some reads only, while creating it again is refused at once', async () => {
    const { Role } = await create()
    expect(Role?.Arn).toBe('arn:aws:iam::123456789012:role/reader')
    const early = await errorOf(clients.iam.send(new GetRoleCommand({ RoleName: 'reader' })))
    expect(early).toBeInstanceOf(NoSuchEntityException)
    expect(early.message).toBe('The role with name reader cannot be found.')
    const again = await errorOf(create())
    expect([again.name, again.message, again.$metadata?.httpStatusCode]).toEqual([
      'EntityAlreadyExistsException',
      'Role with name reader already exists.',
      409,
    ])
    const { Role: found } = await clients.iam.send(new GetRoleCommand({ RoleName: 'reader' }))
    expect(found?.Tags).toEqual([{ Key: 'project', Value: 'sparkify' }])
    expect(JSON.parse(decodeURIComponent(found?.AssumeRolePolicyDocument ?? ''))).toHaveProperty('Statement')
  })

  test('keeps policies, and a role until they are gone', async () => {
    await create()
    const RoleName = 'reader'
    await clients.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: policy }))
    await errorOf(clients.iam.send(new ListRolePoliciesCommand({ RoleName })))
    const { PolicyNames } = await clients.iam.send(new ListRolePoliciesCommand({ RoleName }))
    expect(PolicyNames).toEqual(['read'])
    const { PolicyDocument } = await clients.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'read' }))
    expect(decodeURIComponent(PolicyDocument ?? '')).toBe(policy)
    const { AttachedPolicies } = await clients.iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))
    expect(AttachedPolicies).toEqual([])
    const conflict = await errorOf(clients.iam.send(new DeleteRoleCommand({ RoleName })))
    expect([conflict.name, conflict.message]).toEqual([
      'DeleteConflictException',
      'Cannot delete entity, must delete policies first.',
    ])
    await clients.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'read' }))
    await clients.iam.send(new DeleteRoleCommand({ RoleName }))
    expect(double.remaining()).toEqual([])
    expect((await errorOf(clients.iam.send(new DeleteRoleCommand({ RoleName })))).name).toBe('NoSuchEntityException')
  })

  test('refuses what is no policy', async () => {
    const bad = new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: '{"Statement":[]}' })
    expect((await errorOf(clients.iam.send(bad))).name).toBe('MalformedPolicyDocumentException')
  })

  test('tags, changes trust, lists in pages', async () => {
    for (const name of ['a', 'b', 'c']) await create(name)
    double.state.roles.forEach((role) => {
      role.readsUntilVisible = 0
    })
    await clients.iam.send(new TagRoleCommand({ RoleName: 'a', Tags: [{ Key: 'project', Value: 'new' }] }))
    const { Tags } = await clients.iam.send(new ListRoleTagsCommand({ RoleName: 'a' }))
    expect(Tags).toEqual([{ Key: 'project', Value: 'new' }])
    await clients.iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: 'a', PolicyDocument: trust('scheduler.redshift.amazonaws.com') }),
    )
    const first = await clients.iam.send(new ListRolesCommand({ MaxItems: 2 }))
    const second = await clients.iam.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }))
    expect([...(first.Roles ?? []), ...(second.Roles ?? [])].map(({ RoleName }) => RoleName)).toEqual(['a', 'b', 'c'])
    expect([first.IsTruncated, second.IsTruncated]).toEqual([true, false])
  })

  test('makes the service-linked role once', async () => {
    const make = () =>
      clients.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: 'redshift.amazonaws.com' }))
    await make()
    expect((await errorOf(make())).name).toBe('InvalidInputException')
    expect(double.remaining()).toEqual([])
  })

  test('simulates what the caller may do', async () => {
    double.state.denied.add('ec2:CreateSecurityGroup')
    const { EvaluationResults } = await clients.iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: 'arn:aws:iam::123456789012:user/sparkify',
        ActionNames: ['ec2:CreateSecurityGroup', 'ec2:DescribeVpcs'],
      }),
    )
    expect(EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(['implicitDeny', 'allowed'])
  })

  test('lets a service take on a role when it is old enough, trusted and of this account', async () => {
    await create()
    const arn = 'arn:aws:iam::123456789012:role/reader'
    const asRedshift = () => refusedAssumption(double.state, arn, 'redshift.amazonaws.com')
    expect([asRedshift(), asRedshift(), asRedshift()]).toEqual([
      `role ${arn} is too new`,
      `role ${arn} is too new`,
      undefined,
    ])
    expect(refusedAssumption(double.state, arn, 'redshift-serverless.amazonaws.com')).toMatch(/does not trust/)
    expect(refusedAssumption(double.state, `${arn}s`, 'redshift.amazonaws.com')).toMatch(/does not exist/)
  })

  test('knows what a role allows', async () => {
    await create()
    await clients.iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument: policy }))
    const role = double.state.roles.get('reader')
    if (role === undefined) throw new Error('no role')
    expect(roleAllows(role, 's3:GetObject', 'arn:aws:s3:::udacity-dend/log_data/2018/11/a.json')).toBe(true)
    expect(roleAllows(role, 's3:GetObject', 'arn:aws:s3:::udacity-dend/song_data/a.json')).toBe(false)
    const list = (prefix: string) =>
      roleAllows(role, 's3:ListBucket', 'arn:aws:s3:::udacity-dend', { 's3:prefix': prefix })
    expect([list('log_data/'), list('log_data')]).toEqual([true, false])
  })
})
