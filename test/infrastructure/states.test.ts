import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

const [cluster] = [() => [...double.state.clusters.values()][0]]

/** A clock that goes on by ten seconds whenever it is looked at. */
function fastClock() {
  let looks = 0
  return () => new Date(Date.now() + 10_000 * looks++)
}

/** Puts the cluster into a state, from its first poll on. */
function turning(status: string) {
  return {
    observer: (call: { operation: string }, send: () => Promise<unknown>) => {
      const found = cluster()
      if (call.operation === 'DescribeClusters' && found !== undefined)
        Object.assign(found, { status, pending: undefined })
      return send()
    },
  }
}

describe('a cluster does not come up', () => {
  test.each([
    ['incompatible-network', /will not recover by itself/, /subnets or addresses/],
    ['incompatible-parameters', /will not recover by itself/, /events in the Redshift console/],
    ['hardware-failure', /will not recover by itself/, /node has failed/],
    ['storage-full', /will not recover by itself/, /more nodes/],
    ['inaccessible-kms-key', /will not recover by itself/, /encryption key/],
  ])('%s', async (status, message, hint) => {
    await expect(runWith(double, {}, turning(status)).create()).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 1,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })

  test('somebody deletes it meanwhile', async () => {
    const run = runWith(
      double,
      {},
      {
        progress: (text) => {
          if (text.startsWith('cluster dwh: creating')) double.state.clusters.clear()
        },
      },
    )
    await expect(run.create()).rejects.toMatchObject({ message: 'The cluster dwh is gone.' })
  })

  test('it takes for ever: the deadline says that AWS may still finish, and the next run goes on', async () => {
    double.state.settings.polls.clusterAvailable = 1_000
    await expect(runWith(double, {}, { now: fastClock() }).create()).rejects.toMatchObject({
      message: expect.stringMatching(/^After 3\d min( \d+ s)? cluster dwh is still creating\.$/),
      hint: 'AWS may still finish it. Run create-infrastructure again to go on, or destroy-infrastructure --yes to undo.',
    })
    const found = cluster()
    if (found?.pending !== undefined) found.pending.polls = 0
    const { resources } = await runWith(double).create()
    expect(resources.every(({ outcome }) => outcome === 'unchanged')).toBe(true)
  })

  test.each([
    ['capacity', /no free capacity/, /Try again later/],
    ['quota', /so many clusters or nodes/, /Service Quotas/],
  ] as const)('%s', async (kind, message, hint) => {
    double.faults.inject({ action: 'CreateCluster', kind })
    await expect(runWith(double).create()).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
    expect((await runWith(double).create()).endpoint.port).toBe(5439)
  })

  test('serverless has no capacity either', async () => {
    // The SDK itself tries again some times.
    double.faults.inject({ action: 'CreateWorkgroup', kind: 'capacity', times: 5 })
    await expect(runWith(double, serverless).create()).rejects.toMatchObject({
      message: expect.stringMatching(/no free capacity/),
    })
    expect((await runWith(double, serverless).create()).endpoint.port).toBe(5439)
  })
})

describe('while it comes up', () => {
  test.each([['a permission that is taken away', 'refuse', /you need redshift:DescribeClusters/]] as const)(
    '%s ends the wait at once',
    async (_name, kind, message) => {
      double.state.settings.polls.clusterAvailable = 1_000
      const run = runWith(
        double,
        {},
        {
          progress: (text) => {
            if (text.startsWith('cluster dwh: creating')) double.faults.inject({ action: 'DescribeClusters', kind })
          },
        },
      )
      await expect(run.create()).rejects.toMatchObject({ message: expect.stringMatching(message) })
      expect(double.calls.filter(({ action }) => action === 'DescribeClusters').length).toBeLessThan(6)
    },
  )

  test('credentials that expire end the wait at once', async () => {
    double.state.settings.polls.clusterAvailable = 1_000
    const [identity] = double.identities.values()
    const run = runWith(
      double,
      {},
      {
        progress: (text) => {
          if (text.startsWith('cluster dwh: creating') && identity !== undefined) identity.problem = 'ExpiredToken'
        },
      },
    )
    await expect(run.create()).rejects.toMatchObject({
      message: 'The AWS credentials have expired.',
      hint: expect.stringContaining('aws sso login'),
    })
  })

  test('throttling, broken servers and broken connections are waited out', async () => {
    double.state.settings.polls.clusterAvailable = 6
    process.env.AWS_MAX_ATTEMPTS = '1'
    const kinds = ['throttle', 'internal-error', 'reset-before'] as const
    let looks = 0
    const run = runWith(
      double,
      {},
      {
        progress: (text) => {
          const kind = kinds[looks]
          if (!text.startsWith('cluster dwh: creating') || kind === undefined) return
          looks += 1
          double.faults.inject({ action: 'DescribeClusters', kind })
        },
      },
    )
    expect((await run.create()).endpoint.host).toMatch(/^dwh\./)
    expect(double.faults.count).toBe(3)
    delete process.env.AWS_MAX_ATTEMPTS
  })

  test.each([
    ['create', 'cluster dwh: creating', {}],
    ['create', 'workgroup dwh: creating', serverless],
    ['create', 'looking for cluster', {}],
    ['destroy', 'cluster dwh: deleting', {}],
    ['destroy', 'workgroup dwh: deleting', serverless],
  ] as const)('Ctrl-C in %s (%s) leaves what the next run takes up, and says so', async (verb, moment, settings) => {
    if (verb === 'destroy') await runWith(double, settings).create()
    const controller = new AbortController()
    const options = {
      signal: controller.signal,
      progress: (text: string) => {
        if (text.startsWith(moment)) controller.abort()
      },
    }
    await expect(runWith(double, settings, options)[verb]()).rejects.toMatchObject({
      name: 'UserError',
      message: expect.stringMatching(/^Interrupted .*What was begun in AWS goes on/),
      hint:
        verb === 'create'
          ? expect.stringMatching(/again to go on, or destroy-infrastructure --yes to undo/)
          : expect.stringMatching(/again to go on/),
    })
    if (verb === 'create') expect((await runWith(double, settings).create()).endpoint.port).toBe(5439)
    expect((await runWith(double, settings).destroy()).exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  })
})

test('slow eventual consistency is waited for', async () => {
  Object.assign(double.state.settings.polls, { roleVisible: 8, roleAssumable: 8 })
  await runWith(double).create({ ttlHours: 8 })
  expect((await runWith(double).destroy()).exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
})
