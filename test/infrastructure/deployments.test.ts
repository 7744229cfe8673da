import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { InfrastructureSettings } from '../../src/infrastructure/index.ts'
import { type AwsDouble, startAwsDouble } from '../support/aws/index.ts'
import { runWith } from './run.ts'

type Deployment = Pick<InfrastructureSettings, 'region' | 'identifier' | 'engine'>

const regions = ['us-west-2', 'eu-central-1'] as const
/** The second is what other things of the first are called. */
const identifiers = ['dwh', 'dwh-pause'] as const
const engines = ['redshift', 'redshift-serverless'] as const
const nameOf = ({ region, identifier, engine }: Deployment) => `${identifier} in ${region} on ${engine}`

const pairs = engines.flatMap((engine) => {
  const first: Deployment = { region: 'us-west-2', identifier: 'dwh', engine }
  return regions.flatMap((region) =>
    identifiers.flatMap((identifier) =>
      engines.map((other) => ({ first, second: { region, identifier, engine: other } })),
    ),
  )
})
const isSamePlace = (one: Deployment, other: Deployment) =>
  one.region === other.region && one.identifier === other.identifier
const rows = (wanted: (first: Deployment, second: Deployment) => boolean) =>
  pairs
    .filter(({ first, second }) => wanted(first, second))
    .map(({ first, second }) => [nameOf(first), nameOf(second), first, second] as const)

const ttl = { ttlHours: 8 }
const clock = { now: () => new Date(Date.UTC(2099, 0, 31)) }

let double: AwsDouble
beforeEach(async () => {
  // An account that has used Redshift before: its own role is nobody's.
  double = await startAwsDouble({ serviceLinkedRole: true })
  for (const region of regions) double.state.region(region)
})
afterEach(() => double.close())

/** By default the config gives no name to the role. */
const run = (deployment: Deployment, roleName?: string) => runWith(double, { ...deployment, roleName }, clock)

/** Everything in the account, as plain objects by name or id, without the texts that no output may contain. */
function everything(): object {
  const { roles, buckets } = double.state
  const plain = (key: string, value: unknown) =>
    key === 'canaries' ? undefined : value instanceof Map ? Object.fromEntries(value) : value
  return JSON.parse(JSON.stringify({ roles, buckets, regions: double.state.allRegions() }, plain))
}

const changes = () => double.calls.map(({ action }) => action).filter((action) => !/^(Describe|Get|List)/.test(action))

async function expectUnharmed(deployment: Deployment, roleName?: string): Promise<void> {
  expect(await run(deployment, roleName).plan(ttl)).toMatchObject({ nothingToDo: true })
  expect(await run(deployment, roleName).create(ttl)).toMatchObject({ unchanged: true })
  expect(await run(deployment, roleName).describe()).toMatchObject({
    exists: true,
    status: expect.stringMatching(/^available$/i),
  })
}

describe.each(rows((first, second) => !isSamePlace(first, second)))('%s and %s', (_first, _second, first, second) => {
  test('stand side by side; to remove one neither changes nor names the other', async () => {
    await run(first).create(ttl)
    const alone = everything()
    const plan = await run(second).plan(ttl)
    expect(plan.resources.map(({ action }) => action)).toEqual(plan.resources.map(() => 'create'))
    expect(await run(second).describe()).toMatchObject({ exists: false, resources: [] })
    expect(await run(second).planDestruction()).toMatchObject({ nothingToDo: true })
    expect(await run(second).destroy()).toMatchObject({ removed: [], remaining: [], kept: [], foreign: [] })
    expect(everything()).toEqual(alone)

    const made = await run(second).create(ttl)
    expect(made.resources.map(({ outcome }) => outcome)).toEqual(made.resources.map(() => 'created'))
    expect(everything()).toMatchObject(alone)
    await expectUnharmed(first)

    const receipt = await run(second).destroy()
    expect(receipt).toMatchObject({ remaining: [], kept: [], foreign: [], exitCode: 0 })
    expect(receipt.removed.map(({ kind }) => kind).toReversed()).toEqual(made.resources.map(({ kind }) => kind))
    expect(everything()).toEqual(alone)
    await expectUnharmed(first)

    expect(await run(first).destroy()).toMatchObject({ remaining: [], foreign: [], exitCode: 0 })
    expect(double.remaining()).toEqual([])
  })

  test('with one role name are refused before anything is made; the first keeps its role', async () => {
    await run(first, 'readers').create(ttl)
    const alone = everything()
    double.calls.length = 0
    const owner = `${first.identifier}@${first.region}`
    for (const verb of ['plan', 'create'] as const)
      await expect(run(second, 'readers')[verb](ttl)).rejects.toMatchObject({
        exitCode: 2,
        message: `A role readers exists that belongs to another deployment, ${owner}; this one is ${second.identifier}@${second.region}.`,
        hint: expect.stringMatching(/^Choose another DWH_IAM_ROLE_NAME, or leave it out/),
      })
    const receipt = await run(second, 'readers').destroy()
    expect(receipt).toMatchObject({ removed: [], remaining: [], foreign: [{ kind: 'role', name: 'readers' }] })
    expect(changes()).toEqual([])
    expect(everything()).toEqual(alone)
    await expectUnharmed(first, 'readers')
  })
})

test.each(rows((first, second) => isSamePlace(first, second) && first.engine !== second.engine))(
  '%s is not joined by %s',
  async (_first, _second, first, second) => {
    await run(first).create(ttl)
    const alone = everything()
    double.calls.length = 0
    for (const refused of [run(second).plan(ttl), run(second).create(ttl)])
      await expect(refused).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(`, created with ENGINE = ${first.engine}.`),
        hint: expect.stringContaining('another DWH_CLUSTER_IDENTIFIER'),
      })
    expect(changes()).toEqual([])
    expect(everything()).toEqual(alone)
    await expectUnharmed(first)
  },
)
