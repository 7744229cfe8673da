import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, settle, startAwsDouble } from '../support/aws/index.ts'
import type { Cluster, Namespace, Role, UsageLimit, Workgroup } from '../support/aws/types.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

function first<Thing>(things: Iterable<Thing>, isWanted: (thing: Thing) => boolean = () => true): Thing {
  for (const thing of things) if (isWanted(thing)) return thing
  throw new Error('not there')
}

const cluster = (): Cluster => first(double.state.clusters.values())
const namespace = (): Namespace => first(double.state.namespaces.values())
const workgroup = (): Workgroup => first(double.state.workgroups.values())
const limit = (): UsageLimit => first(double.state.usageLimits.values())
const role = (): Role => first(double.state.roles.values(), ({ name }) => name === 'dwhRole')
const bucket = () => first(double.state.buckets.values())

describe('what has changed since is put right, once', () => {
  test.each<[string, object, () => void, string, RegExp]>([
    ['the role of the cluster', {}, () => Object.assign(cluster(), { roles: [] }), 'cluster', /lacks its role/],
    [
      'the reach of the cluster',
      {},
      () => Object.assign(cluster(), { publiclyAccessible: true }),
      'cluster',
      /can be reached from the internet/,
    ],
    ['a pause', {}, () => Object.assign(cluster(), { status: 'paused' }), 'cluster', /is paused/],
    [
      'the role of the namespace',
      serverless,
      () => Object.assign(namespace(), { roles: [] }),
      'namespace',
      /lacks its role/,
    ],
    [
      'the capacity',
      serverless,
      () => Object.assign(workgroup(), { baseCapacity: 128, maxCapacity: undefined }),
      'workgroup',
      /has 128 to any number of RPU instead of 4 to 8/,
    ],
    [
      'the reach of the workgroup',
      serverless,
      () => Object.assign(workgroup(), { publiclyAccessible: true }),
      'workgroup',
      /can be reached from the internet/,
    ],
    [
      'the limit',
      serverless,
      () => Object.assign(limit(), { amount: 1000 }),
      'usage limit',
      /allows 1000 RPU-hours a day instead of 8/,
    ],
    [
      'a limit that only warns',
      serverless,
      () => Object.assign(limit(), { breachAction: 'log' }),
      'usage limit',
      /only warns/,
    ],
  ])('%s', async (_name, settings, change, kind, what) => {
    await runWith(double, settings).create()
    change()
    const plan = await runWith(double, settings).plan()
    expect(plan.resources.find((each) => each.kind === kind)).toMatchObject({
      action: 'change',
      changes: [expect.stringMatching(what)],
    })
    expect(plan.resources.filter(({ action }) => action !== 'keep')).toHaveLength(1)

    const run = runWith(double, settings)
    const { resources } = await run.create()
    expect(resources.filter(({ outcome }) => outcome !== 'unchanged')).toMatchObject([{ kind, outcome: 'changed' }])
    expect(run.lines.join('\n')).toMatch(new RegExp(`change ${kind} \\S+: .*${what.source}`))
    expect((await runWith(double, settings).create()).unchanged).toBe(true)
  })
})

test('policies and the settings of the bucket are put again on every run, whatever they were', async () => {
  await runWith(double).create({ ttlHours: 8 })
  const ours = () => [...double.state.roles.values()].filter(({ path }) => path === '/')
  const state = () =>
    JSON.stringify([
      ours().map(({ trustPolicy, inlinePolicies }) => [trustPolicy, [...inlinePolicies]]),
      [...bucket().configuration].sort(),
    ])
  const before = state()
  const nothing = '{"Version":"2012-10-17","Statement":[]}'
  const spoilt = [
    () => Object.assign(role(), { trustPolicy: role().trustPolicy.replace('redshift', 'ec2') }),
    () => ours().at(-1)?.inlinePolicies.clear(),
    () => role().inlinePolicies.set('read-sources-and-control-bucket', nothing),
    () => bucket().configuration.clear(),
    () => bucket().configuration.set('policy', nothing),
    () => bucket().configuration.set('publicAccessBlock', '<PublicAccessBlockConfiguration/>'),
  ]
  for (const spoil of spoilt) {
    spoil()
    expect(state()).not.toBe(before)
    await runWith(double).create({ ttlHours: 8 })
    expect(state()).toBe(before)
  }
})

describe('what only deleting and creating again would change', () => {
  test.each<[string, object, RegExp]>([
    [
      'nodes',
      { cluster: { type: 'multi-node', nodes: 2, nodeType: 'ra3.large' } },
      /has 1 × ra3\.large instead of 2 × ra3\.large/,
    ],
    ['port', { port: 5440 }, /listens on port 5439 instead of 5440/],
    ['database', { database: 'other' }, /created with the database dwh instead of other/],
  ])('is said and left: %s', async (_name, settings, what) => {
    await runWith(double).create()
    const plan = await runWith(double, settings).plan()
    expect(plan.resources.find(({ kind }) => kind === 'cluster')?.differs).toEqual([expect.stringMatching(what)])
    const run = runWith(double, settings)
    const { resources } = await run.create()
    expect(resources.find(({ kind }) => kind === 'cluster')).toMatchObject({
      outcome: 'unchanged',
      differs: [expect.stringMatching(what)],
    })
    expect(run.lines.join('\n')).toMatch(/differs cluster dwh: .*only deleting and creating it again/)
    expect(double.state.clusters.size).toBe(1)
  })
})

test('half of it gone, create makes the missing half and destroy the remaining half', async () => {
  for (const verb of ['create', 'destroy'] as const) {
    await runWith(double, serverless).create()
    double.state.roles.delete('dwhRole')
    double.state.buckets.clear()
    double.state.usageLimits.clear()
    if (verb === 'create') {
      const { resources } = await runWith(double, serverless).create()
      const created = resources.filter(({ outcome }) => outcome === 'created').map(({ kind }) => kind)
      expect(created).toEqual(['role', 'control bucket', 'usage limit'])
    }
    expect((await runWith(double, serverless).destroy()).exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  }
})

test('what is being deleted is waited for and created again', async () => {
  for (const settings of [{}, serverless]) {
    await runWith(double, settings).create()
    const born = [...double.state.clusters.values(), ...double.state.workgroups.values()][0]?.createdAt
    const killed = runWith(double, settings, {
      observer: async (call, send) => {
        if (/^(DescribeClusters|GetWorkgroup)$/.test(call.operation) && isDeleting()) throw new Error('killed')
        return send()
      },
    })
    await expect(killed.destroy()).rejects.toThrow('killed')
    expect(isDeleting()).toBe(true)
    const calls = double.calls.length
    // It is gone just after it was looked at; somebody else could have made another one since.
    let looks = 0
    const hasty = runWith(double, settings, {
      observer: (call, send) => {
        if (/^(DescribeClusters|GetWorkgroup)$/.test(call.operation)) looks += 1
        const { clusters, workgroups } = double.state
        if (looks === 2) for (const each of [...clusters.values(), ...workgroups.values()]) settle(each)
        return send()
      },
    })
    const { resources } = await hasty.create()
    expect(double.calls.slice(calls).filter(({ action }) => action.startsWith('Delete'))).toEqual([])
    const warehouse = resources.find(({ kind }) => kind === 'cluster' || kind === 'workgroup')
    expect(warehouse?.outcome).toBe('created')
    expect([...double.state.clusters.values(), ...double.state.workgroups.values()][0]?.createdAt).not.toBe(born)
    await runWith(double, settings).destroy()
    expect(double.remaining()).toEqual([])
  }
})

function isDeleting(): boolean {
  return [...double.state.clusters.values(), ...double.state.workgroups.values()].some(({ status }) =>
    /deleting/i.test(status),
  )
}
