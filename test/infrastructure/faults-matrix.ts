import { expect, test } from 'vitest'
import type { CallObserver } from '../../src/aws-client/sdk-middleware.ts'
import { UserError } from '../../src/errors.ts'
import type { InfrastructureSettings } from '../../src/infrastructure/index.ts'
import { type AwsDouble, type AwsDoubleOptions, type FaultKind, startAwsDouble } from '../support/aws/index.ts'
import { multiNode, runWith, serverless } from './run.ts'

/** An infrastructure of each kind, with everything that can belong to it. */
interface Shape {
  readonly name: string
  readonly double: AwsDoubleOptions
  readonly ttlHours: number | undefined
  settings(double: AwsDouble): Partial<InfrastructureSettings>
}

const shapes: readonly Shape[] = [
  {
    name: 'cluster of two nodes in a VPC of its own, with a dead-man switch',
    double: { network: 'no-default-vpc' },
    ttlHours: 8,
    settings: ({ state }) => ({
      ...multiNode,
      vpcId: [...state.vpcs.keys()][0] ?? '',
      subnetIds: [...state.subnets.keys()],
    }),
  },
  { name: 'serverless', double: {}, ttlHours: undefined, settings: () => serverless },
]

type Verb = 'create' | 'destroy'

/**
 * How one call goes wrong. `attempts: 1`: the SDK does not try again, so the run fails there. Otherwise it does, and the run must
 * go on as if nothing had happened: after `reset-after` the service says that the thing is there already.
 */
interface Trouble {
  readonly kind: FaultKind
  readonly attempts: 1 | 3
  /** It makes no difference to a call that only looks. */
  readonly changesOnly?: true
}

const troubles: readonly Trouble[] = [
  { kind: 'throttle', attempts: 1 },
  { kind: 'refuse', attempts: 1 },
  { kind: 'reset-before', attempts: 1, changesOnly: true },
  { kind: 'reset-after', attempts: 1 },
  { kind: 'kill', attempts: 1 },
  { kind: 'reset-after', attempts: 3, changesOnly: true },
]

class Killed extends Error {}

/** Runs a verb of which call number `nth` goes wrong. Undefined if it went well all the same, else what it threw. */
async function troubled(
  double: AwsDouble,
  shape: Shape,
  verb: Verb,
  nth: number,
  { kind, attempts }: Trouble,
): Promise<unknown> {
  process.env.AWS_MAX_ATTEMPTS = String(attempts)
  let isDead = false
  const onFire = () => {
    isDead = kind === 'kill'
  }
  const fault = double.faults.inject({ nth, kind, onFire })
  try {
    await run(double, shape, verb, async (_call, send) => {
      const answer = send()
      await answer.catch(() => undefined)
      // What is dead sees no answer and makes no further call.
      if (isDead) throw new Killed()
      return answer
    })
    return undefined
  } catch (error) {
    return error
  } finally {
    expect(fault.fired).toBe(1)
    fault.remove()
    process.env.AWS_MAX_ATTEMPTS = '1'
  }
}

function run(double: AwsDouble, shape: Shape, verb: Verb, observer?: CallObserver): Promise<unknown> {
  const started = runWith(double, shape.settings(double), observer === undefined ? {} : { observer })
  return verb === 'create' ? started.create({ ttlHours: shape.ttlHours }) : started.destroy()
}

/** The names of the calls that a run makes when nothing goes wrong. */
async function recordCalls(shape: Shape, verb: Verb): Promise<string[]> {
  process.env.AWS_MAX_ATTEMPTS = '1'
  const double = await startAwsDouble(shape.double)
  await run(double, shape, 'create')
  if (verb === 'destroy') {
    double.calls.length = 0
    await run(double, shape, 'destroy')
  }
  await double.close()
  return double.calls.map(({ action }) => action)
}

/** A fault of every kind at every call of create and of destroy: one case each; or a sample of them, every 19th. */
export function testFaults(extent: 'sample' | 'all'): void {
  const verbs = shapes.flatMap((shape) => (['create', 'destroy'] as const).map((verb) => ({ shape, verb })))
  for (const { shape, verb } of verbs)
    test(`${verb} survives the failure of any of its calls: ${shape.name}`, async () => {
      const calls = await recordCalls(shape, verb)
      expect(calls.length).toBeGreaterThan(30)
      const cases = calls.flatMap((action, index) =>
        troubles
          .filter(({ changesOnly }) => !changesOnly || !/^(Describe|Get|List)/.test(action))
          .map((trouble) => ({ action, trouble, nth: index + 1 })),
      )
      const chosen = extent === 'all' ? cases : cases.filter((_, index) => index % 19 === 0)
      expect(new Set(chosen.map(({ trouble }) => trouble.kind)).size).toBeGreaterThan(2)
      let failedRuns = 0
      for (const { action, trouble, nth } of chosen)
        try {
          if (await survive(shape, verb, nth, trouble)) failedRuns += 1
        } catch (cause) {
          throw new Error(`call ${nth} of ${calls.length}, ${action}: ${JSON.stringify(trouble)}`, { cause })
        }
      // Most faults end the run they hit, or the cases would prove little.
      expect(failedRuns).toBeGreaterThan(chosen.length / 2)
    })
}

/** One case: call number `nth` of a verb goes wrong; the next run finishes the job, nothing is there twice, destroy leaves nothing. True if the first run failed. */
async function survive(shape: Shape, verb: Verb, nth: number, trouble: Trouble): Promise<boolean> {
  const double = await startAwsDouble(shape.double)
  try {
    if (verb === 'destroy') await run(double, shape, 'create')
    const error = await troubled(double, shape, verb, nth, trouble)
    verifyError(error, trouble)
    if (verb === 'create') {
      await run(double, shape, 'create')
      verifyWhole(double, shape)
    }
    const receipt = await run(double, shape, 'destroy')
    expect(receipt).toMatchObject({ remaining: [], exitCode: 0 })
    expect(double.remaining()).toEqual([])
    return error !== undefined
  } finally {
    await double.close()
  }
}

function verifyError(error: unknown, { kind, attempts }: Trouble): void {
  if (attempts > 1) expect(error).toBeUndefined()
  if (kind === 'refuse' && error === undefined) throw new Error('a refusal was overlooked')
  if (error === undefined) return
  expect(error).toBeInstanceOf(kind === 'kill' ? Killed : UserError)
  if (kind === 'refuse') expect(String(error)).toMatch(/Access denied: you need /)
}

/** Everything once, with its tag. */
function verifyWhole(double: AwsDouble, { ttlHours, settings }: Shape): void {
  const { state } = double
  const isCluster = settings(double).engine !== 'redshift-serverless'
  const ours = { key: 'sparkify-warehouse', value: 'dwh@us-west-2' }
  const made = double.remaining().map(({ kind }) => kind)
  const expected = isCluster
    ? ['cluster', 'secret', 'subnet-group', 'role', 'bucket']
    : ['workgroup', 'namespace', 'secret', 'usage-limit', 'role', 'bucket']
  if (ttlHours !== undefined) expected.push('role', 'scheduled-action')
  expect(made.toSorted()).toEqual(expected.toSorted())
  const roles = [...state.roles.values()].filter(({ path }) => path === '/')
  for (const { inlinePolicies } of roles) expect(inlinePolicies.size).toBe(1)
  const buckets = [...state.buckets.values()]
  for (const { configuration } of buckets) expect(configuration.size).toBe(4)
  for (const thing of [...roles, ...buckets, ...state.clusters.values(), ...state.namespaces.values()])
    expect(thing.tags).toContainEqual(ours)
}
