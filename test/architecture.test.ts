import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../src/commands.ts'
import { projectFolder } from '../src/folders.ts'

const sourceFolder = join(projectFolder, 'src')

/** A file of src by its path in it, without comments. */
const files = new Map(
  readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => [
      path,
      readFileSync(join(sourceFolder, path), 'utf8').replace(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, ''),
    ]),
)

interface Import {
  readonly from: string
  /** As it is written: `../errors.ts`, `pg`, `node:fs`. */
  readonly name: string
  /** Only types are taken, so nothing of it runs. */
  readonly isType: boolean
  /** It is loaded when it is needed, not when the file is. */
  readonly isLate: boolean
}

const imports: Import[] = [...files].flatMap(([from, text]) =>
  [
    ...text.matchAll(/^(?:import|export)\s+(type\s)?[^'"]*?from '([^']+)'/gm),
    ...text.matchAll(/^(import)( )'([^']+)'/gm),
    ...text.matchAll(/(typeof )?\bimport\('([^']+)'\)/g),
  ].map((match) => ({
    from,
    name: match[3] ?? match[2] ?? '',
    isType: match[3] === undefined && match[1] !== undefined,
    isLate: match[0].startsWith('import('),
  })),
)

/** The part of src that a file belongs to: its folder, or its own name if it lies in src itself. */
function partOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path
}

const isRelative = (name: string) => name.startsWith('.')
const targetOf = ({ from, name }: Import) => relative(sourceFolder, join(sourceFolder, dirname(from), name))

/** What each part may import besides itself. Dependencies point one way: entry, cli, steps, then what they combine, then the schema. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  'errors.ts': [],
  'folders.ts': [],
  'sql-queries': ['schema'],
  warehouse: ['sql-queries', 'schema', 'errors.ts'],
  'aws-client': ['errors.ts'],
  objects: ['schema', 'errors.ts'],
  reports: ['sql-queries', 'schema', 'errors.ts'],
  'sample-data': [],
  'log.ts': ['reports'],
  'config.ts': ['errors.ts'],
  steps: [
    ...['warehouse', 'aws-client', 'objects', 'reports', 'sample-data', 'sql-queries', 'schema'],
    ...['config.ts', 'context.ts', 'errors.ts', 'folders.ts', 'log.ts'],
  ],
  'context.ts': [
    ...['warehouse', 'aws-client', 'objects', 'sql-queries', 'schema'],
    ...['config.ts', 'errors.ts', 'folders.ts', 'log.ts'],
  ],
  'commands.ts': ['steps', 'errors.ts'],
  'cli.ts': ['commands.ts', 'context.ts', 'errors.ts', 'folders.ts', 'reports'],
}

/** What is named against the arrow, each for its reason. */
const exceptions: ((found: Import) => boolean)[] = [
  // Types: what a step is given and what it answers.
  ({ from, isType, name }) => isType && partOf(from) === 'steps' && name === '../commands.ts',
  ({ from, isType, name }) => isType && from === 'commands.ts' && name === './context.ts',
  // The help of the commands is one of the things that the step of this name writes down.
  ({ from, name }) => from === 'steps/document/parts.ts' && name === '../../commands.ts',
  // Who connects to Redshift, and with which password, is asked of AWS, which the warehouse does not know.
  ({ from, isLate, name }) => from === 'context.ts' && isLate && name === './steps/redshift-connection.ts',
]

const entries = commands.map(({ name }) => `${name}.ts`)

describe('dependencies point one way', () => {
  for (const [part, others] of Object.entries(allowed))
    test(`${part} imports ${others.length === 0 ? 'nothing else of src' : `only ${others.join(', ')}`}`, () => {
      const offenders = imports
        .filter(({ from, name }) => partOf(from) === part && isRelative(name))
        .filter((found) => {
          const target = partOf(targetOf(found))
          return target !== part && !others.includes(target) && !exceptions.some((isException) => isException(found))
        })
      expect(offenders).toEqual([])
    })

  test('every file of src is in a part with a rule, or is an entry script', () => {
    const parts = [...new Set([...files.keys()].map(partOf))]
    expect(parts.filter((part) => !(part in allowed) && !entries.includes(part))).toEqual([])
  })

  test('no file imports itself by way of others', () => {
    const targets = new Map<string, string[]>()
    for (const found of imports)
      if (isRelative(found.name) && !found.isType && !found.isLate)
        targets.set(found.from, [...(targets.get(found.from) ?? []), targetOf(found)])
    const finished = new Set<string>()
    const visit = (file: string, path: readonly string[]): string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
      if (finished.has(file)) return undefined
      for (const target of targets.get(file) ?? []) {
        const circle = visit(target, [...path, file])
        if (circle) return circle
      }
      finished.add(file)
      return undefined
    }
    expect([...files.keys()].map((file) => visit(file, [])).find(Boolean)).toBeUndefined()
  })
})

describe('packages stay behind their seams', () => {
  const seams: [what: string, pattern: RegExp, places: RegExp][] = [
    ["DuckDB's client", /^@duckdb\//, /^warehouse\/duckdb\.ts$/],
    ["PostgreSQL's client", /^pg$/, /^warehouse\/redshift\.ts$/],
    ['the AWS SDK', /^@(aws-sdk|smithy)\//, /^(aws-client\/|objects\/s3\.ts$)/],
    ['Vega', /^vega/, /^reports\//],
    ['zod and ini', /^(zod|ini)$/, /^config\.ts$/],
    ['the nearest word', /^fastest-levenshtein$/, /^config\.ts$/],
  ]
  test.each(seams)('%s', (_, pattern, places) => {
    expect(imports.filter(({ from, name, isType }) => pattern.test(name) && !places.test(from) && !isType)).toEqual([])
  })

  test('the schema and the statements need no package at all, not even of Node', () => {
    const pure = imports.filter(({ from }) => ['schema', 'sql-queries'].includes(partOf(from)))
    expect(pure.filter(({ name }) => !isRelative(name))).toEqual([])
  })
})

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

function usersInTests(): string {
  const folder = join(projectFolder, 'test')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n')
}

describe('files of src', () => {
  test('are one import and one call where they are entry scripts, one for each command', () => {
    for (const { name } of commands)
      expect(readFileSync(join(sourceFolder, `${name}.ts`), 'utf8')).toBe(
        `import { runCommand } from './cli.ts'\n\nrunCommand('${name}')\n`,
      )
  })

  test('are npm scripts where they are entry scripts', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
    for (const { name } of commands) expect(scripts[name]).toBe(`ts-node src/${name}.ts`)
  })

  test('name the .ts file that they import, and it exists', () => {
    const relatives = imports.filter(({ name }) => isRelative(name))
    expect(relatives.filter(({ name }) => !name.endsWith('.ts'))).toEqual([])
    expect(relatives.filter((found) => !existsSync(join(sourceFolder, targetOf(found))))).toEqual([])
  })

  test('call what Node brings node:', () => {
    expect(
      imports.filter(({ name }) => /^(fs|path|os|util|url|stream|zlib|crypto|buffer|events)(\/|$)/.test(name)),
    ).toEqual([])
  })

  test('export nothing that nobody uses', () => {
    const exported = [...files].flatMap(([path, text]) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm)].map(
        ([, name = '']) => ({ path, name }),
      ),
    )
    expect(exported.length).toBeGreaterThan(100)
    // A file that only passes a name on does not use it, nor does the one that names every statement, used or not.
    const users = [...files].filter(([path]) => path !== 'reports/statements.ts')
    const words = users.map(([path, text]) => ({
      path,
      mentions: countWords(text.replace(/^export (type )?\{[^}]*\} from .*$/gm, '')),
    }))
    const tests = countWords(usersInTests())
    const unused = exported.filter(({ path, name }) => {
      // Its own definition is one mention.
      const mentioned = words.some((file) => (file.mentions.get(name) ?? 0) > (file.path === path ? 1 : 0))
      return !mentioned && !tests.has(name)
    })
    expect(unused).toEqual([])
  })
})
