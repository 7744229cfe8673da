import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { type RedshiftDouble, startRedshiftDouble } from './index.ts'

let double: RedshiftDouble
let client: pg.Client
beforeAll(async () => {
  double = await startRedshiftDouble({ serverless: true })
  client = await connectTo(double)
  await client.query('create table t (id integer, name varchar(20), amount decimal(10,2), at timestamp)')
  await client.query("insert into t values (1, 'a', 1.50, '2018-11-01 20:57:10.796'), (2, 'b', 2.50, null)")
  await client.query('create table s (id integer, name varchar(20))')
}, 30_000)
afterAll(async () => {
  await client.end()
  await double.close()
})

const all = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows
const first = async (text: string) => (await all(text))[0]

describe('accepted', () => {
  test.each([
    [
      'create table a1 (id bigint identity(0,1) encode az64, v varchar(max), w text, n nvarchar(10), primary key (id)) backup no diststyle key distkey (v) interleaved sortkey (id, v)',
    ],
    [
      'create table a2 (id integer not null distkey sortkey references a1 (id), d decimal default 0, at timestamptz default getdate(), unique (id), foreign key (id) references a1 (id))',
    ],
    ['create table a3 (like a2 including defaults)'],
    ['create table a4 diststyle all sortkey (id) as select id, name from t'],
    ['create table if not exists a1 (id integer)'],
    ['create or replace view v1 as select id from t'],
    ['create view v2 as select id from public.t with no schema binding'],
    ['create schema if not exists other'],
    ['alter table a1 add column more varchar(10) default null'],
    ['alter table a1 drop column more cascade'],
    ['alter table a1 rename column w to x'],
    ['alter table a1 alter column v type varchar(100)'],
    ['alter table a1 alter distkey id'],
    ["comment on table a1 is 'it''s a table'"],
    ['analyze t'],
    ['vacuum'],
    ['grant select on t to group readers'],
    ['begin isolation level serializable'],
    ['commit'],
    ['begin transaction read only'],
    ['end'],
    ['set query_group to nightly'],
    ["set timezone = 'UTC'"],
    ['reset query_group'],
    ['show search_path'],
    ['delete t where id = 100'],
    ['update t set name = s.name from s where s.id = t.id'],
    ['delete from t using s where s.id = t.id'],
    [
      'merge into s using t on s.id = t.id when matched then update set name = t.name when not matched then insert (id, name) values (t.id, t.name)',
    ],
    ['select * from t union all select 3, null, null, null minus select 9, null, null, null'],
    ['select id, row_number() over (partition by name order by at desc) from t'],
    ['select sum(amount) over (order by id rows unbounded preceding) from t'],
    ['with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) select * from r'],
    ['explain select * from t'],
    ['drop view v1, v2'],
    ['drop table if exists a4, a3 cascade'],
  ])('%s', async (sql) => {
    await client.query(sql)
  })
})

describe('answers as Redshift does', () => {
  test.each([
    ['whole numbers are divided to whole numbers', 'select 7 / 2, -7 / 2, 7 % 3', [3, -3, 1]],
    ['an average of integers is an integer', 'select avg(id), avg(amount) > 1.9 from t', ['1', true]],
    [
      'EXTRACT gives an integer',
      'select extract(dow from at), extract(week from at), extract(epoch from at) from t where id = 1',
      [4, 44, '1541105830'],
    ],
    [
      'parts have more names',
      "select extract(weekday from at), date_part(dw, at), date_part('yearday', at) from t where id = 1",
      [4, 4, 305],
    ],
    [
      'all matches are replaced, groups are $1',
      "select regexp_replace('a1b2', '[0-9]'), regexp_replace('a1b2', '([0-9])', '<$1>')",
      ['ab', 'a<1>b<2>'],
    ],
    ['backslash is an escape', String.raw`select 'a\'b', 'a\\b', 'a''b'`, ["a'b", String.raw`a\b`, "a'b"]],
    [
      'blanks at the end are not compared',
      "select 'a' = 'a  ', len('a  '), octet_length('é '), 'a' || 'b ' || 'c'",
      [true, 3, 3, 'ab c'],
    ],
    [
      '... nor grouped',
      "select count(*), max(octet_length(n)) from (select 'a' as n union all select 'a ') x group by n",
      ['2', 2],
    ],
    ['but LIKE sees them', "select 'a ' like 'a', 'a' in ('a ')", [false, true]],
    ['text is ordered by code point', "select 'Z' < 'a', 'z' < 'é', 'a' < 'ab'", [true, true, true]],
    [
      'bytes and text',
      "select upper(to_hex(to_varbyte('Bjö', 'utf8'))), from_varbyte(from_hex('c3b6'), 'utf8')",
      ['426AC3B6', 'ö'],
    ],
    ['LISTAGG', "select listagg(name, ', ') within group (order by id desc) from t", ['b, a']],
    [
      'NVL, LEN, STRTOL, MEDIAN',
      "select nvl(null, 1), len('né'), strtol('ff', 16), median(id) from t",
      [1, 2, '255', 1.5],
    ],
    [
      'boundaries are counted',
      "select datediff(day, '2018-11-01 23:59'::timestamp, '2018-11-02 00:01'::timestamp), datediff('year', '2018-12-31'::date, '2019-01-01'::date), datediff(week, '2018-11-03'::date, '2018-11-04'::date)",
      ['1', '1', '1'],
    ],
    [
      'a DECIMAL without a scale has none',
      "select cast(1.5 as decimal), 1.25::decimal(5,1), cast('é' as varchar(10))",
      ['2', '1.3', 'é'],
    ],
    ['names fold to lower case, quoted or not', 'select 1 as "Mixed", "ID" from t where "T"."ID" = 1', [1, 1]],
    ['NULL comes last', 'select at from t order by at desc limit 1', [null]],
  ] as const)('%s', async (_, sql, expected) => {
    expect(await first(sql)).toEqual(expected)
  })

  test('VARCHAR(n) is n bytes', async () => {
    await client.query('create temp table short (name varchar(4), code char(2))')
    await client.query("insert into short values ('éé', 'ab')")
    expect(await refusalOf(client.query("insert into short values ('ééé', 'ab')"))).toEqual({
      code: '22001',
      message: 'value too long for type character varying(4)',
    })
    expect(await refusalOf(client.query("insert into short values ('abcde', 'ab')"))).toEqual({
      code: '22001',
      message: 'value too long for type character varying(4)',
    })
    await client.query('create temp table copied as select * from short')
    expect(await refusalOf(client.query("insert into copied values ('ééé', 'ab')"))).toMatchObject({ code: '22001' })
  })

  test('keys are believed, NOT NULL is enforced', async () => {
    await client.query(
      'create temp table keyed (id integer primary key, ref integer references t (id), name varchar(5) unique)',
    )
    await client.query("insert into keyed values (1, 99, 'a'), (1, 98, 'a')")
    expect(await refusalOf(client.query('insert into keyed values (null, 1, null)'))).toEqual({
      code: '23502',
      message: 'Cannot insert a NULL value into column id',
    })
  })

  test('IDENTITY counts by itself and takes no value', async () => {
    await client.query(
      'create temp table counting (id bigint identity(0,1), fallback integer generated by default as identity(5,2), n integer)',
    )
    await client.query('insert into counting (n) values (1), (2)')
    expect((await client.query('select id, fallback from counting order by id')).rows).toEqual([
      { id: '0', fallback: 5 },
      { id: '1', fallback: 7 },
    ])
    expect(await refusalOf(client.query('insert into counting (id) values (7)'))).toEqual({
      code: '0A000',
      message: 'cannot set an identity column to a value',
    })
  })

  test('a source row of MERGE that matches twice', async () => {
    await client.query('create temp table target as select 1 as id, 0 as n')
    await client.query('create temp table source as select 1 as id, 1 as n union all select 1, 2')
    const merge =
      'merge into target using source on target.id = source.id when matched then update set n = source.n when not matched then insert values (source.id, source.n)'
    expect((await refusalOf(client.query(merge))).message).toBe('Found multiple matches to update the same tuple.')
  })
})

describe('catalog', () => {
  test('pg_table_def, svv_table_info, svv_columns, svv_tables', async () => {
    await client.query(
      'create table plays (id bigint not null encode raw, user_id varchar(64), at timestamp, length decimal(10,5)) distkey (user_id) compound sortkey (at, id)',
    )
    expect(
      await all(
        `select "column", type, encoding, distkey, sortkey, "notnull" from pg_table_def where tablename = 'plays'`,
      ),
    ).toEqual([
      ['id', 'bigint', 'none', false, 2, true],
      ['user_id', 'character varying(64)', 'lzo', true, 0, false],
      ['at', 'timestamp without time zone', 'none', false, 1, false],
      ['length', 'numeric(10,5)', 'az64', false, 0, false],
    ])
    await client.query("comment on column plays.at is 'when'")
    expect(
      await all(`select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
        from svv_columns where table_name = 'plays' order by ordinal_position`),
    ).toEqual([
      ['id', 'bigint', null, 64, 0, null],
      ['user_id', 'character varying', 64, null, null, null],
      ['at', 'timestamp without time zone', null, null, null, 'when'],
      ['length', 'numeric', null, 10, 5, null],
    ])
    expect(await all("select table_schema, table_type from svv_tables where table_name = 'plays'")).toEqual([
      ['public', 'BASE TABLE'],
    ])
    const info = `select diststyle, sortkey1, sortkey_num, tbl_rows from svv_table_info where "table" = 'plays'`
    expect(await all(info)).toEqual([])
    await client.query('insert into plays (id) values (1), (2)')
    expect(await all(info)).toEqual([['KEY(user_id)', 'at', 2, '2']])
  })

  test('sys_serverless_usage', async () => {
    expect(await all('select compute_capacity > 0, charged_seconds >= 60 from sys_serverless_usage')).toEqual([
      [true, true],
    ])
  })

  test('sys_query_history', async () => {
    await client.query("set query_group to 'report'")
    await client.query('select 42')
    await client.query('select nonsense').catch(() => undefined)
    expect(
      await all(`select trim(query_type), trim(status), trim(query_text) from sys_query_history
        where query_label = 'report' and status <> 'running' order by query_id`),
    ).toEqual([
      ['SELECT', 'success', 'select 42'],
      ['SELECT', 'failed', 'select nonsense'],
    ])
    await client.query('reset query_group')
  })
})
