import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { afterAll, describe, expect, test } from 'vitest'
import { openContext } from '../src/context.ts'
import { projectFolder } from '../src/folders.ts'
import { drawTables } from '../src/reports/diagram.ts'
import { answerList, fillNumbers } from '../src/reports/facts.ts'
import { type Table, tables } from '../src/schema/index.ts'
import { document } from '../src/steps/document/index.ts'
import { quietLog, TestWarehouse } from './support/warehouse-run.ts'

const workplace = new TestWarehouse()
afterAll(() => workplace.remove())

/** A copy of the documents that a test may spoil. */
function copyOfDocuments(): string {
  const folder = mkdtempSync(join(workplace.folder, 'documents-'))
  for (const name of ['README.md', 'documentation', 'notebooks', 'package-lock.json'])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true })
  return folder
}

/** What `document --check` says of the copy. */
async function checked(folder: string, { measure = false, context = workplace.context } = {}) {
  const warnings: string[] = []
  const log = { ...context.log, warn: (text: string) => warnings.push(text) }
  const { result, exitCode } = await document({ ...context, log }, { check: true, measure }, { folder })
  return { stale: result.stale, exitCode, warnings }
}

test('the documents are what document writes', async () => {
  expect(await checked(projectFolder)).toEqual({ stale: [], exitCode: 0, warnings: [] })
})

describe('a document that was changed by hand is stale, by name and with its cure, and mended by document', () => {
  const changes: [what: string, file: string, from: string | RegExp, to: string][] = [
    [
      'an option of the help',
      'documentation/commands.md',
      '--full                rebuild',
      '--fully               rebuild',
    ],
    ['a default of a setting', 'documentation/commands.md', '`warehouse/sparkify.duckdb`', '`warehouse/other.duckdb`'],
    ['a command of the README', 'README.md', 'Loads what is new', 'Loads all'],
    ['a relation', 'documentation/schema.md', 'time ||--o{ songplays', 'time ||--o{ users'],
    ['a price', 'README.md', 'cluster_hour -->$0', 'cluster_hour -->$1'],
    ['a type of the dictionary', 'documentation/schema.md', '`text(1024)`', '`text(1025)`'],
    ['an origin of a column', 'documentation/schema.md', '`users.first_name`', '`users.last_name`'],
    ['a picture', 'documentation/images/schemas/star.svg', '>songplays<', '>plays<'],
    ['a statement of DuckDB', 'documentation/sql/duckdb.sql', 'create table', 'create  table'],
    ['a statement of Redshift', 'documentation/sql/redshift.sql', 'diststyle all', 'diststyle even'],
    ['a right', 'documentation/iam-policy.json', 's3:GetObject', 's3:*'],
    ['a number in a sentence', 'README.md', '8,056', '8,057'],
    ['a number of the sample data', 'README.md', '-->14,896<!--', '-->14,897<!--'],
    ['a number of a decision', 'documentation/decisions.md', '8,796,093,022,206', '8,796,093,022,207'],
    ['an answer', 'README.md', 'Coldplay is played most: 58', 'Coldplay is played most: 59'],
    ['a number of the transcript', 'README.md', 'plays           6,781', 'plays           6,782'],
    ['a cell of code', 'notebooks/explore-s3.ipynb', 'openNotebook()', 'openAnything()'],
  ]
  test.each(changes)('%s', async (_, file, from, to) => {
    const folder = copyOfDocuments()
    const before = readFileSync(join(folder, file), 'utf8')
    writeFileSync(join(folder, file), before.replace(from, to))
    expect(readFileSync(join(folder, file), 'utf8')).not.toBe(before)
    expect(await checked(folder)).toEqual({
      stale: [file],
      exitCode: 1,
      warnings: [`${file} is stale: npm run document writes it anew.`],
    })
    expect((await document(workplace.context, { check: false }, { folder })).result.written).toEqual([file])
    expect((await checked(folder)).exitCode).toBe(0)
    // The outputs of a notebook are gone with the cell that made them; everything else is as it was.
    if (!file.endsWith('.ipynb')) expect(readFileSync(join(folder, file), 'utf8')).toBe(before)
  })

  test('a picture that was deleted', async () => {
    const folder = copyOfDocuments()
    const file = 'documentation/images/schemas/staging.svg'
    rmSync(join(folder, file))
    expect((await checked(folder)).stale).toEqual([file])
    await document(workplace.context, { check: false }, { folder })
    expect(existsSync(join(folder, file))).toBe(true)
  })
})

describe('numbers in words', () => {
  test('are filled in by name: numbers with thousands set apart, texts as they are', () => {
    const text = '<!-- number: plays -->1<!-- /number --> plays, <!-- number: share --><!-- /number --> paid'
    expect(fillNumbers(text, { plays: 6820, share: '82.0 %' })).toBe(
      '<!-- number: plays -->6,820<!-- /number --> plays, <!-- number: share -->82.0 %<!-- /number --> paid',
    )
  })

  test('that nobody measured, or that have no end, are refused', () => {
    expect(() => fillNumbers('<!-- number: pays -->1<!-- /number -->', {})).toThrow('has no number pays.')
    const open = '<!-- number: a -->1 and <!-- number: b -->2<!-- /number -->'
    expect(() => fillNumbers(open, { a: 1, b: 2 })).toThrow('is not closed')
  })

  test('an answer that nobody measured is refused, and one that looks like markup is text', () => {
    const questions = [{ name: 'artists', question: 'Who?' }]
    expect(() => answerList(questions, {})).toThrow('has no answer to “Who?”')
    expect(answerList(questions, { artists: '<b>*AC|DC*' })).toBe('- **Who?** \\<b\\>\\*AC\\|DC\\*')
  })

  /** The text without what document writes, code and addresses. */
  const byHand = (file: string) =>
    readFileSync(join(projectFolder, file), 'utf8')
      .replace(/<!-- number: [^>]* -->[\s\S]*?<!-- \/number -->/g, '')
      .replace(/<!-- (\w+) -->[\s\S]*?<!-- \/\1 -->/g, '')
      .replace(/^```[\s\S]*?^```/gm, '')
      .replace(/`[^`]*`|\]\([^)]*\)/g, '')

  test.each(['README.md', 'documentation/commands.md', 'documentation/schema.md', 'documentation/decisions.md'])(
    'none of %s is a count or a share that somebody wrote by hand',
    (file) => {
      expect(byHand(file).match(/\d{1,3}(,\d{3})+|\d(\.\d+)? ?%/g)).toBeNull()
    },
  )
})

test('the README leads to every page of the documentation, and every link in it to a file', () => {
  const links = [...readFileSync(join(projectFolder, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('https:'))
  for (const link of links) expect(existsSync(join(projectFolder, link)), link).toBe(true)
  const pages = readdirSync(join(projectFolder, 'documentation')).filter((name) => name.endsWith('.md'))
  expect(links).toEqual(expect.arrayContaining(pages.map((name) => `documentation/${name}`)))
})

/** The real logs and songs, which are not part of this project. */
const data = join(projectFolder, '..', 'shared', 'data')
const isThere = existsSync(data)
const about = isThere ? 'the facts' : 'the facts (skipped: there is no folder ../shared/data)'

describe.skipIf(!isThere)(about, () => {
  const real = new TestWarehouse({ logData: join(data, 'log_data'), songData: join(data, 'song_data') })
  afterAll(() => real.remove())
  const measured = { measure: true, context: real.context }

  test('are what a run over the real data gives, and the main job over sample data, times aside', async () => {
    expect(await checked(projectFolder, measured)).toEqual({ stale: [], exitCode: 0, warnings: [] })
  })

  test('that were changed together with the documents are found out by measuring again', async () => {
    const folder = copyOfDocuments()
    const file = 'documentation/facts.json'
    const before = readFileSync(join(folder, file), 'utf8')
    writeFileSync(join(folder, file), before.replace('"events": 8056', '"events": 8057'))
    await document(workplace.context, { check: false }, { folder })
    expect((await checked(folder)).stale).toEqual([])
    expect(await checked(folder, measured)).toEqual({
      stale: [file],
      exitCode: 1,
      warnings: [`${file} is stale: npm run document -- --measure --config FILE writes it anew.`],
    })
  })
})

test('measuring is refused for the sample data and for a source without plays', async () => {
  const start = openContext(join(projectFolder, 'config', 'dwh.cfg'), workplace.abort.signal)
  const options = { check: true, measure: true }
  await expect(document({ ...start, log: quietLog }, options)).rejects.toThrow('about the real logs and songs')
  await expect(document(workplace.context, options)).rejects.toThrow('no plays in the sources')
})

describe('a diagram', () => {
  const svg = (name: string) => readFileSync(join(projectFolder, 'documentation', 'images', 'schemas', name), 'utf8')
  const pictures = ['staging.svg', 'dimensions.svg', 'star.svg']
  const numbers = (text: string) => (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number)

  test.each(pictures)('%s is well-formed and described in words, and nothing in it leaves the picture', (name) => {
    const text = svg(name)
    expect(XMLValidator.validate(text)).toBe(true)
    const { svg: root } = new XMLParser({ ignoreAttributes: false }).parse(text)
    expect(root['@_role']).toBe('img')
    expect(root['@_aria-label']).toContain(root.title)
    for (const [, x = '', y = ''] of text.matchAll(/ x="([^"]*)" y="([^"]*)"/g)) {
      expect(Number(x)).toBeGreaterThan(0)
      expect(Number(x)).toBeLessThan(Number(root['@_width']))
      expect(Number(y)).toBeGreaterThan(0)
      expect(Number(y)).toBeLessThan(Number(root['@_height']))
    }
    // Curves bend no further than their handles.
    for (const [, curve = ''] of text.matchAll(/class="line" d="(M[^C]*C[^M]*)M/g))
      for (const [index, place] of numbers(curve).entries())
        if (index % 2 === 0) expect(place).toBeLessThan(Number(root['@_width']))
  })

  test('names every column of its tables once, and draws a line for each reference between them', () => {
    for (const lists of [[tables], tables.map((table) => [table])]) {
      const text = drawTables('All tables', lists)
      const columns = tables.flatMap((table) => table.columns)
      expect(text.match(/text-anchor="end"/g)).toHaveLength(columns.length)
      const references = columns.filter(({ references }) => references)
      expect(text.match(/class="line"/g)).toHaveLength(references.length)
    }
  })

  test('takes names for text', () => {
    const odd: Table = { ...(tables[0] as Table), name: '<script>', columns: [] }
    expect(drawTables('Odd & new', [[odd]])).toContain('&lt;script&gt;')
    expect(drawTables('Odd & new', [[odd]])).toContain('<title>Odd &amp; new</title>')
  })
})

test('SQL is rendered for both engines, and differs', () => {
  const sql = (name: string) => readFileSync(join(projectFolder, 'documentation', 'sql', `${name}.sql`), 'utf8')
  expect(sql('redshift')).toContain('diststyle')
  expect(sql('duckdb')).not.toContain('diststyle')
  for (const name of ['duckdb', 'redshift']) for (const { name: table } of tables) expect(sql(name)).toContain(table)
})
