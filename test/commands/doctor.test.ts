import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { examine } from '../../src/doctor/index.ts'
import { openContext } from '../../src/open-context.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { expectNothingHidden } from '../support/diagnosis.ts'
import { hashOf, holdOpen, runScript } from '../support/process.ts'
import { event, logObject, smallSource } from '../support/source.ts'
import { quietLog, TestWarehouse } from '../support/warehouse-run.ts'

/** What is told of each fault, `check: cause`, to see that no two of them are told alike. */
const told = new Map<string, string>()
const undone: (() => unknown)[] = []
afterEach(async () => {
  for (const undo of undone.splice(0).reverse()) await undo()
})

interface Fault {
  /** What is wrong, as the end of "a warehouse with …". */
  readonly what: string
  /** The check that has to find it, what it has to say, and its fix. */
  readonly check: string
  readonly message: RegExp
  readonly fix: RegExp
  /** It is not created yet, which is no failure. */
  readonly isAbsent?: true
}

/** Diagnoses, and looks whether the fault is found, told in one sentence and hides nothing else. */
async function expectDiagnosis(configFile: string, fault: Fault, freeBytes?: () => number): Promise<void> {
  const context = { ...openContext(configFile, new AbortController().signal), log: quietLog }
  const result = await examine(context, freeBytes)
  const finding = result.checks.find(({ check }) => check === fault.check)
  expect(finding).toMatchObject({
    state: fault.isAbsent ? 'absent' : 'failed',
    message: expect.stringMatching(fault.message),
    fix: expect.stringMatching(fault.fix),
  })
  expect(result.healthy).toBe(fault.isAbsent === true)
  expectNothingHidden(result, context.config)
  told.set(fault.what, `${fault.check}: ${finding?.message}`)
}

describe('on Redshift', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
    cloud.write(smallSource)
    await cloud.etl()
  })
  afterAll(() => cloud.close())

  const state = () => cloud.cloud.aws.state
  const theOnly = <Thing>(things: Iterable<Thing>): Thing => {
    const [thing] = things
    if (thing === undefined) throw new Error('there is none')
    return thing
  }
  /** Changes something until the end of the test. */
  const change = <Thing extends object>(thing: Thing, changes: Partial<Thing>) => {
    const before = Object.fromEntries(Object.keys(changes).map((key) => [key, thing[key as keyof Thing]]))
    Object.assign(thing, changes)
    undone.push(() => Object.assign(thing, before))
  }
  const environment = (changes: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(changes)) {
      const before = process.env[name]
      const set = (text: string | undefined) => {
        if (text === undefined) delete process.env[name]
        else process.env[name] = text
      }
      set(value)
      undone.push(() => set(before))
    }
  }
  const configure = (rewrite: (text: string) => string) => {
    const { configFile } = cloud.cloud
    const before = readFileSync(configFile, 'utf8')
    writeFileSync(configFile, rewrite(before))
    undone.push(() => writeFileSync(configFile, before))
  }
  const deny = (action: string) => {
    state().denied.add(action)
    undone.push(() => state().denied.delete(action))
  }
  const spoilKey = (problem: 'ExpiredToken' | 'InvalidClientTokenId' | 'SignatureDoesNotMatch') => {
    const key = process.env.AWS_ACCESS_KEY_ID ?? ''
    const identity = cloud.cloud.aws.identities.get(key)
    if (identity) change(identity, { problem })
  }
  const without = <Key, Thing>(things: Map<Key, Thing>, key: Key) => {
    const thing = things.get(key)
    if (thing === undefined) throw new Error(`there is no ${key}`)
    things.delete(key)
    undone.push(() => things.set(key, thing))
  }
  const execute = async (...statements: string[]) => {
    const warehouse = await cloud.context.openWarehouse('write')
    for (const statement of statements) await warehouse.execute(statement as Sql)
    await warehouse.close()
  }
  /** Names the same warehouse in [CLUSTER], as somebody does who made it. */
  const given = (changes: Record<string, string> = {}) => {
    const [password = ''] = [...state().canaries].filter((canary) => canary.startsWith('Pw1'))
    const values = {
      ...{ HOST: 'localhost', DB_PORT: String(cloud.cloud.redshift.port), DB_NAME: 'dwh' },
      ...{ DB_USER: 'dwhuser', DB_PASSWORD: password, ...changes },
    }
    const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}`)
    const arn = state().roles.get('sparkify-dwh-us-west-2-reader')?.arn
    configure((text) => [text, '[CLUSTER]', ...lines, `[IAM_ROLE]\nARN = ${arn}`].join('\n'))
  }
  const certificate = (kind: typeof cloud.cloud.redshift.certificate) => {
    given()
    change(cloud.cloud.redshift, { certificate: kind })
  }
  const objects = { 'log_data/a.json': '{}\n', 'song_data/a.json': '{}\n' }
  const inBucket = (name: string) => configure((text) => text.replaceAll('s3://source/', `s3://${name}/`))

  test('nothing is wrong: every check is ok, nothing is changed, no password is told', async () => {
    const calls = cloud.cloud.aws.calls.length
    const statements = cloud.cloud.redshift.statements.length
    const { code, stdout, stderr } = await runScript('doctor', ['--config', cloud.cloud.configFile], {
      environment: cloud.cloud.environment,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, -2).filter((line) => !line.startsWith('ok  '))).toEqual([])
    expect(lines).toHaveLength(22)
    expect(lines.at(-1)).toBe('All checks passed.')
    const changing = cloud.cloud.aws.calls
      .slice(calls)
      .filter(({ action }) => !/^(Describe|Get|List|Head|Simulate|BatchExecuteStatement)/.test(action))
    expect(changing).toEqual([])
    const asked = cloud.cloud.redshift.statements.slice(statements).map(({ text }) => text)
    expect(asked.length).toBeGreaterThan(5)
    expect(
      asked.filter((text) => !/^\s*(select |set statement_timeout |begin read only$|rollback$)/.test(text)),
    ).toEqual([])
    for (const canary of state().canaries) expect(stdout).not.toContain(canary)
  })

  const faults: (Fault & { inject(): unknown })[] = [
    {
      what: 'a node type that AWS has retired',
      check: 'config',
      message: /retired the node family dc2/,
      fix: /Fix the config/,
      inject: () => configure((text) => `${text}\n[DWH]\nDWH_NODE_TYPE = dc2.large`),
    },
    {
      what: 'a file of certificates that is not there',
      check: 'config',
      message: /^CA_FILE in \[WAREHOUSE\] names .*nowhere\.pem, which does not exist\.$/,
      fix: /leave CA_FILE out/,
      inject: () => configure((text) => text.replace('ca.pem', 'nowhere.pem')),
    },
    {
      what: 'no credentials',
      check: 'credentials',
      message: /^There are no AWS credentials\.$/,
      fix: /AWS_ACCESS_KEY_ID/,
      inject: () => environment({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined }),
    },
    {
      what: 'half of a pair of credentials',
      check: 'credentials',
      message: /^Only one of .* the secret is missing\.$/,
      fix: /Set both/,
      inject: () => environment({ AWS_ACCESS_KEY_ID: undefined, CREDS__AWS_UDACITY__KEY: 'AKIAOLD' }),
    },
    {
      what: 'a profile that nobody has',
      check: 'credentials',
      message: /^The profile nobody is not in the files/,
      fix: /list-profiles/,
      inject: () => configure((text) => text.replace('[AWS]', '[AWS]\nPROFILE = nobody')),
    },
    {
      what: 'an expired token',
      check: 'identity',
      message: /^The AWS credentials have expired\.$/,
      fix: /aws sso login/,
      inject: () => spoilKey('ExpiredToken'),
    },
    {
      what: 'an unknown access key',
      check: 'identity',
      message: /^AWS does not know the access key/,
      fix: /Regions are enabled/,
      inject: () => spoilKey('InvalidClientTokenId'),
    },
    {
      what: 'the secret of another key',
      check: 'identity',
      message: /the secret does not belong to the access key/,
      fix: /AWS_SECRET_ACCESS_KEY/,
      inject: () => spoilKey('SignatureDoesNotMatch'),
    },
    {
      what: 'a denied action',
      check: 'permissions',
      message: /^1 of the \d+ actions .* is not allowed: iam:CreateRole\.$/,
      fix: /documentation\/iam-policy\.json/,
      inject: () => deny('iam:CreateRole'),
    },
    {
      what: 'a bucket that is not there',
      check: 'log_data bucket',
      message: /^The bucket nowhere does not exist\.$/,
      fix: /LOG_DATA in \[S3\]/,
      inject: () => inBucket('nowhere'),
    },
    {
      what: 'a bucket in another region',
      check: 'song_data bucket',
      message: /^The bucket far-away is in eu-central-1, but .* us-west-2\.$/,
      fix: /REGION = eu-central-1/,
      inject() {
        cloud.cloud.aws.seedBucket('far-away', { region: 'eu-central-1', objects })
        inBucket('far-away')
      },
    },
    {
      what: "somebody else's bucket",
      check: 'log_data objects',
      message: /^Access denied: you can't list s3:\/\/private\/log_data\//,
      fix: /s3:ListBucket/,
      inject() {
        cloud.cloud.aws.seedBucket('private', { owner: '999999999999', objects })
        inBucket('private')
      },
    },
    {
      what: 'an empty prefix',
      check: 'song_data objects',
      message: /^SONG_DATA: s3:\/\/source\/nothing\/ has no \.json, \.jsonl or \.ndjson objects, and nothing else\.$/,
      fix: /SONG_DATA in \[S3\]/,
      inject: () => configure((text) => text.replace('source/song_data', 'source/nothing')),
    },
    {
      what: 'an object that may be listed and not read',
      check: 'log_data record',
      message: /^Access denied: you can list but not read s3:\/\/source\/log_data\//,
      fix: /s3:GetObject/,
      inject: () => deny('s3:GetObject'),
    },
    {
      what: 'a source that holds something else',
      check: 'song_data record',
      message: /^Line 1 of s3:\/\/prose\/song_data\/a\.json is not JSON/,
      fix: /quarantine/,
      inject() {
        cloud.cloud.aws.seedBucket('prose', { objects: { ...objects, 'song_data/a.json': 'Once upon a time\n' } })
        inBucket('prose')
      },
    },
    {
      what: 'no role',
      check: 'role',
      message: /^There is no role sparkify-dwh-us-west-2-reader\.$/,
      fix: /Run create-infrastructure/,
      inject: () => without(state().roles, 'sparkify-dwh-us-west-2-reader'),
    },
    {
      what: 'a role of another deployment',
      check: 'role',
      message: /^A role \S+ exists that belongs to another deployment, dwh@eu-west-1; this one is dwh@us-west-2\.$/,
      fix: /another DWH_IAM_ROLE_NAME/,
      inject() {
        const role = state().roles.get('sparkify-dwh-us-west-2-reader')
        if (role) change(role, { tags: [{ key: 'sparkify-warehouse', value: 'dwh@eu-west-1' }] })
      },
    },
    {
      what: 'a role that does not trust Redshift',
      check: 'role',
      message: /does not trust redshift\.amazonaws\.com/,
      fix: /it sets the trust/,
      inject() {
        const role = state().roles.get('sparkify-dwh-us-west-2-reader')
        if (role) change(role, { trustPolicy: role.trustPolicy.replaceAll('redshift', 'ec2') })
      },
    },
    {
      what: 'a role that may read nothing',
      check: 'reader',
      message: /lacks s3:ListBucket on s3:\/\/\S+, s3:GetObject on s3:/,
      fix: /it sets the policy of the role/,
      inject() {
        const role = state().roles.get('sparkify-dwh-us-west-2-reader')
        if (role) change(role, { inlinePolicies: new Map() })
      },
    },
    {
      what: 'a role that the cluster does not have',
      check: 'attached role',
      message: /^The role arn:aws:iam::\d+:role\/sparkify-dwh-us-west-2-reader is not attached/,
      fix: /it attaches the role/,
      inject: () => change(theOnly(state().clusters.values()), { roles: [] }),
    },
    {
      what: 'no cluster',
      isAbsent: true,
      check: 'warehouse',
      message: /^There is no cluster dwh\.$/,
      fix: /Run create-infrastructure/,
      inject: () => without(state().clusters, 'dwh'),
    },
    {
      what: 'a paused cluster',
      check: 'warehouse',
      message: /^The cluster dwh is paused\.$/,
      fix: /create-infrastructure --resume/,
      inject: () => change(theOnly(state().clusters.values()), { status: 'paused' }),
    },
    {
      what: 'statements that may not be run',
      check: 'login',
      message: /you need redshift-data:BatchExecuteStatement/,
      fix: /Allow redshift-data:BatchExecuteStatement/,
      inject: () => deny('redshift-data:BatchExecuteStatement'),
    },
    {
      what: 'a name that nobody knows',
      check: 'login',
      message: /^dwh\.invalid:5439 can't be reached: its name can't be resolved\.$/,
      fix: /HOST/,
      inject: () => given({ HOST: 'dwh.invalid', DB_PORT: '5439' }),
    },
    {
      what: 'a port where nobody listens',
      check: 'login',
      message: /^localhost:1 can't be reached: the connection is refused\.$/,
      fix: /DB_PORT/,
      inject: () => given({ DB_PORT: '1' }),
    },
    {
      what: 'a certificate of an unknown authority',
      check: 'login',
      message: /not signed by a trusted authority/,
      fix: /CA_FILE/,
      inject: () => certificate('untrusted'),
    },
    {
      what: 'the certificate of another name',
      check: 'login',
      message: /is for another name/,
      fix: /someone else may be answering/,
      inject: () => certificate('wrong-host'),
    },
    {
      what: 'an expired certificate',
      check: 'login',
      message: /has expired/,
      fix: /clock/,
      inject: () => certificate('expired'),
    },
    {
      what: 'a server without TLS',
      check: 'login',
      message: /does not speak TLS/,
      fix: /HOST and DB_PORT/,
      inject: () => certificate('none'),
    },
    {
      what: 'a wrong password',
      check: 'login',
      message: /^localhost rejected the password of dwhuser\.$/,
      fix: /password/i,
      inject: () => given({ DB_PASSWORD: 'Wrong1234' }),
    },
    {
      what: 'a database of another name',
      check: 'login',
      message: /^There is no database elsewhere at localhost\.$/,
      fix: /DB_NAME/,
      inject: () => given({ DB_NAME: 'elsewhere' }),
    },
    {
      what: 'a missing privilege',
      check: 'privileges',
      message: /^dwhuser lacks 1 privilege: insert on songplays\.$/,
      fix: /grant it to dwhuser/,
      inject() {
        cloud.cloud.redshift.faults.withheld.add("'songplays', 'insert'")
        undone.push(() => cloud.cloud.redshift.faults.withheld.clear())
      },
    },
    {
      what: 'rows that belong to no load',
      check: 'ledger',
      message: /^1 row of load_ledger belong to no load/,
      fix: /etl --full/,
      async inject() {
        await execute("insert into load_ledger values ('k', 'e', 1, timestamp '2018-01-01', 'log_data', 'ghost', 1)")
        undone.push(() => execute("delete from load_ledger where load_id = 'ghost'"))
      },
    },
    {
      what: 'a newer schema',
      check: 'schema version',
      message: /schema version 99/,
      fix: /Update this project/,
      async inject() {
        await execute("insert into schema_versions values (99, timestamp '2030-01-01', 'x')")
        undone.push(() => execute('delete from schema_versions where version = 99'))
      },
    },
    {
      what: 'a column too many',
      check: 'tables',
      message: /^The tables differ from the schema in 1 place: users\.shoe_size is not in the schema\.$/,
      fix: /drop column shoe_size/,
      async inject() {
        await execute('alter table users add column shoe_size integer')
        undone.push(() => execute('alter table users drop column shoe_size'))
      },
    },
  ]

  test.each(faults)('$what is found by the check of $check, with its fix', async ({ inject, ...fault }) => {
    const isWrite = ({ text }: { text: string }) =>
      !/^\s*(select |set statement_timeout |begin read only$|rollback$)/.test(text)
    await inject()
    const [calls, statements] = [cloud.cloud.aws.calls.length, cloud.cloud.redshift.statements.length]
    await expectDiagnosis(cloud.cloud.configFile, fault)
    const actions = cloud.cloud.aws.calls.slice(calls).map(({ action }) => action)
    expect(
      actions.filter((action) => !/^(Describe|Get|List|Head|Simulate|BatchExecuteStatement)/.test(action)),
    ).toEqual([])
    expect(cloud.cloud.redshift.statements.slice(statements).filter(isWrite)).toEqual([])
  })

  test('who may not simulate policies is told that it is not known, and that is no fault', async () => {
    deny('iam:SimulatePrincipalPolicy')
    const result = await examine(cloud.context)
    expect(result.checks.filter(({ state }) => state !== 'ok')).toEqual(
      ['permissions', 'reader'].map((check) => ({
        check,
        state: 'unknown',
        message: "Permissions can't be checked: iam:SimulatePrincipalPolicy is not allowed.",
        fix: 'Allow it, or continue: a command that lacks a permission names it.',
      })),
    )
    expect(result.healthy).toBe(true)
  })

  test('the session of a role is asked for as its role', async () => {
    const key = process.env.AWS_ACCESS_KEY_ID ?? ''
    const identity = cloud.cloud.aws.identities.get(key)
    if (identity) change(identity, { arn: 'arn:aws:sts::123456789012:assumed-role/Loader/evening' })
    // IAM knows a role by its path too, which the name of a session does not tell.
    const unknown = await examine(cloud.context)
    expect(unknown.healthy).toBe(true)
    expect(unknown.checks.find(({ check }) => check === 'permissions')).toMatchObject({
      state: 'unknown',
      message: expect.stringMatching(/IAM does not find your role/),
    })
    const known = theOnly(state().roles.values())
    const arn = 'arn:aws:iam::123456789012:role/Loader'
    state().roles.set('Loader', { ...known, name: 'Loader', arn })
    undone.push(() => state().roles.delete('Loader'))
    const result = await examine(cloud.context)
    expect(result.checks.filter((finding) => finding.state !== 'ok')).toEqual([])
    expect(simulatedSince(0)).toContain(arn)
  })

  test('the root user is not asked for, because IAM simulates users and roles', async () => {
    const identity = cloud.cloud.aws.identities.get(process.env.AWS_ACCESS_KEY_ID ?? '')
    if (identity) change(identity, { arn: 'arn:aws:iam::123456789012:root' })
    const calls = cloud.cloud.aws.calls.length
    const result = await examine(cloud.context)
    expect(result.checks.find(({ check }) => check === 'permissions')).toMatchObject({ state: 'unknown' })
    expect(simulatedSince(calls).filter((principal) => String(principal).endsWith(':root'))).toEqual([])
  })

  /** The users and roles whose policies were asked for, from a call on. */
  function simulatedSince(call: number): unknown[] {
    return cloud.cloud.aws.calls
      .slice(call)
      .flatMap(({ action, params }) => (action === 'SimulatePrincipalPolicy' ? [params.PolicySourceArn] : []))
  }

  test('two faults at once are both found', async () => {
    deny('redshift:CreateCluster')
    without(state().roles, 'sparkify-dwh-us-west-2-reader')
    const result = await examine(cloud.context)
    const failed = result.checks.filter((finding) => finding.state === 'failed').map(({ check }) => check)
    expect(failed).toEqual(['permissions', 'role'])
    expectNothingHidden(result, cloud.context.config)
  })

  test('a missing role is a fault if the warehouse exists, even while it is paused', async () => {
    without(state().roles, 'sparkify-dwh-us-west-2-reader')
    change(theOnly(state().clusters.values()), { status: 'paused' })
    const states = async () => {
      const { checks, healthy } = await examine(cloud.context)
      const found = ['warehouse', 'role'].map((name) => checks.find(({ check }) => check === name)?.state)
      return { found, healthy }
    }
    expect(await states()).toEqual({ found: ['failed', 'failed'], healthy: false })
    without(state().clusters, 'dwh')
    expect(await states()).toEqual({ found: ['absent', 'absent'], healthy: true })
  })

  test('a warehouse that somebody else made is checked by what [CLUSTER] says', async () => {
    given()
    const result = await examine(cloud.context)
    expect(result.checks.filter(({ state }) => state !== 'ok')).toEqual([])
    configure((text) => text.replace(/DB_NAME.*\n/, '').replace(/ARN.*/, ''))
    await expectDiagnosis(cloud.cloud.configFile, {
      what: 'a given host without a database',
      check: 'warehouse',
      message: /but DB_NAME is missing/,
      fix: /Set it in \[CLUSTER\]/,
    })
    await expectDiagnosis(cloud.cloud.configFile, {
      what: 'a given host without a role',
      check: 'role',
      message: /does not name the role/,
      fix: /Set ARN in \[IAM_ROLE\]/,
    })
  })

  test('no tables are found as such, behind everything else that is right', async () => {
    const bare = await TestCloud.start({ bare: true })
    undone.push(() => cloud.enter())
    undone.push(() => bare.close())
    bare.write(smallSource)
    await bare.createInfrastructure()
    const fault: Fault = {
      what: 'no tables',
      isAbsent: true,
      check: 'schema version',
      message: /has no tables yet/,
      fix: /npm run create-tables/,
    }
    await expectDiagnosis(bare.cloud.configFile, fault)
  })
})

/** A DuckDB file as a later version would write it: another number of the format behind the letters DUCK, and the checksum of that header. */
function ofNewerFormat(bytes: Buffer): Buffer {
  bytes.writeBigUInt64LE(250n, 12)
  let checksum = 5381n
  for (let at = 8; at < 4096; at += 8) checksum ^= BigInt.asUintN(64, bytes.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n)
  bytes.writeBigUInt64LE(checksum, 0)
  return bytes
}

describe('on DuckDB', () => {
  const newWarehouse = async () => {
    const warehouse = await new TestWarehouse().create()
    undone.push(() => warehouse.remove())
    warehouse.write(smallSource)
    return warehouse
  }
  const isRoot = process.getuid?.() === 0

  test('nothing is wrong: every check is ok, and the bytes of the database stay as they are', async () => {
    const warehouse = await newWarehouse()
    await warehouse.etl()
    const before = hashOf(warehouse.database)
    const { code, stdout } = await runScript('doctor', ['--config', warehouse.configFile, '--json'])
    const { checks, ...rest } = JSON.parse(stdout)
    expect({ code, ...rest }).toEqual({ code: 0, engine: 'duckdb', healthy: true })
    expect(checks.map(({ state }: { state: string }) => state)).toEqual(Array(12).fill('ok'))
    expect(hashOf(warehouse.database)).toBe(before)
  })

  const faults: (Fault & { inject(warehouse: TestWarehouse): unknown })[] = [
    {
      what: 'a source folder that is not there',
      check: 'log_data objects',
      message: /log_data does not exist\.$/,
      fix: /generate/,
      inject: ({ folder }) => rmSync(join(folder, 'log_data'), { recursive: true }),
    },
    {
      what: 'an empty source folder',
      check: 'song_data objects',
      message: /^SONG_DATA: \/.*song_data has no \.json, \.jsonl or \.ndjson objects, and nothing else\.$/,
      fix: /SONG_DATA/,
      inject({ folder }) {
        rmSync(join(folder, 'song_data'), { recursive: true })
        mkdirSync(join(folder, 'song_data'))
      },
    },
    {
      what: 'an event without what every event needs',
      check: 'log_data record',
      message: /^Line 1 of .*a\.json has no /,
      fix: /LOG_DATA/,
      inject: ({ folder }) => writeFileSync(join(folder, 'log_data', 'a.json'), '{"song":"x"}\n'),
    },
    {
      what: 'no folder for the database',
      isAbsent: true,
      check: 'folder',
      message: /^There is no folder /,
      fix: /Run create-tables/,
      inject: ({ folder }) => rmSync(join(folder, 'warehouse'), { recursive: true }),
    },
    {
      what: 'no database',
      isAbsent: true,
      check: 'database',
      message: /^There is no warehouse at /,
      fix: /create-tables/,
      inject: ({ database }) => rmSync(database),
    },
    {
      what: 'a file that is no database',
      check: 'database',
      message: /is not a DuckDB database\.$/,
      fix: /Move it away/,
      inject: ({ database }) => writeFileSync(database, 'Dear diary, '.repeat(2000)),
    },
    {
      what: 'a database of a newer DuckDB',
      check: 'database',
      message: /was written by a newer DuckDB/,
      fix: /Update this project/,
      inject: ({ database }) => writeFileSync(database, ofNewerFormat(readFileSync(database))),
    },
    {
      what: 'a damaged database',
      check: 'database',
      message: /^The file .* is damaged\.$/,
      fix: /load everything again/,
      inject({ database }) {
        const bytes = readFileSync(database)
        writeFileSync(database, bytes.fill(1, 40, 48))
      },
    },
    {
      what: 'a database that another process has open',
      check: 'database',
      message: /is in use by another process \(PID \d+\)\.$/,
      fix: /Wait until that process is done/,
      async inject({ database, configFile }) {
        appendFileSync(configFile, '\n[WAREHOUSE]\nLOCK_TIMEOUT = 1\n')
        const { end } = await holdOpen(database)
        undone.push(end)
      },
    },
    {
      // In the words of the same fault on Redshift.
      what: 'no tables',
      isAbsent: true,
      check: 'schema version',
      message: /has no tables yet/,
      fix: /create-tables/,
      async inject(warehouse) {
        rmSync(warehouse.database)
        const empty = await warehouse.context.openWarehouse('create')
        await empty.close()
      },
    },
    {
      what: 'a missing table',
      check: 'tables',
      message: /^1 table of \d+ missing: time\.$/,
      fix: /Run create-tables/,
      async inject(warehouse) {
        const open = await warehouse.context.openWarehouse('write')
        await open.execute('drop table time' as Sql)
        await open.close()
      },
    },
  ]

  test.each(faults)('$what is found by the check of $check, with its fix', async ({ inject, ...fault }) => {
    const warehouse = await newWarehouse()
    await inject(warehouse)
    const before = hashOf(warehouse.database)
    await expectDiagnosis(warehouse.configFile, fault)
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('a disk without room is found before a load finds it', async () => {
    const { configFile } = await newWarehouse()
    const fault = {
      what: 'a full disk',
      check: 'disk',
      message: /^The disk of .* has 3\.0 MB free/,
      fix: /^Free /,
    }
    await expectDiagnosis(configFile, fault, () => 3_000_000)
  })

  test.skipIf(isRoot)('a folder that may not be written is found', async () => {
    const { configFile, folder } = await newWarehouse()
    chmodSync(join(folder, 'warehouse'), 0o500)
    undone.push(() => chmodSync(join(folder, 'warehouse'), 0o700))
    const fault = { what: 'a read-only folder', check: 'folder', message: /is not writable for you/, fix: /chmod/ }
    await expectDiagnosis(configFile, fault)
  })

  test('records in quarantine are told, and are no fault of the warehouse', async () => {
    const warehouse = await newWarehouse()
    // Two plays with one id: one of them is refused.
    const two = [event({ sessionId: 77 }), event({ sessionId: 77, song: 'Starlight' })]
    warehouse.write([logObject('z.json', two)])
    await warehouse.etl()
    const result = await examine(warehouse.context)
    expect(result.healthy).toBe(true)
    expect(result.checks.at(-1)).toMatchObject({ state: 'ok', message: expect.stringMatching(/^1 record, mostly: /) })
  })

  test('a config that can not be read is the first line of the diagnosis, and the rest is named as skipped', async () => {
    const warehouse = await newWarehouse()
    writeFileSync(warehouse.configFile, '[WAREHOUSE]\nENGINE = duckbd\n')
    const { code, stdout, stderr } = await runScript('doctor', ['--config', warehouse.configFile])
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(
      /^failed +config +The config file .* has 3 problems:\n +line 2: \[WAREHOUSE\] ENGINE: must be one of /,
    )
    expect(stdout.match(/^skipped .* because config failed$/gm)).toHaveLength(11)
    told.set('an unknown engine', 'config: unreadable')
  })
})

const leastFaults = 49

test(`no two faults are told alike: ${leastFaults} injected faults, ${leastFaults} different diagnoses`, () => {
  expect(new Set(told.values()).size).toBe(told.size)
  expect(told.size).toBeGreaterThanOrEqual(leastFaults)
})
