import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
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
  cluster: () => [...double.state.clusters.values()],
  namespace: () => [...double.state.namespaces.values()],
  workgroup: () => [...double.state.workgroups.values()],
}

const strange = 'that create-infrastructure did not create \\(it has no tag sparkify-warehouse=dwh@us-west-2\\)'

describe.each([
  ['without a tag', [], strange],
  [
    'with the tag of another deployment',
    [{ key: 'sparkify-warehouse', value: 'dwh@eu-west-1' }],
    'that belongs to another deployment, dwh@eu-west-1; this one is dwh@us-west-2',
  ],
  ['with the tags of somebody else', [{ key: 'team', value: 'finance' }], strange],
])('a thing of our name %s', (_name, tags, cause) => {
  test.each([
    ['role', {}],
    ['control bucket', {}],
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
      message: expect.stringMatching(new RegExp(`^A ${kind} \\S+ exists ${cause}\\.$`)),
      hint: expect.stringContaining(kind === 'role' ? 'another DWH_IAM_ROLE_NAME' : 'another DWH_CLUSTER_IDENTIFIER'),
    })
    await expect(runWith(double, settings).plan()).rejects.toMatchObject({ exitCode: 2 })
    expect(double.calls.filter(({ action }) => !/^(Describe|Get|List)/.test(action))).toEqual([])

    const plan = await runWith(double, settings).planDestruction()
    expect(plan.resources.find((each) => each.kind === kind)?.action).toBe('leave')
    // A workgroup that stays keeps our namespace, which is waited for in vain.
    if (kind === 'workgroup') return
    let minutes = 0
    const clock = { now: () => new Date(Date.now() + 60_000 * minutes++) }
    const receipt = await runWith(double, settings, clock).destroy()
    // What is left of a cluster that stays, its secret, is the cluster's.
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
    changes: ['lacks its tag'],
  })
  expect([...double.state.buckets.values()][0]?.tags).toEqual([{ key: 'sparkify-warehouse', value: 'dwh@us-west-2' }])
})

test("a bucket of our name in another's account is not touched", async () => {
  double.seedBucket('sparkify-dwh-123456789012-us-west-2', { owner: '999999999999' })
  await expect(runWith(double).create()).rejects.toMatchObject({
    message: expect.stringContaining('s3:GetBucketTagging'),
    hint: expect.stringContaining('the bucket belongs to another account'),
  })
  expect(double.remaining()).toEqual([])
})
