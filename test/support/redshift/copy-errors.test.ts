import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { refusalOf } from './client.ts'
import { CopySetup, failed, role } from './copy-setup.ts'

const setup = new CopySetup()
beforeAll(() => setup.start(), 30_000)
afterAll(() => setup.close())
beforeEach(() => setup.reset())

/** Loads these lines and says what the one error was. */
async function errorOf(lines: string) {
  setup.put('bad/1.json', lines)
  expect(await refusalOf(setup.copy(`'s3://data/bad/' ${role} json 'auto'`))).toEqual(failed)
  return (await setup.loadErrors())[0]
}

describe('errors', () => {
  test.each([
    [
      'text over its bytes',
      '{"id": 1}\n{"id": 2, "title": "ééééé"}',
      {
        line: '2',
        name: 'title',
        type: 'varchar',
        length: '8',
        code: 1204,
        message: 'String length exceeds DDL length',
      },
    ],
    [
      'no digit',
      '{"id": "1.5"}',
      { name: 'id', type: 'int4', position: 1, code: 1207, message: "Invalid digit, Value '.', Pos 1, Type: Integer" },
    ],
    [
      'out of range',
      '{"id": 2147483648}',
      { name: 'id', code: 1204, message: 'Overflow (Integer valid range -2147483648 to 2147483647)' },
    ],
    [
      'a decimal out of range',
      '{"id": 1, "price": 10000}',
      { name: 'price', type: 'numeric', length: '6, 2', code: 1204 },
    ],
    ['no float', '{"id": 1, "length": "x"}', { name: 'length', type: 'float8', code: 1208 }],
    [
      'no timestamp',
      '{"id": 1, "at": "yesterday"}',
      {
        name: 'at',
        type: 'timestamp',
        code: 1206,
        message: 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]',
      },
    ],
    ['no such day', '{"id": 1, "day": "2018-02-30"}', { name: 'day', type: 'date', code: 1205 }],
    ['no boolean', '{"id": 1, "live": "maybe"}', { name: 'live', type: 'bool', code: 1210 }],
    [
      'nothing where something must be',
      '{"title": "a"}',
      { name: 'id', code: 1213, message: 'Missing data for not-null field' },
    ],
    [
      'more than one byte in CHAR',
      '{"id": 1, "code": "é"}',
      {
        name: 'code',
        type: 'char',
        code: 1220,
        message: 'Multibyte character not supported for CHAR (Hint: Try using VARCHAR). Invalid char: c3 a9',
      },
    ],
    ['half a character', '{"id": 1, "title": "\\ud800"}', { name: 'title', code: 1220 }],
    ['not JSON', '{"id": 1}\n{"id": }', { line: '2', name: '', code: 1216, message: 'Invalid value.' }],
    ['commas between objects', '{"id": 1},\n{"id": 2}', { line: '1', code: 1216 }],
    [
      'an array of objects',
      '[{"id": 1}]',
      { line: '1', code: 1216, message: 'Invalid JSONPath format: Member is not an object.' },
    ],
    ['an object cut short', '{"id": 1', { code: 1216 }],
    [
      'more than 4 MB',
      `{"id": 1, "title": "${'x'.repeat(4 * 1024 * 1024)}"}`,
      { code: 1216, message: expect.stringContaining('4194304') },
    ],
  ])('%s', async (_, lines, expected) => {
    expect(await errorOf(lines)).toMatchObject({ file: 's3://data/bad/1.json', ...expected })
    expect(await setup.rows()).toEqual([])
  })

  test('MAXERROR lets some pass', async () => {
    setup.put('bad/1.json', '{"id": 1}\n{"id": "x"}\n{"id":}\n{"id": 3}')
    await setup.copy(`'s3://data/bad/' ${role} json 'auto' maxerror 3`)
    expect(await setup.rows('id')).toEqual([[1], [3]])
    expect(await setup.loadErrors()).toHaveLength(2)
    expect(setup.client.notices.at(-1)?.message).toBe(
      "Load into table 'songs' completed, 2 record(s) could not be loaded. Check 'sys_load_error_detail' system table for details.",
    )
    expect(await refusalOf(setup.copy(`'s3://data/bad/' ${role} json 'auto' maxerror 2`))).toEqual(failed)
  })

  test('they survive the rollback of what failed; the rows before it do not', async () => {
    setup.put('good', '{"id": 1}')
    setup.put('bad', '{"id": "x"}')
    await setup.client.query('begin')
    await setup.copy(`'s3://data/good' ${role} json 'auto'`)
    expect(await refusalOf(setup.copy(`'s3://data/bad' ${role} json 'auto'`))).toEqual(failed)
    await setup.client.query('rollback')
    expect(await setup.rows()).toEqual([])
    expect((await setup.loadErrors())[0]).toMatchObject({ file: 's3://data/bad', name: 'id' })
    setup.double.faults.hiddenLoadErrorReads = 1
    expect(await setup.loadErrors()).toEqual([])
    expect(await setup.loadErrors()).toHaveLength(1)
  })

  test.each([
    [`copy songs from 's3://data/1' json 'auto'`, 'XX000'],
    [`copy songs from 's3://data/1' ${role}`, '0A000'],
    [`copy songs from 's3://data/1' ${role} json 'auto' csv`, '0A000'],
    [`copy songs from 's3://data/1' ${role} json 'auto' null as ''`, '0A000'],
    [`copy songs from 's3://data/1' ${role} json 'auto' nonsense`, '42601'],
    [`copy songs form 's3://data/1' ${role} json 'auto'`, '42601'],
    [`copy songs from 'data/1' ${role} json 'auto'`, '0A000'],
    [`copy songs (nope) from 's3://data/1' ${role} json 'auto'`, '42703'],
    [`copy nope from 's3://data/1' ${role} json 'auto'`, '42P01'],
    [`copy songs from 's3://data/1' ${role} json 'auto' maxerror 100001`, '22023'],
    [`copy songs from 's3://data/1' iam_role 'nonsense' json 'auto'`, 'XX000'],
  ])('%s', async (sql, code) => {
    expect(await refusalOf(setup.client.query(sql))).toMatchObject({ code })
  })
})
