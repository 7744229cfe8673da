import { expect, test } from 'vitest'
import { callerActions } from '../../src/aws-client/actions.ts'
import { UserError } from '../../src/errors.ts'
import type { InfrastructureSettings } from '../../src/infrastructure/index.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

/** Actions that AWS documents for calls of ours and the double asks for under another name or not at all. */
const onlyDocumented = ['s3:DeleteObjectVersion']

/** What statements need; here none is run. `test/iam-policy.test.ts` measures it. */
const forStatements = [...callerActions.Statements, 'secretsmanager:GetSecretValue']

/** S3 does not say what is missing. Then the call says it, and these calls need two. */
const together = [
  ['s3:CreateBucket', 's3:TagResource'],
  ['s3:DeleteObject', 's3:DeleteObjectVersion'],
]

interface Tour {
  readonly name: string
  settings(double: AwsDouble): Partial<InfrastructureSettings>
  /** Makes things differ from what create-infrastructure made, so that the next run mends them. */
  upset(double: AwsDouble): void
}

const tours: readonly Tour[] = [
  {
    name: 'cluster',
    settings: ({ state }) => ({ vpcId: [...state.vpcs.keys()][0], subnetIds: [...state.subnets.keys()] }),
    upset({ state }) {
      for (const role of state.roles.values()) role.trustPolicy = role.trustPolicy.replace('redshift-serverless', 'ec2')
      for (const cluster of state.clusters.values())
        Object.assign(cluster, { roles: [], publiclyAccessible: true, status: 'paused' })
      for (const pause of state.scheduledActions.values()) pause.enabled = false
      for (const bucket of state.buckets.values()) {
        bucket.tags = []
        bucket.configuration.clear()
        bucket.configuration.set('publicAccessBlock', '<PublicAccessBlockConfiguration/>')
        bucket.configuration.set('encryption', '<ServerSideEncryptionConfiguration/>')
      }
    },
  },
  {
    name: 'serverless',
    settings: () => serverless,
    upset({ state }) {
      for (const namespace of state.namespaces.values()) namespace.roles = []
      for (const workgroup of state.workgroups.values()) workgroup.baseCapacity = 128
      for (const limit of state.usageLimits.values()) limit.amount = 1_000
    },
  },
]

/** Everything that the commands can do: make, mend, connect, look, remove what has been used. */
async function take(tour: Tour, double: AwsDouble): Promise<void> {
  const settings = tour.settings(double)
  const ttlHours = settings.engine === undefined ? 8 : undefined
  await runWith(double, settings).plan({ ttlHours })
  await runWith(double, settings).create({ ttlHours })
  tour.upset(double)
  await runWith(double, settings).create({ ttlHours })
  await runWith(double, settings).findEndpoint()
  if (settings.engine === undefined) {
    await runWith(double, settings).changePause('pause')
    await runWith(double, settings).changePause('resume')
  }
  for (const bucket of double.state.buckets.values()) {
    bucket.put('manifest', '{}')
    bucket.uploads.set('upload', { key: 'manifest', startedAt: new Date() })
  }
  double.state.roles.get('dwhRole')?.attachedPolicies.push('arn:aws:iam::aws:policy/ReadOnlyAccess')
  expect((await runWith(double, settings).destroy()).exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
}

async function withDouble<Result>(
  deny: readonly string[],
  work: (double: AwsDouble) => Promise<Result>,
): Promise<Result> {
  const double = await startAwsDouble({ network: 'default', deny })
  try {
    return await work(double)
  } finally {
    await double.close()
  }
}

const recorded = new Map<string, Tour>()
for (const tour of tours) {
  const actions = await withDouble([], async (double) => {
    await take(tour, double)
    return double.calls.flatMap(({ needs }) => needs)
  })
  for (const action of actions) if (!recorded.has(action)) recorded.set(action, tour)
}

test("the caller's policy holds what the calls need, no less and no more", () => {
  const allowed = Object.values(callerActions).flat()
  expect(allowed.toSorted()).toEqual([...recorded.keys(), ...onlyDocumented, ...forStatements].toSorted())
})

test.each([...recorded])('without %s a run names exactly that', async (action, tour) => {
  const error = await withDouble([action], (double) =>
    take(tour, double).then(
      () => undefined,
      (caught: unknown) => caught,
    ),
  )
  if (!(error instanceof UserError)) throw new Error(`no run failed for ${action}: ${String(error)}`)
  expect(error.message).toContain(action)
  const pair = together.find((each) => each.includes(action)) ?? []
  const named = error.message.match(/\b[a-z0-9-]+:[A-Z]\w+/g) ?? []
  expect(named.filter((each) => each !== action && !pair.includes(each))).toEqual([])
  expect(error.hint).toContain('documentation/iam-policy.json')
})
