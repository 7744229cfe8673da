import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { TestCloud } from './support/cloud-run.ts'
import { codeBlocks } from './support/documents/markdown.ts'
import { runScript } from './support/process.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** The question that documentation/schema.md shows. */
const documented =
  codeBlocks(readFileSync(join(projectFolder, 'documentation', 'schema.md'), 'utf8')).find(({ text }) =>
    text.startsWith('-- question:'),
  )?.text ?? ''

/** Questions with a fault, and what is said of them. */
const broken: Readonly<Record<string, readonly [text: string, says: string]>> = {
  'no-question.sql': ['-- who plays\nselect 1 as n', ', line 1: there is no question; begin with "-- question: …".'],
  'no-query.sql': ['-- question: What?\n-- answer: Nothing.\n', ', line 1: there is no query below the comments.'],
  'two-statements.sql': [
    "-- question: What?\n-- answer: {n}.\nselect ';' as n;\n\ndrop table users",
    ', line 5: there is a second statement; a question is one select.',
  ],
  'pie.sql': [
    '-- question: What?\n-- chart: pie, x = n, y = n\nselect 1 as n',
    ', line 2: chart: "pie" is none of bar, column, line, area, heatmap, none.',
  ],
  'axis.sql': ['-- question: What?\n-- chart: bar, x = n\nselect 1 as n', 'line 2: chart: y is missing;'],
  'axes.sql': ['-- question: What?\n-- chart: bar, n\nselect 1 as n', 'line 2: chart: "n" is none of x = COLUMN,'],
  'chrt.sql': [
    '-- question: What?\n-- chrt: none\nselect 1 as n',
    ', line 2: "chrt" is unknown; did you mean "chart"?',
  ],
  'column.sql': [
    '-- question: What?\n-- answer: {plays} plays.\nselect count(*) as n from plays',
    ', line 2: answer: the query has no column "plays".',
  ],
  'mark.sql': [
    '-- question: What?\n-- chart: line, x = day, y = n\nselect 1 as n',
    ', line 2: chart: the query has no column "day".',
  ],
  'engine.sql': ['-- A comment.\r\n-- question: What?\r\n\r\nselect 1 as n\r\nfrom nowhere;\r\n', 'nowhere'],
  'change.sql': ['-- question: What?\ndelete from users', ''],
  'two words.sql': ['-- question: What?\nselect 1 as n', 'its name may have letters, digits, - and _ only.'],
}

interface Place {
  readonly configFile: string
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
}

const engines: Readonly<Record<string, () => Promise<Place>>> = {
  async duckdb() {
    const warehouse = await new TestWarehouse().create()
    warehouse.write(smallSource)
    await warehouse.etl()
    return { configFile: join(warehouse.folder, 'dwh.cfg'), folder: warehouse.folder }
  },
  async redshift() {
    const cloud = await TestCloud.start()
    cloud.write(smallSource)
    await cloud.etl()
    clouds.push(cloud)
    return { configFile: cloud.cloud.configFile, folder: cloud.cloud.folder, environment: cloud.cloud.environment }
  },
}
const clouds: TestCloud[] = []
afterAll(() => Promise.all(clouds.map((cloud) => cloud.close())))

describe.each(Object.entries(engines))('a question of your own on %s', (engine, start) => {
  let place: Place
  beforeAll(async () => {
    place = await start()
    mkdirSync(join(place.folder, 'questions'))
  })
  const write = (name: string, text: string) => writeFileSync(join(place.folder, 'questions', name), text)
  const analyze = (...args: string[]) =>
    runScript('analyze', ['--config', place.configFile, '--out', join(place.folder, 'report'), ...args], place)

  test('written from the documentation shows up in terminal, report, CSV, SVG and JSON', async () => {
    write('rooms.sql', documented)
    const shown = await analyze('--verbose')
    expect(shown, shown.stderr).toMatchObject({ code: 0 })
    const [question = ''] = documented.match(/(?<=question: ).*/) ?? []
    expect(shown.stdout).toContain(question)
    const { analyses, unanswered } = JSON.parse((await analyze('--json')).stdout)
    const own = analyses.at(-1)
    expect(unanswered).toEqual([])
    expect(own).toMatchObject({ name: 'rooms', question, chart: { mark: 'bar' } })
    expect(own.answer).toMatch(/^\S.*\d/)
    expect(Object.keys(own.rows[0]).filter((column) => column.startsWith('_'))).toEqual([])
    expect(shown.stdout).toContain(own.answer)
    const file = (name: string) => readFileSync(join(place.folder, 'report', name), 'utf8')
    expect(file('rooms.svg')).toContain(question)
    expect(file('rooms.csv').split('\r\n')[0]).toBe(`\ufeff${Object.keys(own.rows[0]).join(',')}`)
    expect(file('index.html')).toContain(`${question}</h2>`)
  })

  test('that is broken is named with its line, and the others are answered', async () => {
    for (const [name, [text]] of Object.entries(broken)) write(name, text)
    mkdirSync(join(place.folder, 'questions', 'folder.sql'))
    const { code, stdout, stderr } = await analyze()
    expect(code).toBe(1)
    expect(stdout.match(/\.$/gm)?.length).toBeGreaterThan(13)
    const complaints = stderr.split('\n').filter((line) => line.startsWith('Not answered: '))
    expect(complaints.length, stderr).toBe(Object.keys(broken).length + 1)
    expect(complaints.find((line) => line.includes('/folder.sql'))).toContain(": it can't be read (EISDIR).")
    for (const [name, [, says]] of Object.entries(broken))
      expect(complaints.find((line) => line.includes(`/${name}`))).toContain(says)
    if (engine === 'duckdb') expect(complaints.find((line) => line.includes('/engine.sql'))).toContain(', line 5: ')
    expect(existsSync(join(place.folder, 'report', 'engine.csv'))).toBe(false)
    const users = await runScript(
      'query',
      ['select count(*) as n from users', '--config', place.configFile, '--json'],
      place,
    )
    expect(JSON.parse(users.stdout)).not.toEqual([{ n: 0 }])
  })
})

test('a folder that the config names and that is not there is refused', async () => {
  const warehouse = await new TestWarehouse({ settings: '[REPORT]\nQUESTIONS = mine' }).create()
  warehouse.write(smallSource)
  await warehouse.etl()
  const finished = await runScript('analyze', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })
  expect(finished).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining("/mine can't be read (ENOENT)."),
  })
  mkdirSync(join(warehouse.folder, 'mine'))
  writeFileSync(join(warehouse.folder, 'mine', 'free-and-paid.sql'), '-- question: Mine?\nselect 1 as n')
  const { stdout } = await runScript('analyze', ['--config', 'dwh.cfg', '--json'], { cwd: warehouse.folder })
  const { analyses } = JSON.parse(stdout)
  expect(analyses).toHaveLength(14)
  expect(analyses.at(-1)).toMatchObject({ name: 'free-and-paid', question: 'Mine?', chart: null, answer: '1 row.' })
  warehouse.remove()
})

test('a warehouse without plays keeps the report that is there, and says what to run', async () => {
  const warehouse = await new TestWarehouse().create()
  const run = (...args: string[]) => runScript('analyze', ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })
  const page = join(warehouse.folder, 'report', 'dwh', 'index.html')
  expect(await run()).toMatchObject({ code: 0, stdout: '', stderr: expect.stringMatching(/no plays yet.*npm run etl/) })
  expect(existsSync(page)).toBe(false)
  warehouse.write([logObject('visit.json', [event({ page: 'Home', artist: null, song: null, length: null })])])
  const started = await runScript('start', ['--config', 'dwh.cfg'], { cwd: warehouse.folder })
  expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\nNext: /) })
  expect(existsSync(page)).toBe(false)
  warehouse.write(smallSource)
  await warehouse.etl()
  await run()
  const before = readFileSync(page, 'utf8')
  await runScript('create-tables', ['--config', 'dwh.cfg', '--reset', '--yes'], { cwd: warehouse.folder })
  await run()
  expect(readFileSync(page, 'utf8')).toBe(before)
  warehouse.remove()
})
