import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { UserError } from '../../src/errors.ts'
import { sql } from '../../src/sql-queries/index.ts'
import { type Endpoint, openRedshift } from '../../src/warehouse/redshift-pg.ts'
import { keepingLog, TestCloud } from '../support/cloud-run.ts'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar, type OracleObject } from '../support/oracle.ts'
import { startScript } from '../support/process.ts'
import type { CertificateKind } from '../support/redshift/index.ts'
import { runEtl } from '../support/run-etl.ts'
import { event, logObject, smallSource, song, songObject } from '../support/source.ts'
import { quietLog } from '../support/warehouse-run.ts'

/** In which region Redshift finds the source; a test may move it. */
let sourceRegion: string | undefined
let cloud: TestCloud
beforeAll(async () => {
  cloud = await TestCloud.start({
    redshift: { bucketRegion: (bucket) => (bucket === 'source' ? sourceRegion : undefined) },
  })
})
afterAll(() => cloud.close())
beforeEach(async () => {
  sourceRegion = undefined
  cloud.abort = new AbortController()
  cloud.log = quietLog
  for (const role of cloud.cloud.aws.state.roles.values()) role.usesUntilAssumable = 0
  await cloud.reset()
})
afterEach(() => {
  cloud.cloud.redshift.certificate = 'valid'
  cloud.cloud.redshift.faults.clear()
})

/** What a person reads, and the exit code. Anything but a UserError is a bug. */
async function refusal(work: Promise<unknown>): Promise<{ message: string; hint: string; exitCode: number }> {
  try {
    await work
  } catch (error) {
    if (error instanceof UserError) return { message: error.message, hint: error.hint, exitCode: error.exitCode }
    throw error
  }
  throw new Error('nothing failed')
}

const counts = () =>
  cloud.query(
    'select (select count(*) from songplays) as plays, (select count(*) from load_ledger) as objects, (select count(*) from loads) as loads',
  )
const nothing = [{ plays: 0, objects: 0, loads: 0 }]

/** The next etl takes all of it, once. */
async function verifyNextRun(objects: readonly OracleObject[] = smallSource): Promise<void> {
  cloud.abort = new AbortController()
  await cloud.etl()
  expect(firstDifference(expectedStar([objects]), await cloud.star())).toBeUndefined()
  const [row] = await counts()
  expect(row).toMatchObject({ objects: objects.length, loads: 1 })
  expect((await cloud.etl()).summary.loads).toEqual([])
}

describe('a connection', () => {
  interface Server {
    readonly silent: boolean
    readonly certificate: CertificateKind
  }
  const cases: [what: string, changes: Partial<Endpoint>, message: RegExp, hint: RegExp, server?: Partial<Server>][] = [
    [
      'a name that nobody knows',
      { host: 'dwh.invalid' },
      /dwh\.invalid:\d+ can't be reached: its name can't be resolved/,
      /HOST/,
    ],
    ['a port where nobody listens', { port: 1 }, /localhost:1 can't be reached: the connection is refused/, /DB_PORT/],
    [
      'a login with a wrong password',
      { password: 'Wrong1234' },
      /localhost rejected the password of dwhuser/,
      /password/,
    ],
    ['a database that is not there', { database: 'nowhere' }, /There is no database nowhere/, /DB_NAME/],
    ['a server that falls silent', {}, /there is no answer/, /security group/, { silent: true }],
    ['a server that may be another', {}, /not signed by a trusted authority/, /CA_FILE/, { certificate: 'untrusted' }],
  ]
  test.each(cases)(
    'to %s fails with the cause and the fix, and sends nothing',
    async (_, changes, message, hint, server) => {
      const { silent = false, certificate = 'valid' } = server ?? {}
      Object.assign(cloud.cloud.redshift.faults, { silent })
      cloud.cloud.redshift.certificate = certificate
      const [password = ''] = [...cloud.cloud.aws.state.canaries].filter((canary) => canary.startsWith('Pw1'))
      const endpoint = {
        host: 'localhost',
        port: cloud.cloud.redshift.port,
        database: 'dwh',
        user: 'dwhuser',
        password,
      }
      const before = cloud.cloud.redshift.statements.length
      const warehouse = openRedshift({
        findEndpoint: async () => ({ ...endpoint, ...changes }),
        caFile: join(cloud.cloud.folder, 'ca.pem'),
        access: 'read',
        statementTimeoutMs: 60_000,
        connectTimeoutMs: silent ? 500 : 60_000,
      })
      const told = await refusal(warehouse.query(sql`select 1 as n`))
      await warehouse.close()
      expect(told).toMatchObject({
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
        exitCode: 1,
      })
      expect(JSON.stringify(told)).not.toContain('Wrong1234')
      expect(cloud.cloud.redshift.statements).toHaveLength(before)
    },
  )
})

describe('a load', () => {
  beforeEach(() => cloud.write(smallSource))

  test.each([
    ['failed to inflate with gzip: unexpected end of file', undefined],
    ['zlib error -3', undefined],
    ['S3 file is not in gzip format', undefined],
    ['COPY failed', 'error:  cannot read, code: 9001, context: S3 key being read : s3://source/log_data/b.json.gz'],
  ])(
    'that Redshift ends with "%s" looks at every record of the files, or of the one it names',
    async (message, detail) => {
      const log = keepingLog()
      cloud.log = log
      cloud.write([
        logObject('b.json.gz', [event({ sessionId: 7 })]),
        logObject('c.json.gz', [event({ sessionId: 8 })]),
      ])
      const refuse = { code: 'XX000', message, ...(detail && { detail }) }
      cloud.cloud.redshift.faults.refuse(/^copy staging_events(.|\n)*\ngzip/, refuse)
      const { summary } = await cloud.etl()
      expect(summary.loads).toHaveLength(1)
      const checked = detail ? '1 object' : '2 objects'
      expect(log.lines.join('\n')).toMatch(new RegExp(`^validate +${checked}`, 'm'))
    },
  )

  test('of a broken gzip file puts that file into quarantine and loads the others', async () => {
    const log = keepingLog()
    cloud.log = log
    cloud.write([logObject('b.json.gz', [event({ sessionId: 7 })])])
    cloud.cloud.aws.state.buckets.get('source')?.put('log_data/c.json.gz', Buffer.from('not gzip'))
    await cloud.etl()
    expect(await cloud.query('select object_key, line_number from quarantine')).toEqual([
      { object_key: 's3://source/log_data/c.json.gz', line_number: null },
    ])
    expect(log.lines.join('\n')).toMatch(/^validate +1 object/m)
    expect(await cloud.query('select count(*) as n from songplays where session_id = 7')).toEqual([{ n: 1 }])
  })

  test('without a privilege names the privilege and changes nothing', async () => {
    const message = 'permission denied for relation load_ledger'
    cloud.cloud.redshift.faults.refuse(/^lock/i, { code: '42501', message })
    const told = await refusal(cloud.etl())
    expect(told).toMatchObject({ message: expect.stringContaining(message), exitCode: 1 })
    expect(told.message).toContain('dwhuser')
    expect(await counts()).toEqual(nothing)
    await verifyNextRun()
  })

  test('whose role may not be used tries a few times, then says so and what to do', async () => {
    for (const role of cloud.cloud.aws.state.roles.values()) role.usesUntilAssumable = 1000
    let told: Awaited<ReturnType<typeof refusal>> | undefined
    const statements = await cloud.statementsOf(async () => {
      told = await refusal(cloud.etl())
    })
    expect(told).toMatchObject({ message: expect.stringMatching(/may not use the role/), exitCode: 1 })
    expect(told?.hint).toMatch(/trust redshift\.amazonaws\.com/)
    expect(statements.filter(({ text }) => text === 'begin')).toHaveLength(5)
    expect(await counts()).toEqual(nothing)
  })

  test('whose role is too new waits for it and then loads once', async () => {
    for (const role of cloud.cloud.aws.state.roles.values()) role.usesUntilAssumable = 2
    const statements = await cloud.statementsOf(() => cloud.etl())
    expect(statements.filter(({ text }) => text.startsWith('copy staging_events'))).toHaveLength(3)
    expect(firstDifference(expectedStar([smallSource]), await cloud.star())).toBeUndefined()
  })

  test('from a bucket in another region says which setting is wrong', async () => {
    sourceRegion = 'eu-central-1'
    const told = await refusal(cloud.etl())
    expect(told).toMatchObject({ message: expect.stringMatching(/another region/), exitCode: 1 })
    expect(told.hint).toMatch(/REGION in \[AWS\]/)
    expect(await counts()).toEqual(nothing)
    sourceRegion = undefined
    await verifyNextRun()
  })

  test('of an object that vanished after it was listed names it and loads the others', async () => {
    const gone = 'log_data/2018/11/2018-11-02-events.json'
    const context = cloud.context
    const objectStore: Context['objectStore'] = async (source) => {
      const store = await context.objectStore(source)
      const list: typeof store.list = async (name) => {
        const objects = await store.list(name)
        cloud.cloud.aws.state.buckets.get('source')?.remove(gone)
        return objects
      }
      return { ...store, list }
    }
    const warned: string[] = []
    const log = { ...context.log, warn: (message: string) => warned.push(message) }
    const { exitCode, summary } = await runEtl({ ...context, log, objectStore }, { full: false })
    expect({ exitCode, leftOut: summary.objects.log_data.left_out }).toEqual({ exitCode: 4, leftOut: 1 })
    expect(warned.join()).toContain(gone)
    await verifyNextRun(smallSource.filter(({ key }) => key !== gone))
  })

  test.each([
    ['two transactions that change one table', '40001', '1023'],
    ['a deadlock', '40P01', 'deadlock detected'],
  ])('that meets %s says so, changes nothing and can be run again', async (_, code, message) => {
    cloud.cloud.redshift.faults.refuse(/^insert into songplays/, { code, message })
    const told = await refusal(cloud.etl())
    expect(told).toMatchObject({ message: expect.stringMatching(/Another session changed/), exitCode: 1 })
    expect(await counts()).toEqual(nothing)
    await verifyNextRun()
  })
})

describe('a record that does not fit', () => {
  const key = 'log_data/bad.json'
  const write = (...records: string[]) => cloud.write([{ source: 'log_data', key, text: records.join('\n') }])
  const good = JSON.stringify(event())
  const bad = JSON.stringify(event({ artist: 'é'.repeat(700) }))
  const entries = () => cloud.query('select object_key, line_number, column_name, reason from quarantine')
  const refused = [
    {
      object_key: `s3://source/${key}`,
      line_number: 2,
      column_name: 'artist',
      reason: 'has artist longer than 1024 bytes',
    },
  ]

  test('is found by a COPY that loads nothing, and left out of a copy in the control bucket; the source stays as it is', async () => {
    cloud.write(smallSource)
    write(good, bad)
    const calls = cloud.cloud.aws.calls.length
    const statements = await cloud.statementsOf(() => cloud.etl())
    const copies = statements.filter(({ text }) => text.startsWith('copy staging_events'))
    expect(copies.map(({ text, outcome }) => [/noload/.test(text), outcome])).toEqual([
      [false, 'XX000'],
      [true, 'ok'],
      [false, 'ok'],
      [false, 'ok'],
    ])
    expect(await entries()).toEqual(refused)
    const rewritten = cloud.cloud.aws.calls
      .slice(calls)
      .filter(({ action }) => action === 'PutObject')
      .map((call) => JSON.stringify(call))
    expect(rewritten.filter((call) => call.includes('rewritten/'))).toHaveLength(1)
  })

  test('is told by object, line and column, not by its text, where none may be refused', async () => {
    write(good, bad)
    const told = await refusal(
      runEtl({ ...cloud.context, config: { ...cloud.context.config, maxQuarantined: 0 } }, { full: false }),
    )
    expect(told.exitCode).toBe(1)
    expect(told.message).toContain(`s3://source/${key}, line 2, column artist: has artist longer than 1024 bytes`)
    expect(told.message).not.toContain('éé')
    expect(await counts()).toEqual(nothing)
  })

  test.each([
    ['comes late', 2],
    ['stays empty', 100],
  ])('is found though the error view %s', async (_, reads) => {
    cloud.cloud.redshift.faults.hiddenLoadErrorReads = reads
    write(good, bad)
    expect((await cloud.etl()).exitCode).toBe(3)
    expect(await entries()).toEqual(refused)
  })

  test('in a song is refused as well, and mending the object is all it takes', async () => {
    cloud.write([songObject('bad.json', song({ title: 'x'.repeat(1025) }))])
    expect((await cloud.etl()).summary.reconciliation.quarantined).toBe(1)
    const mended = songObject('bad.json', song())
    cloud.write([mended])
    await cloud.etl()
    expect(await entries()).toEqual([])
    expect(firstDifference(expectedStar([[mended]]), await cloud.star())).toBeUndefined()
  })

  test('out of range of what an id can hold is found though COPY takes it', async () => {
    write(good, JSON.stringify(event({ itemInSession: 1_048_576 })))
    await cloud.etl()
    expect(await entries()).toMatchObject([{ line_number: 2, column_name: 'item_in_session' }])
  })
})

describe('a connection that breaks', () => {
  beforeEach(() => cloud.write(smallSource))

  test.each([
    ['during COPY', /^copy staging_songs/],
    ['between the transforms', /^insert into songplays/],
    ['before the server commits', /^commit/],
  ])('%s leaves nothing, and the next run loads exactly once', async (_, at) => {
    cloud.cloud.redshift.faults.cut(at, { when: 'before' })
    const told = await refusal(cloud.etl())
    expect(told).toMatchObject({ message: expect.stringMatching(/was lost/), exitCode: 1 })
    expect(await counts()).toEqual(nothing)
    await verifyNextRun()
  })

  test('after the server committed loses nothing and loads nothing twice: a warning, and success', async () => {
    const log = keepingLog()
    cloud.log = log
    cloud.cloud.redshift.faults.cut(/^commit/, { when: 'after' })
    const { summary, exitCode } = await cloud.etl()
    expect(exitCode).toBe(0)
    expect(summary.loads).toHaveLength(1)
    expect(log.warnings.join()).toMatch(/broke, but the server had committed/)
    expect(await counts()).toMatchObject([{ objects: smallSource.length, loads: 1 }])
    expect(firstDifference(expectedStar([smallSource]), await cloud.star())).toBeUndefined()
    expect((await cloud.etl()).summary.loads).toEqual([])
  })

  test('after one commit of several goes on with the rest', async () => {
    const config = { ...cloud.context.config, batchBytes: 1 }
    cloud.cloud.redshift.faults.cut(/^commit/, { when: 'after', nth: 2 })
    const { summary } = await runEtl({ ...cloud.context, config }, { full: false })
    expect(summary.loads).toHaveLength(smallSource.length)
    expect(firstDifference(expectedStar([smallSource]), await cloud.star())).toBeUndefined()
    expect(await counts()).toMatchObject([{ objects: smallSource.length, loads: smallSource.length }])
  })
})

describe('Ctrl-C during COPY', () => {
  /** The statement waits until it is cancelled. */
  const stopAtCopy = (then: () => void) => {
    const { faults } = cloud.cloud.redshift
    faults.call(/^copy/, async () => then(), { when: 'before' })
    faults.delay(/^copy/, 3_600_000)
  }

  test('cancels on the server, ends with exit code 1 and leaves nothing', async () => {
    cloud.write(smallSource)
    const { configFile, environment } = cloud.cloud
    let child: ChildProcess | undefined
    stopAtCopy(() => child?.kill('SIGINT'))
    const { code, stderr } = await startScript('etl', ['--config', configFile], {
      environment,
      onStart: (started) => {
        child = started
      },
    })
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('Interrupted') })
    expect(cloud.cloud.redshift.statements.findLast(({ text }) => text.startsWith('copy'))?.outcome).toBe('57014')
    expect([...cloud.cloud.redshift.sessions.values()].filter(({ runner }) => runner.transactions.current)).toEqual([])
    expect(await counts()).toEqual(nothing)
    await verifyNextRun()
  })

  test('leaves nothing in the process that embeds etl either', async () => {
    cloud.write(smallSource)
    stopAtCopy(() => cloud.abort.abort())
    await expect(cloud.etl()).rejects.toMatchObject({ name: 'AbortError' })
    cloud.abort = new AbortController()
    expect(await counts()).toEqual(nothing)
    await verifyNextRun()
  })
})
