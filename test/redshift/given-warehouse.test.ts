import { readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../src/doctor/index.ts'
import {
  givenDataWarehouse,
  givenHost,
  givenWarehouse,
  verifyNoGivenHost,
} from '../../src/infrastructure/given-warehouse.ts'
import { sql } from '../../src/sql-queries/index.ts'
import { openRedshift } from '../../src/warehouse/redshift-pg.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar } from '../support/oracle.ts'
import { smallSource } from '../support/source.ts'

const cluster = 'dwh.c0ab1cd2efgh.us-west-2.redshift.amazonaws.com'
const workgroup = 'dwh.123456789012.eu-west-1.redshift-serverless.amazonaws.com'
const config = (CLUSTER: Record<string, string>) => ({ values: { CLUSTER } })

describe('HOST is taken as people copy it', () => {
  const full = { host: cluster, port: 5439, database: 'dev' }
  test.each([
    ['the endpoint of the console', { HOST: `${cluster}:5439/dev` }, full],
    ['its JDBC URL', { HOST: `jdbc:redshift://${cluster}:5439/dev` }, full],
    ['its JDBC URL with IAM and options', { HOST: `jdbc:redshift:iam://${cluster}:5439/dev;ssl=true` }, full],
    ['a JDBC URL with a query', { HOST: `jdbc:redshift://${cluster}:5439/dev?ssl=true` }, full],
    ['a bare name', { HOST: cluster, DB_NAME: 'dev' }, full],
    ['a name with a port', { HOST: `${cluster}:5440`, DB_NAME: 'dev' }, { ...full, port: 5440 }],
    ['the same twice', { HOST: `${cluster}:5439/dev`, DB_NAME: 'dev', DB_PORT: '5439' }, full],
    ['a name and DB_PORT', { HOST: cluster, DB_NAME: 'dev', DB_PORT: '5441' }, { ...full, port: 5441 }],
    ['a tunnel', { HOST: 'localhost:15439/dev' }, { host: 'localhost', port: 15439, database: 'dev' }],
  ])('%s', (_what, values, expected) => {
    expect(givenWarehouse(config(values))).toMatchObject(expected)
  })

  test.each([
    ['two ports', { HOST: `${cluster}:5439/dev`, DB_PORT: '5440' }, /says 5439, but DB_PORT says 5440/],
    ['two databases', { HOST: `${cluster}:5439/dev`, DB_NAME: 'dwh' }, /says dev, but DB_NAME says dwh/],
    ['no database', { HOST: cluster }, /DB_NAME is missing/],
    ['a password without a user', { HOST: `${cluster}/dev`, DB_PASSWORD: 'Secret1' }, /DB_USER is missing/],
    ['an address of the web', { HOST: 'https://console.aws.amazon.com/redshiftv2' }, /is not the address of a/],
    ['a user in the address', { HOST: `dwhuser:Secret1@${cluster}:5439/dev` }, /is not the address of a/],
  ])('%s is refused, and no password is told', (_what, values, message) => {
    let told = ''
    try {
      givenWarehouse(config(values))
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) })
      told = `${(error as Error).message}${(error as { hint?: string }).hint}`
    }
    expect(told).not.toBe('')
    expect(told).not.toContain('Secret1')
  })

  test('no message has an address with a password in it', async () => {
    const secret = config({ HOST: `dwhuser:Secret1@${cluster}:5439/dev` })
    for (const say of [() => verifyNoGivenHost(secret), () => givenHost(secret)]) {
      expect(say).toThrow(/is not the address of a warehouse/)
      expect(say).not.toThrow(/Secret1/)
    }
  })

  test('its name says which warehouse the Data API is asked for', async () => {
    const target = async (HOST: string) => {
      const { target, region } = await givenDataWarehouse(config({ HOST }))
      return { ...target, region }
    }
    expect(await target(`${cluster}:5439/dev`)).toEqual({ cluster: 'dwh', database: 'dev', region: 'us-west-2' })
    expect(await target(`${workgroup}/dev`)).toEqual({ workgroup: 'dwh', database: 'dev', region: 'eu-west-1' })
    await expect(target('localhost:5439/dev')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/DB_PASSWORD in \[CLUSTER\] is missing, and localhost is not a name of AWS's/),
    })
  })
})

describe('a warehouse that exists', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
  })
  afterAll(() => cloud.close())
  beforeEach(() => cloud.reset())

  const password = () => [...cloud.cloud.aws.state.canaries].find((canary) => canary.startsWith('Pw1')) ?? ''
  const endpoint = () => ({ host: 'localhost', database: 'dwh', user: 'dwhuser', password: password() })
  const settings = () => ({
    caFile: join(cloud.cloud.folder, 'ca.pem'),
    access: 'read' as const,
    statementTimeoutMs: 60_000,
  })
  const answer = [{ n: 1 }]

  test('is loaded by the Data API without a password: the IAM identity is the user', async () => {
    const { configFile } = cloud.cloud
    const before = readFileSync(configFile, 'utf8')
    const arn = cloud.cloud.aws.state.roles.get('sparkify-dwh-us-west-2-reader')?.arn
    writeFileSync(configFile, `${before}\n[CLUSTER]\nHOST = ${cluster}:5439/dwh\n[IAM_ROLE]\nARN = ${arn}\n`)
    try {
      cloud.write(smallSource)
      const calls = cloud.cloud.aws.calls.length
      await cloud.etl()
      expect(firstDifference(expectedStar([smallSource]), await cloud.star())).toBeUndefined()
      const submits = cloud.cloud.aws.calls.slice(calls).filter(({ action }) => action === 'BatchExecuteStatement')
      expect(submits.length).toBeGreaterThan(10)
      for (const { params } of submits) expect(params).not.toHaveProperty('SecretArn')
      const { checks } = await examine(cloud.context)
      expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
    } finally {
      writeFileSync(configFile, before)
    }
  })

  test('answers the next query after a failed one, and changes nothing', async () => {
    const { port } = cloud.cloud.redshift
    const findEndpoint = async () => ({ ...endpoint(), port })
    const warehouse = openRedshift({ ...settings(), findEndpoint, connectTimeoutMs: 10_000 })
    await expect(warehouse.query(sql`select nonsense from users`)).rejects.toThrow('nonsense')
    expect(await warehouse.query(sql`select 1 as n`)).toEqual(answer)
    await expect(warehouse.query(sql`delete from users`)).rejects.toThrow('read-only')
    expect(await warehouse.query(sql`select 1 as n`)).toEqual(answer)
    await warehouse.close()
  })

  test('behind a tunnel is trusted by the name that TLS_NAME gives', async () => {
    const { port } = cloud.cloud.redshift
    const ask = async (tlsName: string) => {
      const address = { ...endpoint(), host: '127.0.0.1', port, tlsName }
      const warehouse = openRedshift({ ...settings(), findEndpoint: async () => address, connectTimeoutMs: 10_000 })
      return warehouse.query(sql`select 1 as n`).finally(() => warehouse.close())
    }
    expect(await ask('localhost')).toEqual(answer)
    await expect(ask('other.example.com')).rejects.toMatchObject({
      message: expect.stringContaining('is for another name'),
    })
  })

  test('that wakes up is asked until it answers; a connection that failed is not kept', async () => {
    let asleep = 2
    const proxy = createServer((socket) => {
      socket.on('error', () => {})
      if (asleep > 0) {
        asleep -= 1
        if (asleep > 0) socket.resetAndDestroy()
        else socket.destroy()
        return
      }
      const upstream = connect(cloud.cloud.redshift.port, '127.0.0.1').on('error', () => socket.destroy())
      socket.pipe(upstream).pipe(socket)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const { port } = proxy.address() as AddressInfo
    const open = (connectTimeoutMs: number) =>
      openRedshift({ ...settings(), findEndpoint: async () => ({ ...endpoint(), port }), connectTimeoutMs })
    const patient = open(60_000)
    expect(await patient.query(sql`select 1 as n`)).toEqual(answer)
    await patient.close()

    asleep = 1
    const hasty = open(1_000)
    await expect(hasty.query(sql`select 1 as n`)).rejects.toThrow('connection to the warehouse was lost')
    expect(await hasty.query(sql`select 1 as n`)).toEqual(answer)
    await hasty.close()
    proxy.close()
  })
})
