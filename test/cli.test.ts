import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commonOptions } from '../src/command.ts'
import { commands } from '../src/commands/help.ts'
import { projectFolder } from '../src/folders.ts'
import { type Finished, runScript, runShell, startScript } from './support/process.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const warehouses: TestWarehouse[] = []
/** A config and the small source; no warehouse yet. */
function newWorkplace(): TestWarehouse {
  const workplace = new TestWarehouse()
  warehouses.push(workplace)
  workplace.write(smallSource)
  return workplace
}
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

const run = (workplace: TestWarehouse, name: string, ...args: string[]) =>
  runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: workplace.folder })

/** The one JSON document that is all of stdout. */
function documentOf({ stdout }: Finished) {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout)
}

const linesOf = (text: string) => text.trimEnd().split('\n')

describe('every entry script is a process that can', () => {
  for (const { name, summary, argument, options } of commands)
    test(`${name} --help: its summary and every option`, async () => {
      const { code, stdout, stderr } = await startScript(name, ['--help'])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toContain(summary)
      expect(stdout).toMatch(name === 'start' ? /^npm start / : new RegExp(`^npm run ${name} --`))
      if (argument) expect(linesOf(stdout)[0]).toContain(`"${argument}"`)
      for (const [option, { description }] of Object.entries({ ...options, ...commonOptions }))
        expect(linesOf(stdout).find((line) => line.startsWith(`  --${option} `))).toContain(description)
    })
})

test('the whole story, each command after the other, from source to star and back to nothing', async () => {
  const workplace = newWorkplace()
  const folder = join(workplace.folder, 'warehouse')
  const { database } = workplace

  const infrastructure = await run(workplace, 'create-infrastructure', '--json')
  expect(infrastructure.code).toBe(0)
  expect(documentOf(infrastructure)).toEqual({ engine: 'duckdb', folder, database, created: true })
  expect(documentOf(await run(workplace, 'create-infrastructure', '--json'))).toMatchObject({ created: false })

  const created = await run(workplace, 'create-tables', '--json')
  expect(created.code).toBe(0)
  expect(documentOf(created).created).toHaveLength(12)
  const again = await run(workplace, 'create-tables', '--json')
  expect(again.code).toBe(0)
  expect(documentOf(again)).toMatchObject({ created: [], dropped: [], drift: [] })
  expect(documentOf(again).existing).toEqual(documentOf(created).created)

  const empty = documentOf(await run(workplace, 'status', '--json'))
  expect(empty).toMatchObject({ exists: true, next: 'etl', loads: [], objects: { log_data: { new: 2 } } })

  const loaded = await run(workplace, 'etl', '--json')
  expect(loaded.code).toBe(0)
  expect(documentOf(loaded)).toMatchObject({
    engine: 'duckdb',
    objects: { log_data: { listed: 2, new: 2, changed: 0, unchanged: 0 }, song_data: { listed: 2, new: 2 } },
    reconciliation: { events: 9, not_a_play: 2, plays: 7, inserted: 7, conflicts: 0, with_song: 2, with_artist: 4 },
    tables: { songplays: { inserted: 7, updated: 0, rows: 7 }, users: { inserted: 2, rows: 2 } },
  })
  expect(documentOf(loaded).checks.every(({ offenders }: { offenders: number }) => offenders === 0)).toBe(true)
  for (const line of [/^list +log_data +2 objects: 2 new/m, /^copy +staging_events +9 records/m, /^commit/m])
    expect(loaded.stderr).toMatch(line)

  const repeated = await run(workplace, 'etl', '--json')
  expect(repeated.code).toBe(0)
  expect(documentOf(repeated)).toMatchObject({
    loads: [],
    objects: { log_data: { new: 0, unchanged: 2 }, song_data: { new: 0, unchanged: 2 } },
    reconciliation: { events: 0, inserted: 0 },
    tables: { songplays: { inserted: 0, updated: 0, rows: 7 } },
  })
  expect(repeated.stderr).toContain('up to date')

  const analyzed = await run(workplace, 'analyze', '--out', 'answers', '--json')
  expect(analyzed.code).toBe(0)
  const { analyses } = documentOf(analyzed)
  expect(analyses).toHaveLength(14)
  const files = readdirSync(join(workplace.folder, 'answers'))
  for (const { name } of analyses) {
    expect(files).toContain(`${name}.csv`)
    expect(files).toContain(`${name}.svg`)
  }
  // Nobody's level changes in this source, and the picture says so.
  const { name, answer } = analyses.find(({ rows }: { rows: unknown[] }) => rows.length === 0)
  expect(readFileSync(join(workplace.folder, 'answers', `${name}.svg`), 'utf8')).toContain(`>${answer}</text>`)
  expect(readFileSync(join(workplace.folder, 'answers', 'index.html'), 'utf8')).toMatch(/^<!doctype html>/i)

  const count = 'select count(*) as n from songplays'
  expect((await run(workplace, 'query', count, '--format', 'json')).stdout).toBe('[{"n":7}]\n')
  expect((await run(workplace, 'query', count, '--format', 'csv')).stdout).toBe('n\r\n7\r\n')
  expect((await run(workplace, 'query', count)).stdout).toBe('n\n─\n7\n')

  const done = documentOf(await run(workplace, 'status', '--json'))
  expect(done).toMatchObject({ next: null, rows: { songplays: 7, users: 2, songs: 2, artists: 2 } })
  expect(done.loads).toHaveLength(1)

  const paths = [database, join(folder, '.made-by-create-infrastructure'), folder]
  const refused = await run(workplace, 'destroy-infrastructure', '--json')
  expect(refused.code).toBe(2)
  expect(documentOf(refused)).toMatchObject({ removed: [], would_remove: paths })
  for (const path of paths) expect(refused.stderr).toContain(path)
  expect(existsSync(database)).toBe(true)

  const destroyed = await run(workplace, 'destroy-infrastructure', '--yes', '--json')
  expect(destroyed.code).toBe(0)
  expect(documentOf(destroyed)).toMatchObject({ removed: paths, remaining: [] })
  expect(readdirSync(workplace.folder).sort()).toEqual(['answers', 'dwh.cfg', 'log_data', 'song_data'])
  const nothing = await run(workplace, 'destroy-infrastructure', '--yes', '--json')
  expect(nothing.code).toBe(0)
  expect(documentOf(nothing)).toMatchObject({ removed: [], would_remove: [], remaining: [] })
})

test('start does all of it, and again it has nothing to do', async () => {
  const workplace = newWorkplace()
  const first = await run(workplace, 'start', '--json')
  expect(first.code).toBe(0)
  expect(documentOf(first)).toMatchObject({
    generated: null,
    infrastructure: { created: true },
    etl: { reconciliation: { inserted: 7 } },
    analyze: { folder: join(workplace.folder, 'report', 'dwh') },
  })
  expect(readdirSync(join(workplace.folder, 'report', 'dwh'))).toContain('index.html')
  const second = await run(workplace, 'start')
  expect(second.code).toBe(0)
  expect(second.stderr).toMatch(/^load +nothing +0 new, 0 changed: the warehouse is up to date$/m)
  const words = (text: string) => text.replace(/\s+/g, ' ')
  for (const { answer } of documentOf(first).analyze.analyses) expect(words(second.stdout)).toContain(words(answer))
  expect(second.stdout).toContain(`Report: file://${workplace.folder}/report/dwh/index.html\n`)
  expect(second.stdout).toMatch(/^ {2}npm run etl -- --config dwh\.cfg$/m)
  // A line of more than 80 columns takes two.
  const rows = linesOf(second.stderr + second.stdout).map((line) => Math.max(1, Math.ceil(line.length / 80)))
  expect(rows.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(40)
})

test('analyze answers in a sentence each, and shows the tables if asked to', async () => {
  const workplace = await newWorkplace().create()
  await workplace.etl()
  const { analyses } = documentOf(await run(workplace, 'analyze', '--json'))
  const [short, long] = [await run(workplace, 'analyze'), await run(workplace, 'analyze', '--verbose')]
  for (const { question } of analyses) {
    expect(short.stdout).not.toContain(question)
    expect(long.stdout).toContain(`${question}\n`)
  }
  expect(long.stdout).toContain('─────')
})

test('generate makes a source that etl loads; the same seed makes it again, byte for byte', async () => {
  const workplace = newWorkplace()
  const generate = (seed: string, out: string) =>
    run(workplace, 'generate', '--events', '500', '--songs', '40', '--seed', seed, '--out', out, '--json')
  const first = await generate('7', 'one')
  expect(first.code).toBe(0)
  expect(documentOf(first)).toMatchObject({ events: 500, songs: 40 })
  await generate('7', 'two')
  await generate('8', 'three')
  const contentOf = (out: string) =>
    readdirSync(join(workplace.folder, out), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.json'))
      .sort()
      .map((path) => [path, readFileSync(join(workplace.folder, out, path), 'utf8')])
  expect(contentOf('two')).toEqual(contentOf('one'))
  expect(contentOf('three')).not.toEqual(contentOf('one'))
  const again = await generate('7', 'one')
  expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('log_data already exists.\n') })
})

describe('a loaded warehouse', () => {
  const loaded = (async () => {
    const workplace = await newWorkplace().create()
    await workplace.etl()
    return workplace
  })()

  test('create-tables --reset says what would go, and only drops it with --yes', async () => {
    const workplace = await newWorkplace().create()
    await workplace.etl()
    const refused = await run(workplace, 'create-tables', '--reset', '--json')
    expect(refused.code).toBe(2)
    expect(documentOf(refused)).toMatchObject({ dropped: [], would_drop: { songplays: 7, load_ledger: 4 } })
    expect(refused.stderr).toContain('--reset --yes')
    expect(await workplace.query('select count(*) as n from songplays')).toEqual([{ n: 7 }])
    expect((await run(workplace, 'create-tables', '--reset', '--yes')).code).toBe(0)
    expect(await workplace.query('select count(*) as n from songplays')).toEqual([{ n: 0 }])
    expect(documentOf(await run(workplace, 'etl', '--json')).reconciliation.inserted).toBe(7)
  })

  test('etl --full rebuilds the same star from the whole source', async () => {
    const workplace = await newWorkplace().create()
    await workplace.etl()
    const before = await workplace.query('select * exclude (load_id) from songplays order by 1')
    const full = await run(workplace, 'etl', '--full', '--json')
    expect(full.code).toBe(0)
    expect(documentOf(full)).toMatchObject({ reconciliation: { inserted: 7 }, tables: { songplays: { rows: 7 } } })
    expect(await workplace.query('select * exclude (load_id) from songplays order by 1')).toEqual(before)
  })

  test('query answers only with data on stdout: text as text, no row as no row', async () => {
    const workplace = await loaded
    const quoted = await run(workplace, 'query', `select 'a"b' as x, 'c,d' as y`, '--format', 'csv')
    expect(quoted).toMatchObject({ code: 0, stdout: 'x,y\r\n"a""b","c,d"\r\n', stderr: '' })
    expect((await run(workplace, 'query', 'select null as x', '--format', 'csv')).stdout).toBe('x\r\n\r\n')
    expect((await run(workplace, 'query', 'select 1 where false', '--format', 'json')).stdout).toBe('[]\n')
    expect((await run(workplace, 'query', 'select 1 as n', '--json', '--format', 'csv')).stdout).toBe('[{"n":1}]\n')
  })

  test('query says where wrong SQL is wrong, and can change nothing', async () => {
    const workplace = await loaded
    const wrong = await run(workplace, 'query', 'select nothing from songplays')
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(/"nothing" not found.*\n.*names are lower case\.\n$/s)
    const quoted = await run(workplace, 'query', 'select * from songplays where level = "paid"')
    expect(quoted.stderr).toContain("Text stands in single quotes: 'paid'.")
    for (const statement of ['delete from songplays', 'drop table users', 'create table mine (a int)']) {
      const refused = await run(workplace, 'query', statement)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain('read-only')
    }
    expect(await workplace.query('select count(*) as n from songplays')).toEqual([{ n: 7 }])
  })

  test('commands find it from another folder, through npm too', async () => {
    const workplace = await loaded
    const statement = 'select count(*) as n from songplays'
    const elsewhere = await runScript('query', ['--config', workplace.configFile, '--json', statement], { cwd: '/' })
    expect(elsewhere).toMatchObject({ code: 0, stdout: '[{"n":7}]\n', stderr: '' })
    // npm runs the script in the project's folder; the config is still looked for where the person stands.
    const line = `npm --prefix ${projectFolder} run --silent query -- --config dwh.cfg --json "${statement}"`
    const { code, stdout } = await runShell(line, { cwd: workplace.folder })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[{"n":7}]\n' })
  })

  test('a source whose name holds # and ; is loaded, and not the folder whose name ends there', async () => {
    const workplace = await newWorkplace().create()
    workplace.write([
      { ...logObject('1.json', [event()]), key: 'team #1; new/log/1.json' },
      { ...logObject('1.json', [event(), event({ itemInSession: 1 })]), key: 'team/1.json' },
    ])
    const config = readFileSync(workplace.configFile, 'utf8').replace(/LOG_DATA = .*/, 'LOG_DATA = team #1; new/log')
    writeFileSync(workplace.configFile, config)
    const { reconciliation } = documentOf(await run(workplace, 'etl', '--json'))
    expect(reconciliation).toMatchObject({ events: 1, inserted: 1 })
  })

  test('a reader that has seen enough is not a failure', async () => {
    const workplace = await loaded
    const many = `$TS_NODE $SRC/query.ts --config dwh.cfg "select * from range(200000)" --format csv`
    const piped = await runShell(`${many} | head -1; exit \${PIPESTATUS[0]}`, { cwd: workplace.folder })
    expect(piped).toMatchObject({ code: 0, stdout: 'range\r\n', stderr: '' })
  })

  test('a load goes on when stderr is closed', async () => {
    const workplace = await newWorkplace().create()
    const line = `$TS_NODE $SRC/etl.ts --config dwh.cfg 2>&1 >/dev/null | head -1; exit \${PIPESTATUS[0]}`
    const { code, stdout } = await runShell(line, { cwd: workplace.folder })
    expect({ code, lines: linesOf(stdout).length }).toEqual({ code: 0, lines: 1 })
    expect(await workplace.query('select count(*) as n from songplays')).toEqual([{ n: 7 }])
  })

  test('output that cannot be written is a failure in a sentence', async () => {
    const workplace = await loaded
    const { code, stderr } = await runShell('$TS_NODE $SRC/query.ts --config dwh.cfg "select 1" > /dev/full', {
      cwd: workplace.folder,
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: "Can't write the output (ENOSPC).\nRedirect it elsewhere. What was already done is kept.\n",
    })
  })
})
