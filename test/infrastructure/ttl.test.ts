import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseTtl, renderPlan } from '../../src/infrastructure/index.ts'
import { type AwsDouble, refusedAssumption, roleAllows, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

const clock = (hours: number) => ({ now: () => new Date(Date.UTC(2099, 0, 31, hours)) })
const pauses = () => [...double.state.scheduledActions.values()]

describe('a cluster with a time to live', () => {
  test('is paused by AWS itself, by a role that can do nothing else', async () => {
    await runWith(double, {}, clock(20)).create({ ttlHours: 8 })
    expect(pauses()).toMatchObject([
      {
        name: 'sparkify-dwh-pause',
        schedule: 'at(2099-02-01T04:00:00)',
        enabled: true,
        target: { PauseCluster: { ClusterIdentifier: 'dwh' } },
      },
    ])
    const [pause] = pauses()
    expect(refusedAssumption(double.state, pause?.roleArn ?? '', 'scheduler.redshift.amazonaws.com')).toBeUndefined()
    const role = double.state.roles.get('sparkify-dwh-us-west-2-pause')
    if (role === undefined) throw new Error('no role')
    expect(roleAllows(role, 'redshift:PauseCluster', 'arn:aws:redshift:us-west-2:123456789012:cluster:dwh')).toBe(true)
    expect(roleAllows(role, 'redshift:PauseCluster', 'arn:aws:redshift:us-west-2:123456789012:cluster:other')).toBe(
      false,
    )
    expect(roleAllows(role, 'redshift:DeleteCluster', 'arn:aws:redshift:us-west-2:123456789012:cluster:dwh')).toBe(
      false,
    )
    expect(await runWith(double, {}, clock(20)).describe()).toMatchObject({
      deadManSwitch: 'AWS pauses the cluster: due 2099-02-01 04:00 UTC.',
    })
  })

  test('has its switch set before the minutes in which it comes up', async () => {
    double.state.settings.polls.clusterAvailable = 5
    await runWith(double).create({ ttlHours: 8 })
    const actions = double.calls.map(({ action }) => action)
    expect(actions.indexOf('CreateScheduledAction')).toBeLessThan(actions.lastIndexOf('DescribeClusters') - 3)
  })

  test('is unchanged by the same time, moved by another, and left by none', async () => {
    await runWith(double, {}, clock(1)).create({ ttlHours: 8 })
    expect(await runWith(double, {}, clock(1)).create({ ttlHours: 8 })).toMatchObject({ unchanged: true })
    expect(await runWith(double, {}, clock(3)).create()).toMatchObject({ unchanged: true })
    expect(pauses()[0]?.schedule).toBe('at(2099-01-31T09:00:00)')
    const { resources } = await runWith(double, {}, clock(3)).create({ ttlHours: 8 })
    expect(resources.find(({ kind }) => kind === 'scheduled pause')).toMatchObject({
      outcome: 'changed',
      changes: ['is due 2099-01-31 09:00 UTC instead of 2099-01-31 11:00 UTC'],
    })
    expect(pauses()).toMatchObject([{ schedule: 'at(2099-01-31T11:00:00)' }])
  })

  test('once paused is woken by the next create, which says what the plan said', async () => {
    await runWith(double).create({ ttlHours: 8 })
    for (const cluster of double.state.clusters.values()) cluster.status = 'paused'
    const status = await runWith(double).describe()
    expect(status).toMatchObject({ status: 'paused', endpoint: null, perMonth: 0.4 })
    await expect(runWith(double).findEndpoint()).rejects.toMatchObject({
      exitCode: 2,
      hint: expect.stringContaining('resumes the cluster'),
    })
    expect(renderPlan(await runWith(double).plan())).toMatch(/would change cluster dwh .*\n.*differs: is paused/)
    await runWith(double).create()
    expect([...double.state.clusters.values()][0]?.status).toBe('available')
  })

  test('takes its switch and the role with it when it goes', async () => {
    await runWith(double).create({ ttlHours: 8 })
    const { removed, exitCode } = await runWith(double).destroy()
    expect(removed.map(({ kind }) => kind)).toEqual([
      'scheduled pause',
      'cluster',
      'control bucket',
      'pause role',
      'role',
    ])
    expect(exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  })

  test('is not taken over by a schedule of the same name that does something else', async () => {
    await runWith(double).create({ ttlHours: 8 })
    const [pause] = pauses()
    if (pause !== undefined) pause.target = { PauseCluster: { ClusterIdentifier: 'other' } }
    await expect(runWith(double).create({ ttlHours: 8 })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('scheduled pause sparkify-dwh-pause'),
    })
  })
})

describe('serverless with a time to live', () => {
  test('has a lower limit a day, never a higher one', async () => {
    const shape = { ...serverless, serverless: { baseCapacity: 4, maxCapacity: 8, dailyLimit: 24 } }
    await runWith(double, shape).create({ ttlHours: 2.5 })
    const amount = () => [...double.state.usageLimits.values()].map((limit) => limit.amount)
    expect(amount()).toEqual([10])
    expect(await runWith(double, shape).describe()).toMatchObject({
      deadManSwitch: 'AWS stops queries after 10 RPU-hours a day.',
    })
    await runWith(double, shape).create({ ttlHours: 24 })
    expect(amount()).toEqual([24])
  })
})

test.each([
  ['8h', 8],
  ['90m', 1.5],
  ['2d', 48],
  [' 1.5 h ', 1.5],
])('--ttl %s is %d hours', (text, hours) => {
  expect(parseTtl(text)).toBe(hours)
})

test.each(['', '8', 'h', '-1h', '8 hours', '10m', '31d', '1e9h'])('--ttl %j is refused', (text) => {
  expect(() => parseTtl(text)).toThrow(expect.objectContaining({ exitCode: 2 }))
})
