/**
 * How Redshift differs from PostgreSQL where the code relies on it, as the Database Developer Guide says: the double has to do the same.
 * What it refuses is in refused.test.ts. Everything else about the double is tested by the tests that use it.
 */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { CopySetup, failed, role } from './copy-setup.ts'

const setup = new CopySetup()
beforeAll(async () => {
  await setup.start()
  await setup.client.query('create table t (id integer, name varchar(20), amount decimal(10,2), at timestamp)')
  await setup.client.query("insert into t values (1, 'a', 1.50, '2018-11-01 20:57:10.796'), (2, 'b', 2.50, null)")
})
afterAll(() => setup.close())
beforeEach(() => setup.reset())

test.each([
  ['whole numbers are divided to whole numbers', 'select 7 / 2, -7 / 2', [3, -3]],
  ['an average of integers is an integer', 'select avg(id) from t', ['1']],
  ['EXTRACT gives an integer', 'select extract(dow from at), extract(week from at) from t where id = 1', [4, 44]],
  ['a backslash is an escape', String.raw`select 'a\'b', 'a\\b', 'a''b'`, ["a'b", String.raw`a\b`, "a'b"]],
  ['blanks at the end are not compared', "select 'a' = 'a  ', len('a  '), octet_length('é ')", [true, 3, 3]],
  ['nor grouped', "select count(*) from (select 'a' as n union all select 'a ') x group by n", ['2']],
  ['but LIKE sees them', "select 'a ' like 'a'", [false]],
  ['text is ordered by code point', "select 'Z' < 'a', 'z' < 'é'", [true, true]],
  ['bytes are text in hexadecimal', "select from_varbyte(from_hex('c3b6'), 'utf8')", ['ö']],
  ['a DECIMAL without a scale has none', 'select cast(1.5 as decimal), 1.25::decimal(5,1)', ['2', '1.3']],
  ['names fold to lower case, quoted or not', 'select "ID" from t where "T"."ID" = 1', [1]],
  ['NULL comes last', 'select at from t order by at desc limit 1', [null]],
])('%s', async (_, statement, expected) => {
  expect((await setup.list(statement))[0]).toEqual(expected)
})

test('VARCHAR(n) is n bytes; keys are not enforced, NOT NULL is', async () => {
  await setup.client.query('create temp table short (id integer not null primary key, name varchar(4))')
  await setup.client.query("insert into short values (1, 'éé'), (1, 'ab')")
  expect(await refusalOf(setup.client.query("insert into short values (2, 'ééé')"))).toEqual({
    code: '22001',
    message: 'value too long for type character varying(4)',
  })
  expect(await refusalOf(setup.client.query("insert into short values (null, 'a')"))).toEqual({
    code: '23502',
    message: 'Cannot insert a NULL value into column id',
  })
})

test.each([
  'create table a1 (id bigint not null, v varchar(max), d decimal(10,5)) diststyle key distkey (v) sortkey (id)',
  'create table a2 diststyle all sortkey (id) as select id, name from t',
  'create or replace view v1 as select id from t',
  'alter table a1 add column more varchar(10) default null',
  'alter table a1 alter column v type varchar(100)',
  "comment on column a1.id is 'it''s an id'",
  'begin transaction read only',
  'commit',
  'update t set name = a2.name from a2 where a2.id = t.id',
  'delete from t using a2 where a2.id = t.id and a2.id > 100',
  'select id, row_number() over (partition by name order by at desc) from t',
])('takes: %s', (statement) => setup.client.query(statement).then(() => undefined))

describe('COPY reads', () => {
  test('every object below a prefix, objects of JSON with white space between them, and compressed ones', async () => {
    setup.put('a/1.json', '{"id": 1, "title": "one"}{"id": 2}\n\n  {"title": "three",\n "id": 3, "more": [1]}')
    setup.put('b.json.gz', gzipSync('{"id": 5}'))
    await setup.copy(`'s3://data/a' ${role} format as json 'auto'`)
    await setup.copy(`'s3://data/b' ${role} json 'auto' gzip`)
    expect(await setup.rows('id, title')).toEqual([
      ...[
        [1, 'one'],
        [2, null],
        [3, 'three'],
      ],
      [5, null],
    ])
    expect((await refusalOf(setup.copy(`'s3://data/none/' ${role} json 'auto'`))).message).toBe(
      "The specified S3 prefix 'none/' does not exist",
    )
  })

  test('what a manifest lists; a missing object fails it if it is mandatory', async () => {
    setup.put('1', '{"id": 1}')
    const entry = (key: string, mandatory: boolean) => ({ url: `s3://data/${key}`, mandatory })
    setup.put('m', JSON.stringify({ entries: [entry('1', true), entry('gone', false)] }))
    await setup.copy(`'s3://data/m' ${role} json 'auto' manifest`)
    expect(await setup.rows('id')).toEqual([[1]])
    setup.put('m', JSON.stringify({ entries: [entry('1', true), entry('gone', true)] }))
    expect((await refusalOf(setup.copy(`'s3://data/m' ${role} manifest json 'auto'`))).message).toBe(
      "The specified S3 prefix 'gone' does not exist",
    )
  })

  test('jsonpaths in the order of the columns', async () => {
    setup.put('1', '{"songId": 7, "names": {"long": ["x", "y"]}}')
    setup.put('paths', JSON.stringify({ jsonpaths: ["$['songId']", "$['names']['long'][1]"] }))
    await setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`, 'songs (id, title)')
    expect(await setup.rows('id, title')).toEqual([[7, 'y']])
    expect((await refusalOf(setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`))).message).toMatch(
      /^Number of jsonpaths and the number of columns should match\. JSONPath size: 2/,
    )
  })

  test('texts, numbers and instants, which it cuts to the scale and does not round', async () => {
    setup.put('1', '{"id": "1", "title": 112, "price": 1.239, "length": 1540919166796.0, "at": 1541105830796}')
    setup.put('2', '{"id": 2, "title": {"a": 1}, "price": "", "length": "", "at": ""}\n{"id": 3, "title": ""}')
    await setup.copy(`'s3://data/' ${role} json 'auto' timeformat 'epochmillisecs'`)
    expect(await setup.rows('id, title, price, length, at::varchar(30)')).toEqual([
      [1, '112', '1.23', 1540919166796, '2018-11-01 20:57:10.796'],
      [2, '{"a": 1}', null, null, null],
      [3, '', null, null, null],
    ])
  })

  test.each<[what: string, lines: string, error: object]>([
    ['text over its bytes', '{"id": 1}\n{"id": 2, "title": "ééééé"}', { line: '2', name: 'title', code: 1204 }],
    [
      'no digit',
      '{"id": "1.5"}',
      { name: 'id', code: 1207, message: "Invalid digit, Value '.', Pos 1, Type: Integer" },
    ],
    ['out of range', '{"id": 2147483648}', { name: 'id', code: 1204, message: expect.stringMatching(/^Overflow/) }],
    ['no float', '{"id": 1, "length": "x"}', { name: 'length', code: 1208 }],
    ['no instant', '{"id": 1, "at": "yesterday"}', { name: 'at', code: 1206 }],
    ['null in NOT NULL', '{"title": "a"}', { name: 'id', code: 1213, message: 'Missing data for not-null field' }],
    ['half a character', '{"id": 1, "title": "\\ud800"}', { name: 'title', code: 1220 }],
    ['not JSON', '{"id": 1}\n{"id": }', { line: '2', name: '', code: 1216, message: 'Invalid value.' }],
    ['an array of objects', '[{"id": 1}]', { code: 1216, message: expect.stringMatching(/Member is not an object/) }],
    ['over 4 MB', `{"id": 1, "title": "${'x'.repeat(4 * 1024 * 1024)}"}`, { code: 1216 }],
  ])('nothing where a record is %s, and says which', async (_, lines, error) => {
    setup.put('bad/1.json', lines)
    expect(await refusalOf(setup.copy(`'s3://data/bad/' ${role} json 'auto'`))).toEqual(failed)
    expect((await setup.loadErrors())[0]).toMatchObject({ file: 's3://data/bad/1.json', ...error })
    expect(await setup.rows()).toEqual([])
  })

  test('as a role, from its own region: recorded errors of both', async () => {
    setup.put('1', '{"id": 1}')
    setup.roleState = 'not-authorized'
    expect((await refusalOf(setup.copy(`'s3://data/1' ${role} json 'auto'`))).message).toMatch(
      /^exception name : UnauthorizedException, error type : 138, message: Not authorized to get credentials of role/,
    )
    setup.roleState = 'ok'
    expect((await refusalOf(setup.copy(`'s3://far/1' ${role} json 'auto'`))).message).toMatch(
      /Status 301,Error PermanentRedirect/,
    )
  })

  test('and says inside the transaction what it read: files, lines, bytes', async () => {
    setup.put('1', '{"id": 1}\n{"id": 2}')
    setup.put('2', '{"id": 3}\n')
    await setup.client.query('begin')
    await setup.copy(`'s3://data/' ${role} json 'auto'`)
    const detail =
      'select trim(file_name), lines_scanned, bytes_scanned from sys_load_detail where query_id = pg_last_copy_id() order by 1'
    expect(await setup.list(detail)).toEqual([
      ['s3://data/1', 2, 19],
      ['s3://data/2', 1, 10],
    ])
    await setup.client.query('commit')
  })
})

describe('transactions', () => {
  test('readers see what is committed and do not wait; a transaction keeps seeing what it saw', async () => {
    const other = await connectTo(setup.double)
    const count = async () => (await other.query('select count(*) as n from songs')).rows[0].n
    await other.query('begin')
    expect(await count()).toBe('0')
    await setup.client.query('begin')
    await setup.client.query('insert into songs (id) values (1)')
    await setup.client.query('commit')
    expect(await count()).toBe('0')
    await other.query('commit')
    expect(await count()).toBe('1')
    await other.end()
  })

  test('an error undoes all of it, and the rest is refused until it ends', async () => {
    await setup.client.query('begin')
    await setup.client.query('insert into songs (id) values (1)')
    expect(await refusalOf(setup.client.query('select nonsense from songs'))).toMatchObject({ code: '42703' })
    expect(await refusalOf(setup.client.query('select 1'))).toMatchObject({ code: '25P02' })
    await setup.client.query('rollback')
    expect(await setup.rows()).toEqual([])
  })

  test('TRUNCATE commits what came before it, DDL is rolled back', async () => {
    await setup.client.query('begin')
    await setup.client.query('insert into songs (id) values (1)')
    await setup.client.query('create table passing (n integer)')
    await setup.client.query('rollback')
    expect(await refusalOf(setup.client.query('select * from passing'))).toMatchObject({ code: '42P01' })
    await setup.client.query('begin')
    await setup.client.query('insert into songs (id) values (2)')
    await setup.client.query('truncate t')
    await setup.client.query('rollback')
    expect(await setup.rows('id')).toEqual([[2]])
  })
})
