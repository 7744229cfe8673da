import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderPlan } from '../../src/infrastructure/index.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

const virginia = { region: 'us-east-1' }

test('a plan says what would be made, what it costs and what forgetting it costs', async () => {
  const plan = await runWith(double, virginia).plan({ ttlHours: 8 })
  expect(renderPlan(plan)).toMatchInlineSnapshot(`
    "create-infrastructure of dwh (redshift) in account 123456789012, us-east-1:
    would create role dwhRole                                        allows Redshift to read the source prefixes and the control bucket, nothing else
    would create pause role sparkify-dwh-us-east-1-pause             allows Redshift's scheduler to pause this cluster
    would create control bucket sparkify-dwh-123456789012-us-east-1  has the manifests and jsonpaths that COPY reads; they expire
    would create cluster dwh                                         the warehouse: 1 × ra3.large, encrypted, the password managed by AWS
                 $0.54 per hour, $396.79 per month: 1 × ra3.large and its secret, and $0.024 per GB and month stored, also while paused
    would create scheduled pause sparkify-dwh-pause                  pauses the cluster when its time is up, in case you forget it
    If you forget it, it costs $396.79 per month ($0.54 per hour). destroy-infrastructure removes it; --ttl 8h pauses it in time. Prices as of 2026-10-07."
  `)
  expect(plan.perHour).toBeCloseTo(0.543)
})

test('where the price is not known, that of another region is shown, and that is said', async () => {
  expect(
    renderPlan(await runWith(double).plan())
      .split('\n')
      .slice(-3)
      .join('\n'),
  ).toMatchInlineSnapshot(`
    "would create cluster dwh                                         the warehouse: 1 × ra3.large, encrypted, the password managed by AWS
                 $0.54 per hour, $396.79 per month in us-east-1: 1 × ra3.large and its secret, and $0.024 per GB and month stored, also while paused
    If you forget it, it costs $396.79 per month ($0.54 per hour). destroy-infrastructure removes it; --ttl 8h pauses it in time. Prices of us-east-1 as of 2026-10-07: those of this region are not known."
  `)
})

test('the plan of serverless says what the limit lets through', async () => {
  expect(renderPlan(await runWith(double, { ...serverless, ...virginia }).plan())).toMatchInlineSnapshot(`
    "create-infrastructure of dwh (redshift-serverless) in account 123456789012, us-east-1:
    would create role dwhRole                                        allows Redshift to read the source prefixes and the control bucket, nothing else
    would create control bucket sparkify-dwh-123456789012-us-east-1  has the manifests and jsonpaths that COPY reads; they expire
    would create namespace dwh                                       has the data of the serverless warehouse, encrypted, the password managed by AWS
                 under $0.01 per hour, $0.40 per month: its secret, and $0.024 per GB and month stored
    would create workgroup dwh                                       computes, with 4 to 8 RPU, only while queries run
                 $1.50 per hour, $93.00 per month: only while queries run, stopped after 8 RPU-hours a day
    would create usage limit dwh                                     stops the workgroup after 8 RPU-hours a day
    If you forget it, it costs its storage. If it is queried all day, every day, it costs at most $93.40 per month: then the usage limit stops it. Prices as of 2026-10-07."
  `)
})

test('a plan of destruction says what would go, and what it costs until then', async () => {
  await runWith(double, virginia).create()
  const text = renderPlan(await runWith(double, virginia).planDestruction())
  expect(text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'TIME')).toMatchInlineSnapshot(`
    "destroy-infrastructure of dwh (redshift) in account 123456789012, us-east-1:
    would remove role dwhRole                                        allows Redshift to read the source prefixes and the control bucket, nothing else
    would remove control bucket sparkify-dwh-123456789012-us-east-1  has the manifests and jsonpaths that COPY reads; they expire
    would remove cluster dwh                                         the warehouse: 1 × ra3.large, encrypted, the password managed by AWS; available, created TIME
                 $0.54 per hour, $396.79 per month: 1 × ra3.large and its secret, and $0.024 per GB and month stored, also while paused
    Until you remove it, it costs $396.79 per month ($0.54 per hour) plus storage. Prices as of 2026-10-07."
  `)
})

test('status says since when, where, for how much, and what would stop it', async () => {
  await runWith(double, virginia).create()
  const later = { now: () => new Date(Date.now() + 36 * 3_600_000) }
  expect(await runWith(double, virginia, later).describe()).toMatchObject({
    exists: true,
    status: 'available',
    endpoint: { port: 5439 },
    costSoFar: 19.55,
    cost: 'Until you remove it, it costs $396.79 per month ($0.54 per hour) plus storage. Prices as of 2026-10-07. It has existed for 36.0 hours, $19.55 so far if it was never paused.',
    deadManSwitch: 'Nothing stops it if you forget it: create-infrastructure --ttl 8h sets a dead-man switch.',
  })
  await runWith(double, virginia).changePause('pause')
  expect(await runWith(double, virginia, later).describe()).toMatchObject({
    exists: true,
    status: 'paused',
    endpoint: null,
    perMonth: 0.4,
    cost: 'Until you remove it, it costs $0.40 per month (under $0.01 per hour) plus storage. Prices as of 2026-10-07. It has existed for 36.0 hours, $19.55 so far if it was never paused.',
  })
  expect(await runWith(double, { ...virginia, identifier: 'other' }).describe()).toMatchObject({
    exists: false,
    status: null,
    since: null,
    endpoint: null,
    cost: 'Nothing costs anything.',
  })
})

test('connecting to what is not there says what to run', async () => {
  await expect(runWith(double).findEndpoint()).rejects.toMatchObject({
    exitCode: 2,
    message: 'There is no cluster dwh.',
    hint: 'Run create-infrastructure.',
  })
  await expect(runWith(double, serverless).findEndpoint()).rejects.toMatchObject({
    exitCode: 2,
    hint: 'Run create-infrastructure.',
  })
  await runWith(double).create()
  double.state.roles.delete('dwhRole')
  await expect(runWith(double).findEndpoint()).rejects.toMatchObject({
    message: expect.stringContaining('role dwhRole is missing'),
  })
})

test('a role that another deployment has taken meanwhile is not used to load', async () => {
  await runWith(double).create()
  for (const role of double.state.roles.values()) role.tags = [{ key: 'sparkify-warehouse', value: 'dwh@eu-west-1' }]
  await expect(runWith(double).findEndpoint()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/^A role dwhRole exists that belongs to another deployment, dwh@eu-west-1;/),
  })
})
