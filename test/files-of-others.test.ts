import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runScript } from './support/process.ts'
import { smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

let warehouse: TestWarehouse
beforeAll(async () => {
  warehouse = await new TestWarehouse().create()
  warehouse.write(smallSource)
  await warehouse.etl()
})
afterAll(() => warehouse.remove())

const run = (name: string, ...args: string[]) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })

describe('analyze', () => {
  let folder: string
  const analyze = (out = folder) => run('analyze', '--out', out)
  const fresh = () => {
    folder = mkdtempSync(join(warehouse.folder, 'report-'))
  }

  test('replaces its own report and keeps what lies beside it', async () => {
    fresh()
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    expect((await analyze()).code).toBe(0)
    expect((await analyze()).code).toBe(0)
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine')
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test.each(['index.html', 'top-songs.csv', 'busiest-hours.svg'])('does not replace a %s of others', async (name) => {
    fresh()
    expect((await analyze(join(folder, 'first'))).code).toBe(0)
    const path = join(folder, readdirSync(join(folder, 'first')).find((other) => other === name) ?? 'index.html')
    writeFileSync(path, 'mine')
    const { code, stderr } = await analyze()
    expect(code).toBe(2)
    expect(stderr).toContain(`${path} is not part of a report, so it is not replaced.\nUse --out DIR`)
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect(readdirSync(folder).sort()).toEqual(['first', path.slice(folder.length + 1)].sort())
  })

  test('follows no link to a file of others', async () => {
    const other = join(warehouse.folder, 'precious.txt')
    writeFileSync(other, 'mine')
    for (const name of ['.index.html', 'index.html']) {
      fresh()
      symlinkSync(other, join(folder, name))
      await analyze()
      expect(readFileSync(other, 'utf8')).toBe('mine')
    }
  })

  test('says what is wrong with a place that is no folder', async () => {
    fresh()
    writeFileSync(join(folder, 'file'), 'mine')
    for (const out of [join(folder, 'file'), join(folder, 'file', 'below')]) {
      const { code, stderr } = await analyze(out)
      expect(code).toBe(2)
      expect(stderr).toMatch(/The report can't be written to .* \((EEXIST|ENOTDIR)\)\.\nUse --out DIR/)
    }
  })
})

describe.each([
  ['spool', 'notes.txt', ['joined.json', 'copies/0.json', 'copies/1.json.gz']],
  ['spool', 'copies/notes.json', ['joined.json']],
  ['tmp', 'notes.txt', ['duckdb_temp_storage_DEFAULT-0.tmp']],
])('files in DATABASE.%s', (kind, foreign, own) => {
  const folder = () => `${warehouse.database}.${kind}`
  const put = (name: string) => {
    mkdirSync(join(folder(), 'copies'), { recursive: true })
    writeFileSync(join(folder(), name), 'x')
  }

  test(`that are ours are removed by destroy-infrastructure, ${foreign} stops it`, async () => {
    for (const name of [...own, foreign]) put(name)
    if (kind === 'tmp') rmSync(join(folder(), 'copies'), { recursive: true })
    for (const args of [[], ['--yes']]) {
      const { code, stderr } = await run('destroy-infrastructure', ...args)
      expect(code).toBe(2)
      expect(stderr).toContain(join(folder(), foreign))
    }
    expect(existsSync(join(folder(), foreign))).toBe(true)
    expect(existsSync(warehouse.database)).toBe(true)
    if (kind === 'spool') await expect(warehouse.etl({ full: true })).rejects.toThrow(/not a file of this project/)
    rmSync(join(folder(), foreign))
    expect((await run('destroy-infrastructure')).stderr).toContain(folder())
    rmSync(folder(), { recursive: true })
  })
})

describe('a DATABASE that is no file', () => {
  test.each(['/dev/null', '/dev/full'])('%s is named and stays', async (device) => {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-device-'))
    const config = join(folder, 'dwh.cfg')
    writeFileSync(config, `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${device}\n[S3]\nLOG_DATA = a\nSONG_DATA = b\n`)
    for (const command of ['create-tables', 'etl', 'status', 'destroy-infrastructure']) {
      const { code, stderr } = await runScript(command, ['--config', config], { cwd: folder })
      expect({ command, code }).toEqual({ command, code: 2 })
      expect(stderr).toContain(`The warehouse ${device} is not a regular file.\nSet DATABASE in the config to a file.`)
    }
    expect(existsSync(device)).toBe(true)
    rmSync(folder, { recursive: true })
  })
})

test.each([
  ["timestamp 'infinity'", 'infinity'],
  ["timestamp '-infinity'", '-infinity'],
  ["timestamp '290000-01-01 12:00:00'", '290000-01-01 12:00:00'],
  ["date 'infinity'", 'infinity'],
  ["date '290000-01-01'", '290000-01-01'],
  ["timestamptz 'infinity'", 'infinity'],
  ["time '12:30'", '12:30:00'],
  ['interval 3 month', '3 months'],
  ["'nan'::double", 'NaN'],
  ['170141183460469231731687303715884105727::hugeint', '170141183460469231731687303715884105727'],
  ["'101'::bit", '101'],
  ["'x'::enum('x')", 'x'],
  ["timestamp_s '2020-01-01 00:00:01'", '2020-01-01 00:00:01'],
])('query shows %s', async (value, shown) => {
  for (const format of ['csv', 'json']) {
    const { code, stdout } = await run('query', `select ${value} as v`, '--format', format)
    expect(code).toBe(0)
    expect(format === 'csv' ? stdout.trim().split('\n')[1] : JSON.parse(stdout)[0].v).toBe(shown)
  }
})
