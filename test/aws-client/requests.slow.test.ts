import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { Cloud } from '../support/cloud.ts'
import { runScript } from '../support/process.ts'
import { pythonWith, runPython } from '../support/python.ts'
import { event, logObject, smallSource } from '../support/source.ts'

type Request = readonly [service: string, operation: string, input: unknown]

/** What all clients of the SDK have in common. */
const client = Object.getPrototypeOf(S3Client.prototype) as { send(command: { input: unknown }): unknown }

const { isThere, title } = pythonWith('botocore')
const program = join(projectFolder, 'test', 'support', 'validate_requests.py')
const folder = mkdtempSync(join(tmpdir(), 'sparkify-requests-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What botocore says is wrong with these requests. */
function problemsOf(requests: readonly Request[]): string[] {
  const file = join(folder, 'requests.json')
  // Bodies may be streams; their content is not for botocore.
  const plain = (key: string, value: unknown) => (key === 'Body' ? 'body' : value)
  writeFileSync(file, JSON.stringify(requests, plain))
  return JSON.parse(runPython(program, file))
}

/** The requests of every command that calls AWS, in an order in which each has something to do. */
async function requestsOf(engine: 'redshift' | 'redshift-serverless'): Promise<Request[]> {
  const requests: Request[] = []
  const { send } = client
  const spy = vi.spyOn(client, 'send').mockImplementation(function (this: never, command, ...more: []) {
    const { serviceId } = (this as { config: { serviceId: string } }).config
    requests.push([serviceId, command.constructor.name.replace(/Command$/, ''), inputOf(command)])
    return send.call(this, command, ...more)
  })
  const network = engine === 'redshift' ? 'no-default-vpc' : 'default'
  const cloud = await Cloud.start({ engine, redshift: { database: 'dwh', secondMs: 5 }, aws: { network } })
  try {
    const { state } = cloud.aws
    const subnets = [...state.subnets.keys()].join(',')
    const lines =
      network === 'default' ? '' : `\n[NETWORK]\nVPC_ID = ${[...state.vpcs.keys()][0]}\nSUBNET_IDS = ${subnets}\n`
    const bucket = cloud.aws.seedBucket('source')
    for (const { key, text } of smallSource) bucket.put(key, text)
    writeFileSync(cloud.configFile, readFileSync(cloud.configFile, 'utf8') + lines)
    const run = async (name: string, ...args: string[]) => {
      const { code, stderr } = await runScript(name, ['--config', cloud.configFile, ...args], {
        environment: cloud.environment,
      })
      expect([0, 3, 4], `${name} ${args}: ${stderr}`).toContain(code)
    }
    await run('create-infrastructure', '--plan')
    await run('create-infrastructure', '--yes', '--ttl', '8h')
    await run('create-infrastructure', '--yes', '--ttl', '9h')
    await run('create-tables')
    await run('etl')
    const bad = logObject('bad.json', [event({ artist: 'x'.repeat(2000) })])
    bucket.put(bad.key, bad.text)
    await run('etl')
    await run('query', 'select count(*) as n from songplays')
    await run('status')
    await run('doctor')
    if (engine === 'redshift') {
      await run('destroy-infrastructure', '--pause')
      await run('create-infrastructure', '--resume', '--yes')
    }
    await run('destroy-infrastructure', '--yes', '--final-snapshot', 'last', '--retention-days', '3')
  } finally {
    spy.mockRestore()
    await cloud.close()
  }
  return requests
}

/** Functions and streams can't be copied. */
function inputOf({ input }: { input: unknown }): unknown {
  return JSON.parse(JSON.stringify(input, (key, value) => (key === 'Body' ? 'body' : value)))
}

describe.skipIf(!isThere)(`${title}, which has AWS's models,`, () => {
  test.each(['redshift', 'redshift-serverless'] as const)(
    'finds nothing wrong with a request of a command: %s',
    async (engine) => {
      const requests = await requestsOf(engine)
      expect(new Set(requests.map(([service, operation]) => `${service} ${operation}`)).size).toBeGreaterThan(25)
      expect(problemsOf(requests)).toEqual([])
    },
  )

  test.each<Request>([
    ['Redshift', 'CreateCluster', { ClusterIdentifier: 'dwh', NodeType: 'ra3.large' }],
    ['Redshift Data', 'BatchExecuteStatement', { Sqls: [], Database: 'dwh' }],
    ['S3', 'PutObject', { Bucket: 'source', Key: 'a', Colour: 'blue' }],
    ['IAM', 'CreateRole', { RoleName: 7, AssumeRolePolicyDocument: '{}' }],
  ])('finds a request that is wrong: %s %s', (...request) => {
    expect(problemsOf([request])).toHaveLength(1)
  })
})
