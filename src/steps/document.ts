import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { documentedPolicy } from '../aws-client/documented-policy.ts'
import { commands, help } from '../commands.ts'
import { configKeys } from '../config.ts'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../errors.ts'
import { projectFolder } from '../folders.ts'
import { dataDictionary, markdownTable, replaceBlock, starDiagram } from '../reports/dictionary.ts'
import { licenceTable } from '../reports/licences.ts'
import { bookkeepingTables, stagingTables, starTables } from '../schema/index.ts'
import { jsonSchemas } from './json-schemas.ts'

/** A part of a document that is made from the code, so it can't go stale unseen. */
interface Block {
  readonly file: string
  /** Undefined: the whole file. */
  readonly name: string | undefined
  readonly content: () => string
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
const readLock = () => JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8'))

const documentTable = () =>
  markdownTable(
    ['command', 'schema of its document'],
    commands.map(({ name }) => [`\`${name}\``, `[${name}.schema.json](json/${name}.schema.json)`]),
  ).join('\n')

const blocks = (): readonly Block[] => [
  { file: 'README.md', name: 'star', content: () => starDiagram(starTables, { columns: false }) },
  {
    file: 'README.md',
    name: 'help',
    content: () => commands.map((command) => `\`\`\`text\n${help(command)}\n\`\`\``).join('\n\n'),
  },
  {
    file: 'README.md',
    name: 'configuration',
    content: () =>
      markdownTable(
        ['section', 'key', 'meaning', 'if not set'],
        configKeys.map(({ section, key, meaning, fallback }) => [
          section,
          `\`${key}\``,
          meaning,
          fallback ? `\`${fallback}\`` : '',
        ]),
      ).join('\n'),
  },
  { file: 'documentation/schema.md', name: 'staging', content: () => dataDictionary(stagingTables) },
  {
    file: 'documentation/schema.md',
    name: 'star',
    content: () => `${starDiagram(starTables, { columns: true })}\n\n${dataDictionary(starTables)}`,
  },
  { file: 'documentation/schema.md', name: 'bookkeeping', content: () => dataDictionary(bookkeepingTables) },
  {
    file: 'documentation/iam-policy.json',
    name: undefined,
    content: () => json(documentedPolicy('sparkify-warehouse-reader')),
  },
  { file: 'documentation/cron.md', name: 'documents', content: documentTable },
  { file: 'documentation/licences.md', name: 'licences', content: () => licenceTable(readLock().packages) },
  ...Object.entries(jsonSchemas()).map(([name, schema]) => ({
    file: `documentation/json/${name}.schema.json`,
    name: undefined,
    content: () => json(schema),
  })),
]

export interface Documents {
  readonly stale: readonly string[]
  readonly written: readonly string[]
}

/** Writes the generated parts of the documents; with `check` it only says which are stale, exit code 1 if any is. */
export function document(context: Context, { check }: { check: boolean }): { result: Documents; exitCode: ExitCode } {
  const stale: string[] = []
  const all = blocks()
  for (const file of new Set(all.map((block) => block.file))) {
    const path = join(projectFolder, file)
    const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const own = all.filter((block) => block.file === file)
    const after = own.reduce(
      (text, { name, content }) => (name === undefined ? content() : replaceBlock(text, name, content())),
      before,
    )
    if (after === before) continue
    stale.push(file)
    if (check) context.log.warn(`${file} is stale: npm run document writes it anew.`)
    else {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, after)
      context.log.done('write', file, 'generated parts')
    }
  }
  const exitCode = check && stale.length > 0 ? exitCodes.failed : exitCodes.done
  return { result: { stale, written: check ? [] : stale }, exitCode }
}
