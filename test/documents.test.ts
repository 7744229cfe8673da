import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from '../src/command.ts'
import { builtInQuestions } from '../src/commands/find-questions.ts'
import { commands } from '../src/commands/help.ts'
import { readConfig } from '../src/config.ts'
import { projectFolder } from '../src/folders.ts'
import { bookkeepingTables, plays, stagingTables, starTables } from '../src/schema/index.ts'
import { AwsWorkplace } from './support/aws-workplace.ts'
import { dataDictionary, tableDiagram, viewDictionary } from './support/documents/dictionary.ts'
import { jsonExample, logLines, stable } from './support/documents/examples.ts'
import {
  anchors,
  codeBlocks,
  commandsInBlocks,
  commandsOf,
  fenced,
  inlineCode,
  linkTargets,
  withSection,
} from './support/documents/markdown.ts'
import { bill, commandTable, helpOfCommands, settingsTable } from './support/documents/reference.ts'
import { type Finished, runScript } from './support/process.ts'
import { event, lines, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/**
 * The documents: their generated sections are snapshots that `npx vitest run test/documents.test.ts -u` writes, and what people copy from
 * them works.
 */
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(projectFolder, 'documentation'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('documentation', name)),
]
const read = (page: string) => readFileSync(join(projectFolder, page), 'utf8')

/** Compares a page with itself after its generated sections were made again. */
async function expectPage(page: string, sections: Readonly<Record<string, string>>): Promise<void> {
  const text = Object.entries(sections).reduce(
    (before, [name, content]) => withSection(before, name, content),
    read(page),
  )
  await expect(text).toMatchFileSnapshot(join(projectFolder, page))
}

/** The section of a page under a heading. */
function sectionOf(page: string, heading: string): string {
  const section = read(page)
    .split(/^## /m)
    .find((text) => text.startsWith(heading))
  if (section === undefined) throw new Error(`${page} has no section ${heading}.`)
  return section
}

/** Runs the commands as somebody who copies them, `npm ci` excepted. */
async function runAll(folder: string, section: string, ...options: string[]): Promise<Finished[]> {
  const finished: Finished[] = []
  for (const words of commandsInBlocks(section)) {
    const own = ourCommand(words)
    if (own) finished.push(await runScript(own.name, [...own.args, ...options], { cwd: folder }))
  }
  return finished
}

/** What a command line starts of ours: by npm, or by ts-node. @throws Error if npm would keep an option for itself. */
function ourCommand([program = '', ...words]: readonly string[]): { name: string; args: string[] } | undefined {
  if (program.endsWith('ts-node')) {
    const [script = '', ...args] = words
    return { name: /^src\/([a-z-]+)\.ts$/.exec(script)?.[1] ?? script, args }
  }
  if (program !== 'npm' || words[0] === 'ci') return undefined
  const [name = '', dashes, ...args] = words.filter((word) => !['run', '--silent'].includes(word))
  if (dashes !== undefined && dashes !== '--') throw new Error(`npm takes ${dashes} for itself: ${words.join(' ')}`)
  return { name, args }
}

/** A word as one types it. */
const quoted = (word: string) => (word.includes(' ') ? `"${word}"` : word)

test('documentation/data_analysis shows the chart of every question', () => {
  const page = read('documentation/data_analysis/README.md')
  for (const { name, question } of builtInQuestions()) {
    expect(page).toContain(`## ${question}\n`)
    expect(page).toContain(`](${name}.svg)`)
    expect(existsSync(join(projectFolder, 'documentation', 'data_analysis', `${name}.svg`))).toBe(true)
  }
})

describe('the generated sections of', () => {
  test('README.md are those of its own commands, run for real', async () => {
    const warehouse = new TestWarehouse()
    mkdirSync(join(warehouse.folder, 'config'))
    writeFileSync(join(warehouse.folder, 'config', 'dwh.cfg'), read('config/dwh.cfg'))
    const finished = await runAll(warehouse.folder, sectionOf('README.md', 'Try it'), '--config', 'config/dwh.cfg')
    expect(finished.map(({ code }) => code)).toEqual([0, 0, 0])
    const { stdout = '', stderr = '' } = finished[0] ?? {}
    const log = logLines(stderr, ['generate', 'copy', 'check']).replaceAll(`${warehouse.folder}/`, '')
    const answers = stdout.trimStart().split('\n').slice(0, 3).join('\n')
    const output = `${stable(log, warehouse.folder)}\n…\n\n${answers}\n…`
    await expectPage('README.md', {
      start: fenced('text', output),
      commands: commandTable(),
      star: tableDiagram(starTables, { columns: true }),
      bill: bill(),
    })
    warehouse.remove()
  })

  test('documentation/commands.md are the help of every command and the keys of a config', () =>
    expectPage('documentation/commands.md', { help: helpOfCommands(), settings: settingsTable() }))

  test('documentation/schema.md are the tables', () =>
    expectPage('documentation/schema.md', {
      diagram: tableDiagram([...starTables, ...bookkeepingTables], { columns: false }),
      plays: viewDictionary(plays),
      star: dataDictionary(starTables),
      bookkeeping: dataDictionary(bookkeepingTables),
      staging: dataDictionary(stagingTables),
    }))

  test('documentation/unattended.md are documents of real runs', async () => {
    const warehouse = new TestWarehouse()
    warehouse.write(smallSource)
    warehouse.write([
      { source: 'log_data', key: 'log_data/b.json', text: `${lines([event({ sessionId: 9 })])}\n{"page":` },
    ])
    const runs = [
      ['create-infrastructure'],
      ['create-tables'],
      ['etl'],
      ['analyze'],
      ['query', 'select level, count(*) as plays from songplays group by level order by level'],
      ['status'],
      ['doctor'],
      ['generate', '--events', '100', '--songs', '10'],
      ['destroy-infrastructure', '--yes'],
    ] as const
    const examples = []
    for (const [name, ...args] of runs) {
      const finished = await runScript(name, [...args, '--config', 'dwh.cfg', '--json'], { cwd: warehouse.folder })
      const document = JSON.parse(stable(finished.stdout, warehouse.folder))
      examples.push(
        `\`${[name, ...args.map(quoted)].join(' ')}\`, exit code ${finished.code}:\n\n${fenced('json', jsonExample(document))}`,
      )
    }
    await expectPage('documentation/unattended.md', { documents: examples.join('\n\n') })
    warehouse.remove()
  })

  test('documentation/redshift.md are the plan and the receipt of a warehouse that comes and goes', async () => {
    const workplace = await AwsWorkplace.start({ engine: 'redshift-serverless' })
    const plan = await workplace.run('create-infrastructure', '--plan')
    await workplace.run('create-infrastructure', '--yes')
    const receipt = await workplace.run('destroy-infrastructure', '--yes')
    await expectPage('documentation/redshift.md', {
      plan: fenced('text', plan.stdout),
      receipt: fenced('text', receipt.stdout),
    })
    await workplace.end()
  })
})

describe.each(pages)('%s', (page) => {
  test('names only commands, options and files that exist', () => {
    const text = read(page)
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const words of commandsOf(text)) {
      const own = ourCommand(words)
      const command = commands.find(({ name }) => name === own?.name)
      if (own && command) expect(() => parse(command, own.args), words.join(' ')).not.toThrow()
      else if (own) expect(Object.keys(scripts), words.join(' ')).toContain(own.name)
      else if (words[0] === 'npx')
        expect(existsSync(join(projectFolder, 'node_modules/.bin', words[1] ?? ''))).toBe(true)
    }
    const paths = [...inlineCode(text), ...commandsOf(text).flat()].filter((code) =>
      /^(src|test|documentation|config|bench|notebooks)\/[\w./-]*$/.test(code),
    )
    expect(paths.filter((path) => !existsSync(join(projectFolder, path)))).toEqual([])
  })

  test('links to files and headings that exist', () => {
    const missing = linkTargets(read(page)).filter((target) => {
      if (/^https?:/.test(target)) return false
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(projectFolder, file))) return true
      return anchor !== undefined && !anchors(read(file)).includes(anchor)
    })
    expect(missing).toEqual([])
  })

  test('shows configs that can be read', () => {
    const warehouse = new TestWarehouse()
    for (const { text: config } of codeBlocks(read(page)).filter(({ text }) => text.includes('[S3]'))) {
      writeFileSync(warehouse.configFile, config)
      expect(readConfig(warehouse.configFile).sources).toBeDefined()
    }
    warehouse.remove()
  })
})

test('the commands that the README has for your own logs load them', async () => {
  const warehouse = new TestWarehouse()
  warehouse.write(smallSource)
  const section = sectionOf('README.md', 'Your own logs')
  const [config] = codeBlocks(section).filter(({ language }) => language === 'ini')
  writeFileSync(join(warehouse.folder, 'my.cfg'), config?.text.replaceAll('/path/to', warehouse.folder) ?? '')
  const finished = await runAll(warehouse.folder, section)
  expect(finished.length).toBeGreaterThan(3)
  expect(finished.filter(({ code }) => code !== 0)).toEqual([])
  warehouse.remove()
})

test('“Follow one record” names at most 14 files, with at most 2,900 lines in all', () => {
  const files = [...sectionOf('CONTRIBUTING.md', 'Follow one record').matchAll(/^\d+\. \[`([^`]+)`\]/gm)].map(
    ([, path = '']) => path,
  )
  const lengths = files.map((path) => read(path).trimEnd().split('\n').length)
  expect(files.length).toBeGreaterThan(9)
  expect(files.length).toBeLessThan(15)
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(2901)
})
