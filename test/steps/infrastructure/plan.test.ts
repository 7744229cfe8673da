import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderPlan } from '../../../src/steps/infrastructure/index.ts'
import { type AwsDouble, startAwsDouble } from '../../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

const virginia = { region: 'us-east-1' }

test('a plan says what would be made, what it costs and what forgetting it costs', async () => {
  const plan = await runWith(double, virginia).plan({ ttlHours: 8 })
  expect(renderPlan(plan)).toMatchInlineSnapshot()
  expect(plan.perHour).toBeCloseTo(0.548)
})

test('where the price is not known that is said, with another region as a measure', async () => {
  expect(
    renderPlan(await runWith(double).plan())
      .split('\n')
      .slice(-3)
      .join('\n'),
  ).toMatchInlineSnapshot()
})

test('the plan of serverless says what the limit lets through', async () => {
  expect(renderPlan(await runWith(double, { ...serverless, ...virginia }).plan())).toMatchInlineSnapshot()
})

test('a plan of destruction says what would go, and what it costs until then', async () => {
  await runWith(double, virginia).create()
  const text = renderPlan(await runWith(double, virginia).planDestruction())
  expect(text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'TIME')).toMatchInlineSnapshot()
})

test('status says since when, where, for how much, and what would stop it', async () => {
  await runWith(double, virginia).create()
  const later = { now: () => new Date(Date.now() + 36 * 3_600_000) }
  expect(await runWith(double, virginia, later).describe()).toMatchObject({
    exists: true,
    status: 'available',
    endpoint: { port: 5439 },
    cost: 'It has been there for 36.0 hours, about $19.73 if it was never paused.',
    deadManSwitch: 'None: create-infrastructure --ttl 8h sets one.',
  })
  expect(await runWith(double, { ...virginia, identifier: 'other' }).describe()).toMatchObject({
    exists: false,
    status: null,
    since: null,
    endpoint: null,
    cost: 'Nothing is there that costs by the hour.',
  })
})

test('connecting to what is not there says what to run', async () => {
  await expect(runWith(double).findCredentials()).rejects.toMatchObject({
    exitCode: 2,
    message: 'There is no cluster dwh.',
    hint: 'Run create-infrastructure.',
  })
  await expect(runWith(double, serverless).findCredentials()).rejects.toMatchObject({
    exitCode: 2,
    hint: 'Run create-infrastructure.',
  })
  await runWith(double).create()
  double.state.roles.delete('dwhRole')
  await expect(runWith(double).findCredentials()).rejects.toMatchObject({
    message: expect.stringContaining('role dwhRole is missing'),
  })
})
