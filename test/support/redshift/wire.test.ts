import { connect as connectSocket } from 'node:net'
import type pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { type RedshiftDouble, startRedshiftDouble } from './index.ts'

let double: RedshiftDouble
beforeAll(async () => {
  double = await startRedshiftDouble({
    users: (user, password) => password === 'Passw0rd' && (user === 'awsuser' || user.startsWith('IAM:')),
  })
}, 30_000)
afterAll(() => double.close())
afterEach(() => {
  double.faults.clear()
  double.certificate = 'valid'
})

describe('TLS', () => {
  test('the certificate is for localhost and signed by the authority given', async () => {
    const client = await connectTo(double, { ssl: { ca: double.ca, servername: 'localhost' } })
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })

  test.each([
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['expired', 'CERT_HAS_EXPIRED'],
  ] as const)('%s', async (kind, code) => {
    double.certificate = kind
    expect(await refusalOf(connectTo(double))).toMatchObject({ code })
  })

  test('an authority nobody gave is not trusted', async () => {
    expect(await refusalOf(connectTo(double, { ssl: true }))).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  })

  test('a server without TLS says so', async () => {
    double.certificate = 'none'
    expect((await refusalOf(connectTo(double))).message).toBe('The server does not support SSL connections')
  })

  test('without TLS nobody gets in', async () => {
    expect(await refusalOf(connectTo(double, { ssl: false }))).toEqual({
      code: '28000',
      message: expect.stringMatching(/^no pg_hba.conf entry for host ".+", user "awsuser", database "dev", SSL off$/),
    })
  })
})

describe('login', () => {
  test.each([
    ['a wrong password', { password: 'nonsense' }, '28P01'],
    ['an unknown user', { user: 'nobody' }, '28P01'],
    ['an unknown database', { database: 'other' }, '3D000'],
    ['a parameter Redshift does not have', { lock_timeout: 1000 }, '42704'],
    ['one in options', { options: '-c standard_conforming_strings=on' }, '42704'],
    ['one it does not allow', { options: '-c client_min_messages=error' }, '42501'],
  ] as const)('%s', async (_, options, code) => {
    expect(await refusalOf(connectTo(double, options))).toMatchObject({ code })
  })

  test('temporary credentials, application name', async () => {
    const client = await connectTo(double, { user: 'IAM:loader', application_name: 'etl' })
    const { rows } = await client.query('select current_user, current_database(), pg_backend_pid() as process')
    expect(rows).toEqual([{ current_user: 'IAM:loader', current_database: 'dev', process: expect.any(Number) }])
    expect(double.sessions.has(rows[0].process)).toBe(true)
    await client.end()
  })

  test('refused, cut off, never answered', async () => {
    double.faults.refuseLogin = { code: '57P03', message: 'the database system is starting up' }
    expect(await refusalOf(connectTo(double))).toMatchObject({ code: '57P03' })
    double.faults.clear()
    double.faults.refuseConnections = true
    await expect(connectTo(double)).rejects.toThrow()
    double.faults.clear()
    double.faults.silent = true
    await expect(connectTo(double, { connectionTimeoutMillis: 200 })).rejects.toThrow('timeout')
  })
})

describe('faults', () => {
  beforeAll(async () => {
    const client = await connectTo(double)
    await client.query('create table counted (n integer)')
    await client.end()
  })

  const count = async () => {
    const client = await connectTo(double)
    const { rows } = await client.query('select count(*) as n from counted')
    await client.end()
    return Number(rows[0].n)
  }

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('a connection cut %s the commit', async (when, added) => {
    const before = await count()
    const client = await connectTo(double)
    await client.query('begin')
    await client.query('insert into counted values (1)')
    double.faults.cut(/^commit/i, { when })
    await expect(client.query('commit')).rejects.toThrow('Connection terminated unexpectedly')
    expect(await count()).toBe(before + added)
    expect(double.statements.findLast(({ text }) => text === 'commit')?.outcome).toBe('cut')
  })

  test.each(['simple', 'extended'] as const)(
    'a statement outside a transaction is committed when cut after it: %s',
    async (protocol) => {
      const before = await count()
      const client = await connectTo(double)
      double.faults.cut(/insert/, { when: 'after' })
      await expect(
        protocol === 'simple'
          ? client.query('insert into counted values (1)')
          : client.query('insert into counted values ($1)', [1]),
      ).rejects.toThrow()
      expect(await count()).toBe(before + 1)
    },
  )

  test('the nth statement is refused, the rest of the transaction too', async () => {
    const client = await connectTo(double)
    double.faults.serializationConflict(/insert/, '100101', { nth: 2 })
    await client.query('begin')
    await client.query('insert into counted values (1)')
    const error = await client.query('insert into counted values (2)').catch((caught) => caught)
    expect(error).toMatchObject({
      code: '40001',
      message: '1023',
      detail: expect.stringContaining('Serializable isolation violation on table - 100101'),
    })
    expect(await refusalOf(client.query('select 1'))).toMatchObject({ code: '25P02' })
    expect((await client.query('commit')).command).toBe('ROLLBACK')
    await client.end()
  })

  test('a delay ends with the statement timeout, a cancel request or pg_cancel_backend', async () => {
    const client = await connectTo(double)
    double.faults.delay(/^select 'slow'/, 60_000, { times: 10 })
    await client.query('set statement_timeout to 100')
    expect(await refusalOf(client.query("select 'slow'"))).toMatchObject({ code: '57014' })
    await client.query('reset statement_timeout')

    const { process, secret } =
      double.sessions.get((await client.query('select pg_backend_pid() as id')).rows[0].id) ?? {}
    const slow = refusalOf(client.query("select 'slow'"))
    const request = Buffer.alloc(16)
    for (const [index, value] of [16, 80_877_102, process ?? 0, secret ?? 0].entries())
      request.writeInt32BE(value, index * 4)
    connectSocket(double.port, '127.0.0.1').end(request)
    expect(await slow).toMatchObject({ code: '57014', message: expect.stringContaining("cancelled on user's request") })

    const other = await connectTo(double)
    const again = refusalOf(client.query("select 'slow'"))
    await other.query(`select pg_cancel_backend(${process})`)
    expect(await again).toMatchObject({ code: '57014' })
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
    await other.end()
  })
})

describe('the extended protocol', () => {
  test('parameters, named statements, errors', async () => {
    const client = await connectTo(double)
    await client.query('create table named (id integer, name varchar(10))')
    for (const id of [1, 2, 3]) {
      await client.query({ name: 'insert', text: 'insert into named values ($1, $2)', values: [id, `it's ${id}`] })
    }
    expect((await client.query('select name from named where id > $1 order by id', [1])).rows).toEqual([
      { name: "it's 2" },
      { name: "it's 3" },
    ])
    expect(await refusalOf(client.query('insert into named values ($1, $2)', [4, 'much too long']))).toMatchObject({
      code: '22001',
    })
    expect(await refusalOf(client.query('select array_agg($1)', [1]))).toMatchObject({ code: '42883' })
    expect(await refusalOf(client.query('select $1; select 2', [1]))).toMatchObject({
      code: '42601',
      message: 'cannot insert multiple commands into a prepared statement',
    })
    expect((await client.query({ name: 'empty', text: ' ', values: [] })).rows).toEqual([])
    await client.query({ name: 'begin', text: 'begin', values: [] })
    await client.query('delete from named where id = $1', [1])
    await client.query({ name: 'rollback', text: 'rollback', values: [] })
    expect((await client.query('select count(*) as n from named')).rows).toEqual([{ n: '3' }])
    await client.end()
  })

  test('two sessions may give two statements one name', async () => {
    const [first, second] = await Promise.all([connectTo(double), connectTo(double)])
    const run = (client: pg.Client, text: string) => client.query({ name: 'same', text, values: [7] })
    const answers = [
      await run(first, 'select $1::int as a'),
      await run(second, 'select $1::int + 1 as a'),
      await run(first, 'select $1::int as a'),
    ]
    expect(answers.map(({ rows }) => rows[0].a)).toEqual([7, 8, 7])
    await Promise.all([first.end(), second.end()])
  })
})

test('every statement is in the log', async () => {
  const client = await connectTo(double)
  const from = double.statements.length
  await client.query("set query_group to 'nightly'")
  await client.query('select 1; select nonsense').catch(() => undefined)
  await client.query('select $1::int', [2])
  await client.end()
  expect(double.statements.slice(from).map(({ text, outcome, queryGroup }) => [text, outcome, queryGroup])).toEqual([
    ["set query_group to 'nightly'", 'ok', 'default'],
    ['select 1', 'ok', 'nightly'],
    ['select nonsense', '42703', 'nightly'],
    ['select $1::int', 'ok', 'nightly'],
  ])
})
