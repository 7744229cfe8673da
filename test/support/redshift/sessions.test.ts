import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { type RedshiftDouble, startRedshiftDouble } from './index.ts'

let double: RedshiftDouble
let writer: pg.Client
let other: pg.Client
beforeAll(async () => {
  double = await startRedshiftDouble()
}, 30_000)
afterAll(() => double.close())
beforeEach(async () => {
  ;[writer, other] = await Promise.all([connectTo(double), connectTo(double)])
  await writer.query('create table star (n integer)')
  await writer.query('insert into star values (1), (2)')
})
afterEach(async () => {
  await Promise.all([writer.end(), other.end()])
  const client = await connectTo(double)
  await client.query('drop table star')
  await client.end()
})

const count = async (client: pg.Client) => Number((await client.query('select count(*) as n from star')).rows[0].n)

test('readers see the old rows until the writer commits, and do not wait', async () => {
  await writer.query('begin')
  await writer.query('delete from star')
  await writer.query('insert into star values (1)')
  expect(await count(writer)).toBe(1)
  expect(await count(other)).toBe(2)
  await writer.query('commit')
  expect(await count(other)).toBe(1)
  expect(double.statements.map(({ ranOn }) => ranOn)).toContain('snapshot')
})

test('a reader in a transaction keeps seeing what it saw', async () => {
  await other.query('begin')
  expect(await count(other)).toBe(2)
  await writer.query('begin')
  await writer.query('delete from star')
  expect(await count(other)).toBe(2)
  await writer.query('commit')
  expect(await count(other)).toBe(2)
  await other.query('commit')
  expect(await count(other)).toBe(0)
})

test('a second writer waits for the lock and goes on when it is free', async () => {
  await writer.query('begin')
  await writer.query('lock star')
  await other.query('begin')
  let isLocked = false
  const locked = other.query('lock star').then(() => {
    isLocked = true
  })
  await writer.query('delete from star')
  await sleep(50)
  expect(isLocked).toBe(false)
  await writer.query('commit')
  await locked
  expect(await count(other)).toBe(0)
  await other.query('rollback')
})

test('a writer that waits too long is cancelled, and can see who holds the lock', async () => {
  await writer.query('begin')
  await writer.query('lock star')
  await other.query('set statement_timeout to 100')
  expect(await refusalOf(other.query('delete from star'))).toMatchObject({ code: '57014' })
  const { rows } = await other.query(
    "select pid, txn_owner from svv_transactions where lockable_object_type = 'relation'",
  )
  expect(rows).toEqual([
    { pid: (await writer.query('select pg_backend_pid() as id')).rows[0].id, txn_owner: 'awsuser' },
  ])
  await writer.query('rollback')
  await other.query('delete from star')
})

test('a connection that is lost rolls back and frees the lock', async () => {
  await writer.query('begin')
  await writer.query('delete from star')
  double.faults.cut(/^select 'cut'/, { when: 'before' })
  await expect(writer.query("select 'cut'")).rejects.toThrow()
  await other.query('insert into star values (3)')
  expect(await count(other)).toBe(3)
})

test('an error undoes the transaction at once and the rest of it is refused', async () => {
  await writer.query('begin')
  await writer.query('delete from star')
  expect(await refusalOf(writer.query('select nonsense from star'))).toMatchObject({ code: '42703' })
  expect(await refusalOf(writer.query('select 1'))).toMatchObject({ code: '25P02' })
  expect((await writer.query('rollback')).command).toBe('ROLLBACK')
  expect(await count(writer)).toBe(2)
})

test('a string of statements is one transaction', async () => {
  expect(await refusalOf(writer.query('delete from star; select nonsense'))).toMatchObject({ code: '42703' })
  expect(await count(writer)).toBe(2)
  await writer.query('begin; delete from star; rollback')
  expect(await count(writer)).toBe(2)
  await writer.query('delete from star; insert into star values (5)')
  expect(await count(writer)).toBe(1)
})

test('TRUNCATE commits what came before it', async () => {
  await writer.query('create table kept (n integer)')
  await writer.query('begin')
  await writer.query('insert into kept values (1)')
  await writer.query('truncate star')
  await writer.query('rollback')
  expect(await count(writer)).toBe(0)
  expect((await writer.query('select n from kept')).rows).toEqual([{ n: 1 }])
})

test('DDL is rolled back', async () => {
  await writer.query('begin')
  await writer.query('create table passing (n integer)')
  await writer.query('drop table star')
  await writer.query('rollback')
  expect(await count(writer)).toBe(2)
  expect(await refusalOf(writer.query('select * from passing'))).toMatchObject({ code: '42P01' })
})

test('temporary tables belong to their session', async () => {
  await writer.query('create temp table mine as select 1 as n')
  await other.query('create temporary table mine (n integer)')
  await writer.query('create table #hashed (n integer)')
  expect((await writer.query('select n from mine')).rows).toEqual([{ n: 1 }])
  expect((await other.query('select n from mine')).rows).toEqual([])
  expect(await refusalOf(other.query('select * from #hashed'))).toMatchObject({ code: '42P01' })
  await writer.query('begin')
  await writer.query('delete from star')
  expect((await other.query('select n from mine')).rows).toEqual([])
  await writer.query('commit')
})
