import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, addSecurityGroup, startAwsDouble } from '../support/aws/index.ts'
import type { Cluster, Namespace, Role, SecurityGroup, UsageLimit, Workgroup } from '../support/aws/types.ts'
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
const group = (): SecurityGroup => first(double.state.securityGroups.values(), ({ name }) => name === 'sparkify-dwh')
const inward = () => group().rules.filter(({ egress }) => !egress)
const bucket = () => first(double.state.buckets.values())

function openToAll(): void {
  const [rule] = inward()
  if (rule !== undefined) group().rules.push({ ...rule, id: 'sgr-0aaaaaaaaaaaaaaaa', cidr: '0.0.0.0/0' })
}

function otherGroup(): string {
  return addSecurityGroup(double.state, double.state.region(), { name: 'o', description: 'o', vpcId: group().vpcId }).id
}

describe('what has changed since is put right, once', () => {
  test.each<[string, object, () => void, string, RegExp]>([
    [
      'the trust',
      {},
      () => Object.assign(role(), { trustPolicy: role().trustPolicy.replace('redshift-serverless', 'ec2') }),
      'role',
      /trusts other services/,
    ],
    [
      'the policy',
      {},
      () => role().inlinePolicies.set('read-sources-and-control-bucket', '{"Version":"2012-10-17","Statement":[]}'),
      'role',
      /allows something else/,
    ],
    ['the policy is gone', {}, () => role().inlinePolicies.clear(), 'role', /lacks the policy/],
    ['the lifecycle', {}, () => bucket().configuration.delete('lifecycle'), 'control bucket', /forever/],
    [
      'the bucket policy',
      {},
      () => bucket().configuration.set('policy', '{"Version":"2012-10-17","Statement":[]}'),
      'control bucket',
      /without TLS/,
    ],
    [
      'the access block',
      {},
      () => bucket().configuration.set('publicAccessBlock', '<PublicAccessBlockConfiguration/>'),
      'control bucket',
      /made public/,
    ],
    [
      'the encryption',
      {},
      () => bucket().configuration.set('encryption', '<ServerSideEncryptionConfiguration/>'),
      'control bucket',
      /not encrypted/,
    ],
    ['a rule for everybody', {}, openToAll, 'security group', /also allows 0\.0\.0\.0\/0/],
    ['no rule', {}, () => Object.assign(group(), { rules: [] }), 'security group', /allows nobody/],
    ['the role of the cluster', {}, () => Object.assign(cluster(), { roles: [] }), 'cluster', /lacks its role/],
    [
      'the group of the cluster',
      {},
      () => Object.assign(cluster(), { securityGroupIds: [otherGroup()] }),
      'cluster',
      /not reachable through its own/,
    ],
    [
      'the reach of the cluster',
      {},
      () => Object.assign(cluster(), { publiclyAccessible: false }),
      'cluster',
      /not reachable through its own/,
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
      'the group of the workgroup',
      serverless,
      () => Object.assign(workgroup(), { securityGroupIds: [] }),
      'workgroup',
      /not reachable through its own/,
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

test('the rule follows the address, and nobody else stays let in', async () => {
  await runWith(double).create()
  double.state.settings.callerAddress = '198.51.100.77'
  const run = runWith(double)
  const { resources } = await run.create()
  expect(resources.find(({ kind }) => kind === 'security group')).toMatchObject({
    outcome: 'changed',
    changes: ['allows 203.0.113.10 at 5439 instead of 198.51.100.77 at 5439'],
  })
  expect(inward().map(({ cidr }) => cidr)).toEqual(['198.51.100.77/32'])
  const { unchanged } = await runWith(double, { address: '198.51.100.77' }).create()
  expect(unchanged).toBe(true)
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
    const { resources } = await runWith(double, settings).create()
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
