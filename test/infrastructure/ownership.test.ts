import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, addSecurityGroup, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

/** Makes everything of one run somebody else's: no tag, or another one. */
function disown(kind: keyof typeof things, tags: { key: string; value: string }[]): void {
  for (const thing of things[kind]()) thing.tags = tags
}

const things = {
  role: () => [...double.state.roles.values()].filter(({ name }) => name === 'dwhRole'),
  'control bucket': () => [...double.state.buckets.values()],
  'security group': () => [...double.state.securityGroups.values()].filter(({ name }) => name !== 'default'),
  cluster: () => [...double.state.clusters.values()],
  namespace: () => [...double.state.namespaces.values()],
  workgroup: () => [...double.state.workgroups.values()],
}

describe.each([
  ['without a tag', []],
  [
    'with the tags of others',
    [
      { key: 'team', value: 'finance' },
      { key: 'sparkify-warehouse', value: 'other' },
    ],
  ],
])('a thing of our name %s', (_name, tags) => {
  test.each([
    ['role', {}],
    ['control bucket', {}],
    ['security group', {}],
    ['cluster', {}],
    ['namespace', serverless],
    ['workgroup', serverless],
  ] as const)('is refused by create and left alone by destroy: %s', async (kind, settings) => {
    await runWith(double, settings).create()
    for (const bucket of double.state.buckets.values()) bucket.put('theirs', 'theirs')
    disown(kind, tags)
    double.calls.length = 0
    await expect(runWith(double, settings).create()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(`There is a ${kind} \\S+ already that this suite did not make.*sparkify-warehouse=dwh`),
      ),
    })
    await expect(runWith(double, settings).plan()).rejects.toMatchObject({ exitCode: 2 })
    expect(double.calls.filter(({ action }) => !/^(Describe|Get|List)/.test(action))).toEqual([])

    const plan = await runWith(double, settings).planDestruction()
    expect(plan.resources.find((each) => each.kind === kind)?.action).toBe('leave')
    // Interfaces of a cluster that stays keep our group: nobody waits for that here.
    if (kind === 'cluster' || kind === 'workgroup' || kind === 'namespace') return
    const receipt = await runWith(double, settings).destroy()
    expect(receipt).toMatchObject({ remaining: [], foreign: [{ kind }], exitCode: 0 })
    expect(things[kind]()).toHaveLength(1)
  })
})

test('an empty bucket of our name without any tag is one whose making was cut short', async () => {
  double.seedBucket('sparkify-dwh-123456789012-us-west-2')
  const run = runWith(double)
  const { resources } = await run.create()
  expect(resources.find(({ kind }) => kind === 'control bucket')).toMatchObject({
    outcome: 'changed',
    changes: ['lacks its tag', 'keeps its objects for ever', 'can be reached without TLS'],
  })
  expect([...double.state.buckets.values()][0]?.tags).toEqual([{ key: 'sparkify-warehouse', value: 'dwh' }])
})

test("a bucket of our name in another's account is not touched", async () => {
  double.seedBucket('sparkify-dwh-123456789012-us-west-2', { owner: '999999999999' })
  await expect(runWith(double).create()).rejects.toMatchObject({
    message: expect.stringContaining('s3:GetBucketTagging'),
    hint: expect.stringContaining('the bucket belongs to another account'),
  })
  expect(double.remaining()).toEqual([])
})

test('the default group and groups of others are neither used nor changed', async () => {
  const [vpc] = double.state.vpcs.values()
  addSecurityGroup(double.state, double.state.region(), { name: 'theirs', description: 'theirs', vpcId: vpc?.id ?? '' })
  const before = JSON.stringify([...double.state.securityGroups])
  await runWith(double).create()
  await runWith(double).destroy()
  expect(JSON.stringify([...double.state.securityGroups])).toBe(before)
})
