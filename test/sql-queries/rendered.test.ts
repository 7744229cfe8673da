import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import * as queries from '../../src/sql-queries/index.ts'
import { type Dialect, duckdb, redshift } from '../../src/sql-queries/index.ts'
import { parts, rendered, renderedNames, statements } from '../support/documents/statements.ts'

describe('the statements', () => {
  test.each([duckdb, redshift])('of $name read as they did when they were last reviewed', async (dialect) => {
    const file = join(projectFolder, 'documentation', 'sql', `${dialect.name}.sql`)
    await expect(rendered(dialect)).toMatchFileSnapshot(file)
  })

  test('are all here: nothing that sql-queries exports is left out', () => {
    expect([...renderedNames(), ...parts].sort()).toEqual(Object.keys(queries).sort())
  })

  test('are lower case, end without a semicolon, and hold no blank at the end of a line', () => {
    for (const dialect of [duckdb, redshift])
      for (const [name, texts] of Object.entries(statements(dialect)))
        for (const text of [texts].flat()) {
          expect(withoutTexts(text), name).not.toMatch(/[A-Z]/)
          expect(text, name).not.toMatch(/;\s*$|[ \t]\n|\t|\n\n/)
          expect(text.trim(), name).toBe(text)
        }
  })

  test.each([duckdb, redshift])(
    'of $name have as many opening as closing brackets, and no hole left open',
    (dialect) => {
      for (const [name, texts] of Object.entries(statements(dialect)))
        for (const text of [texts].flat()) {
          expect(withoutTexts(text).split('(').length, name).toBe(withoutTexts(text).split(')').length)
          expect(text, name).not.toMatch(/undefined|\[object|\bNaN\b|\$\{/)
        }
    },
  )
})

/** The statement with its literals, comments of columns for instance, emptied. */
const withoutTexts = (text: string) => text.replace(/'(?:[^']|'')*'/g, "''").replace(/"[^"]*"/g, '""')

/** What Redshift does not have, or has and means otherwise. */
const refused: [what: string, pattern: RegExp][] = [
  ['qualify, which DuckDB has', /\bqualify\b/],
  ['merge', /\bmerge\b/],
  ['on conflict', /\bon conflict\b/],
  ['returning', /\breturning\b/],
  ['distinct on', /\bdistinct on\b/],
  ['a filter clause', /\bfilter\s*\(/],
  ['lateral joins', /\blateral\b/],
  ['truncate, which commits', /\btruncate\b/],
  ['isodow', /\bisodow\b/],
  ['nvl, which DuckDB has not', /\bnvl2?\b/],
  ['generate_series', /\bgenerate_series\b/],
  ['string_agg and listagg', /\b(string_agg|listagg)\b/],
  ['arrays', /\barray(_agg)?\b|\[/],
  ['is distinct from', /\bis (not )?distinct from\b/],
  ['except all and intersect all', /\b(except|intersect) all\b/],
  ['a cast with ::', /::/],
  ['division by //', /\/\//],
  ['indexes', /\bcreate (unique )?index\b/],
  ['serial columns and sequences', /\b(big)?serial\b|\bsequence\b/],
  ['keys that it would trust without a look', /\bprimary key\b|\bforeign key\b|\bunique\b|\bconstraint\b/],
  ["DuckDB's own functions", /\b(strlen|epoch_ms|read_json|from_json|hex|decode|try_cast|columns)\s*\(/],
  ["DuckDB's star syntax", /\b(exclude|replace)\s+\(|\bgroup by all\b|\border by all\b/],
  ['if not exists on a temporary table made by a query', /create (temp )?table if not exists \S+ as\b/],
  ['using in a join, whose columns it qualifies otherwise', /\bjoin \S+( \S+)? using\b/],
]

describe('what is said to Redshift has none of', () => {
  test.each(refused)('%s', (_, pattern) => {
    const offenders = Object.entries(statements(redshift)).filter(([, texts]) =>
      [texts].flat().some((text) => pattern.test(withoutTexts(text))),
    )
    expect(offenders.map(([name]) => name)).toEqual([])
  })
})

test('the engines differ by nothing but the members of the dialect, all of which are needed, and few', () => {
  const asked = new Set<string>()
  const watched = new Proxy(redshift, {
    get(target, member: keyof Dialect) {
      asked.add(member)
      return target[member]
    },
  })
  statements(watched)
  expect([...asked].sort()).toEqual(
    Object.keys(redshift)
      .filter((member) => member !== 'name')
      .sort(),
  )
  expect(asked.size).toBeLessThan(8)
})
