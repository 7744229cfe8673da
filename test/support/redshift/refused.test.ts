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

describe('refused', () => {
  test.each([
    // What PostgreSQL adds to INSERT, UPDATE and DELETE
    ['insert into t (id) values (1) on conflict do nothing', '42601'],
    ['insert into t (id) values (1) returning id', '42601'],
    ['insert into t as x (id) values (1)', '42601'],
    ['with x as (select 1) insert into t (id) select * from x', '42601'],
    ['with gone as (delete from t returning id) select * from gone', '42601'],
    ['delete from t x where x.id = 1', '42601'],
    ['delete from t as x using s where x.id = s.id', '42601'],
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
    ['select * from t tablesample system (10)', '42601'],
    ['select * from t fetch first 1 row only', '42601'],
    ['select * from t for update', '0A000'],
    ["select '{}'::jsonb", '42704'],
    ["select name -> 'a' from t", '42601'],
    ['select new from t', '42601'],
    ['values (1)', '42601'],
    ['select sum(amount) over (order by id) from t', '42601'],
    ['select row_number() over (order by id rows unbounded preceding) from t', '42601'],
    ['select sum(amount) over (order by id range unbounded preceding) from t', '42601'],
    ['select sum(amount) over w from t window w as (order by id)', '42601'],
    ['explain analyze select 1', '42601'],
    // Functions
    ['select generate_series(1, 3)', '42883'],
    ['select * from generate_series(1, 3)', '42883'],
    ["select string_agg(name, ',') from t", '42883'],
    ['select array_agg(name) from t', '42883'],
    ['select pg_sleep(1)', '42883'],
    ['select pg_advisory_lock(1)', '42883'],
    ['select gen_random_uuid()', '42883'],
    ['select jsonb_build_object()', '42883'],
    ['select to_timestamp(1)', '42883'],
    ["select concat('a', 'b', 'c')", '42883'],
    ['select extract(isodow from at) from t', '22023'],
    ['select now() from t', '0A000'],
    ['select current_timestamp from t', '0A000'],
    ['select * from pg_table_def, t', '0A000'],
    // Tables
    ['create table x (id serial)', '0A000'],
    ['create table x (id uuid)', '0A000'],
    ['create table x (id json)', '0A000'],
    ['create table x (id jsonb)', '0A000'],
    ['create table x (id bytea)', '0A000'],
    ['create table x (id money)', '0A000'],
    ['create table x (id integer[])', '42601'],
    ['create table x (at timestamp(3))', '42601'],
    ['create table x (id integer check (id > 0))', '0A000'],
    ['create table x (id integer, check (id > 0))', '0A000'],
    ['create table x (id integer generated always as identity)', '42601'],
    ['create table x (a integer, b integer generated always as (a * 2) stored)', '42601'],
    ['create table x (id integer) partition by range (id)', '42601'],
    ['create table x (id integer) with (fillfactor = 70)', '42601'],
    ['create table x (id integer) sortky (id)', '42601'],
    ['create table x (id integer) diststyle odd', '42601'],
    ['create table x (id integer encode gzip)', '42601'],
    ['create table x (id integer) diststyle all distkey (id)', '42601'],
    ['create table x (id integer) distkey (nope)', '42703'],
    ['create table x (id integer) sortkey (nope)', '42703'],
    ['create table x (tag integer)', '42601'],
    ['create table x (name varchar(65536))', '22023'],
    ['create table x (n decimal(39,0))', '22023'],
    ['create table if not exists x as select 1 as n', '42601'],
    ['create unlogged table x (id integer)', '0A000'],
    ['create index i on t (id)', '0A000'],
    ['create unique index i on t (id)', '0A000'],
    ['create sequence q', '0A000'],
    ["create type mood as enum ('sad')", '0A000'],
    ['create trigger g before insert on t execute procedure f()', '0A000'],
    ['alter table t add column a integer, add column b integer', '42601'],
    ['alter table t add column if not exists a integer', '42601'],
    ['alter table t add column a integer not null', '0A000'],
    ['alter table t alter column name set not null', '42601'],
    ['alter table t alter column id type bigint', '0A000'],
    ['drop index i', '0A000'],
    ['truncate t, s', '42601'],
    ['truncate t cascade', '42601'],
    // Transactions and sessions
    ['savepoint a', '0A000'],
    ['rollback to savepoint a', '0A000'],
    ['listen a', '0A000'],
    ['do $$ begin end $$', '42601'],
    ['lock t', '25P01'],
    ['set lock_timeout to 1', '42704'],
    ['set client_min_messages to error', '42501'],
    ['copy t from stdin', '0A000'],
    // MERGE
    [
      'merge into t as x using s on x.id = s.id when matched then delete when not matched then insert values (s.id)',
      '42601',
    ],
    [
      'merge into t using (select 1 as id) s on t.id = s.id when matched then delete when not matched then insert values (s.id)',
      '0A000',
    ],
    ['merge into t using s on t.id = s.id when matched then delete', '42601'],
    [
      'merge into t using s on t.id = s.id when matched and s.id > 1 then delete when not matched then insert values (s.id)',
      '42601',
    ],
    [
      'merge into t using s on t.id = s.id when not matched then insert values (s.id) when matched then delete',
      '42601',
    ],
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

  test('what only the double lacks says so', async () => {
    for (const sql of [
      'select top 1 * from t',
      'create table x (a super)',
      "select json_parse('1')",
      "unload ('select 1') to 's3://a/b'",
    ]) {
      expect((await refusalOf(client.query(sql))).message).toMatch(
        /is valid on Redshift but not implemented by the test double$/,
      )
    }
  })

  test('words in strings, names and comments are not words of the language', async () => {
    expect(await first(`select 'a on conflict returning' as "RETURNING" /* for update */ -- lateral`)).toEqual([
      'a on conflict returning',
    ])
  })
})
