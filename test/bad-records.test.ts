import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../src/schema/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { hashOf, runScript } from './support/process.ts'
import { runEtl } from './support/run-etl.ts'
import { event, lines, logObject, smallSource, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

type Content = string | Buffer

/** A warehouse of either kind, and how content gets into its source as it is. */
interface Place {
  readonly warehouse: Pick<TestWarehouse, 'etl' | 'query' | 'context'>
  put(name: string, content: Content): void
  /** Keys as the source has them, back to the names that were put. */
  nameOf(key: unknown): string
  end(): Promise<void>
}

async function onDuckdb(settings = '[ETL]\nKEEP_STAGING = yes'): Promise<Place> {
  const warehouse = await new TestWarehouse({ settings }).create()
  return {
    warehouse,
    put(name, content) {
      const path = join(warehouse.folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
    },
    nameOf: (key) => String(key).slice(warehouse.folder.length + 1),
    end: async () => warehouse.remove(),
  }
}

async function onRedshift(settings = ''): Promise<Place> {
  const cloud = await TestCloud.start({ settings })
  const bucket = cloud.cloud.aws.state.buckets.get('source')
  return {
    warehouse: cloud,
    put: (name, content) => void bucket?.put(name, content),
    nameOf: (key) => String(key).slice('s3://source/'.length),
    end: () => cloud.close(),
  }
}

const engines = [
  ['DuckDB', onDuckdb],
  ['the Redshift double', onRedshift],
] as const

const good = event({ sessionId: 7, itemInSession: 3 })
const text = JSON.stringify(good)
const without = (key: string) => JSON.stringify({ ...good, [key]: undefined })
const withValue = (key: string, value: unknown) => JSON.stringify({ ...good, [key]: value })
/** What no JSON.stringify would write. */
const withText = (key: string, value: string) => withValue(key, '@').replace('"@"', () => value)
const latin1 = (line: string) => Buffer.from(line, 'latin1')

type Case = readonly [about: string, line: Content, column: string | null, reason: string]

const item = 'item_in_session'
const notWhole = 'has itemInSession that is not a whole number'

/** What no engine may take, as the second line of an object. */
const refused: readonly Case[] = [
  ['no JSON', 'hello', null, 'is not JSON'],
  ['cut off', text.slice(0, 100), null, 'is not JSON'],
  ['an array', '["Muse"]', null, 'is not a JSON object'],
  ['null', 'null', null, 'is not a JSON object'],
  ['a number', '7', null, 'is not a JSON object'],
  ['a text', '"Muse"', null, 'is not a JSON object'],
  ['a comma before the closing bracket', text.replace(/}$/, ',}'), null, 'is not JSON'],
  ['that comma with blanks around it', text.replace(/}$/, ' , }'), null, 'is not JSON'],
  ['that comma in a list', text.replace('{', '{"tags":[1,2 ,],'), null, 'is not JSON'],
  ['NaN', withText('registration', 'NaN'), null, 'is not JSON'],
  ['NaN as a text', withText('song', 'NaN'), null, 'is not JSON'],
  ['Infinity under an unknown key', text.replace('{', '{"score": -Infinity,'), null, 'is not JSON'],
  ['a tab that is not escaped', withText('song', '"a\tb"'), null, 'is not JSON'],
  ['text behind the record', `${text} x`, null, 'is not JSON'],
  ['text where a number belongs', withValue('ts', 'noon'), 'ts', 'has ts that is not a number'],
  ['a hexadecimal number as text', withValue('status', '0xC8'), 'status', 'has status that is not a number'],
  ['true for a number', withValue('length', true), 'length', 'has length that is not a number'],
  ['false for a whole number', withText('status', ' false'), 'status', 'has status that is not a number'],
  ['an object for a number', withValue('status', { a: 1 }), 'status', 'has status that is not a number'],
  ['an endless number', withText('length', '1e999'), 'length', 'has length outside -99999.99999 to 99999.99999'],
  ['a number out of range', withValue('status', 3e9), 'status', 'has status outside -2147483648 to 2147483647'],
  ['a length out of range', withValue('length', 1e6), 'length', 'has length outside -99999.99999 to 99999.99999'],
  ['an item out of range', withValue('itemInSession', 1_048_576), item, 'has itemInSession outside 0 to 1048575'],
  ['a negative item', withValue('itemInSession', -1), 'item_in_session', 'has itemInSession outside 0 to 1048575'],
  ['a session out of range', withValue('sessionId', 9e15), 'session_id', 'has sessionId outside 0 to 8796093022206'],
  ['an instant out of range', withValue('ts', 1e18), 'ts', 'has ts outside -62135596800000 to 253402300799999'],
  ['year 0', withValue('ts', -62_135_596_800_001), 'ts', 'has ts outside -62135596800000 to 253402300799999'],
  ['1e999', withText('registration', '1e999'), 'registration', 'has registration outside -1e+300 to 1e+300'],
  ['an item with a fraction', withValue('itemInSession', 1.6), item, notWhole],
  ['no instant', without('ts'), 'ts', 'has no ts, which every record needs'],
  ['a blank instant', withValue('ts', ' '), 'ts', 'has no ts, which every record needs'],
  ['no page', without('page'), 'page', 'has no page, which every record needs'],
  ['a page that is null', withValue('page', null), 'page', 'has no page, which every record needs'],
  ['no key at all', '{}', 'item_in_session', 'has no itemInSession, which every record needs'],
  ['text over its bytes', withValue('auth', 'é'.repeat(33)), 'auth', 'has auth longer than 64 bytes'],
  ['half a character', withText('song', '"\\ud83c"'), 'song', 'has song with half a character'],
  ['an escaped NUL', withText('song', '"a\\u0000b"'), 'song', 'has song with a NUL character'],
  ['a NUL', withText('song', '"a\0b"'), null, 'contains a NUL character'],
  ['a text in Latin-1', latin1(withValue('song', 'Café')), 'song', 'has song that is not valid UTF-8'],
  ['bytes that are no UTF-8 outside a text', latin1(`${text}é`), null, 'is not valid UTF-8'],
  ['a digit separator', withValue('length', '1_0.5'), 'length', 'has length that is not a number'],
  ['nan as text', withValue('registration', 'nan'), 'registration', 'has registration that is not a number'],
  ['inf', withText('artist', 'inf'), null, 'is not JSON'],
  ['inf in a list', withText('userId', '[inf]'), null, 'is not JSON'],
  ['a form feed before the record', `\f${text}`, null, 'is not JSON'],
  ['a vertical tab behind it', `${text}\v`, null, 'is not JSON'],
  ['true far behind its key', withText('status', `${' '.repeat(70)}true`), 'status', 'has status that is not a number'],
  ['a comma far before the closing bracket', text.replace(/}$/, `,${' '.repeat(70)}}`), null, 'is not JSON'],
  ['a byte order mark inside the object', `\ufeff${text}`, null, 'is not JSON'],
  ['a comment', text.replace('{', '{/* x */'), null, 'is not JSON'],
  ['single quotes', text.replaceAll('"', "'"), null, 'is not JSON'],
  ['a leading zero', withText('status', '0200'), null, 'is not JSON'],
  ['an almost whole item', withText('itemInSession', '3.00000000000000000001'), item, notWhole],
  ['a tiny item', withText('itemInSession', '1e-400'), item, notWhole],
  ['a page of blanks', withValue('page', '  '), 'page', 'has no page, which every record needs'],
  ['two records with a comma between', `${text},${text}`, null, 'is not JSON'],
  ['two records with a vertical tab between', `${text}\v${text}`, null, 'is not JSON'],
  ['a record and a broken one', `${text}{"page":`, null, 'is not JSON'],
  ['a list of records', `[${text}, ${text}]`, null, 'is not a JSON object'],
  ['a record over the limit', withValue('x', 'y'.repeat(4_200_000)), null, 'is longer than 4,194,304 bytes'],
]

/** What one of the engines refuses or takes otherwise than the other, but both load with these values. */
const accepted: readonly (readonly [about: string, line: Content, column: string, value: unknown])[] = [
  ['a number as text', withValue('status', '200'), 'status', 200],
  ['a number as text with blanks and a sign', withValue('status', ' +0200 '), 'status', 200],
  ['a whole number with a point', withText('status', '200.0'), 'status', 200],
  ['a whole number with an exponent', withText('status', '2e2'), 'status', 200],
  ['that as text', withValue('status', '2e2'), 'status', 200],
  ['an instant with a point', withText('ts', '1541105830796.0'), 'ts', '2018-11-01T20:57:10.796Z'],
  ['a blank text for a number', withValue('length', ''), 'length', null],
  ['a decimal without a digit before the point', withValue('length', '.5'), 'length', 0.5],
  ['half a character under an unknown key', text.replace('{', '{"x":"\\ud83c",'), 'status', 200],
  ['true under an unknown key', text.replace('{', '{"x":true,'), 'status', 200],
  ['true as a text', withValue('song', true), 'song', 'true'],
  ...[
    '1.2345678E7',
    '0.10',
    '-0',
    '1.50',
    '1e3',
    '582.00000000000000001',
    '{ "a" : 1 }',
    '["\\u0041"]',
    'false',
    '112',
  ].map((written) => [`${written} as a text`, withText('userId', written), 'user_id', written] as const),
  ['a decimal as text with six places', withValue('length', '320.091485'), 'length', 320.09149],
  ['a decimal just below a half', withText('length', '0.0000049999999999999999'), 'length', 0],
  ['a half that no double holds', withText('length', '1.000005'), 'length', 1.00001],
  ['a negative half', withText('length', '-1.000005'), 'length', -1.00001],
  ['a number with very many zeros', withText('length', `1.${'0'.repeat(5000)}1`), 'length', 1],
  ['a value far behind its key', withText('status', `${' '.repeat(70)}200`), 'status', 200],
  ['a known key twice: the last counts', text.replace('{', '{"song":"Other",'), 'song', good.song],
  ['a known key with escapes', text.replace('"song"', '"\\u0073ong"'), 'song', good.song],
  ['a text that begins with a byte order mark', withValue('song', '\ufeffA'), 'song', '\ufeffA'],
  ['blanks around a text', withValue('song', ' A '), 'song', ' A '],
  ['bytes that are no UTF-8 in an unknown key', latin1(text.replace('{', '{"é":1,')), 'status', 200],
  ['deep nesting under an unknown key', text.replace('{', `{"x":${'['.repeat(500)}${']'.repeat(500)},`), 'status', 200],
]

const wholeObjects: readonly [name: string, content: Buffer, reason: string][] = [
  ['small-cut-off.json.gz', gzipSync(text).subarray(0, -20), 'is not a complete gzip file'],
  ['small-plain.json.gz', Buffer.from(text), 'is not a complete gzip file'],
  ['gzip.json', gzipSync(text), 'is compressed with gzip once more than its name says'],
  ['zip.json', Buffer.from('PK\x03\x04…'), 'is a zip file'],
  [
    'lfs.json',
    Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
    'is a pointer of Git LFS, not the file itself',
  ],
  ['page.json', Buffer.from('<!DOCTYPE html>\n<html>\n</html>\n'), 'is HTML or XML'],
  ['error.json', Buffer.from('<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>'), 'is HTML or XML'],
  ['list.json', Buffer.from(`[\n${text},\n${text}\n]\n`), 'is a JSON array'],
  ['utf-16.json', Buffer.from(`\ufeff${text}`, 'utf16le'), 'is in UTF-16, not in UTF-8'],
]

describe.each(engines)('on %s', (_, open) => {
  let place: Place
  afterAll(() => place.end())
  const outcome: { code?: number; summary?: Awaited<ReturnType<TestWarehouse['etl']>>['summary'] } = {}
  let quarantine: Row[] = []
  let staged: Row[] = []

  /** A record of its own that can be loaded, so that each object of the test brings one. */
  const companion = (item: number) => JSON.stringify(event({ sessionId: 8, itemInSession: item }))
  /** Plays that are loaded must not contest each other's id. */
  const withOwnItem = (line: Content, index: number) =>
    Buffer.from(
      Buffer.from(line as string)
        .toString('latin1')
        .replace('"itemInSession":3', `"itemInSession":${index}`),
      'latin1',
    )
  const all = [...refused, ...accepted.map(([about, line], index) => [about, withOwnItem(line, index)] as const)]

  beforeAll(async () => {
    place = await open()
    for (const [index, [, line]] of all.entries()) {
      const own = [Buffer.from(`${companion(index)}\n`), Buffer.from(line as string), Buffer.from('\n')]
      place.put(`log_data/${index}.json`, Buffer.concat(own))
    }
    for (const [name, content] of wholeObjects) place.put(`log_data/${name}`, content)
    place.put('log_data/mark.json', `\ufeff${companion(all.length)}`)
    place.put('song_data/1.json', JSON.stringify(song({ artist_id: null })))
    place.put('song_data/2.json', JSON.stringify(song()))
    place.put('song_data/3.json', JSON.stringify(song({ song_id: '' })))
    place.put('song_data/4.json', JSON.stringify(song({ artist_id: ' ' })))
    const { summary, exitCode } = await place.warehouse.etl()
    Object.assign(outcome, { summary, code: exitCode })
    quarantine = await place.warehouse.query('select * from quarantine where part = 1 order by object_key')
    staged = await place.warehouse.query('select * from staging_events where session_id = 7')
  })
  const entriesOf = (name: string) => quarantine.filter(({ object_key }) => place.nameOf(object_key) === name)

  test.each(refused.map(([about, line, column, reason], index) => ({ about, line, column, reason, index })))(
    '$about is refused: $reason',
    ({ line, column, reason, index }) => {
      const [entry, ...others] = entriesOf(`log_data/${index}.json`)
      expect(others).toEqual([])
      expect(entry).toMatchObject({ line_number: 2, column_name: column, reason })
      if (line.length > 65_535) return
      const bytes = Buffer.from(line as string)
      expect(Buffer.from(String(entry?.raw_text), entry?.raw_encoding === 'base64' ? 'base64' : 'utf8')).toEqual(bytes)
    },
  )

  test.each(accepted.map(([about, , column, value], item) => ({ about, column, value, item })))(
    '$about is loaded',
    ({ column, value, item }) => {
      expect(entriesOf(`log_data/${refused.length + item}.json`)).toEqual([])
      expect(staged.find(({ item_in_session }) => item_in_session === item)?.[column]).toEqual(value)
    },
  )

  test.each(wholeObjects)('%s is one entry as a whole', (name, _, reason) => {
    expect(entriesOf(`log_data/${name}`)).toMatchObject([{ line_number: null, reason, raw_text: null }])
  })

  test('the exact text of a record that is longer than a row is there in parts', async () => {
    const index = refused.findIndex(([about]) => about === 'a record over the limit')
    const parts = await place.warehouse.query(
      `select raw_text from quarantine where object_key like '%/${index}.json' order by part`,
    )
    expect(parts.length).toBeGreaterThan(60)
    expect(parts.map(({ raw_text }) => raw_text).join('') === refused[index]?.[1]).toBe(true)
  })

  test('everything else is loaded, and the run says how much is not', async () => {
    const records = refused.length + wholeObjects.length + 3
    expect(outcome.code).toBe(3)
    expect(outcome.summary?.quarantine.records).toBe(records)
    expect(outcome.summary?.reconciliation).toMatchObject({
      events: all.length + 1 + accepted.length,
      quarantined: records,
    })
    expect(outcome.summary?.objects.log_data.refused).toBe(wholeObjects.length)
    expect(outcome.summary?.quarantine.reasons[0]?.reason).toBe('is not JSON')
    expect(await place.warehouse.query('select count(*) as n from songplays where session_id = 8')).toEqual([
      { n: all.length + 1 },
    ])
    expect(await place.warehouse.query('select count(*) as n from songs')).toEqual([{ n: 1 }])
  })

  test('nothing is new afterwards; what was corrected is taken, and its entry is gone', async () => {
    expect((await place.warehouse.etl()).summary.loads).toEqual([])
    place.put('log_data/0.json', `${companion(0)}\n${JSON.stringify(event({ sessionId: 9 }))}`)
    const { summary, exitCode } = await place.warehouse.etl()
    expect({ exitCode, ...summary.reconciliation }).toMatchObject({ exitCode: 0, already_loaded: 1, inserted: 1 })
    const left = await place.warehouse.query("select count(*) as n from quarantine where object_key like '%/0.json'")
    expect(left).toEqual([{ n: 0 }])
  })

  test('a retry loads nothing twice, and refuses the same records', async () => {
    const state = () =>
      place.warehouse.query(
        'select object_key, line_number, column_name, reason, part from quarantine where object_key is not null order by 1, 2, 3, 4, 5',
      )
    const plays = () => place.warehouse.query('select count(*) as n from songplays')
    const before = [await state(), await plays()]
    const { summary, exitCode } = await place.warehouse.etl({ full: false, retryQuarantine: true })
    expect(exitCode).toBe(3)
    expect(summary.reconciliation.inserted).toBe(0)
    expect([await state(), await plays()]).toEqual(before)
  })
})

describe.each(engines)('with MAX_QUARANTINED on %s', (_, open) => {
  test('one record more than that and nothing is loaded; as many and the rest is', async () => {
    const place = await open('[ETL]\nMAX_QUARANTINED = 1')
    place.put('log_data/new.json', `${text}\none\n\ntwo`)
    await expect(place.warehouse.etl()).rejects.toMatchObject({
      message: expect.stringMatching(
        /MAX_QUARANTINED = 1\. The first: .*new\.json, line 2: is not JSON\. Nothing was loaded\.$/,
      ),
      exitCode: 1,
    })
    expect(
      await place.warehouse.query('select (select count(*) from loads) + (select count(*) from quarantine) as n'),
    ).toEqual([{ n: 0 }])
    place.put('log_data/new.json', `${text}\none`)
    expect((await place.warehouse.etl()).summary.reconciliation).toMatchObject({ inserted: 1, quarantined: 1 })
    await place.end()
  })
})

describe('on DuckDB', () => {
  const places: TestWarehouse[] = []
  async function loadedWarehouse(): Promise<TestWarehouse> {
    const warehouse = await new TestWarehouse().create()
    places.push(warehouse)
    warehouse.write(smallSource)
    await warehouse.etl()
    return warehouse
  }
  afterAll(() => {
    for (const warehouse of places) warehouse.remove()
  })

  test('a record over several lines is one entry for the object; Redshift takes it', async () => {
    const warehouse = await loadedWarehouse()
    const folder = join(warehouse.folder, 'log_data')
    writeFileSync(join(folder, 'pretty.json'), JSON.stringify(good, null, 2))
    writeFileSync(join(folder, 'two.json'), [good, good].map((fields) => JSON.stringify(fields, null, '\t')).join('\n'))
    await warehouse.etl()
    expect(await warehouse.query('select line_number, reason from quarantine')).toEqual(
      Array(2).fill({ line_number: null, reason: 'has records over several lines' }),
    )
  })

  test('in an object too large to be joined with others, the line is found too', async () => {
    const warehouse = await loadedWarehouse()
    const many = lines(Array.from({ length: 3000 }, (_, item) => event({ sessionId: 8, itemInSession: item })))
    writeFileSync(
      join(warehouse.folder, 'log_data', 'new.json'),
      `${many}\n${without('ts')}\n${withValue('length', true)}`,
    )
    const { summary } = await warehouse.etl()
    expect(summary.reconciliation).toMatchObject({ inserted: 3000, quarantined: 2 })
    expect(await warehouse.query('select line_number from quarantine order by 1')).toEqual([
      { line_number: 3001 },
      { line_number: 3002 },
    ])
  })

  test.each([
    ['cut off', (plain: Buffer) => gzipSync(plain, { level: 0 }).subarray(0, -20_000)],
    ['not compressed at all', (plain: Buffer) => plain],
  ])('a large gzip object that is %s is one entry', async (_, spoil) => {
    const warehouse = await loadedWarehouse()
    const many = lines(Array.from({ length: 5000 }, (_, item) => event({ sessionId: 9, itemInSession: item })))
    writeFileSync(join(warehouse.folder, 'log_data', 'new.json.gz'), spoil(Buffer.from(many)))
    const { summary } = await warehouse.etl()
    expect(summary.reconciliation).toMatchObject({ events: 0, quarantined: 1 })
    expect(await warehouse.query('select line_number, reason from quarantine')).toEqual([
      { line_number: null, reason: 'is not a complete gzip file' },
    ])
  })

  test('the process says what is in quarantine, where and why, with exit code 3; a second run has nothing to do', async () => {
    const warehouse = await loadedWarehouse()
    warehouse.write([logObject('new.json', [good, { ...good, ts: 'noon' }, { ...good, ts: 'one' }])])
    const run = () => runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })
    const { code, stderr } = await run()
    expect(code).toBe(3)
    const said = stderr.split('\n').slice(-7)
    expect(said).toEqual([
      '2 records could not be loaded and went to quarantine. The rest was loaded.',
      `  2 in ${join(warehouse.folder, 'log_data', 'new.json')}`,
      'Reasons:',
      '  2 × has ts that is not a number',
      'Look at them: npm run query -- "select object_key, line_number, column_name, reason, raw_text from quarantine where part = 1" --config dwh.cfg',
      'After fixing the source: npm run etl -- --retry-quarantine --config dwh.cfg',
      '',
    ])
    expect(await run()).toMatchObject({ code: 0 })
  })

  test('a load that fails for too many leaves the bytes of the database as they were', async () => {
    const warehouse = await loadedWarehouse()
    const before = hashOf(warehouse.database)
    writeFileSync(join(warehouse.folder, 'log_data', 'new.json'), 'x\n'.repeat(1001))
    await expect(warehouse.etl()).rejects.toThrow(/MAX_QUARANTINED = 1000/)
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('white space around and between records is not a record, whichever white space it is', async () => {
    const warehouse = await loadedWarehouse()
    const second = JSON.stringify(event({ sessionId: 7, itemInSession: 4 }))
    writeFileSync(join(warehouse.folder, 'log_data', 'new.json'), `\n \t\n${text}\r\n\v\n\f\n\n  ${second} \r\n\r\n`)
    const { summary } = await warehouse.etl()
    expect(summary.reconciliation).toMatchObject({ events: 2, inserted: 2 })
  })

  test('a large object whose name is a pattern is read itself, and no other that the pattern fits', async () => {
    const warehouse = await loadedWarehouse()
    const plays = (sessionId: number) =>
      Array.from({ length: 3000 }, (_, item) => event({ sessionId, itemInSession: item }))
    const names = ['a1.json', 'a[1].json', 'a*.json', 'a?.json', '**/b.json', 'c/b.json', "it's {a,b}.json"]
    warehouse.write(names.map((name, index) => logObject(name, plays(10 + index))))
    const { summary } = await warehouse.etl()
    expect(summary.reconciliation).toMatchObject({
      events: 3000 * names.length,
      duplicates: 0,
      inserted: 3000 * names.length,
    })
  })
})

describe.each(engines)('several records on a line on %s', (_, open) => {
  test('are loaded one by one, and refused one by one with the line', async () => {
    const place = await open()
    const plays = Array.from({ length: 2000 }, (_, item) =>
      JSON.stringify(event({ sessionId: 5, itemInSession: item })),
    )
    const bad = without('page')
    place.put('log_data/firehose.json', plays.join(''))
    place.put('log_data/mixed.json', `${companionOf(1)}\n${companionOf(2)} ${bad}\t${companionOf(3)}\n${bad}`)
    const { summary } = await place.warehouse.etl()
    expect(summary.reconciliation).toMatchObject({ events: 2003, inserted: 2003, quarantined: 2 })
    expect(await place.warehouse.query('select line_number, reason, raw_text from quarantine order by 1')).toEqual(
      [2, 3].map((line_number) => ({ line_number, reason: 'has no page, which every record needs', raw_text: bad })),
    )
    await place.end()
  })
})

const companionOf = (item: number) => JSON.stringify(event({ sessionId: 6, itemInSession: item }))

describe.each(engines)('keys on %s', (_, open) => {
  let place: Place
  const warnings: string[] = []
  beforeAll(async () => {
    place = await open()
    place.put('song_data/1.json', JSON.stringify(song()))
  })
  afterAll(() => place.end())
  const many = (change: (fields: Record<string, unknown>) => Record<string, unknown>, sessionId: number) =>
    Array.from({ length: 20 }, (_, item) => change({ ...event({ sessionId, itemInSession: item }) }))
  const put = (name: string, records: readonly Readonly<Record<string, unknown>>[]) =>
    place.put(`log_data/${name}.json`, lines(records))
  const warned = async () => {
    warnings.length = 0
    const { context } = place.warehouse
    const { summary, exitCode } = await runEtl(
      { ...context, log: { ...context.log, warn: (line: string) => void warnings.push(line) } },
      { full: false },
    )
    expect(exitCode).toBe(0)
    return summary
  }

  test('that no column takes give one warning with their names, and are ignored', async () => {
    put(
      '1',
      many((fields) => ({ ...fields, device: 'x', 'app version': 2 }), 11),
    )
    const { unknown_keys } = await warned()
    expect(unknown_keys).toEqual({ log_data: ['app version', 'device'], song_data: [] })
  })

  test('that are absent are null, as null is: a day on which nobody plays', async () => {
    const { artist: _, song: __, length: ___, userId: ____, firstName: _____, ...home } = good
    put(
      '2',
      many(() => ({ ...home, page: 'Home' }), 12),
    )
    expect((await warned()).reconciliation).toMatchObject({ events: 20, not_a_play: 20, quarantined: 0 })
    expect(warnings).toEqual([])
  })

  test('that every play lacks although earlier ones had them are loaded with a warning', async () => {
    put(
      '3',
      many(({ userAgent, ...fields }) => ({ ...fields, user_agent: userAgent }), 13),
    )
    expect((await warned()).reconciliation.inserted).toBe(20)
    expect(warnings).toContainEqual(
      'userAgent: empty in all 20 records of log_data, although earlier loads had it. Is it renamed? New: user_agent.',
    )
  })

  test('that some plays have, or none ever had, give no warning', async () => {
    const plays = many(({ userAgent, ...fields }) => fields, 14)
    put('4', [...plays, event({ sessionId: 15, userAgent: 'x' })])
    expect((await warned()).reconciliation.inserted).toBe(21)
    expect(warnings).toEqual([])
  })

  test('of the other source stop the load', async () => {
    place.put('song_data/5.json', lines(many((fields) => fields, 16)))
    await expect(place.warehouse.etl()).rejects.toMatchObject({
      message: 'SONG_DATA has records of log_data: are LOG_DATA and SONG_DATA swapped? Nothing was loaded.',
      exitCode: 2,
    })
  })
})

describe.each(engines)('instants on %s', (_, open) => {
  test.each([
    ['in seconds', 1541105830],
    ['in tenths of them', 154110583079600],
    ['after tomorrow', Date.UTC(2100, 0)],
  ])('%s give a warning with their number and place', async (_, ts) => {
    const place = await open()
    place.put('song_data/1.json', JSON.stringify(song()))
    place.put('log_data/1.json', lines([event(), event({ itemInSession: 1, ts }), event({ itemInSession: 2, ts })]))
    const warnings: string[] = []
    const { context } = place.warehouse
    await runEtl({ ...context, log: { ...context.log, warn: (line) => void warnings.push(line) } }, { full: false })
    expect(warnings.join()).toMatch(
      new RegExp(
        `^2 events dated before 2000 or after tomorrow, the first in .*log_data/1.json, line 2: ts is ${ts}, read as ${new Date(ts).toISOString()}\\.`,
      ),
    )
    await place.end()
  })
})
