import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { firstDifference } from '../support/compare-star.ts'
import { expectedStar } from '../support/oracle.ts'
import { generated } from '../support/parity.ts'
import { pythonWith, runPython } from '../support/python.ts'
import { TestWarehouse } from '../support/warehouse-run.ts'

const { isThere, title } = pythonWith('duckdb')
const folder = mkdtempSync(join(tmpdir(), 'sparkify-duckdb-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs lines of Python with the file open as `db`, and returns what they print. */
function python(file: string, ...lines: readonly string[]): string {
  const program = join(folder, 'program.py')
  writeFileSync(program, ['import duckdb, sys', 'db = duckdb.connect(sys.argv[1])', ...lines, 'db.close()'].join('\n'))
  return runPython(program, file).trim()
}

describe.skipIf(!isThere)(`${title}, the newest DuckDB,`, () => {
  test('opens, queries and changes the file, which then goes on as before', async () => {
    const warehouse = await new TestWarehouse().create()
    try {
      const objects = await generated(3, { events: 2000, songs: 100 })
      const [first, rest] = [objects.slice(0, 50), objects.slice(50)]
      warehouse.write(first)
      await warehouse.etl()
      const [plays] = await warehouse.query('select count(*) as n, count(song_title) as titles from plays')
      const counted = "print(*db.execute('select count(*), count(song_title) from plays').fetchone())"
      expect(python(warehouse.database, counted)).toBe(`${plays?.n} ${plays?.titles}`)

      // An analyst's own table, a change of ours that is taken back, and a file that was written anew.
      python(
        warehouse.database,
        "db.execute('create table favourites as select user_id from users order by user_id limit 3')",
        "db.execute('update users set level = upper(level)')",
        "db.execute('update users set level = lower(level)')",
        "db.execute('checkpoint')",
      )
      expect(await warehouse.query('select count(*) as n from favourites')).toEqual([{ n: 3 }])
      warehouse.write(rest)
      await warehouse.etl()
      expect(firstDifference(expectedStar([first, rest]), await warehouse.star())).toBeUndefined()
      expect(python(warehouse.database, counted)).toMatch(/^\d+ \d+$/)
    } finally {
      warehouse.remove()
    }
  })
})
