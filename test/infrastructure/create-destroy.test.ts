import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, roleAllows, startAwsDouble } from '../support/aws/index.ts'
import { multiNode, runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

describe.each([
  ['a single-node cluster', {}],
  ['a multi-node cluster', multiNode],
  ['serverless', serverless],
] as const)('%s', (_name, settings) => {
  test('carries its tag on everything that can', async () => {
    await runWith(double, settings).create()
    const { state } = double
    const things = [
      ...[...state.roles.values()].filter(({ path }) => path === '/'),
      ...state.buckets.values(),
      ...state.clusters.values(),
      ...state.namespaces.values(),
      ...state.workgroups.values(),
    ]
    expect(things.length).toBeGreaterThan(2)
    for (const { tags } of things) expect(tags).toEqual([{ key: 'sparkify-warehouse', value: 'dwh@us-west-2' }])
  })
})

test('a cluster is encrypted, reached by nobody, with a managed password and a role that reads the source only', async () => {
  await runWith(double, multiNode).create()
  const { state } = double
  const [cluster] = state.clusters.values()
  const [role] = [...state.roles.values()].filter(({ name }) => name === 'dwhRole')
  if (cluster === undefined || role === undefined) throw new Error('not made')
  expect(cluster).toMatchObject({
    clusterType: 'multi-node',
    numberOfNodes: 2,
    publiclyAccessible: false,
    manualSnapshotRetention: 7,
  })
  expect(cluster.roles).toEqual([{ arn: role.arn, status: 'in-sync' }])
  expect(cluster.secretArn).toBeDefined()
  expect(double.calls.some(({ action }) => /SecurityGroup/.test(action))).toBe(false)
  expect(roleAllows(role, 's3:GetObject', 'arn:aws:s3:::udacity-dend/log_data/2018/11/a.json')).toBe(true)
  expect(roleAllows(role, 's3:GetObject', 'arn:aws:s3:::udacity-dend/other/a.json')).toBe(false)
  expect(roleAllows(role, 's3:PutObject', 'arn:aws:s3:::udacity-dend/log_data/a.json')).toBe(false)
  expect(roleAllows(role, 's3:ListBucket', 'arn:aws:s3:::udacity-dend', { 's3:prefix': 'song_data/' })).toBe(true)
  expect(roleAllows(role, 's3:ListBucket', 'arn:aws:s3:::udacity-dend', { 's3:prefix': '' })).toBe(false)
  expect(roleAllows(role, 's3:GetObject', 'arn:aws:s3:::sparkify-dwh-123456789012-us-west-2/manifest.json')).toBe(true)
})

test('a workgroup has bounds, and a limit that stops it', async () => {
  await runWith(double, serverless).create()
  const [workgroup] = double.state.workgroups.values()
  expect(workgroup).toMatchObject({
    baseCapacity: 4,
    maxCapacity: 8,
    publiclyAccessible: false,
    enhancedVpcRouting: false,
  })
  const limits = [...double.state.usageLimits.values()]
  expect(limits).toMatchObject([
    { amount: 8, period: 'daily', breachAction: 'deactivate', usageType: 'serverless-compute' },
  ])
})

test('a role of the user is used, and neither made nor removed', async () => {
  const roleArn = 'arn:aws:iam::123456789012:role/readers'
  const created = await runWith(double, { roleArn }).create()
  expect(created.resources.map(({ kind }) => kind)).not.toContain('role')
  expect(created.endpoint.roleArn).toBe(roleArn)
  expect([...double.state.clusters.values()][0]?.roles).toMatchObject([{ arn: roleArn }])
  expect((await runWith(double, { roleArn }).destroy()).exitCode).toBe(0)
  expect(double.calls.filter(({ action }) => /^(Create|Delete)Role/.test(action))).toEqual([])
})

test.each([
  ['a cluster', {}, serverless],
  ['a serverless warehouse', serverless, {}],
])('destroy removes %s also when ENGINE has been changed since', async (_name, before, after) => {
  const { resources } = await runWith(double, before).create()
  const { removed } = await runWith(double, after).destroy()
  expect(removed.map(({ kind }) => kind).toReversed()).toEqual(resources.map(({ kind }) => kind))
  expect(double.remaining()).toEqual([])
})

test('destroy finds its way by tags when the settings have become impossible', async () => {
  await runWith(double).create()
  const { exitCode } = await runWith(double, {
    port: 1,
    cluster: { type: 'multi-node', nodes: 4, nodeType: 'dc2.large' },
  }).destroy()
  expect(exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
})
