import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { withConfig } from '../src/hints.ts'
import { type Finished, hashOf, holdOpen, runScript, startScript } from './support/process.ts'
import { smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
/** A config and the small source; no warehouse yet. */
function newWorkplace(settings = ''): TestWarehouse {
  const workplace = new TestWarehouse({ settings })
  warehouses.push(workplace)
  workplace.write(smallSource)
  return workplace
}
async function newLoadedWarehouse(settings = ''): Promise<TestWarehouse> {
  const warehouse = await newWorkplace(settings).create()
  await warehouse.etl()
  return warehouse
}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

const run = (workplace: TestWarehouse, name: string, ...args: string[]) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: workplace.folder })

/** Nothing on stdout; on stderr a sentence and a fix, after whatever was said before. */
function expectComplaint({ code, stdout, stderr }: Finished, expected: { code: 1 | 2; says: string; fix: string }) {
  expect({ code, stdout }).toEqual({ code: expected.code, stdout: '' })
  expect(stderr.endsWith(`${expected.says}\n${withConfig(expected.fix, 'dwh.cfg')}\n`), stderr).toBe(true)
  expect(stderr).not.toMatch(/This is a bug|\n +at /)
}

async function changeWith(file: string, statement: string): Promise<void> {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run(statement)
  connection.closeSync()
  instance.closeSync()
}

describe('a config', () => {
  const other = 'Use --config FILE to name another file, or copy config/dwh.cfg from this project.'

  test('that does not exist is refused by name, in every command', async () => {
    const workplace = newWorkplace()
    rmSync(workplace.configFile)
    const says = `The config file ${workplace.configFile} does not exist.`
    for (const name of ['create-infrastructure', 'etl', 'start'])
      expectComplaint(await run(workplace, name), { code: 2, says, fix: other })
  })

  test('that is a folder is refused', async () => {
    const workplace = newWorkplace()
    rmSync(workplace.configFile)
    mkdirSync(workplace.configFile)
    const says = `The config file ${workplace.configFile} is a folder.`
    expectComplaint(await run(workplace, 'etl'), { code: 2, says, fix: other })
  })

  test.skipIf(process.getuid?.() === 0)('that may not be read is refused (skipped for root, who may)', async () => {
    const workplace = newWorkplace()
    rmSync(workplace.configFile)
    writeFileSync(workplace.configFile, '', { mode: 0 })
    const says = `The config file ${workplace.configFile} can't be read: permission denied.`
    expectComplaint(await run(workplace, 'etl'), { code: 2, says, fix: other })
  })

  test('that is not UTF-8 is refused', async () => {
    const workplace = newWorkplace()
    writeFileSync(workplace.configFile, Buffer.from('[S3]\nLOG_DATA = M\xfcsik\n', 'latin1'))
    const says = `The config file ${workplace.configFile} is not UTF-8 text.`
    expectComplaint(await run(workplace, 'etl'), { code: 2, says, fix: 'Save it as UTF-8.' })
  })

  const problems: [about: string, settings: string, problem: string][] = [
    ['an unknown section', '[ETLS]', '[ETLS]: unknown section; did you mean [ETL]?'],
    ['an unknown key', '[ETL]\nMAX_QUARANTINE = 5', '[ETL] MAX_QUARANTINE: unknown key; did you mean MAX_QUARANTINED?'],
    ['a text for a number', '[ETL]\nMAX_QUARANTINED = many', 'MAX_QUARANTINED: must be a whole number of at least 0.'],
    ['a number that is too small', '[ETL]\nBATCH_BYTES = 0', 'BATCH_BYTES: must be a whole number of at least 1.'],
    [
      'more threads than there can be',
      '[WAREHOUSE]\nTHREADS = 99999999999999',
      'must be a whole number from 1 to 1024.',
    ],
    ['a size without a unit', '[WAREHOUSE]\nMEMORY_LIMIT = 4', 'MEMORY_LIMIT: must be a size such as 4GB.'],
    ['an engine that does not exist', '[WAREHOUSE]\nENGINE = sqlite', 'must be one of duckdb, redshift'],
    ['S3 with one slash', '[S3]\nLOG_DATA = s3:/x', '[S3] LOG_DATA: must be s3://bucket/prefix'],
    ['S3 without a bucket', '[S3]\nLOG_DATA = s3://', '[S3] LOG_DATA: must be s3://bucket/prefix'],
    ['S3 with a wildcard', '[S3]\nSONG_DATA = s3://bucket/a/*', 'must be a prefix, without wildcards'],
    [
      'another address',
      '[S3]\nLOG_DATA = http://example.com/x',
      'must be a folder, or s3://bucket/prefix; other addresses',
    ],
    ['an empty source', "[S3]\nLOG_DATA = ''", '[S3] LOG_DATA: missing; set it to a folder, or s3://bucket/prefix.'],
    ['a line without a value', '[ETL]\nCOMPACT', 'Line 9: not a key with its value; write KEY = value.'],
    ['a key before the first section', '', 'line 1: a key outside of a section; put a section above it.'],
  ]
  for (const [about, settings, problem] of problems)
    test(`with ${about} is refused: ${problem}`, async () => {
      const workplace = newWorkplace()
      const [, key] = /\n(\w+) =/.exec(settings) ?? []
      const others = readFileSync(workplace.configFile, 'utf8')
        .split('\n')
        .filter((line) => key === undefined || !line.startsWith(`${key} =`))
      writeFileSync(workplace.configFile, `${others.join('\n')}\n${settings}\n`)
      if (settings === '') writeFileSync(workplace.configFile, `ENGINE = duckdb\n${readFileSync(workplace.configFile)}`)
      const { code, stdout, stderr } = await run(workplace, 'create-infrastructure')
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(problem)
      expect(stderr).toMatch(
        /^The config file .* has a problem:\n {2}.*\nFix the file; documentation\/commands\.md lists every key\.\n$/,
      )
    })

  test('with several problems is told all of them at once', async () => {
    const workplace = newWorkplace('THREADS = no\n[ETL]\nBATCH_BYTES = -1\nX = 1\n[NOPE]\n')
    const { code, stderr } = await run(workplace, 'etl')
    expect(code).toBe(2)
    expect(stderr).toContain('has 4 problems:')
    for (const named of ['[NOPE]', '[S3] THREADS', '[ETL] BATCH_BYTES: must be', '[ETL] unknown key'])
      expect(stderr).toContain(named)
  })
})

test('a Node that is too old is refused by every entry script', async () => {
  // What sets the old ones apart: they do not let a CommonJS module require an ES module.
  const environment = { NODE_OPTIONS: '--no-experimental-require-module' }
  expect(await startScript('status', [], { environment })).toEqual({
    ...{ code: 2, signal: null, stdout: '' },
    stderr: `Node ${process.version} is too old.\nInstall Node 20.19, 22.12 or newer: https://nodejs.org.\n`,
  })
  const { engines } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
  expect(engines.node).toBe('^20.19 || >=22.12')
})

test('a path with a question mark is refused, before anything is made', async () => {
  const workplace = newWorkplace()
  const config = readFileSync(workplace.configFile, 'utf8').replace('warehouse/test', 'what?/test')
  writeFileSync(workplace.configFile, config)
  for (const name of ['create-infrastructure', 'create-tables', 'start']) {
    const { code, stderr } = await run(workplace, name)
    expect(code).toBe(2)
    expect(stderr).toContain('[WAREHOUSE] DATABASE: must be the path of a file, without a question mark.')
  }
  expect(existsSync(join(workplace.folder, 'what?'))).toBe(false)
})

describe('commands out of order', () => {
  const createAll = 'Create it first: npm run create-tables'

  test.each(['etl', 'analyze'])('%s before create-infrastructure says what to run', async (name) => {
    const workplace = newWorkplace()
    const says = `There is no warehouse at ${workplace.database}.`
    expectComplaint(await run(workplace, name), { code: 2, says, fix: createAll })
  })

  test('status before anything says what to run, and is no failure', async () => {
    const workplace = newWorkplace()
    const { code, stdout } = await run(workplace, 'status')
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^The warehouse .* is not created yet\.\n\nNext: npm run create-tables -- --config dwh\.cfg\n$/,
    )
    expect(stdout).toContain(workplace.database)
  })

  test('create-tables on DuckDB needs no create-infrastructure', async () => {
    const workplace = newWorkplace()
    expect(await run(workplace, 'create-tables')).toMatchObject({ code: 0, stdout: '' })
    expect(existsSync(workplace.database)).toBe(true)
  })

  test('etl before create-tables says what to run, in a database of others too', async () => {
    const workplace = newWorkplace()
    await run(workplace, 'create-infrastructure')
    const says = `There is no warehouse at ${workplace.database}.`
    expectComplaint(await run(workplace, 'etl'), { code: 2, says, fix: createAll })
    await changeWith(workplace.database, 'create table mine (a int)')
    const before = hashOf(workplace.database)
    for (const name of ['etl', 'analyze']) {
      const complaint = {
        code: 2,
        says: 'The warehouse has no tables yet.',
        fix: 'Create them first: npm run create-tables',
      } as const
      expectComplaint(await run(workplace, name), complaint)
    }
    expect(hashOf(workplace.database)).toBe(before)
  })
})

describe('a source folder', () => {
  const check = 'Check LOG_DATA and SONG_DATA in the config, or make sample data: npm run generate'

  test('that does not exist is named, and nothing changes', async () => {
    const warehouse = await newLoadedWarehouse()
    const before = hashOf(warehouse.database)
    rmSync(join(warehouse.folder, 'song_data'), { recursive: true })
    const says = `The source ${join(warehouse.folder, 'song_data')} does not exist.`
    for (const name of ['etl', 'status']) expectComplaint(await run(warehouse, name), { code: 2, says, fix: check })
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('that is a file is named, and nothing changes', async () => {
    const warehouse = await newLoadedWarehouse()
    const before = hashOf(warehouse.database)
    const folder = join(warehouse.folder, 'log_data')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    const complaint = {
      code: 2,
      says: `The source ${folder} is a file.`,
      fix: 'Set LOG_DATA and SONG_DATA in the config to folders.',
    }
    expectComplaint(await run(warehouse, 'etl'), complaint as { code: 2; says: string; fix: string })
    expect(hashOf(warehouse.database)).toBe(before)
  })
})

describe('a database file', () => {
  const moveAway = 'Move it away, or set DATABASE in the config to another file.'

  test.each([
    ['long', 'this is no database, but a letter of several lines\n'.repeat(200)],
    ['short', 'this is no database'],
  ])('that is none (%s text) is left alone by every command', async (_, content) => {
    const workplace = newWorkplace()
    mkdirSync(join(workplace.folder, 'warehouse'))
    writeFileSync(workplace.database, content)
    const says = `The file ${workplace.database} is not a DuckDB database.`
    for (const [name, ...args] of [['create-tables'], ['etl'], ['destroy-infrastructure', '--yes']])
      expectComplaint(await run(workplace, name ?? '', ...args), { code: 2, says, fix: moveAway })
    expect(readFileSync(workplace.database, 'utf8')).toBe(content)
  })

  /** As create-tables leaves it that is killed while it makes the file. */
  test.each([0, 4096, 8192])(
    'of which only %i bytes were written is none yet: made anew, or destroyed',
    async (bytes) => {
      const workplace = await newWorkplace().create()
      const content = readFileSync(workplace.database).subarray(0, bytes)
      writeFileSync(workplace.database, content)
      const says = `There is no warehouse at ${workplace.database}.`
      const fix = 'Create it first: npm run create-tables'
      expectComplaint(await run(workplace, 'etl'), { code: 2, says, fix })
      expect(await run(workplace, 'destroy-infrastructure', '--yes')).toMatchObject({ code: 0 })
      expect(existsSync(workplace.database)).toBe(false)
      mkdirSync(join(workplace.folder, 'warehouse'))
      writeFileSync(workplace.database, content)
      expect(await run(workplace, 'create-tables')).toMatchObject({ code: 0 })
      expect(await run(workplace, 'etl')).toMatchObject({ code: 0 })
    },
  )

  test('that was moved away without the log of its last changes is asked for, before the log is lost', async () => {
    const workplace = newWorkplace()
    mkdirSync(join(workplace.folder, 'warehouse'))
    writeFileSync(`${workplace.database}.wal`, 'changes')
    expectComplaint(await run(workplace, 'create-tables'), {
      code: 2,
      says: `There is no warehouse at ${workplace.database}, but there is a log of its last changes: ${workplace.database}.wal.`,
      fix: 'Move the log next to its database and give it the same name, or remove it. Then run: npm run create-tables',
    })
    expect(readFileSync(`${workplace.database}.wal`, 'utf8')).toBe('changes')
  })

  test('that is a folder, or below a file, is refused', async () => {
    const workplace = newWorkplace()
    mkdirSync(workplace.database, { recursive: true })
    const says = `The warehouse ${workplace.database} is a folder.`
    for (const name of ['create-tables', 'etl'])
      expectComplaint(await run(workplace, name), { code: 2, says, fix: 'Set DATABASE in the config to a file.' })
    const folder = join(workplace.folder, 'warehouse')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    const fix = 'Name another DATABASE in [WAREHOUSE] of the config.'
    expectComplaint(await run(workplace, 'create-infrastructure'), {
      code: 2,
      says: `The folder ${folder} is a file.`,
      fix,
    })
    expect(await run(workplace, 'create-tables')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a file'),
    })
  })

  test('that another process has open is said to be in use, with the number of that process', async () => {
    const warehouse = await newLoadedWarehouse('[WAREHOUSE]\nLOCK_TIMEOUT = 0\n')
    const before = hashOf(warehouse.database)
    const holder = await holdOpen(warehouse.database)
    const says = `The warehouse ${warehouse.database} is in use by another process (PID ${holder.pid}).`
    const fix = 'Wait until that process is done, or stop it. Then run the command again.'
    const attempts = [
      ['etl'],
      ['status'],
      ['create-tables'],
      ['query', 'select 1'],
      ['destroy-infrastructure', '--yes'],
    ]
    for (const [name = '', ...args] of attempts)
      expectComplaint(await run(warehouse, name, ...args), { code: 1, says, fix })
    await holder.end()
    expect(hashOf(warehouse.database)).toBe(before)
    expect(await run(warehouse, 'etl')).toMatchObject({ code: 0 })
  })

  test('of a newer schema is not touched', async () => {
    const warehouse = await newLoadedWarehouse()
    await changeWith(warehouse.database, "insert into schema_versions values (99, timestamp '2030-01-01', '9.0.0')")
    const before = hashOf(warehouse.database)
    const says = 'The warehouse has schema version 99; this project only knows versions up to 2.'
    for (const name of ['etl', 'create-tables', 'analyze', 'status'])
      expectComplaint(await run(warehouse, name), { code: 2, says, fix: 'Update this project (git pull, npm ci).' })
    expect(hashOf(warehouse.database)).toBe(before)
  })

  test('of an older schema is brought up to date by create-tables, not guessed at', async () => {
    const warehouse = await newLoadedWarehouse()
    await changeWith(warehouse.database, 'update schema_versions set version = 1')
    const says = 'The warehouse has schema version 1; this project needs version 2.'
    const fix = 'Add what is missing: npm run create-tables. It also reports what else differs.'
    expectComplaint(await run(warehouse, 'etl'), { code: 2, says, fix })
    expect(await run(warehouse, 'create-tables')).toMatchObject({ code: 0 })
    expect(await run(warehouse, 'etl')).toMatchObject({ code: 0 })
  })

  test("with other people's tables in another schema is not destroyed", async () => {
    const warehouse = await newLoadedWarehouse()
    await changeWith(warehouse.database, 'create schema archive; create table archive.plays_of_2017 (a int)')
    const says = `${warehouse.database} has tables that create-tables did not create: archive.plays_of_2017.`
    const complaint = { code: 2, says, fix: 'Remove them, or the file, yourself.' } as const
    expectComplaint(await run(warehouse, 'destroy-infrastructure', '--yes'), complaint)
  })

  test("with other people's tables in it is not destroyed", async () => {
    const warehouse = await newLoadedWarehouse()
    await changeWith(warehouse.database, 'create table mine (a int); create view yours as select 1 as one')
    const before = hashOf(warehouse.database)
    const says = `${warehouse.database} has tables that create-tables did not create: mine, yours.`
    const complaint = { code: 2, says, fix: 'Remove them, or the file, yourself.' } as const
    for (const args of [[], ['--yes']])
      expectComplaint(await run(warehouse, 'destroy-infrastructure', ...args), complaint)
    expect(hashOf(warehouse.database)).toBe(before)
  })
})
