import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { UserError } from '../src/errors.ts'
import { hashOf, runScript } from './support/process.ts'
import { event, lines, logObject, smallSource, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
async function newLoadedWarehouse(): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse().create()
  warehouses.push(warehouse)
  warehouse.write(smallSource)
  await warehouse.etl()
  return warehouse
}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

/** What etl says of an object that arrives at a loaded warehouse; it must leave the warehouse as it was. */
async function complaintOf(content: string | Buffer, name = 'log_data/new.json'): Promise<string> {
  const warehouse = await newLoadedWarehouse()
  const before = hashOf(warehouse.database)
  const path = join(warehouse.folder, name)
  writeFileSync(path, content)
  const error = await warehouse.etl().then(
    () => expect.fail('it was loaded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UserError)) throw error
  expect(error.exitCode).toBe(1)
  expect(error.hint).toMatch(/^(Mend the record at the source|Write it again at the source)/)
  expect(hashOf(warehouse.database)).toBe(before)
  return error.message.replace(path, 'new')
}

const good = event({ sessionId: 7, itemInSession: 3 })
const text = JSON.stringify(good)
const without = (key: string) => JSON.stringify({ ...good, [key]: undefined })
const withValue = (key: string, value: unknown) => JSON.stringify({ ...good, [key]: value })
/** Fits on a line of JSON, unlike `value`, which JSON.stringify would not write so. */
const withText = (key: string, value: string) => withValue(key, '@').replace('"@"', value)

describe.concurrent('a record that cannot be loaded fails the load and is named', () => {
  const records: [about: string, content: string | Buffer, complaint: string | RegExp][] = [
    ['no JSON', 'hello', /^new, line 1: is not JSON \(.*\)\. Nothing was loaded\.$/],
    ['cut off', text.slice(0, 100), /^new, line 1: is not JSON/],
    ['an array', '["Muse"]', 'new, line 1: is not a JSON object. Nothing was loaded.'],
    ['null', 'null', 'new, line 1: is not a JSON object. Nothing was loaded.'],
    ['a number', '7', 'new, line 1: is not a JSON object. Nothing was loaded.'],
    ['two on one line', text + text, /^new, line 1: is not JSON/],
    [
      'text where a number belongs',
      withValue('ts', 'noon'),
      'line 1, column ts: has ts "noon", which is not a number.',
    ],
    [
      'an object for a number',
      withValue('status', { a: 1 }),
      'column status: has status {"a":1}, which is not a number.',
    ],
    ['an endless number', withText('length', '1e999'), 'column length: has length Infinity, which is not a number.'],
    [
      'a number out of range',
      withValue('status', 3e9),
      'column status: has status 3000000000, -2147483648 to 2147483647',
    ],
    [
      'a length out of range',
      withValue('length', 1e6),
      'column length: has length 1000000, -99999.99999 to 99999.99999',
    ],
    [
      'an item out of range',
      withValue('itemInSession', 1_048_576),
      'column item_in_session: has itemInSession 1048576,',
    ],
    ['a negative item', withValue('itemInSession', -1), 'column item_in_session: has itemInSession -1, 0 to 1048575'],
    ['a session out of range', withValue('sessionId', 9e15), 'column session_id: has sessionId 9000000000000000, 0 to'],
    ['an instant out of range', withValue('ts', 1e18), 'column ts: has ts 1000000000000000000, -62135596800000 to'],
    [
      'an instant before the year 1',
      withValue('ts', -62_135_596_800_001),
      'column ts: has ts -62135596800001, -62135596800000 to',
    ],
    [
      'an instant after the year 9999',
      withValue('ts', 253_402_300_800_000),
      'column ts: has ts 253402300800000, -62135596800000 to',
    ],
    [
      'an endless registration',
      withText('registration', '1e999'),
      'column registration: has registration Infinity, which is not a number.',
    ],
    [
      'an item with a fraction',
      withValue('itemInSession', 1.6),
      'column item_in_session: has itemInSession 1.6, which is not a whole number.',
    ],
    [
      'a status with a fraction',
      withValue('status', 200.7),
      'column status: has status 200.7, which is not a whole number.',
    ],
    ['no instant', without('ts'), 'column ts: has no ts, which every record needs.'],
    ['no page', without('page'), 'column page: has no page, which every record needs.'],
    ['a page that is null', withValue('page', null), 'column page: has no page, which every record needs.'],
    ['no key at all', '{}', 'column item_in_session: has no itemInSession, which every record needs.'],
    ['text over its bytes', withValue('auth', 'é'.repeat(33)), 'column auth: has auth of 66 bytes, 64 at most.'],
    ['half a character', withText('song', '"\\ud83c"'), 'column song: has song with half a character.'],
    ['a key twice', text.replace('{', '{"page":"Home",'), 'new, line 1: has page twice. Nothing was loaded.'],
    [
      'bytes that are no UTF-8',
      Buffer.from(withValue('song', 'Caf\u00e9'), 'latin1'),
      'new, line 1: is not valid UTF-8. Nothing was loaded.',
    ],
  ]
  for (const [about, content, complaint] of records)
    test(`${about}: ${complaint}`, async () => {
      const message = await complaintOf(content)
      if (complaint instanceof RegExp) expect(message).toMatch(complaint)
      else expect(message).toContain(complaint)
    })

  test.todo('true where a number belongs, which is loaded as 1')
  test.todo('a comma before the closing bracket, or \\u0000 in a text: DuckDB takes them, Redshift does not')
  test.todo('a number as the text "1e1", which DuckDB loads as 10 and Redshift refuses')

  test('the line counts blank lines, and a valid record before it is not blamed, whatever it holds', async () => {
    const replaced = withValue('song', 'a \ufffd in the source')
    expect(await complaintOf([text, '', replaced, '\r', '\f', '{"page":1'].join('\n'))).toMatch(
      /^new, line 6: is not JSON/,
    )
  })

  test('the first is named and the others are counted', async () => {
    expect(await complaintOf([text, 'one', text, 'two', 'three'].join('\n'))).toMatch(
      /^new, line 2: is not JSON .*\. Nothing was loaded\. 2 other records can't be loaded either\.$/,
    )
  })

  test('a song without a key is named', async () => {
    const content = JSON.stringify(song({ artist_id: null }))
    expect(await complaintOf(content, 'song_data/new.json')).toBe(
      'new, line 1, column artist_id: has no artist_id, which every record needs. Nothing was loaded.',
    )
  })

  test('in an object too large to be joined with others, the line is found too', async () => {
    const many = lines(Array.from({ length: 3000 }, (_, item) => event({ sessionId: 8, itemInSession: item })))
    expect(await complaintOf(`${many}\n${without('ts')}`)).toMatch(/^new, line 3001, column ts: has no ts/)
  })

  test('every object with a bad record counts', async () => {
    const warehouse = await newLoadedWarehouse()
    warehouse.write(['b', 'a'].map((name) => logObject(`${name}.json`, [{ page: 'Home' }])))
    await expect(warehouse.etl()).rejects.toThrow(/a\.json, line 1.*1 other record can't be loaded either/)
  })
})

describe.concurrent('a gzip object', () => {
  const many = lines(Array.from({ length: 5000 }, (_, item) => event({ sessionId: 9, itemInSession: item })))
  const small = gzipSync(text)
  /** Not compressed, so that it is too large to be joined with others. */
  const large = gzipSync(many, { level: 0 })
  const contents: [about: string, content: Buffer][] = [
    ['small and cut off', small.subarray(0, -20)],
    ['large and cut off', large.subarray(0, -20_000)],
    ['small and not compressed at all', Buffer.from(text)],
    ['large and not compressed at all', Buffer.from(many)],
    ['small and damaged', Buffer.concat([small.subarray(0, 30), Buffer.from([255, 255]), small.subarray(32)])],
  ]
  for (const [about, content] of contents)
    test(`that is ${about} fails the load in a sentence`, async () => {
      expect(await complaintOf(content, 'log_data/new.json.gz')).toMatch(/^new.* is not a (whole )?gzip file\.$/)
    })
})

test('the process says the same, with exit code 1 and nothing on stdout', async () => {
  const warehouse = await newLoadedWarehouse()
  const before = hashOf(warehouse.database)
  warehouse.write([logObject('new.json', [good, { ...good, ts: 'noon' }])])
  const { code, stdout, stderr } = await runScript('etl', ['--config', 'dwh.cfg', '--json'], { cwd: warehouse.folder })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr.split('\n').slice(-3)).toEqual([
    `${join(warehouse.folder, 'log_data', 'new.json')}, line 2, column ts: has ts "noon", which is not a number. Nothing was loaded.`,
    'Mend the record at the source, or take its object out of the source, and run etl again.',
    '',
  ])
  expect(hashOf(warehouse.database)).toBe(before)
  warehouse.write([logObject('new.json', [good])])
  expect(await runScript('etl', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })).toMatchObject({ code: 0 })
})

test('white space around and between records is not a record, whichever white space it is', async () => {
  const warehouse = await newLoadedWarehouse()
  const second = JSON.stringify(event({ sessionId: 7, itemInSession: 4 }))
  writeFileSync(join(warehouse.folder, 'log_data', 'new.json'), `\n \t\n${text}\r\n\v\n\f\n\n  ${second} \r\n\r\n`)
  const { summary } = await warehouse.etl()
  expect(summary.reconciliation).toMatchObject({ events: 2, inserted: 2 })
})

test('a large object whose name is a pattern is read itself, and no other that the pattern fits', async () => {
  const warehouse = await newLoadedWarehouse()
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
