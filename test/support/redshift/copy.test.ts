import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectTo, refusalOf } from './client.ts'
import { arn, CopySetup, failed, role } from './copy-setup.ts'

const setup = new CopySetup()
beforeAll(() => setup.start(), 30_000)
afterAll(() => setup.close())
beforeEach(() => setup.reset())

describe('what is read', () => {
  test('every object whose key starts with the prefix, objects of JSON with white space between them', async () => {
    setup.put('a/1.json', '{"id": 1, "title": "one"}{"id": 2}\n\n  {"title": "three",\n "id": 3, "more": [1]}')
    setup.put('a/2.json', '{"id": 4}')
    setup.put('b.json', '{"id": 5}')
    await setup.copy(`'s3://data/a' ${role} format as json 'auto' compupdate off statupdate off`)
    expect(await setup.rows('id, title')).toEqual([
      [1, 'one'],
      [2, null],
      [3, 'three'],
      [4, null],
    ])
    expect(setup.client.notices).toEqual([
      { severity: 'INFO', message: "Load into table 'songs' completed, 4 record(s) loaded successfully." },
    ])
    expect(setup.roles).toEqual(new Set([arn]))
  })

  test('a prefix under which nothing is', async () => {
    expect(await refusalOf(setup.copy(`'s3://data/none/' ${role} json 'auto'`))).toEqual({
      code: 'XX000',
      message: "The specified S3 prefix 'none/' does not exist",
    })
  })

  test('a manifest: what it lists, twice if listed twice; missing objects only if they are not mandatory', async () => {
    setup.put('1', '{"id": 1}')
    setup.put('more/2', '{"id": 2}')
    const entry = (key: string, mandatory?: boolean) => ({
      url: `s3://data/${key}`,
      ...(mandatory === undefined ? {} : { mandatory }),
    })
    setup.put('m', JSON.stringify({ entries: [entry('1', true), entry('more/2'), entry('1'), entry('gone')] }))
    await setup.copy(`'s3://data/m' iam_role default json 'auto' manifest`)
    expect(await setup.rows('id')).toEqual([[1], [1], [2]])
    setup.put('m', JSON.stringify({ entries: [entry('1', true), entry('gone', true)] }))
    expect((await refusalOf(setup.copy(`'s3://data/m' ${role} manifest json 'auto'`))).message).toBe(
      "The specified S3 prefix 'gone' does not exist",
    )
    setup.put('m', '[]')
    expect((await refusalOf(setup.copy(`'s3://data/m' ${role} manifest json 'auto'`))).message).toBe(
      'Manifest file is not in correct json format',
    )
    expect((await refusalOf(setup.copy(`'s3://data/nope' ${role} manifest json 'auto'`))).message).toMatch(
      /^Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey/,
    )
  })

  test('jsonpaths: in the order of the columns; another key than jsonpaths means auto', async () => {
    setup.put('1', '{"songId": 7, "names": {"long": ["x", "y"]}, "id": 1}')
    setup.put('paths', JSON.stringify({ jsonpaths: ["$['songId']", "$['names']['long'][1]"] }))
    await setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`, 'songs (id, title)')
    setup.put('paths', JSON.stringify({ jsonpaths: ['$.songId', '$.names.long[0]'] }))
    await setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`, 'songs (id, title)')
    setup.put('paths', JSON.stringify({ jsonPaths: ['$.songId'] }))
    await setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`, 'songs (id, title)')
    expect(await setup.rows('id, title')).toEqual([
      [1, null],
      [7, 'y'],
      [7, 'x'],
    ])
    setup.put('paths', JSON.stringify({ jsonpaths: ['$.id'] }))
    expect((await refusalOf(setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`))).message).toBe(
      'Number of jsonpaths and the number of columns should match. JSONPath size: 1, Number of columns in table or column list: 8',
    )
    setup.put('paths', JSON.stringify({ jsonpaths: ["$.names['long']", '$.id'] }))
    expect(
      (await refusalOf(setup.copy(`'s3://data/1' ${role} json 's3://data/paths'`, 'songs (id, title)'))).message,
    ).toMatch(/^Invalid JSONPath format/)
  })

  test('names match in lower case only, or in any case', async () => {
    setup.put('1', '{"ID": 1, "Title": "a", "id": 2}')
    await setup.copy(`'s3://data/1' ${role} json 'auto'`)
    setup.put('1', '{"Id": 3, "Title": "b"}')
    await setup.copy(`'s3://data/1' ${role} json 'auto ignorecase'`)
    expect(await setup.rows('id, title')).toEqual([
      [2, null],
      [3, 'b'],
    ])
  })

  test('gzip', async () => {
    setup.put('1.gz', gzipSync('{"id": 1}\n{"id": 2}'))
    await setup.copy(`'s3://data/1.gz' ${role} json 'auto' gzip`)
    expect(await setup.rows('id')).toEqual([[1], [2]])
    expect(await refusalOf(setup.copy(`'s3://data/1.gz' ${role} json 'auto'`))).toEqual(failed)
  })

  test('roles, regions, permissions', async () => {
    setup.put('1', '{"id": 1}')
    setup.roleState = 'not-authorized'
    expect(await refusalOf(setup.copy(`'s3://data/1' ${role} json 'auto'`))).toEqual({
      code: 'XX000',
      message: `exception name : UnauthorizedException, error type : 138, message: Not authorized to get credentials of role ${arn}, should retry : 0`,
    })
    setup.roleState = 'ok'
    expect((await refusalOf(setup.copy(`'s3://far/1' ${role} json 'auto'`))).message).toMatch(
      /Status 301,Error PermanentRedirect/,
    )
    expect((await refusalOf(setup.copy(`'s3://data/secret' ${role} json 'auto' manifest`))).message).toMatch(
      /^S3ServiceException:Access Denied,Status 403,Error AccessDenied/,
    )
    setup.objects.set('far/1', Buffer.from('{"id": 9}'))
    await setup.copy(`'s3://far/1' ${role} json 'auto' region as 'eu-west-1'`)
    expect(await setup.rows('id')).toEqual([[9]])
  })
})

describe('values', () => {
  test('text, numbers and times as COPY takes them', async () => {
    setup.put(
      '1',
      '{"id": "1", "title": 112, "price": 1.239, "length": 1540919166796.0, "at": 1541105830796, "code": "a", "live": true, "day": "2018-11-01"}\n{"id": 2, "title": {"a": 1}, "price": "", "length": "", "at": "", "code": "", "live": "n", "day": null}\n{"id": 3, "title": "", "price": "-0.999"}',
    )
    await setup.copy(`'s3://data/1' ${role} json 'auto' timeformat 'epochmillisecs'`)
    expect(await setup.rows('id, title, price, length, at::varchar(30), code, live, day::varchar(10)')).toEqual([
      [1, '112', '1.23', 1540919166796, '2018-11-01 20:57:10.796', 'a  ', true, '2018-11-01'],
      [2, '{"a": 1}', null, null, null, '   ', false, null],
      [3, '', '-0.99', null, null, null, null, null],
    ])
  })

  test('options: round, truncate, empty and blank as null, replace, dry run', async () => {
    setup.put(
      '1',
      Buffer.from(
        '{"id": 1, "title": "ééééé", "price": 1.235}\n{"id": 2, "title": "", "price": 1e1}\n{"id": 3, "title": "a\\ud800\xff"}',
        'latin1',
      )
        .toString('latin1')
        .replace('ééééé', 'ééééé'),
    )
    await setup.copy(
      `'s3://data/1' ${role} json 'auto' roundec truncatecolumns emptyasnull blanksasnull acceptinvchars as '^'`,
    )
    expect(await setup.rows('id, title, price')).toEqual([
      [1, 'éééé', '1.24'],
      [2, null, '10.00'],
      [3, expect.stringMatching(/^a\^{3}/), null],
    ])
    await setup.copy(`'s3://data/1' ${role} json 'auto' noload truncatecolumns acceptinvchars`)
    expect(await setup.rows('id')).toHaveLength(3)
  })

  test('timestamps', async () => {
    setup.put('1', '{"id": 1, "at": "2018-11-01 20:57:10.796"}')
    await setup.copy(`'s3://data/1' ${role} json 'auto'`)
    setup.put('1', '{"id": 2, "at": "2018-11-01T20:57:10Z"}')
    await setup.copy(`'s3://data/1' ${role} json 'auto' timeformat 'auto'`)
    expect(await setup.rows('at::varchar(30)')).toEqual([['2018-11-01 20:57:10.796'], ['2018-11-01 20:57:10']])
  })
})

describe('what is known of a load', () => {
  const last = async () => (await setup.list('select pg_last_copy_id(), pg_last_copy_count()'))[0]

  test('its id and count, which a rollback takes back', async () => {
    setup.put('1', '{"id": 1}\n{"id": 2}')
    setup.put('bad', '{"id": "x"}')
    await setup.copy(`'s3://data/1' ${role} json 'auto'`)
    const [id, count] = (await last()) ?? []
    expect(count).toBe('2')
    await setup.client.query('begin')
    setup.put('1', '{"id": 1}')
    await setup.copy(`'s3://data/1' ${role} json 'auto'`)
    expect(await last()).toEqual([expect.any(Number), '1'])
    await setup.client.query('rollback')
    expect(await last()).toEqual([id, '2'])
    await setup.copy(`'s3://data/none' ${role} json 'auto'`).catch(() => undefined)
    expect(await last()).toEqual([id, '2'])
    await setup.copy(`'s3://data/bad' ${role} json 'auto'`).catch(() => undefined)
    expect(await last()).toEqual([expect.any(Number), '0'])
  })

  test('its files and lines, inside the transaction too', async () => {
    setup.put('1', '{"id": 1}\n{"id": 2}')
    setup.put('2', '{"id": 3}\n')
    setup.put('3', '')
    await setup.client.query('begin')
    await setup.copy(`'s3://data/' ${role} json 'auto'`)
    const detail =
      'select trim(file_name), lines_scanned, bytes_scanned from sys_load_detail where query_id = pg_last_copy_id() order by 1'
    expect(await setup.list(detail)).toEqual([
      ['s3://data/1', 2, 19],
      ['s3://data/2', 1, 10],
      ['s3://data/3', 0, 0],
    ])
    const history =
      'select status, table_name, loaded_rows, source_file_count from sys_load_history where query_id = pg_last_copy_id()'
    expect(await setup.list(history)).toEqual([['completed', 'songs', '3', 3]])
    await setup.client.query('commit')
  })

  test('a client that hangs up: COPY goes on by itself, but not inside a transaction', async () => {
    for (const isInTransaction of [false, true]) {
      setup.put('slow', '{"id": 1}')
      let arrive = (): void => undefined
      setup.arrival = new Promise((resolve) => {
        arrive = resolve
      })
      const leaver = await connectTo(setup.double)
      if (isInTransaction) await leaver.query('begin')
      const copied = leaver.query(`copy songs from 's3://data/slow' ${role} json 'auto'`).catch(() => undefined)
      await expect.poll(() => setup.double.statements.at(-1)?.text).toContain('slow')
      await leaver.end()
      arrive()
      await copied
      await setup.client.query('begin')
      await setup.client.query('lock songs')
      expect(await setup.rows('id')).toEqual(isInTransaction ? [] : [[1]])
      await setup.client.query('commit')
      await setup.client.query('delete from songs')
    }
  })

  test('a COPY that takes too long is cancelled', async () => {
    setup.arrival = new Promise(() => undefined)
    setup.put('slow', '{"id": 1}')
    await setup.client.query('set statement_timeout to 100')
    expect(await refusalOf(setup.copy(`'s3://data/slow' ${role} json 'auto'`))).toMatchObject({ code: '57014' })
    await setup.client.query('reset statement_timeout')
    expect(await setup.rows()).toEqual([])
  })

  test('8,000 records and 2,000 small objects take seconds', async () => {
    setup.put(
      'big',
      Array.from({ length: 8000 }, (_, id) =>
        JSON.stringify({ id, title: 'a title', price: 1.5, at: 1541105830796 }),
      ).join('\n'),
    )
    for (let id = 0; id < 2000; id += 1) setup.put(`small/${id}`, `{"id": ${id}}`)
    const from = performance.now()
    await setup.copy(`'s3://data/big' ${role} json 'auto' timeformat 'epochmillisecs'`)
    await setup.copy(`'s3://data/small/' ${role} json 'auto'`)
    expect(await setup.rows('count(*) over ()')).toHaveLength(10_000)
    expect(performance.now() - from).toBeLessThan(10_000)
  })
})
