import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallObserver } from '../../../src/aws-client/calls.ts'
import { runWith } from './run.ts'

// A second opinion that is not ours: pip install 'moto[server]' in a venv, its bin on the PATH or MOTO_SERVER set to the command.
const command = process.env.MOTO_SERVER ?? 'moto_server'
const isThere = spawnSync(command, ['--help'], { stdio: 'ignore' }).status === 0
if (!isThere) console.log(`skipped: there is no ${command}; pip install 'moto[server]' for the second opinion of moto`)

let server: ChildProcess | undefined
let environment: Record<string, string> = {}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

beforeAll(async () => {
  if (!isThere) return
  const port = await freePort()
  server = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const url = `http://127.0.0.1:${port}`
  environment = {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'moto',
    AWS_SECRET_ACCESS_KEY: 'moto',
    AWS_MAX_ATTEMPTS: '1',
  }
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) break
    await sleep(200)
  }
  Object.assign(process.env, environment)
  await openToInternet()
}, 60_000)
afterAll(() => server?.kill())

/** moto's default VPC has no way to the internet, which AWS's has. */
async function openToInternet(): Promise<void> {
  const ec2 = new EC2Client({ region: 'us-west-2' })
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}))
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}))
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}))
  const InternetGatewayId = InternetGateway?.InternetGatewayId
  await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId: Vpcs?.[0]?.VpcId }))
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: RouteTables?.[0]?.RouteTableId,
      GatewayId: InternetGatewayId,
      DestinationCidrBlock: '0.0.0.0/0',
    }),
  )
}

/** Answers in moto's place where it does not speak the service or does not know the parameter. */
const inItsPlace: CallObserver = async ({ service, operation }, send) => {
  if (operation === 'DescribeOrderableClusterOptions')
    return { output: { OrderableClusterOptions: [{ NodeType: 'ra3.large', ClusterType: 'single-node' }] } }
  if (operation === 'DescribeScheduledActions' || operation === 'ListSnapshots') return { output: {} }
  if (service === 'redshift-serverless')
    throw Object.assign(new Error(operation), { name: 'ResourceNotFoundException' })
  const answer = (await send()) as { output: { Clusters?: object[] } }
  for (const cluster of answer.output.Clusters ?? [])
    Object.assign(cluster, { MasterPasswordSecretArn: 'arn:moto', Encrypted: true })
  return answer
}

test.runIf(isThere)('moto agrees: made, found as it is, removed, removed again', { timeout: 60_000 }, async () => {
  const double = { environment, checkIpUrl: '' }
  const run = () => runWith(double, {}, { fetchAddress: async () => '203.0.113.10', observer: inItsPlace })
  const kinds = ['role', 'control bucket', 'security group', 'cluster']
  expect(await run().create()).toMatchObject({
    resources: kinds.map((kind) => ({ kind, outcome: 'created', differs: [] })),
  })
  expect(await run().create()).toMatchObject({ unchanged: true })
  const receipt = await run().destroy()
  expect(receipt).toMatchObject({ remaining: [], foreign: [], exitCode: 0 })
  expect(receipt.removed.map(({ kind }) => kind)).toEqual(kinds.toReversed())
  expect(await run().destroy()).toMatchObject({ removed: [], remaining: [], exitCode: 0 })
})
