import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
  test('is named if there is no default one', async () => {
    await start({ network: 'no-default-vpc' })
    await expect(runWith(double, engine).create()).rejects.toMatchObject({
      message: expect.stringMatching(/^The network does not fit: /),
      hint: expect.stringMatching(/VPC_ID and SUBNET_IDS in \[NETWORK\]/),
    })
    expect((await runWith(double, engine).destroy()).exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  })

  test('may be one of the user', async () => {
    await start({ network: 'no-default-vpc' })
    const settings = { ...engine, ...own() }
    const { resources } = await runWith(double, settings).create()
    expect(resources.some(({ kind }) => kind === 'subnet group')).toBe(!('engine' in engine))
    const [warehouse] = [...double.state.clusters.values(), ...double.state.workgroups.values()]
    expect(warehouse?.vpcId).toBe(settings.vpcId)
    expect((await runWith(double, settings).create()).unchanged).toBe(true)
    expect((await runWith(double, settings).destroy()).exitCode).toBe(0)
    expect(double.remaining()).toEqual([])
  })
})

test('subnets that are not there are refused, and what was made before them is found and removed', async () => {
  const missing = { vpcId: own().vpcId, subnetIds: ['subnet-0aaaaaaaaaaaaaaaa'] }
  await expect(runWith(double, missing).create()).rejects.toMatchObject({
    message: expect.stringMatching(/network does not fit: /),
    hint: expect.stringContaining('SUBNET_IDS in [NETWORK]'),
  })
  expect((await runWith(double, missing).destroy()).exitCode).toBe(0)
  expect(double.remaining()).toEqual([])
})

test('a subnet group of another network is said and left', async () => {
  await start({ network: 'no-default-vpc' })
  await runWith(double, own()).create()
  const { subnetIds } = own()
  const others = { vpcId: 'vpc-0aaaaaaaaaaaaaaaa', subnetIds: subnetIds.slice(1) }
  const { resources } = await runWith(double, others).create()
  expect(resources.find(({ kind }) => kind === 'subnet group')?.differs).toEqual([
    `has the subnets ${subnetIds.join(', ')}`,
    `is in ${own().vpcId} instead of vpc-0aaaaaaaaaaaaaaaa`,
  ])
})
