import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cloud } from '../support/cloud.ts'
import { starOf } from '../support/cloud-run.ts'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar } from '../support/oracle.ts'
import { runScript } from '../support/process.ts'
import { smallSource } from '../support/source.ts'

const role = 'arn:aws:iam::123456789012:role/dwhRole'
const password = 'Passw0rd#Of;The=Seed\\'

/** The seed's dwh.cfg, key for key and quote for quote; CA_FILE is the one addition, because no authority vouches for the double. */
const seedConfig = ({ host, port, caFile }: { host: string; port: number; caFile: string }) => `[AWS]
REGION=us-west-2

[CLUSTER]
HOST=${host}
DB_NAME=dwh
DB_USER=dwhuser
DB_PASSWORD=${password}
DB_PORT=${port}

[IAM_ROLE]
ARN='${role}'

[S3]
LOG_DATA='s3://udacity-dend/log_data'
LOG_JSONPATH='s3://udacity-dend/log_json_path.json'
SONG_DATA='s3://udacity-dend/song_data'

[DWH]
DWH_CLUSTER_TYPE=multi-node
DWH_NUM_NODES=4
DWH_NODE_TYPE=dc2.large
DWH_IAM_ROLE_NAME=dwhRole
DWH_CLUSTER_IDENTIFIER=dwhCluster
DWH_DB=dwh
DWH_DB_USER=dwhuser
DWH_DB_PASSWORD=${password}
DWH_PORT=5439

[WAREHOUSE]
CA_FILE=${caFile}
`

let cloud: Cloud
let configFile: string
let withoutHost: string
let environment: Record<string, string>
beforeAll(async () => {
  cloud = await Cloud.start({
    redshift: {
      users: (user, given) => user === 'dwhuser' && given === password,
      roleState: (arn) => (arn === role ? 'ok' : 'not-authorized'),
    },
  })
  const objects = Object.fromEntries(smallSource.map(({ key, text }) => [key, text]))
  cloud.aws.seedBucket('udacity-dend', { public: true, objects })
  const settings = { port: cloud.redshift.port, caFile: join(cloud.folder, 'ca.pem') }
  configFile = join(cloud.folder, 'seed.cfg')
  writeFileSync(configFile, seedConfig({ host: 'localhost', ...settings }))
  withoutHost = join(cloud.folder, 'seed-without-host.cfg')
  writeFileSync(withoutHost, seedConfig({ host: '', ...settings }))
  // The seed's own names for the key.
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', ...rest } = cloud.environment
  environment = {
    ...rest,
    CREDS__AWS_UDACITY__KEY: AWS_ACCESS_KEY_ID,
    CREDS__AWS_UDACITY__SECRET: AWS_SECRET_ACCESS_KEY,
  }
})
afterAll(() => cloud.close())

const run = (name: string, ...args: string[]) => runScript(name, ['--config', configFile, ...args], { environment })

describe('the seed’s own dwh.cfg, with a cluster that is running', () => {
  test('runs create-tables and etl unchanged, twice, and shows its password nowhere', async () => {
    const created = await run('create-tables', '--json')
    expect(created.code, created.stderr).toBe(0)
    const loaded = await run('etl', '--json')
    expect(loaded.code, loaded.stderr).toBe(0)
    expect(JSON.parse(loaded.stdout).reconciliation).toMatchObject({ events: 9, plays: 7, inserted: 7, with_song: 2 })
    const again = await run('etl', '--json')
    expect(JSON.parse(again.stdout).loads).toEqual([])
    const texts = cloud.redshift.statements.map(({ text }) => text)
    expect(texts.filter((text) => text.startsWith('copy')).every((text) => text.includes(`'${role}'`))).toBe(true)
    for (const { stdout, stderr } of [created, loaded, again])
      for (const secret of [password, ...cloud.aws.state.canaries]) expect(stdout + stderr).not.toContain(secret)
    expect(texts.join()).not.toContain(password)
    Object.assign(process.env, environment)
    const { openContext } = await import('../../src/open-context.ts')
    const warehouse = await openContext(configFile, new AbortController().signal).openWarehouse('read')
    expect(firstDifference(expectedStar([smallSource]), await starOf(warehouse))).toBeUndefined()
    await warehouse.close()
  })

  test('answers status and query, and makes no cluster and no role of its own', async () => {
    const status = await run('status', '--json')
    expect(JSON.parse(status.stdout)).toMatchObject({ engine: 'redshift', warehouse: 'localhost', exists: true })
    const query = await run('query', '--format', 'csv', 'select count(*) as plays from songplays')
    expect(query.stdout.trim().split(/\r?\n/)).toEqual(['plays', '7'])
    expect(cloud.aws.state.region().clusters.size).toBe(0)
    expect([...cloud.aws.state.roles.keys()]).toEqual([])
  })

  test.each(['create-infrastructure', 'destroy-infrastructure'])(
    'refuses %s: that cluster is not ours',
    async (name) => {
      const before = cloud.aws.calls.length
      const { code, stdout, stderr } = await run(name, '--yes')
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(/^HOST in \[CLUSTER\] names localhost: that warehouse is used as it is and /)
      expect(cloud.aws.calls.slice(before)).toEqual([])
    },
  )

  test('without a role says which key to set', async () => {
    const file = join(cloud.folder, 'no-role.cfg')
    writeFileSync(
      file,
      seedConfig({ host: 'localhost', port: cloud.redshift.port, caFile: join(cloud.folder, 'ca.pem') }).replace(
        role,
        '',
      ),
    )
    const object = { source: 'log_data' as const, key: 'log_data/new.json', text: smallSource[0]?.text ?? '' }
    cloud.aws.state.buckets.get('udacity-dend')?.put(object.key, object.text)
    const { code, stderr } = await runScript('etl', ['--config', file], { environment })
    expect(code).toBe(2)
    expect(stderr).toMatch(/does not name the role.*\nSet ARN in \[IAM_ROLE\]/)
  })
})

describe('the seed’s own dwh.cfg without HOST', () => {
  const create = (file: string) => runScript('create-infrastructure', ['--config', file, '--plan'], { environment })

  test('is refused for its node type and its upper-case name, each with what to write instead', async () => {
    const { code, stdout, stderr } = await create(withoutHost)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/dc2\.large/)
    expect(stderr).toMatch(/ra3\.large/)
    expect(stderr).toMatch(/dwhCluster/)
    expect(stderr).toMatch(/lower/i)
    expect(stderr).not.toMatch(/This is a bug|^ +at /m)
  })

  test('says where the warehouse would come from when etl runs first', async () => {
    const { code, stderr } = await runScript('etl', ['--config', withoutHost], { environment })
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/This is a bug|^ +at /m)
  })
})
