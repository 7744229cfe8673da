import { afterAll, describe, expect, test } from 'vitest'
import { settle } from '../support/aws/index.ts'
import { AwsWorkplace, kinds, type WorkplaceOptions } from '../support/aws-workplace.ts'
import { Cloud } from '../support/cloud.ts'
import { type Finished, hasTerminals, runScript } from '../support/process.ts'

const workplaces: AwsWorkplace[] = []
async function newWorkplace(options?: WorkplaceOptions): Promise<AwsWorkplace> {
  const workplace = await AwsWorkplace.start(options)
  workplaces.push(workplace)
  return workplace
}
afterAll(async () => {
  for (const workplace of workplaces) await workplace.end()
})

const create = 'create-infrastructure'
const destroy = 'destroy-infrastructure'
const ourKinds = {
  redshift: ['bucket', 'cluster', 'role', 'secret'],
  'redshift-serverless': ['bucket', 'namespace', 'role', 'secret', 'usage-limit', 'workgroup'],
}

/** The calls that every run of create-infrastructure makes, whatever it finds. */
const puts = [
  ...['UpdateAssumeRolePolicy', 'PutRolePolicy', 'PutPublicAccessBlock', 'PutBucketEncryption'],
  ...['PutBucketLifecycleConfiguration', 'PutBucketPolicy'],
]

/** The one JSON document that is all of stdout. */
function documentOf({ stdout }: Finished) {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout)
}

/** A sentence and its cure, and nothing on stdout. */
function expectRefusal({ code, stdout, stderr }: Finished, sentence: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(sentence)
  expect(stderr).not.toMatch(/ {4}at |This is a bug/)
}

/** Everything that a warehouse of this kind consists of, once. */
function expectWhole(workplace: AwsWorkplace, engine: keyof typeof ourKinds): void {
  expect(workplace.left).toEqual(ourKinds[engine])
}

describe.each(Object.entries(kinds))('%s', (_name, { engine, settings }) => {
  test('is planned, refused without --yes, made, found as it is, listed, removed, and removed again', async () => {
    const workplace = await newWorkplace({ engine, settings })
    const { double } = workplace

    const plan = await workplace.run(create, '--plan')
    expect(plan).toMatchObject({ code: 0, stderr: '' })
    const warehouse = engine === 'redshift' ? 'cluster dwh' : 'workgroup dwh'
    expect(plan.stdout).toMatch(new RegExp(`^would create ${warehouse} `, 'm'))
    expect(plan.stdout).toMatch(/\$\d+\.\d\d per hour/)
    expect(plan.stdout).toMatch(
      /^If you forget it, it costs .*Prices of us-east-1 as of \d{4}-\d\d-\d\d: those of this region are not known\.$/m,
    )
    expectRefusal(await workplace.run(create), /^Nothing was done: no terminal to confirm at\.\nAdd --yes/m)
    expect(workplace.changes).toEqual([])
    expect(double.remaining()).toEqual([])

    const made = await workplace.run(create, '--yes')
    expect(made).toMatchObject({ code: 0, stdout: '' })
    for (const line of [/^create role sparkify-dwh-us-west-2-reader$/m, new RegExp(`^create ${warehouse}$`, 'm')])
      expect(made.stderr).toMatch(line)
    expect(made.stderr).toMatch(/^The warehouse listens at dwh\..*:5439\. If you forget it, it costs /m)
    expectWhole(workplace, engine)
    for (const { numberOfNodes } of double.state.clusters.values()) expect(numberOfNodes).toBe(settings === '' ? 1 : 2)

    const again = await workplace.run(create)
    expect(again).toMatchObject({ code: 0, stdout: '' })
    expect(again.stderr).toContain('Everything exists as configured: nothing was changed.')
    expect(again.stderr).not.toMatch(/^(create|change) /m)
    const before = workplace.changes
    // Only what AWS takes again and again was sent again.
    expect(new Set(before.filter((action) => before.indexOf(action) !== before.lastIndexOf(action)))).toEqual(
      new Set(puts),
    )

    const listed = await workplace.run(destroy)
    expect(listed.code).toBe(2)
    expect(listed.stdout).toMatch(new RegExp(`^would remove ${warehouse} `, 'm'))
    expect(listed.stdout).toMatch(/^Until you remove it, it costs /m)
    expect(listed.stderr).toMatch(/^Nothing was removed\. To remove it: npm run destroy-infrastructure -- --yes/)
    expect(workplace.changes).toEqual(before)

    const removed = await workplace.run(destroy, '--yes')
    expect(removed.code).toBe(0)
    expect(removed.stdout).toMatch(new RegExp(`^removed +${warehouse}$`, 'm'))
    expect(removed.stdout).toMatch(/^Looked for clusters, workgroups, .* of dwh .*: nothing is left\.$/m)
    expect(double.remaining()).toEqual([])
    const last = await workplace.run(destroy, '--yes')
    expect(last.code).toBe(0)
    expect(last.stdout).toMatch(/^Nothing to remove\.\nLooked for .*: nothing is left\.$/m)
    expect(await workplace.run(destroy)).toMatchObject({ code: 0, stderr: '' })
  })

  test('is told as JSON, one document a command', async () => {
    const workplace = await newWorkplace({ engine, settings })
    const planned = {
      engine,
      identifier: 'dwh',
      account: '123456789012',
      region: 'us-west-2',
      cost: expect.stringMatching(/ as of \d{4}-\d\d-\d\d/),
    }
    const plan = documentOf(await workplace.run(create, '--plan', '--json'))
    expect(plan).toMatchObject({ ...planned, verb: 'create', nothing_to_do: false })
    for (const resource of plan.resources) {
      expect(resource).toMatchObject({ action: 'create', status: null, since: null, changes: [], differs: [] })
      for (const key of ['kind', 'name', 'purpose']) expect(resource[key]).toEqual(expect.any(String))
      const { price } = resource
      expect(price).toMatchObject({ note: expect.any(String), per_hour: expect.any(Number) })
    }
    const made = documentOf(await workplace.run(create, '--yes', '--json'))
    expect(made).toMatchObject({
      engine,
      identifier: 'dwh',
      unchanged: false,
      endpoint: { port: 5439, user: 'dwhuser' },
    })
    expect(made.resources).toHaveLength(plan.resources.length)
    for (const { outcome } of made.resources) expect(outcome).toBe('created')
    expect(JSON.stringify(made)).not.toContain('assword')
    expect(documentOf(await workplace.run(create, '--yes', '--json'))).toMatchObject({
      unchanged: true,
      endpoint: made.endpoint,
    })
    const listed = await workplace.run(destroy, '--json')
    expect(listed.code).toBe(2)
    expect(documentOf(listed)).toMatchObject({ ...planned, verb: 'destroy', nothing_to_do: false })
    const receipt = documentOf(await workplace.run(destroy, '--yes', '--json'))
    expect(receipt).toMatchObject({ identifier: 'dwh', remaining: [], kept: [], foreign: [], exit_code: 0 })
    expect(receipt.removed).toHaveLength(plan.resources.length)
    expect(receipt.verified).toEqual(expect.arrayContaining(['clusters', 'snapshots', 'secrets', 'buckets']))
    expect(workplace.double.remaining()).toEqual([])
  })

  test('leaves its data in a snapshot that ends by itself, if asked to', async () => {
    const workplace = await newWorkplace({ engine, settings })
    expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
    const { code, stdout } = await workplace.run(destroy, '--yes', '--final-snapshot', 'last', '--retention-days', '3')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^kept +snapshot last: AWS deletes it in 3 days; billed per GB until then$/m)
    expect(stdout).toMatch(/: nothing is left but what expires\.$/m)
    expect(workplace.double.remaining()).toMatchObject([{ kind: 'snapshot', name: 'last' }])
  })
})

describe.skipIf(!hasTerminals)('at a terminal', () => {
  test('create-infrastructure asks, and no means that nothing is made', async () => {
    const workplace = await newWorkplace()
    const { code, stdout } = await workplace.runAtTerminal('n', create)
    expect(stdout).toMatch(/would create cluster dwh[\s\S]*Create this\? \[y\/N\]/)
    expect({ code, changes: workplace.changes }).toEqual({ code: 2, changes: [] })
  })

  test('create-infrastructure asks, and yes means yes', async () => {
    const workplace = await newWorkplace()
    const { code, stdout } = await workplace.runAtTerminal('y', create)
    expect(stdout).toMatch(/Create this\? \[y\/N\][\s\S]*The warehouse listens at /)
    expect(code).toBe(0)
    expectWhole(workplace, 'redshift')
  })
})

describe('--ttl', () => {
  test('makes AWS pause the cluster after that time, status shows it, destroy takes it along', async () => {
    const cloud = await Cloud.start()
    try {
      const run = (name: string, ...args: string[]) =>
        runScript(name, ['--config', cloud.configFile, ...args], { environment: cloud.environment })
      expect(await run(create, '--yes', '--ttl', '8h')).toMatchObject({ code: 0 })
      const [pause] = cloud.aws.state.scheduledActions.values()
      expect(pause?.target).toEqual({ PauseCluster: { ClusterIdentifier: 'dwh' } })
      const due = Date.parse(`${/^at\((.*)\)$/.exec(pause?.schedule ?? '')?.[1]}Z`)
      expect((due - Date.now()) / 3_600_000).toBeCloseTo(8, 0)
      const status = await run('status', '--json')
      expect(status.code).toBe(0)
      expect(documentOf(status).infrastructure.dead_man_switch).toMatch(/^AWS pauses the cluster: due \d{4}-/)
      expect((await run('status')).stdout).toMatch(/^AWS pauses the cluster: due \d{4}-/m)
      expect(await run(destroy, '--yes')).toMatchObject({ code: 0 })
      expect(cloud.aws.remaining()).toEqual([])
    } finally {
      await cloud.close()
    }
  })

  test('soon is refused before any call', async () => {
    const workplace = await newWorkplace()
    expectRefusal(await workplace.run(create, '--yes', '--ttl', 'soon'), /^Invalid --ttl "soon"/)
    expect(workplace.double.calls).toEqual([])
  })
})

describe('a cluster that sleeps', () => {
  const pause: [string, string] = [destroy, '--pause']
  const resume: [string, ...string[]] = [create, '--resume', '--yes']
  const newCluster = async (options: WorkplaceOptions = {}) => {
    const workplace = await newWorkplace(options)
    expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
    const [cluster] = workplace.double.state.clusters.values()
    if (cluster === undefined) throw new Error('there is no cluster')
    return { workplace, cluster, before: workplace.changes.length }
  }

  test('is paused and woken, is waited for both times, its price is said, and again changes nothing', async () => {
    const { workplace, cluster, before } = await newCluster({ aws: { polls: { clusterPaused: 4, clusterResumed: 4 } } })
    const paused = await workplace.run(...pause)
    expect(paused).toMatchObject({ code: 0, stdout: '' })
    expect(paused.stderr).toMatch(/^pause cluster dwh: paused$/m)
    expect(paused.stderr).toMatch(
      /^Paused, it costs \$0\.40 per month: its secret, and \$0\.024 per GB and month stored, /m,
    )
    expect(cluster.status).toBe('paused')
    expect(await workplace.run(...pause)).toMatchObject({ code: 0, stdout: '' })
    const planned = await workplace.run(create, '--resume', '--plan')
    expect(planned).toMatchObject({ code: 0, stderr: '' })
    expect(planned.stdout).toMatch(/^Would resume: cluster dwh is paused\.\nRunning, it costs /)
    expectRefusal(await workplace.run(create, '--resume'), /^Nothing was done: no terminal to confirm at\.$/m)
    expect(cluster.status).toBe('paused')

    const woken = await workplace.run(...resume)
    expect(woken).toMatchObject({ code: 0, stdout: '' })
    expect(woken.stderr).toMatch(/^resume cluster dwh: available$/m)
    expect(woken.stderr).toMatch(
      /^Running, it costs .*\. npm run destroy-infrastructure -- --pause --config dwh\.cfg stops that\. Prices of /m,
    )
    expect(cluster.status).toBe('available')
    expect((await workplace.run(...resume)).stderr).toMatch(/^find cluster dwh: available$/m)
    expect(workplace.changes.slice(before)).toEqual(['PauseCluster', 'ResumeCluster'])
  })

  test('is told as one JSON document', async () => {
    const { workplace } = await newCluster()
    const common = { identifier: 'dwh', account: '123456789012', region: 'us-west-2', unchanged: false }
    expect(documentOf(await workplace.run(...pause, '--json'))).toMatchObject({
      ...common,
      verb: 'pause',
      before: 'available',
      status: 'paused',
      per_month: 0.4,
    })
    expect(documentOf(await workplace.run(create, '--resume', '--plan', '--json'))).toMatchObject({
      ...common,
      verb: 'resume',
      before: 'paused',
      status: 'paused',
    })
    expect(documentOf(await workplace.run(...resume, '--json'))).toMatchObject({ ...common, status: 'available' })
  })

  test('that is busy is paused when it is done, and one that falls asleep is woken when it sleeps', async () => {
    const { workplace, cluster, before } = await newCluster()
    Object.assign(cluster, {
      status: 'modifying',
      pending: { polls: 3, finish: () => Object.assign(cluster, { status: 'available' }) },
    })
    expect(await workplace.run(...pause)).toMatchObject({ code: 0 })
    Object.assign(cluster, {
      status: 'pausing',
      pending: { polls: 3, finish: () => Object.assign(cluster, { status: 'paused' }) },
    })
    expect(await workplace.run(...resume)).toMatchObject({ code: 0 })
    expect(cluster.status).toBe('available')
    expect(workplace.changes.slice(before)).toEqual(['PauseCluster', 'ResumeCluster'])
  })

  test('is also woken by create-infrastructure itself, and status says meanwhile that it is paused', async () => {
    const { workplace, cluster } = await newCluster()
    expect(await workplace.run(...pause)).toMatchObject({ code: 0 })
    const { code, stdout } = await workplace.run('status')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^dwh is paused, created /m)
    expect(stdout).toMatch(/^Next: npm run create-infrastructure -- --resume --config dwh\.cfg$/m)
    expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
    expect(cluster.status).toBe('available')
  })

  test('is refused with a cure where there is none, or none of ours, or one that AWS does not pause', async () => {
    const empty = await newWorkplace()
    expectRefusal(
      await empty.run(...pause),
      /^There is no cluster dwh\.\nRun npm run create-infrastructure -- --config dwh\.cfg\.$/m,
    )
    const { workplace, cluster, before } = await newCluster()
    for (const [name, ...options] of [
      [...pause, '--yes'],
      [...pause, '--final-snapshot', 'last'],
      [...resume, '--ttl', '8h'],
    ] as [string, ...string[]][])
      expectRefusal(
        await workplace.run(name, ...options),
        /^--(pause removes nothing|resume and --ttl don't go together)/,
      )
    cluster.automatedSnapshotRetention = 0
    const unpaused = await workplace.run(...pause)
    expect(unpaused).toMatchObject({ code: 1, stdout: '' })
    expect(unpaused.stderr).toMatch(/^AWS can't do that with this cluster: .*\n.*retention of at least one day/m)
    cluster.tags = []
    for (const command of [pause, resume])
      expectRefusal(await workplace.run(...command), /^A cluster dwh exists that create-infrastructure did not create/)
    expect(workplace.changes.slice(before)).toEqual(['PauseCluster'])
    expect(cluster.status).toBe('available')
  })

  test('is refused for serverless and for a given host before any call', async () => {
    for (const options of [{ engine: 'redshift-serverless' }, { settings: '[CLUSTER]\nHOST = dwh.example.com' }]) {
      const workplace = await newWorkplace(options)
      for (const command of [pause, resume])
        expectRefusal(await workplace.run(...command), /^(A serverless warehouse can't be |HOST in \[CLUSTER\] names )/)
      expect(workplace.double.calls).toEqual([])
    }
  })

  test('without free capacity stays asleep, and says so', async () => {
    const { workplace, cluster } = await newCluster()
    expect(await workplace.run(...pause)).toMatchObject({ code: 0 })
    workplace.double.faults.inject({ action: 'ResumeCluster', kind: 'capacity', times: 10 })
    const { code, stderr } = await workplace.run(...resume)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^AWS has no free capacity of this kind in this region at the moment\.\nTry again later/m)
    expect(cluster.status).toBe('paused')
  })

  test('goes on falling asleep after Ctrl-C, which is said', async () => {
    const { workplace, cluster } = await newCluster({ aws: { polls: { clusterPaused: 100_000 } } })
    const running = workplace.begin(...pause)
    const onFire = () => running.kill('SIGINT')
    workplace.double.faults.inject({ action: 'DescribeClusters', nth: 5, kind: 'slow', milliseconds: 1, onFire })
    const { code, stdout, stderr } = await running.finished
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Interrupted while waiting for cluster dwh \(pausing, /m)
    expect(stderr).toMatch(
      /^Run npm run destroy-infrastructure -- --pause --config dwh\.cfg again to wait for it, or npm run create-infr/m,
    )
    settle(cluster)
    expect(await workplace.run(...pause)).toMatchObject({ code: 0 })
  })
})

test('a snapshot that never expires is an orphan: exit 4, and it is named', async () => {
  const workplace = await newWorkplace()
  expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
  workplace.double.state.snapshots.set('by-hand', {
    identifier: 'by-hand',
    arn: 'arn:aws:redshift:us-west-2:123456789012:snapshot:dwh/by-hand',
    source: 'dwh',
    kind: 'manual',
    status: 'available',
    createdAt: new Date(),
    retention: -1,
    adminUsername: 'dwhuser',
    tags: [],
    pending: undefined,
  })
  for (const _time of ['once', 'twice']) {
    const { code, stdout } = await workplace.run(destroy, '--yes')
    expect(code).toBe(4)
    expect(stdout).toMatch(/^left +snapshot by-hand: never expires: billed per GB/m)
    expect(stdout).toMatch(/: the above is left\.$/m)
  }
  expect(workplace.left).toEqual(['snapshot'])
})

test('a cluster keeps its roles and its dead-man switch when the same config is used in another region', async () => {
  const workplace = await newWorkplace()
  expect(await workplace.run(create, '--yes', '--ttl', '8h')).toMatchObject({ code: 0 })
  const { left, changes } = workplace
  workplace.configure('', 'redshift', 'eu-west-1')
  const nothing = await workplace.run(destroy)
  expect(nothing).toMatchObject({ code: 0, stderr: '' })
  expect(nothing.stdout).toContain('No resources found.')
  const removed = await workplace.run(destroy, '--yes')
  expect(removed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing to remove\.\n/) })
  workplace.configure('[DWH]\nDWH_IAM_ROLE_NAME = sparkify-dwh-us-west-2-reader', 'redshift', 'eu-west-1')
  expectRefusal(
    await workplace.run(create, '--yes', '--ttl', '8h'),
    /^A role \S+ exists that belongs to another deployment, dwh@us-west-2; this one is dwh@eu-west-1\.\nChoose another DWH_IAM_ROLE_NAME/,
  )
  expect({ left: workplace.left, changes: workplace.changes }).toEqual({ left, changes })
})

test('Ctrl-C while something is created says what continues in AWS and what to run next', async () => {
  const workplace = await newWorkplace({ aws: { polls: { clusterAvailable: 100_000 } } })
  const { double } = workplace
  const running = workplace.begin(create, '--yes')
  const onFire = () => running.kill('SIGINT')
  double.faults.inject({ action: 'DescribeClusters', nth: 12, kind: 'slow', milliseconds: 1, onFire })
  const { code, signal, stdout, stderr } = await running.finished
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' })
  expect(stderr).toMatch(
    /^Interrupted while waiting for cluster dwh \(creating, [\d.]+ s\)\. What was begun in AWS goes on and is billed/m,
  )
  expect(stderr).toMatch(
    /^Run npm run create-infrastructure -- --config dwh\.cfg again to go on, or npm run destroy-infrastructure -- --yes /m,
  )
  expect(stderr).not.toContain('nothing is half done')
  for (const cluster of double.state.clusters.values()) settle(cluster)
  expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
  expectWhole(workplace, 'redshift')
  expect(double.calls.filter(({ action }) => action === 'CreateCluster')).toHaveLength(1)
})

describe('credentials', () => {
  const without = ({ AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...rest }: Record<string, string>) => rest
  test('none are one sentence with a fix in every command, and nothing is asked', async () => {
    const workplace = await newWorkplace()
    workplace.environment = without(workplace.environment)
    for (const [name, ...args] of [[create, '--yes'], [create, '--plan'], [destroy, '--yes'], ['status']] as const)
      expectRefusal(await workplace.run(name, ...args), /^There are no AWS credentials\.\nSet AWS_ACCESS_KEY_ID .*\n$/)
    expect(workplace.double.calls).toEqual([])
  })

  test('half of the old pair is told apart from none', async () => {
    const workplace = await newWorkplace()
    workplace.environment = { ...without(workplace.environment), CREDS__AWS_UDACITY__KEY: 'AKIAOLD' }
    expectRefusal(await workplace.run(create, '--yes'), /^Only one of CREDS__AWS_UDACITY__KEY and .*\nSet both .*\n$/)
    expect(workplace.double.calls).toEqual([])
  })

  test('the old pair works', async () => {
    const workplace = await newWorkplace()
    const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = workplace.environment
    workplace.environment = {
      ...without(workplace.environment),
      CREDS__AWS_UDACITY__KEY: AWS_ACCESS_KEY_ID,
      CREDS__AWS_UDACITY__SECRET: AWS_SECRET_ACCESS_KEY,
    }
    expect(await workplace.run(create, '--plan')).toMatchObject({ code: 0, stderr: '' })
  })

  test('an unknown profile is named', async () => {
    const workplace = await newWorkplace()
    workplace.configure('[AWS]\nPROFILE = nobody')
    expectRefusal(await workplace.run(create, '--yes'), /^The profile nobody is not in the files of .*\naws configure/)
    expect(workplace.double.calls).toEqual([])
  })

  for (const [problem, sentence] of [
    ['ExpiredToken', /^The AWS credentials have expired\.\nRun aws sso login, or renew .*\n$/],
    ['InvalidClientTokenId', /^AWS does not know the access key, .*\nSet AWS_ACCESS_KEY_ID .*\n$/],
    [
      'SignatureDoesNotMatch',
      /^AWS rejected the credentials: the secret does not belong .*\nSet AWS_ACCESS_KEY_ID .*\n$/,
    ],
  ] as const)
    test(`${problem} is one sentence with a cure, before anything is touched`, async () => {
      const workplace = await newWorkplace({ aws: { credentialProblem: problem } })
      expectRefusal(await workplace.run(create, '--yes'), sentence)
      expectRefusal(await workplace.run(destroy, '--yes'), sentence)
      expect(workplace.double.calls.map(({ action }) => action)).toEqual(['GetCallerIdentity', 'GetCallerIdentity'])
    })
})

test('settings that AWS would refuse are refused before any call, all of them at once', async () => {
  const workplace = await newWorkplace({ settings: '[DWH]\nDWH_NODE_TYPE = dc2.large\nDWH_PORT = 3306' })
  expectRefusal(await workplace.run(create, '--yes'), /2 settings are invalid:\n.*dc2.*ra3\.large.*DWH_PORT/s)
  expect(workplace.double.calls).toEqual([])
})

test('a missing permission is named, and the next run goes on when it is there', async () => {
  const workplace = await newWorkplace({ aws: { deny: ['redshift:CreateCluster'] } })
  const { code, stdout, stderr } = await workplace.run(create, '--yes')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^Access denied: you need redshift:CreateCluster /m)
  expect(stderr).toContain('documentation/iam-policy.json')
  workplace.double.state.denied.clear()
  expect(await workplace.run(create, '--yes')).toMatchObject({ code: 0 })
  expectWhole(workplace, 'redshift')
})

test('a warehouse that somebody else made is neither made nor removed', async () => {
  const workplace = await newWorkplace({ settings: '[CLUSTER]\nHOST = dwh.example.com' })
  for (const command of [create, destroy])
    expectRefusal(await workplace.run(command, '--yes'), /^HOST in \[CLUSTER\] names dwh\.example\.com: /)
  expect(workplace.double.calls).toEqual([])
})
