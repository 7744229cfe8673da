import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseFinalSnapshot } from '../../src/infrastructure/index.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

/** A clock that goes on by a minute whenever it is looked at. */
function fastClock() {
  let minutes = 0
  return { now: () => new Date(Date.now() + 60_000 * minutes++) }
}

const bucket = () => [...double.state.buckets.values()][0]
const snapshots = () => [...double.state.snapshots.values(), ...double.state.region().serverlessSnapshots.values()]

describe.each([
  ['a cluster', {}],
  ['serverless', serverless],
] as const)('a final snapshot of %s', (_name, settings) => {
  test('is kept for as long as was asked for, even if the run is cut short after the delete', async () => {
    await runWith(double, settings).create()
    const snapshot = { name: 'last', retentionDays: 30 }
    double.faults.inject({ action: 'DeleteBucket', kind: 'refuse' })
    await expect(runWith(double, settings).destroy(snapshot)).rejects.toThrow('s3:DeleteBucket')
    expect(await runWith(double, settings).destroy(snapshot)).toMatchObject({ kept: [{ name: 'last' }], exitCode: 0 })
    expect(snapshots()).toMatchObject([{ retention: 30 }])
  })

  test('of a name that is taken is refused by AWS, and nothing is removed of the warehouse', async () => {
    await runWith(double, settings).create()
    await runWith(double, settings).destroy({ name: 'last', retentionDays: 7 })
    await runWith(double, settings).create()
    await expect(runWith(double, settings).destroy({ name: 'last', retentionDays: 7 })).rejects.toMatchObject({
      hint: 'Give --final-snapshot another name.',
    })
    expect(double.state.clusters.size + double.state.namespaces.size).toBe(1)
  })
})

test('a final snapshot of nothing is none, and that is said', async () => {
  const run = runWith(double)
  expect(await run.destroy({ name: 'last', retentionDays: 7 })).toMatchObject({ kept: [], exitCode: 0 })
  expect(run.lines).toEqual(['no snapshot last: there was no warehouse to take it from'])
})

test.each([
  ['Last', 7],
  ['a--b', 7],
  ['last', 0],
  ['last', -1],
  ['last', 4000],
])('the snapshot %s kept for %d days is refused before any call', (finalSnapshot, retentionDays) => {
  expect(() => parseFinalSnapshot(finalSnapshot, retentionDays)).toThrow(expect.objectContaining({ exitCode: 2 }))
  expect(double.calls).toEqual([])
})

test('the control bucket goes with all that is in it', async () => {
  await runWith(double).create()
  for (let number = 0; number < 1_203; number += 1) bucket()?.put(`manifests/${number}`, 'x')
  bucket()?.uploads.set('upload-1', { key: 'begun', startedAt: new Date() })
  expect((await runWith(double).destroy()).exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
  expect(double.calls.map(({ action }) => action)).toContain('AbortMultipartUpload')
})

test('an object that comes while the bucket is emptied does not keep it', async () => {
  await runWith(double).create()
  let isLate = true
  const late = runWith(
    double,
    {},
    {
      observer: (call, send) => {
        if (call.operation === 'DeleteBucket' && isLate) bucket()?.put('late', 'x')
        if (call.operation === 'DeleteBucket') isLate = false
        return send()
      },
    },
  )
  expect((await late.destroy()).exitCode).toBe(0)
})

test('policies that somebody added to the role go with it', async () => {
  await runWith(double).create()
  const role = double.state.roles.get('dwhRole')
  role?.inlinePolicies.set('theirs', '{}')
  role?.attachedPolicies.push('arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess')
  expect((await runWith(double).destroy()).exitCode).toBe(0)
})

describe('a paused cluster', () => {
  test.each([true, false])(
    'can be removed, whether or not AWS deletes paused ones (%s)',
    async (pausedClusterCanBeDeleted) => {
      await runWith(double).create()
      for (const cluster of double.state.clusters.values()) cluster.status = 'paused'
      double.state.settings.pausedClusterCanBeDeleted = pausedClusterCanBeDeleted
      expect((await runWith(double).destroy()).exitCode).toBe(0)
      expect(double.calls.some(({ action }) => action === 'ResumeCluster')).toBe(!pausedClusterCanBeDeleted)
      expect(double.remaining()).toEqual([])
    },
  )
})

test.each([
  ['is still being made', {}],
  ['is still being made', serverless],
])('what %s can be removed', async (_name, settings) => {
  double.state.settings.polls.clusterAvailable = 6
  double.state.settings.polls.workgroupAvailable = 6
  const controller = new AbortController()
  const cut = runWith(double, settings, {
    signal: controller.signal,
    progress: (text) => {
      if (text.includes(': creating')) controller.abort()
    },
  })
  await expect(cut.create()).rejects.toThrow('Interrupted')
  expect((await runWith(double, settings).destroy()).exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
})

describe('what can not be removed is named, and the exit code is 4', () => {
  test('a cluster that does not go: what it stands on is left alone', async () => {
    await runWith(double).create()
    double.state.settings.polls.clusterDeleted = 1_000
    const receipt = await runWith(double, {}, fastClock()).destroy()
    expect(receipt).toMatchObject({ exitCode: 4, removed: [] })
    expect(receipt.remaining.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['cluster', 'control bucket', 'role', 'secret']),
    )
  })

  test('a secret that stays', async () => {
    await runWith(double).create()
    const [secret] = double.state.secrets.values()
    for (const cluster of double.state.clusters.values()) cluster.secretArn = undefined
    const receipt = await runWith(double, {}, fastClock()).destroy()
    expect(receipt).toMatchObject({ exitCode: 4, remaining: [{ kind: 'secret', name: secret?.name }] })
  })
})

test('a secret of a warehouse whose name begins alike is not taken for an orphan', async () => {
  await runWith(double, { identifier: 'dwh-two', roleName: 'other' }).create()
  await runWith(double).create()
  expect(await runWith(double).destroy()).toMatchObject({ remaining: [], exitCode: 0 })
  expect((await runWith(double, { identifier: 'dwh-two', roleName: 'other' }).describe()).exists).toBe(true)
})

test('a role that IAM shows late is removed all the same', async () => {
  double.state.settings.polls.roleVisible = 2
  double.faults.inject({ service: 'iam', action: 'GetRole', nth: 2, kind: 'refuse' })
  await expect(runWith(double).create()).rejects.toThrow('iam:GetRole')
  expect(double.state.roles.has('dwhRole')).toBe(true)
  expect(await runWith(double).destroy()).toMatchObject({ removed: [], exitCode: 0 })
  expect(await runWith(double).destroy()).toMatchObject({ removed: [{ kind: 'role' }], exitCode: 0 })
  expect(double.remaining()).toEqual([])
})
