import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { TestCloud } from '../support/cloud-run.ts'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar } from '../support/oracle.ts'
import type { StatementRecord } from '../support/redshift/index.ts'
import { runEtl } from '../support/run-etl.ts'
import { event, logObject, smallSource, song, songObject } from '../support/source.ts'

let cloud: TestCloud
beforeAll(async () => {
  cloud = await TestCloud.start({ redshift: { secondMs: 10 } })
  // The first loads wait for the role that was made a moment ago.
  for (const role of cloud.cloud.aws.state.roles.values()) role.usesUntilAssumable = 0
})
afterAll(() => cloud.close())
beforeEach(() => cloud.reset())

/** `count` objects, two thirds of them logs of one event, some compressed. */
const manyObjects = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    index % 3 === 0
      ? songObject(`${index}.json`, song({ song_id: `SO${index}`, title: `Song ${index}` }))
      : logObject(`${index}.json${index % 2 ? '.gz' : ''}`, [event({ sessionId: index, ts: 1541105830796 + index })]),
  )
/** Statements without what differs from load to load. */
const shapes = (statements: readonly StatementRecord[]) =>
  statements.map(({ text }) => text.replace(/'(?:[^']|'')*'|\b\d+\b/g, '?').split('\n')[0])

/** The round trips to the Data API while `work` runs. Results are fetched at the same time. */
async function roundTripsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = cloud.cloud.aws.calls.length
  await work()
  const calls = cloud.cloud.aws.calls.slice(before).filter(({ service }) => service === 'redshift-data')
  const actions = calls.map(({ action }) => action)
  return actions.filter((action, index) => action !== 'GetStatementResult' || actions[index - 1] !== action)
}
const asked = ['BatchExecuteStatement', 'DescribeStatement', 'GetStatementResult']

describe('the statements of one load', () => {
  test('take fourteen round trips, however many objects there are: look, copy, transform, record, commit', async () => {
    const expected = [...asked, ...asked, ...asked, ...asked, 'BatchExecuteStatement', 'DescribeStatement']
    const bytes: number[] = []
    for (const count of [30, 3000]) {
      await cloud.reset()
      cloud.write(manyObjects(count))
      const statements = await cloud.statementsOf(async () => {
        expect(await roundTripsOf(() => cloud.etl())).toEqual(expected)
      })
      bytes.push(statements.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0))
    }
    for (const sent of bytes) expect(sent).toBeLessThan(32_000)
    // The next load asks the same, but reads the ledger in several pages, which the list above shows as one.
    cloud.write([logObject('new.json', [event({ sessionId: 1_000_000 })])])
    expect(await roundTripsOf(() => cloud.etl())).toEqual(expected)
    expect(await roundTripsOf(() => cloud.etl())).toEqual([...asked, ...asked])
  })

  test('are the same for 30 objects and for 1,000', async () => {
    const asTheyAre = () =>
      runEtl({ ...cloud.context, config: { ...cloud.context.config, compactFrom: 0 } }, { full: false })
    cloud.write(manyObjects(30))
    const ofFew = await cloud.statementsOf(asTheyAre)
    await cloud.reset()
    cloud.write(manyObjects(1000))
    const ofMany = await cloud.statementsOf(asTheyAre)
    expect(shapes(ofMany)).toEqual(shapes(ofFew))
    expect(ofMany.length).toBeLessThan(80)
    expect(await cloud.query('select count(*) as n from load_ledger')).toEqual([{ n: 1000 }])
    expect(await cloud.query('select count(*) as n from songplays')).toEqual([{ n: 666 }])
  })

  test('read a few joined files where small objects are very many, with the same star', async () => {
    const objects = manyObjects(3000)
    cloud.write(objects)
    const calls = cloud.cloud.aws.calls.length
    const statements = await cloud.statementsOf(() => cloud.etl())
    expect(statements.length).toBeLessThan(80)
    const puts = cloud.cloud.aws.calls.slice(calls).filter(({ action }) => action === 'PutObject')
    expect(puts.length).toBeLessThanOrEqual(9)
    expect(firstDifference(expectedStar([objects]), await cloud.star())).toBeUndefined()
    expect(await cloud.query('select count(*) as n, sum(rows) as records from load_ledger')).toEqual([
      { n: 3000, records: 3000 },
    ])
    expect((await cloud.etl()).summary.loads).toEqual([])
  })

  test('tell how many records each object had, and null where a view of Redshift cuts its name', async () => {
    cloud.write([logObject('a.json', [event({ sessionId: 1 }), event({ sessionId: 2 })])])
    await cloud.etl()
    cloud.write([logObject(`${'b'.repeat(260)}.json`, [event({ sessionId: 3 })])])
    await cloud.etl()
    expect(await cloud.query('select rows from load_ledger order by object_key')).toEqual([{ rows: 2 }, { rows: null }])
    expect(await cloud.query('select count(*) as n from songplays')).toEqual([{ n: 3 }])
  })

  test('are few where nothing is new: a look at the tables and one at the ledger', async () => {
    cloud.write(smallSource)
    await cloud.etl()
    const statements = await cloud.statementsOf(() => cloud.etl())
    expect(statements.filter(({ text }) => !text.startsWith('set '))).toHaveLength(5)
    expect(statements.some(({ text }) => /^(begin|lock|copy|delete|insert)/.test(text))).toBe(false)
  })

  test('are one transaction from the lock to the commit, on one session', async () => {
    cloud.write(smallSource)
    const statements = await cloud.statementsOf(() => cloud.etl())
    const begin = statements.findIndex(({ text }) => text === 'begin')
    const load = statements.slice(begin)
    expect(load[1]?.text).toBe('lock staging_events')
    expect(load.at(-1)?.text).toBe('commit')
    expect(new Set(load.map(({ session }) => session)).size).toBe(1)
    expect(new Set(load.slice(1).map(({ transactionId }) => transactionId)).size).toBe(1)
    expect(statements.filter(({ text }) => text === 'begin')).toHaveLength(1)
    // TRUNCATE would commit what came before it.
    expect(statements.filter(({ text }) => /\btruncate\b/i.test(text))).toEqual([])
    expect(statements.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  })
})

describe('a transaction', () => {
  test('is not open while objects are listed or manifests written', async () => {
    cloud.write(smallSource)
    const { sessions } = cloud.cloud.redshift
    const transactions = () => [...sessions.values()].filter(({ runner }) => runner.transactions.status !== 'I').length
    const open: string[] = []
    const context = cloud.context
    const objectStore: Context['objectStore'] = async (source) => {
      const store = await context.objectStore(source)
      const list: typeof store.list = async (name) => {
        open.push(`list ${name}: ${transactions()}`)
        const objects = await store.list(name)
        open.push(`list ${name}: ${transactions()}`)
        return objects
      }
      return { ...store, list }
    }
    cloud.cloud.aws.faults.inject({
      service: 's3',
      action: 'PutObject',
      times: 4,
      kind: 'slow',
      milliseconds: 20,
      onFire: () => open.push(`put: ${transactions()}`),
    })
    await runEtl({ ...context, objectStore }, { full: false })
    expect(open.filter((line) => line.startsWith('list'))).toHaveLength(4)
    expect(open.filter((line) => line.startsWith('put'))).toHaveLength(4)
    expect(open.filter((line) => !line.endsWith(': 0'))).toEqual([])
  })

  test('is over when a command is done, and when it has failed, and its session ends', async () => {
    cloud.write(smallSource)
    await cloud.etl()
    await expect.poll(() => cloud.cloud.redshift.sessions.size).toBe(0)
    cloud.write([logObject('bad.json', [event({ artist: 'x'.repeat(2000) })])])
    const config = { ...cloud.context.config, maxQuarantined: 0 }
    await expect(runEtl({ ...cloud.context, config }, { full: false })).rejects.toThrow(/longer than 1024 bytes/)
    await expect.poll(() => cloud.cloud.redshift.sessions.size).toBe(0)
  })
})

describe('COPY', () => {
  test('says every option that matters, cuts nothing off and replaces nothing', async () => {
    cloud.write(smallSource)
    cloud.write([logObject('c.json.gz', [event({ sessionId: 9 })])])
    const statements = await cloud.statementsOf(() => cloud.etl())
    const copies = statements.map(({ text }) => text).filter((text) => text.startsWith('copy'))
    expect(copies).toHaveLength(4)
    for (const copy of copies) {
      for (const option of [
        'manifest',
        "region 'us-west-2'",
        'format as json',
        "timeformat 'epochmillisecs'",
        'maxerror 0',
      ])
        expect(copy).toContain(option)
      expect(copy).toMatch(
        /^copy \w+ \([\w, ]+\)\nfrom 's3:\/\/[\w.-]+\/manifests\/[\w/-]+\.json'\niam_role 'arn:aws:iam::/,
      )
      expect(copy).not.toMatch(
        /truncatecolumns|acceptinvchars|ignoreallerrors|emptyasnull|blanksasnull|credentials|access_key/i,
      )
    }
    expect(copies.filter((copy) => /^gzip$/m.test(copy))).toHaveLength(1)
  })

  test('reads a manifest in which every entry is mandatory and every object stands once', async () => {
    cloud.write(smallSource)
    const statements = await cloud.statementsOf(() => cloud.etl())
    const copies = statements.filter(({ text }) => text.startsWith('copy staging'))
    const addresses = copies.flatMap(({ text }) => /^from 's3:\/\/([^/]+)\/(.+)'$/m.exec(text)?.slice(1, 3) ?? [])
    expect(addresses).toHaveLength(4)
    const urls: string[] = []
    for (let at = 0; at < addresses.length; at += 2) {
      const text = cloud.cloud.aws.state.buckets.get(addresses[at] ?? '')?.text(addresses[at + 1] ?? '')
      for (const { url, mandatory, meta } of JSON.parse(text ?? '').entries) {
        expect(mandatory).toBe(true)
        expect(meta.content_length).toBeGreaterThan(0)
        urls.push(url)
      }
    }
    expect(urls.toSorted()).toEqual(smallSource.map(({ key }) => `s3://source/${key}`).toSorted())
  })
})

test('no statement holds a password, a key or another secret', async () => {
  cloud.write(smallSource)
  await cloud.etl()
  await cloud.query('select 1')
  const secrets = [...cloud.cloud.aws.state.canaries]
  expect(secrets.length).toBeGreaterThan(1)
  const texts = cloud.cloud.redshift.statements.map(({ text }) => text)
  expect(texts.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([])
  expect(texts.filter((text) => /password|AKIA|secret/i.test(text))).toEqual([])
})
