import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { callerActions, doctorActions, documentedPolicy, loaderActions } from '../src/aws-client/actions.ts'
import { destroyInfrastructure } from '../src/commands/destroy-infrastructure.ts'
import { readStatus } from '../src/commands/read-status.ts'
import { examine } from '../src/doctor/index.ts'
import { UserError } from '../src/errors.ts'
import { projectFolder } from '../src/folders.ts'
import { type AwsDouble, startAwsDouble } from './support/aws/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { codeBlocks } from './support/documents/markdown.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/**
 * Which actions create-infrastructure and destroy-infrastructure need is tested in infrastructure/permissions.slow.test.ts. Here: the documented
 * policies hold these and what the other commands need, measured by the calls that all of them make.
 */
const file = join(projectFolder, 'documentation', 'iam-policy.json')
const written = () => JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof documentedPolicy>
const allowed = () => written().Statement.flatMap(({ Action }) => Action)

/** The actions of the policy for a loader in documentation/redshift.md. */
function loaderPolicy(): string[] {
  const page = readFileSync(join(projectFolder, 'documentation', 'redshift.md'), 'utf8')
  const [json = ''] = codeBlocks(page).flatMap(({ language, text }) => (language === 'json' ? [text] : []))
  return (JSON.parse(json).Statement as { Action: string[] }[]).flatMap(({ Action }) => Action)
}

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const needsOf = ({ calls }: AwsDouble) => [...new Set(calls.flatMap(({ needs }) => needs))]

async function newCloud(engine: 'redshift' | 'redshift-serverless'): Promise<TestCloud> {
  const cloud = await TestCloud.start({ engine, redshift: { database: 'dwh' } })
  ends.push(() => cloud.close())
  cloud.write(smallSource)
  return cloud
}

/** DuckDB with its source in a private bucket of the account. */
async function newDuck(): Promise<{ warehouse: TestWarehouse; double: AwsDouble }> {
  const [logData, songData] = ['s3://source/log_data', 's3://source/song_data']
  const warehouse = await new TestWarehouse({ logData, songData }).create()
  const double = await startAwsDouble()
  const objects = Object.fromEntries(smallSource.map(({ key, text }) => [key, text]))
  double.seedBucket('source', { objects })
  Object.assign(process.env, double.environment)
  ends.push(
    () => warehouse.remove(),
    () => double.close(),
  )
  return { warehouse, double }
}

const caughtFrom = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error)

test('documentation/iam-policy.json is what the code says, no action twice and none by a wildcard', async () => {
  const policy = documentedPolicy()
  await expect(`${JSON.stringify(policy, null, 2)}\n`).toMatchFileSnapshot(file)
  for (const { Action } of policy.Statement) expect([...Action]).toEqual([...new Set(Action)])
  expect(allowed().filter((action) => !/^[a-z0-9-]+:[A-Z]\w+$/.test(action))).toEqual([])
})

test('the policies hold what the commands need of every kind of warehouse, and nothing else: all of them, and only etl and query', async () => {
  const needed = new Set<string>()
  const neededToLoad = new Set<string>()
  for (const engine of ['redshift', 'redshift-serverless'] as const) {
    const cloud = await newCloud(engine)
    const { aws } = cloud.cloud
    const before = aws.calls.length
    await cloud.etl()
    // A contradiction of a loaded play: its text is read from its object.
    cloud.write([logObject('b.json', [event({ itemInSession: 1, song: 'Another', ts: 1541205830796 })])])
    expect((await cloud.etl()).summary.reconciliation.quarantined).toBe(1)
    await cloud.query('select count(*) from songplays')
    for (const action of aws.calls.slice(before).flatMap(({ needs }) => needs)) neededToLoad.add(action)
    await readStatus(cloud.context)
    expect((await examine(cloud.context)).healthy).toBe(true)
    await destroyInfrastructure.run(
      cloud.context,
      { yes: true, pause: false, 'final-snapshot': undefined, 'retention-days': '7' },
      '',
    )
    expect(aws.remaining()).toEqual([])
    for (const action of needsOf(aws)) needed.add(action)
  }
  // Ctrl-C cancels the statement that runs.
  neededToLoad.add('redshift-data:CancelStatement')
  expect([...neededToLoad].sort()).toEqual(loaderPolicy().sort())
  const { warehouse, double } = await newDuck()
  await warehouse.etl()
  for (const action of needsOf(double)) needed.add(action)

  const all = new Set<string>(allowed())
  expect([...needed].filter((action) => !all.has(action))).toEqual([])
  // Other tests show that the rest is needed: where things are repaired, resumed and left over.
  const byCommands = new Set<string>(Object.values(callerActions).flat())
  const beside = ['iam:SimulatePrincipalPolicy', 's3:GetObject', 's3:PutObject']
  expect([...all].filter((action) => !byCommands.has(action)).sort()).toEqual(beside)
  for (const action of Object.values({ ...loaderActions, ...doctorActions }).flat()) expect(needed).toContain(action)
})

describe('without one of the actions of a load, etl names exactly that', () => {
  test.each(['s3:ListBucket', 's3:GetObject'])('on DuckDB: %s', async (action) => {
    const { warehouse, double } = await newDuck()
    double.state.denied.add(action)
    const error = await caughtFrom(warehouse.etl())
    if (!(error instanceof UserError)) throw new Error(`etl did not refuse: ${String(error)}`)
    expect(`${error.message} ${error.hint}`.match(/\b[a-z0-9-]+:[A-Z]\w+/g)).toEqual([action])
  })

  test.each(['s3:ListBucket', 's3:PutObject', 'secretsmanager:GetSecretValue'])('on Redshift: %s', namesExactly)

  async function namesExactly(action: string): Promise<void> {
    const cloud = await newCloud('redshift')
    cloud.cloud.aws.state.denied.add(action)
    const error = await caughtFrom(cloud.etl())
    if (!(error instanceof UserError)) throw new Error(`etl did not refuse: ${String(error)}`)
    expect(new Set(`${error.message} ${error.hint}`.match(/\b[a-z0-9-]+:[A-Z]\w+/g))).toEqual(new Set([action]))
  }
})
