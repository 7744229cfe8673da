import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { identifier, instant, list, literal, names, type Sql, sql } from '../../src/sql-queries/index.ts'
import { openDuckdb } from '../../src/warehouse/duckdb.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'

let warehouse: Warehouse
beforeAll(async () => {
  warehouse = await openDuckdb({ file: ':memory:', access: 'create' })
})
afterAll(() => warehouse.close())

describe('a literal', () => {
  test.each([
    ['', "''"],
    ['Muse', "'Muse'"],
    ["Guns N' Roses", "'Guns N'' Roses'"],
    ["''", "''''''"],
    ['a\\b', "('a' || chr(92) || 'b')"],
    ["\\'", "('' || chr(92) || '''')"],
  ])('of %j is %s', (text, expected) => expect(literal(text)).toBe(expected))

  const tricky = fc.constantFrom(
    "'",
    "''",
    '\\',
    "\\'",
    '--',
    '/*',
    ';',
    '$$',
    '\n',
    '\n  ',
    ' \n',
    '\r\n',
    '"',
    '日本',
    '🎵',
  )
  const anyText = fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.oneof(tricky, fc.string({ maxLength: 2 }))).map((pieces) => pieces.join('')),
    )
    .filter((text) => !text.includes('\0'))

  test('is the text, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect(await warehouse.query(`select ${literal(text)} as value` as Sql)).toEqual([{ value: text }])
      }),
      { numRuns: 1000 },
    )
  })

  test('is still the text inside a template, whose indentation is none of its business', async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        const statement = sql`
          select value
          from (
            select ${literal(text)} as value
          ) t`
        expect(await warehouse.query(statement)).toEqual([{ value: text }])
      }),
      { numRuns: 500 },
    )
  })

  test('holds no backslash, which Redshift would read as an escape', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('\\', "'", 'a')), (pieces) => {
        expect(literal(pieces.join(''))).not.toContain('\\')
      }),
    )
  })

  test('of NUL does not exist', () => expect(() => literal('a\0b')).toThrow("can't contain NUL"))
})

describe('an identifier', () => {
  test.each(['users', 'item_in_session', 'a1', 'x'])('may be %s', (name) => expect(identifier(name)).toBe(name))

  test.each(['', 'Users', '1a', '_a', 'a b', 'a-b', 'a.b', 'a"', 'a;drop table users', 'ä', 'users\n', ' users'])(
    'may not be %j',
    (name) => expect(() => identifier(name)).toThrow(`Not an identifier: ${JSON.stringify(name)}`),
  )

  test('is a lower-case word or refused, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z_]\w*$/)), (name) => {
        if (/^[a-z][a-z0-9_]*(?![\s\S])/.test(name)) expect(identifier(name)).toBe(name)
        else expect(() => identifier(name)).toThrow('Not an identifier')
      }),
    )
  })

  test('is refused in a list of names', () => {
    expect(() => names([{ name: 'a' }, { name: 'b"' }])).toThrow()
  })
})

describe('a template', () => {
  test('loses the indentation that its lines share, and the blank lines around it', () => {
    const text = sql`
      select a
      from (
        select 1 as a
      ) t`
    expect(text).toBe('select a\nfrom (\n  select 1 as a\n) t')
  })

  test('puts the lines of a hole under the column where its line begins', () => {
    const inner = sql`
      select a
      from t`
    expect(sql`
      select *
      from (
        ${inner}
      ) inner_query`).toBe('select *\nfrom (\n  select a\n  from t\n) inner_query')
  })

  test('takes numbers and SQL', () => expect(sql`limit ${5} offset ${sql`0`}`).toBe('limit 5 offset 0'))

  test('keeps the words and their lines, however deep it stands and however often it is nested', () => {
    const word = fc.stringMatching(/^[a-z]{1,5}$/)
    const lines = fc.array(fc.tuple(fc.nat(3), word), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(lines, fc.nat(8), (content, indent) => {
        const inner = content
          .map(([depth, text], index) => ' '.repeat(index === 0 ? 0 : depth * 2) + text)
          .join('\n') as Sql
        const parts = [`\n${' '.repeat(indent)}select (\n${' '.repeat(indent + 2)}`, `\n${' '.repeat(indent)})`]
        const outer = sql(Object.assign(parts, { raw: parts }) as never, inner)
        const expected = inner.split('\n').map((line) => `  ${line}`)
        expect(outer.split('\n')).toEqual(['select (', ...expected, ')'])
      }),
    )
  })

  test('joins lists with commas or what is asked for', () => {
    expect(list([sql`a`, sql`b`])).toBe('a, b')
    expect(list([sql`a`, sql`b`], ' or ')).toBe('a or b')
    expect(list([])).toBe('')
  })
})

test('an instant is itself, to the millisecond, in UTC', async () => {
  const instants = fc.date({
    min: new Date(Date.UTC(1, 0, 1)),
    max: new Date(Date.UTC(9999, 11, 31)),
    noInvalidDate: true,
  })
  await fc.assert(
    fc.asyncProperty(instants, async (at) => {
      expect(await warehouse.query(sql`select ${instant(at)} as value`)).toEqual([{ value: at.toISOString() }])
    }),
    { numRuns: 300 },
  )
})
