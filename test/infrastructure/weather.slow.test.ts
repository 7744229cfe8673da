import { afterAll, beforeAll, expect, test } from 'vitest'
import { UserError } from '../../src/errors.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

const services = ['sts', 'iam', 'redshift', 'redshift-serverless', 'secretsmanager', 's3'] as const

beforeAll(() => {
  // No call is tried again, so that runs end early and often.
  process.env.AWS_MAX_ATTEMPTS = '1'
})
afterAll(() => {
  delete process.env.AWS_MAX_ATTEMPTS
})

/** Starts runs until one gets through. */
async function untilDone(run: () => Promise<unknown>): Promise<void> {
  for (let runs = 1; runs <= 300; runs += 1) {
    try {
      await run()
      return
    } catch (error) {
      if (!(error instanceof UserError)) throw error
    }
  }
  throw new Error('no run got through')
}

function stormy(double: AwsDouble, seed: number): void {
  for (const service of services)
    double.faults.random({
      service,
      rate: 0.08,
      seed,
      kinds: ['throttle', 'internal-error', 'reset-before', 'reset-after'],
    })
}

test.each([1, 2, 3, 4, 5, 6])(
  'runs that fail again and again get there all the same (seed %d)',
  { timeout: 60_000 },
  async (seed) => {
    const double = await startAwsDouble()
    const settings = seed % 2 === 0 ? serverless : {}
    const ttlHours = seed % 2 === 0 ? undefined : 8
    stormy(double, seed)
    await untilDone(() => runWith(double, settings).create({ ttlHours }))
    double.faults.clear()
    expect((await runWith(double, settings).create({ ttlHours })).unchanged).toBe(true)
    stormy(double, seed + 100)
    await untilDone(() => runWith(double, settings).destroy())
    expect(double.faults.count).toBeGreaterThan(2)
    double.faults.clear()
    expect(await runWith(double, settings).destroy()).toMatchObject({ remaining: [], exitCode: 0 })
    expect(double.remaining()).toEqual([])
    await double.close()
  },
)
