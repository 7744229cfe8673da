import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { renderPlan, renderReceipt } from '../../src/infrastructure/index.ts'
import { type AwsDouble, roleAllows, startAwsDouble } from '../support/aws/index.ts'
import { multiNode, runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

/** Calls that change something, by name. */
function changes(): string[] {
  return double.calls.map(({ action }) => action).filter((action) => !/^(Describe|Get|List)/.test(action))
}

describe.each([
  ['a single-node cluster', {}, 'cluster'],
  ['a multi-node cluster', multiNode, 'cluster'],
  ['serverless', serverless, 'workgroup'],
] as const)('%s', (_name, settings, warehouse) => {
  test('is made, found as it is, removed, and removed again', async () => {
    const first = runWith(double, settings)
    const created = await first.create()
    expect(created).toMatchObject({ unchanged: false, account: '123456789012', address: '203.0.113.10' })
    expect(created.resources.map(({ outcome }) => outcome)).toEqual(created.resources.map(() => 'created'))
    expect(created.endpoint).toMatchObject({
      host: expect.stringMatching(/^dwh\..*amazonaws\.com$/),
      port: 5439,
      database: 'dwh',
      user: 'dwhuser',
      roleArn: 'arn:aws:iam::123456789012:role/dwhRole',
      controlBucket: 'sparkify-dwh-123456789012-us-west-2',
    })
    expect(first.lines.at(0)).toBe('create role dwhRole')
    expect(first.lines).toContain(`create ${warehouse} dwh`)

    double.calls.length = 0
    const second = runWith(double, settings)
    const found = await second.create()
    expect(found).toMatchObject({ unchanged: true, endpoint: created.endpoint })
    expect(changes()).toEqual([])
    expect(second.lines).toEqual(second.lines.filter((line) => line.startsWith('find ')))

    const third = await runWith(double, settings).destroy()
    expect(third).toMatchObject({ remaining: [], kept: [], foreign: [], exitCode: 0 })
    expect(third.removed.map(({ kind }) => kind).toReversed()).toEqual(created.resources.map(({ kind }) => kind))
    expect(renderReceipt(third)).toMatch(/^removed .*: nothing is left\.$/s)
    expect(double.remaining()).toEqual([])

    const fourth = await runWith(double, settings).destroy()
    expect(fourth).toMatchObject({ removed: [], remaining: [], exitCode: 0 })
    expect(renderReceipt(fourth)).toMatch(/^Nothing to remove\./)
  })

  test('is planned without a change, before and after', async () => {
    const before = await runWith(double, settings).plan()
    expect(before.nothingToDo).toBe(false)
    expect(before.resources.map(({ action }) => action)).toEqual(before.resources.map(() => 'create'))
    expect(renderPlan(before)).toContain(`would create ${warehouse} dwh`)
    const nothing = await runWith(double, settings).planDestruction()
    expect(nothing.nothingToDo).toBe(true)
    expect(renderPlan(nothing)).toMatch(/No resources found\.\nNothing costs anything\./)
    expect(changes()).toEqual([])
    expect(double.remaining()).toEqual([])

    await runWith(double, settings).create()
    double.calls.length = 0
    const after = await runWith(double, settings).plan()
    expect(after).toMatchObject({ nothingToDo: true, resources: before.resources.map(() => ({ action: 'keep' })) })
    expect(renderPlan(after)).toContain('Nothing would change.')
    const destruction = await runWith(double, settings).planDestruction()
    expect(destruction.resources.filter(({ action }) => action === 'remove')).toHaveLength(before.resources.length)
    expect(changes()).toEqual([])
    JSON.parse(JSON.stringify([before, after, destruction]))
  })

  test('keeps its password out of everything but the connection', async () => {
    const run = runWith(double, settings)
    const texts = [
      await run.create(),
      await runWith(double, settings).describe(),
      await runWith(double, settings).plan(),
    ]
    const { user, password } = await runWith(double, settings).findCredentials()
    expect(user).toBe('dwhuser')
    expect(double.state.canaries).toContain(password)
    const said = JSON.stringify([texts, run.lines, run.progress, double.calls.map(({ params }) => params)])
    for (const canary of double.state.canaries) expect(said).not.toContain(canary)
  })

  test('carries its tag on everything that can', async () => {
    await runWith(double, settings).create()
    const { state } = double
    const things = [
      ...[...state.roles.values()].filter(({ path }) => path === '/'),
      ...state.buckets.values(),
      ...[...state.securityGroups.values()].filter(({ name }) => name !== 'default'),
      ...state.clusters.values(),
      ...state.namespaces.values(),
      ...state.workgroups.values(),
    ]
    expect(things.length).toBeGreaterThan(3)
    for (const { tags } of things) expect(tags).toEqual([{ key: 'sparkify-warehouse', value: 'dwh@us-west-2' }])
  })
})

test('a cluster is encrypted, reachable from one address, with a managed password and a role that reads the source only', async () => {
  await runWith(double, multiNode).create()
  const { state } = double
  const [cluster] = state.clusters.values()
  const [role] = [...state.roles.values()].filter(({ name }) => name === 'dwhRole')
  if (cluster === undefined || role === undefined) throw new Error('not made')
  expect(cluster).toMatchObject({
    clusterType: 'multi-node',
    numberOfNodes: 2,
    publiclyAccessible: true,
    manualSnapshotRetention: 7,
  })
  expect(cluster.roles).toEqual([{ arn: role.arn, status: 'in-sync' }])
  expect(cluster.secretArn).toBeDefined()
  const groups = cluster.securityGroupIds.map((id) => state.securityGroups.get(id))
  expect(groups.map((group) => group?.name)).toEqual(['sparkify-dwh'])
  const inward = groups.flatMap((group) => group?.rules.filter(({ egress }) => !egress) ?? [])
  expect(inward).toMatchObject([{ cidr: '203.0.113.10/32', fromPort: 5439, toPort: 5439, protocol: 'tcp' }])
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
    publiclyAccessible: true,
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
