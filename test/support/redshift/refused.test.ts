import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { type RedshiftDouble, startRedshiftDouble } from './index.ts'

let double: RedshiftDouble
let client: pg.Client
beforeAll(async () => {
  double = await startRedshiftDouble()
  client = await connectTo(double)
  await client.query('create table t (id integer, name varchar(20), amount decimal(10,2), at timestamp)')
  await client.query("insert into t values (1, 'a', 1.50, '2018-11-01 20:57:10.796'), (2, 'b', 2.50, null)")
  await client.query('create table s (id integer, name varchar(20))')
}, 30_000)
afterAll(async () => {
  await client.end()
  await double.close()
})

const first = async (text: string) => (await client.query({ text, rowMode: 'array' })).rows[0]

describe('refused, as the list of unsupported PostgreSQL features and the grammar in the Database Developer Guide say', () => {
  test.each([
    // What PostgreSQL adds to INSERT, UPDATE and DELETE
    ['insert into t (id) values (1) on conflict do nothing', '42601'],
    ['insert into t (id) values (1) returning id', '42601'],
    ['with x as (select 1) insert into t (id) select * from x', '42601'],
    // Queries
    ['select distinct on (id) * from t', '0A000'],
    ['select count(*) filter (where id > 1) from t', '42601'],
    ['select * from t, lateral (select 1) x', '42601'],
    ['select * from (values (1), (2)) x (n)', '42601'],
    ['select * from t where name is distinct from null', '42601'],
    ['select * from t where name is not distinct from null', '42601'],
    ['select id from t except all select id from s', '0A000'],
    ['select id from t intersect all select id from s', '0A000'],
    ['select array[1, 2]', '42601'],
    ["select '{1}'::int[]", '42601'],
    ['select sum(amount) over (order by id) from t', '42601'],
    ['select row_number() over (order by id rows unbounded preceding) from t', '42601'],
    // Functions
    ['select generate_series(1, 3)', '42883'],
    ['select * from generate_series(1, 3)', '42883'],
    ["select string_agg(name, ',') from t", '42883'],
    ['select array_agg(name) from t', '42883'],
    ['select extract(isodow from at) from t', '22023'],
    ['select now() from t', '0A000'],
    ['select current_timestamp from t', '0A000'],
    // Tables
    ['create table x (id serial)', '0A000'],
    ['create table x (id integer[])', '42601'],
    ['create table x (id integer) sortky (id)', '42601'],
    ['create table x (id integer) sortkey (nope)', '42703'],
    ['create table x (name varchar(65536))', '22023'],
    ['create table if not exists x as select 1 as n', '42601'],
    ['create index i on t (id)', '0A000'],
    ['create unique index i on t (id)', '0A000'],
    ['alter table t add column if not exists a integer', '42601'],
    ['alter table t add column a integer not null', '0A000'],
    ['alter table t alter column id type bigint', '0A000'],
    ['truncate t, s', '42601'],
    ['truncate t cascade', '42601'],
    // Transactions and sessions
    ['savepoint a', '0A000'],
    ['lock t', '25P01'],
  ])('%s', async (sql, code) => {
    expect(await refusalOf(client.query(sql))).toMatchObject({ code })
  })

  test.each([
    'vacuum',
    'alter table t alter column name type varchar(40)',
    'alter table t append from s',
    'create database other',
    'drop database other',
  ])('in a transaction: %s', async (sql) => {
    await client.query('begin')
    expect(await refusalOf(client.query(sql))).toMatchObject({ code: '25001' })
    await client.query('rollback')
  })

  test('words in strings, names and comments are not words of the language', async () => {
    expect(await first(`select 'a on conflict returning' as "RETURNING" /* for update */ -- lateral`)).toEqual([
      'a on conflict returning',
    ])
  })
})
