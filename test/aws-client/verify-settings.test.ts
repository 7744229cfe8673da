import { describe, expect, test } from 'vitest'
import type { InfrastructureSettings } from '../../src/aws-client/settings.ts'
import { verifyInfrastructureSettings, verifyNames } from '../../src/aws-client/verify-settings.ts'
import { UserError } from '../../src/errors.ts'
import { serverless, settingsFor } from '../infrastructure/run.ts'

function problemOf(
  changes: Partial<InfrastructureSettings>,
  verify = verifyInfrastructureSettings,
): string | undefined {
  try {
    verify(settingsFor(changes))
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error.exitCode).toBe(2)
    return error.message
  }
}

const single = (nodeType: string, nodes = 1) => ({ cluster: { type: 'single-node', nodes, nodeType } }) as const
const multi = (nodeType: string, nodes: number) => ({ cluster: { type: 'multi-node', nodes, nodeType } }) as const
const capacity = (baseCapacity: number, maxCapacity: number, dailyLimit = 8) => ({
  ...serverless,
  serverless: { baseCapacity, maxCapacity, dailyLimit },
})

describe('settings that can be right', () => {
  test.each<[string, Partial<InfrastructureSettings>]>([
    ['the defaults', {}],
    ['the defaults of serverless', serverless],
    ['a single rg.large', single('rg.large')],
    ['two ra3.4xlarge', multi('ra3.4xlarge', 2)],
    ['sixteen ra3.large', multi('ra3.large', 16)],
    ['a node type that nobody here knows', multi('rz.12xlarge', 40)],
    ['4 RPU', capacity(4, 4)],
    ['8 to 512 RPU', capacity(8, 512)],
    ['the last port', { port: 8215 }],
    ['an identifier with hyphens', { identifier: 'dwh-2-b' }],
    ['a VPC with subnets', { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'] }],
    ['a cluster that is not asked for may be impossible', { ...serverless, ...single('dc2.large') }],
  ])('%s', (_name, changes) => {
    expect(problemOf(changes)).toBeUndefined()
  })
})

describe('settings that can not be right', () => {
  test.each<[string, Partial<InfrastructureSettings>, RegExp]>([
    [
      "the seed's node type",
      multi('dc2.large', 4),
      /AWS retired the node family dc2, so dc2\.large.*ra3\.large and rg\.large/,
    ],
    ['another retired one', single('ds2.xlarge'), /ds2\.xlarge can't be created any more/],
    [
      "the seed's identifier",
      { identifier: 'dwhCluster' },
      /AWS does not accept the name "dwhCluster".*Write dwhcluster\./,
    ],
    ['a double hyphen', { identifier: 'a--b' }, /Write a-b\./],
    ['a digit first', { identifier: '1st' }, /Write st\.|a letter first/],
    ['too short for serverless', { ...serverless, identifier: 'ab' }, /3 to 63/],
    ['several single nodes', single('ra3.large', 4), /has 1 node, not 4/],
    ['a multi-node cluster of one', multi('ra3.large', 1), /2 nodes or more, not 1.*or DWH_CLUSTER_TYPE = single-node/],
    ['half a node', multi('ra3.large', 2.5), /not 2\.5/],
    ['3 RPU', capacity(3, 8), /BASE_RPU = 3 must be 4, 8 or another multiple of 8/],
    ['12 RPU', capacity(12, 16), /BASE_RPU = 12/],
    ['a maximum that is none', capacity(8, 20), /MAX_RPU = 20/],
    ['a maximum below the base', capacity(16, 8), /MAX_RPU = 8 is less than BASE_RPU = 16/],
    ['no limit', capacity(8, 8, 0), /DAILY_RPU_HOURS = 0/],
    ['a port of PostgreSQL', { port: 5432.5 }, /port 5432\.5.*5431 to 5455 or 8191 to 8215/],
    ['a port between the ranges', { port: 6000 }, /port 6000/],
    ['a user in upper case', { user: 'DwhUser' }, /Write dwhuser\./],
    ['a database in upper case', { database: 'DWH' }, /Write dwh\./],
    ['a role name with a space', { roleName: 'dwh role' }, /role name "dwh role"/],
    ['a VPC without subnets', { vpcId: 'vpc-0123456789abcdef0' }, /belong together/],
    ['subnets without a VPC', { subnetIds: ['subnet-0123456789abcdef0'] }, /belong together/],
  ])('%s', (_name, changes, message) => {
    expect(problemOf(changes)).toMatch(message)
  })

  test('are named all together', () => {
    const message = problemOf({ identifier: 'dwhCluster', port: 80, ...multi('dc2.large', 4) })
    expect(message).toMatch(
      /^3 settings are invalid:\n {2}AWS does not accept the name .*\n {2}AWS retired .*\n {2}Redshift does not listen/,
    )
  })

  test('only matter to destroy where it looks for names', () => {
    expect(problemOf({ port: 80, ...multi('dc2.large', 4) }, verifyNames)).toBeUndefined()
    expect(problemOf({ identifier: 'dwhCluster' }, verifyNames)).toMatch(/dwhcluster/)
  })
})
