/**
 * How Redshift differs from PostgreSQL where the code relies on it, as the Database Developer Guide says or as errors were recorded:
 * the double has to do the same. Everything else about the double is tested by the tests that use it.
 */
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RedshiftDouble, startRedshiftDouble } from './index.ts'

const objects = new Map<string, Buffer>()
let roleState: 'ok' | 'not-authorized' = 'ok'
let double: RedshiftDouble
let client: pg.Client
const connect = async () => {
  const { ca, port, database } = double
  const options = { host: 'localhost', port, database, user: 'awsuser', password: 'Passw0rd', ssl: { ca } }
  const connected = new pg.Client(options)
  connected.on('error', () => undefined)
  await connected.connect()
  return connected
}
const list = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows
/** SQLSTATE and message of a query that must fail. */
const refusalOf = (query: Promise<unknown>) =>
  query.then(
    () => expect.fail('the query was not refused'),
    ({ code, message }: pg.DatabaseError) => ({ code, message }),
  )

beforeAll(async () => {
  double = await startRedshiftDouble({
    readObject: async (_, key) => objects.get(key),
    roleState: () => roleState,
    bucketRegion: (bucket) => (bucket === 'far' ? 'eu-west-1' : undefined),
  })
  client = await connect()
  await client.query('create table t (id integer, name varchar(20), at timestamp)')
  await client.query(
    "insert into t (id, name, at) values (1, 'a', timestamp '2018-11-01 20:57:10.796'), (2, 'b', null)",
  )
})
afterAll(async () => {
  await client.end()
  await double.close()
})

test.each([
  ['whole numbers are divided to whole numbers', 'select 7 / 2, -7 / 2', [3, -3]],
  ['EXTRACT gives an integer', 'select extract(dow from at), extract(week from at) from t where id = 1', [4, 44]],
  ['a backslash is an escape', String.raw`select 'a\'b', 'a\\b', 'a''b'`, ["a'b", String.raw`a\b`, "a'b"]],
  ['blanks at the end are not compared', "select 'a' = 'a  ', octet_length('é ')", [true, 3]],
  ['nor grouped', "select count(*) from (select 'a' as n union all select 'a ') x group by n", ['2']],
  ['but LIKE sees them', "select 'a ' like 'a'", [false]],
  ['text is ordered by code point', "select 'Z' < 'a', 'z' < 'é'", [true, true]],
  ['bytes are text in hexadecimal', "select from_varbyte(to_varbyte('c3b6', 'hex'), 'utf8')", ['ö']],
  ['names fold to lower case, quoted or not', 'select "ID" from t where "T"."ID" = 1', [1]],
  ['NULL comes last', 'select at from t order by at desc limit 1', [null]],
  [
    'words in strings and comments mean nothing',
    "select 'on conflict' as x /* for update */ -- lateral",
    ['on conflict'],
  ],
])('%s', async (_, statement, expected) => {
  expect((await list(statement))[0]).toEqual(expected)
})

test('VARCHAR(n) is n bytes, and NOT NULL is enforced', async () => {
  await client.query('create table short (id integer not null, name varchar(4))')
  await client.query("insert into short (id, name) values (1, 'éé'), (1, 'ab')")
  expect(await refusalOf(client.query("insert into short (id, name) values (2, 'ééé')"))).toEqual({
    code: '22001',
    message: 'value too long for type character varying(4)',
  })
  expect(await refusalOf(client.query("insert into short (id, name) values (null, 'a')"))).toEqual({
    code: '23502',
    message: 'Cannot insert a NULL value into column id',
  })
})

test.each([
  ['insert into t (id) values (1) on conflict do nothing', '42601'],
  ['delete from t where id = 1 returning id', '42601'],
  ['select distinct on (id) id from t', '42601'],
  ['select id from t except all select id from t', '42601'],
  ['select array[1, 2]', '42601'],
  ['select id from t for update', '42601'],
  ['select new from t', '42601'],
  ['select count(*) over (order by id) from t', '42601'],
  ["select '{}'::jsonb", '0A000'],
  ["select string_agg(name, ',') from t", '42883'],
  ['select current_schema() from t', '0A000'],
  ['create table x (id serial)', '0A000'],
  ['create table x (tag integer)', '42601'],
  ['create table x (name varchar(65536))', '22023'],
  ['create table x (id integer) sortkey (nope)', '42703'],
  ['create index i on t (id)', '0A000'],
  ['alter table t add column a integer not null', '0A000'],
  ['alter table t alter column id type bigint', '0A000'],
  ['lock t', '25P01'],
  ['truncate t', '0A000'],
  ['selekt 1', '42601'],
])('refused: %s', async (statement, code) => {
  expect(await refusalOf(client.query(statement))).toMatchObject({ code })
})

describe('COPY', () => {
  const put = (key: string, content: unknown) =>
    objects.set(key, Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)))
  const columns = ['id', 'title', 'price', 'length', 'at']
  /** Copies the objects `1`, `2` … with these contents; undefined ones are in the manifest only. */
  const copy = (
    contents: readonly (string | undefined)[],
    { mandatory = true, options = '', bucket = 'data' } = {},
  ) => {
    for (const [index, content] of contents.entries()) if (content !== undefined) put(`${index + 1}`, content)
    put('manifest', { entries: contents.map((_, index) => ({ url: `s3://data/${index + 1}`, mandatory })) })
    put('paths', { jsonpaths: columns.map((name) => `$['${name}']`) })
    return client.query(`copy songs (${columns.join(', ')}) from 's3://${bucket}/manifest' manifest
      iam_role 'arn:aws:iam::123456789012:role/loader' format as json 's3://data/paths' timeformat 'epochmillisecs' ${options}`)
  }
  const rows = (columns = 'id') => list(`select ${columns} from songs order by id`)
  beforeEach(async () => {
    objects.clear()
    roleState = 'ok'
    await client.query('drop table if exists songs')
    await client.query(
      'create table songs (id integer not null, title varchar(8), price decimal(6,2), length double precision, at timestamp)',
    )
  })

  test('reads objects of JSON with white space between them', async () => {
    await copy(['{"id": 1, "title": "one"}{"id": 2}\n\n  {"title": "three",\n "id": 3, "more": [1]}'])
    expect(await rows('id, title')).toEqual([
      [1, 'one'],
      [2, null],
      [3, 'three'],
    ])
  })

  test('fails where an object is missing, if the manifest says that it is mandatory', async () => {
    await copy(['{"id": 1}', undefined], { mandatory: false })
    expect(await rows()).toEqual([[1]])
    const { message } = await refusalOf(copy(['{"id": 1}', undefined]))
    expect(message).toBe("The specified S3 prefix '2' does not exist")
  })

  test('cuts numbers to the scale, or rounds them with ROUNDEC; takes empty numbers for NULL and empty text for text', async () => {
    const full = '{"id": "1", "title": 112, "price": 1.239, "length": 1540919166796.0, "at": 1541105830796}'
    await copy([full, '{"id": 2, "title": {"a": 1}, "price": "", "length": "", "at": ""}\n{"id": 3, "title": ""}'])
    expect(await rows('id, title, price, length, cast(at as varchar)')).toEqual([
      [1, '112', '1.23', 1540919166796, '2018-11-01 20:57:10.796'],
      [2, '{"a": 1}', null, null, null],
      [3, '', null, null, null],
    ])
    await client.query('delete from songs')
    await copy([full], { options: 'roundec' })
    expect(await rows('price')).toEqual([['1.24']])
  })

  test.each<[what: string, lines: string, error: readonly unknown[]]>([
    ['text over its bytes', '{"id": 1}\n{"id": 2, "title": "ééééé"}', ['2', 'title', 1204]],
    ['not a whole number', '{"id": "1.5"}', ['1', 'id', 1207]],
    ['out of range', '{"id": 2147483648}', ['1', 'id', 1204]],
    ['no float', '{"id": 1, "length": "x"}', ['1', 'length', 1208]],
    ['no instant', '{"id": 1, "at": "yesterday"}', ['1', 'at', 1206]],
    ['null in NOT NULL', '{"title": "a"}', ['1', 'id', 1213]],
    ['half a character', '{"id": 1, "title": "\\ud800"}', ['1', 'title', 1220]],
    ['not JSON', '{"id": 1}\n{"id": }', ['2', '', 1216]],
    ['an array of objects', '[{"id": 1}]', ['1', '', 1216]],
    ['over 4 MB', `{"id": 1, "title": "${'x'.repeat(4 * 1024 * 1024)}"}`, ['1', '', 1216]],
  ])('loads nothing where a record is %s, and says which', async (_, lines, error) => {
    expect(await refusalOf(copy([lines]))).toEqual({
      code: 'XX000',
      message: "Load into table 'songs' failed. Check 'sys_load_error_detail' system table for details.",
    })
    const errors = await list(
      `select line_number, trim(column_name), error_code, trim(file_name) from sys_load_error_detail
      where session_id = pg_backend_pid() order by query_id desc limit 1`,
    )
    expect(errors).toEqual([[...error, 's3://data/1']])
    expect(await rows()).toEqual([])
  })

  test('needs its role, and objects in its region', async () => {
    roleState = 'not-authorized'
    expect((await refusalOf(copy(['{"id": 1}']))).message).toMatch(
      /^exception name : UnauthorizedException, error type : 138, message: Not authorized to get credentials of role/,
    )
    roleState = 'ok'
    const { message } = await refusalOf(copy(['{"id": 1}'], { bucket: 'far' }))
    expect(message).toMatch(/Status 301,Error PermanentRedirect/)
  })

  test('says inside the transaction what it read: files, lines, bytes', async () => {
    await client.query('begin')
    await copy(['{"id": 1}\n{"id": 2}', '{"id": 3}\n'])
    const detail = `select trim(file_name), lines_scanned, bytes_scanned from sys_load_detail where query_id =
        (select max(query_id) from sys_load_history where session_id = pg_backend_pid()) order by 1`
    expect(await list(detail)).toEqual([
      ['s3://data/1', 2, 19],
      ['s3://data/2', 1, 10],
    ])
    await client.query('commit')
  })

  test('refuses options that the project does not use', async () => {
    expect(await refusalOf(copy(['{"id": 1}'], { options: 'truncatecolumns' }))).toEqual({
      code: '0A000',
      message: "the double doesn't know the COPY option truncatecolumns",
    })
  })
})

describe('transactions', () => {
  test('readers see what is committed and do not wait; a transaction keeps seeing what it saw', async () => {
    await client.query('delete from t')
    const other = await connect()
    const count = async () => (await other.query('select count(*) as n from t')).rows[0].n
    await other.query('begin')
    expect(await count()).toBe('0')
    await client.query('begin')
    await client.query('insert into t (id) values (1)')
    await client.query('commit')
    expect(await count()).toBe('0')
    await other.query('commit')
    expect(await count()).toBe('1')
    await other.end()
  })

  test('an error undoes all of it, tables too, and the rest is refused until it ends', async () => {
    await client.query('begin')
    await client.query('create table passing (n integer)')
    expect(await refusalOf(client.query('select nonsense from t'))).toMatchObject({ code: '42703' })
    expect(await refusalOf(client.query('select 1'))).toMatchObject({ code: '25P02' })
    await client.query('rollback')
    expect(await refusalOf(client.query('select n from passing'))).toMatchObject({ code: '42P01' })
  })

  test('one that is read-only refuses to change anything', async () => {
    await client.query('begin read only')
    expect(await refusalOf(client.query('delete from t'))).toMatchObject({ code: '25006' })
    await client.query('rollback')
  })

  test('a type is changed outside of them only', async () => {
    await client.query('begin')
    const change = 'alter table t alter column name type varchar(40)'
    expect(await refusalOf(client.query(change))).toMatchObject({ code: '25001' })
    await client.query('rollback')
    await client.query(change)
    await client.query(`insert into t (id, name) values (9, '${'é'.repeat(20)}')`)
  })
})
