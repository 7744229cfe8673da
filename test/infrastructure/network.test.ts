import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withoutInternet } from '../../src/infrastructure/network-placement.ts'
import { type AwsDouble, type AwsDoubleOptions, startAwsDouble } from '../support/aws/index.ts'
import { runWith, serverless } from './run.ts'

let double: AwsDouble
const start = async (options: AwsDoubleOptions) => {
  await double.close()
  double = await startAwsDouble(options)
}
beforeEach(async () => {
  double = await startAwsDouble()
})
afterEach(() => double.close())

const own = () => ({ vpcId: [...double.state.vpcs.keys()][0], subnetIds: [...double.state.subnets.keys()] })

describe.each([
  ['a cluster', {}],
  ['serverless', serverless],
])('the network of %s', (_name, engine) => {
  test.each([
    [
      'no default VPC',
      { network: 'no-default-vpc' },
      /no default VPC/,
      /VPC_ID and SUBNET_IDS in \[NETWORK\].*create-default-vpc/,
    ],
    ['no VPC at all', { network: 'no-vpc' }, /no default VPC/, /create-default-vpc/],
    [
      'no way in',
      { network: 'no-internet-route' },
      /A warehouse in subnet-.* can't be reached: .*internet gateway/,
      /Add the route/,
    ],
  ] as const)('%s is refused before anything is made', async (_what, options, message, hint) => {
    await start(options)
    for (const run of [runWith(double, engine).plan(), runWith(double, engine).create()])
      await expect(run).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      })
    expect(double.remaining()).toEqual([])
  })

  test('may be one of the user', async () => {
    await start({ network: 'no-default-vpc' })
    const settings = { ...engine, ...own() }
    const { resources } = await runWith(double, settings).create()
    expect(resources.some(({ kind }) => kind === 'subnet group')).toBe(!('engine' in engine))
    const [group] = [...double.state.securityGroups.values()].filter(({ name }) => name === 'sparkify-dwh')
    expect(group?.vpcId).toBe(settings.vpcId)
    expect((await runWith(double, settings).create()).unchanged).toBe(true)
    expect((await runWith(double, settings).destroy()).exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  })
})

test('private subnets among public ones are named, and the public ones with them', async () => {
  const [subnet, ...others] = [...double.state.subnets.values()]
  const region = double.state.region()
  const vpcId = subnet?.vpcId ?? ''
  region.routeTables.set('rtb-0aaaaaaaaaaaaaaaa', {
    id: 'rtb-0aaaaaaaaaaaaaaaa',
    vpcId,
    main: false,
    subnetIds: [subnet?.id ?? ''],
    routes: [],
    tags: [],
  })
  await expect(runWith(double).create()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(`in ${subnet?.id} can't`),
    hint: `Set VPC_ID = ${vpcId} and SUBNET_IDS = ${others.map(({ id }) => id).join(', ')} in [NETWORK].`,
  })
})

test('a VPC without public names is refused', async () => {
  for (const vpc of double.state.vpcs.values()) vpc.dnsHostnames = false
  await expect(runWith(double).create()).rejects.toMatchObject({
    exitCode: 2,
    hint: expect.stringContaining('--enable-dns-hostnames'),
  })
})

test('subnets of another VPC, and ones that are not there, are refused', async () => {
  const { subnetIds } = own()
  const other = { vpcId: 'vpc-0aaaaaaaaaaaaaaaa', subnetIds }
  await expect(runWith(double, other).create()).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('is not in vpc-0aaaaaaaaaaaaaaaa'),
  })
  const missing = { vpcId: own().vpcId, subnetIds: ['subnet-0aaaaaaaaaaaaaaaa'] }
  await expect(runWith(double, missing).create()).rejects.toMatchObject({
    message: expect.stringMatching(/network does not fit: .*subnet-0aaaaaaaaaaaaaaaa/),
  })
  expect(double.remaining()).toEqual([])
})

test("a subnet's own route table counts before the main one", () => {
  const subnets = ['a', 'b', 'c'].map((id) => ({ id, vpcId: 'v' }))
  const main = { main: true, subnetIds: [], toInternet: false }
  const open = { main: false, subnetIds: ['a'], toInternet: true }
  expect(withoutInternet(subnets, [main, open]).map(({ id }) => id)).toEqual(['b', 'c'])
  expect(
    withoutInternet(subnets, [
      { ...main, toInternet: true },
      { ...open, toInternet: false },
    ]).map(({ id }) => id),
  ).toEqual(['a'])
  expect(withoutInternet(subnets, [])).toHaveLength(3)
})

test('a node type that the region does not offer is refused, with those that it does', async () => {
  const run = runWith(
    double,
    { cluster: { type: 'single-node', nodes: 1, nodeType: 'ra3.large' } },
    {
      // A region that has never heard of it.
      observer: async (call, send) => {
        const answer = (await send()) as { output: { OrderableClusterOptions?: { NodeType?: string }[] } }
        if (call.operation === 'DescribeOrderableClusterOptions')
          answer.output.OrderableClusterOptions =
            answer.output.OrderableClusterOptions?.filter(({ NodeType }) => NodeType !== 'ra3.large') ?? []
        return answer
      },
    },
  )
  await expect(run.create()).rejects.toMatchObject({
    exitCode: 2,
    message: 'us-west-2 does not offer a single-node cluster of ra3.large.',
    hint: 'Set DWH_NODE_TYPE to one that it offers: ra3.xlplus, rg.large.',
  })
  expect(double.remaining()).toEqual([])
})
