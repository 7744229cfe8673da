import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../src/commands/help.ts'
import { projectFolder } from '../src/folders.ts'

const sourceFolder = join(projectFolder, 'src')

/** The files of src by their path in it, without comments. */
const files = new Map(
  readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => [
      path,
      readFileSync(join(sourceFolder, path), 'utf8').replace(/^\s*\/\/.*$|\/\*[\s\S]*?\*\//gm, ''),
    ]),
)

/**
 * The parts of src from top to bottom: folders, and files of src itself. A part imports only itself and parts below it.
 * The entry scripts stand above all of them.
 */
const layers = [
  ...[
    'cli.ts',
    'hints.ts',
    'npm-options.ts',
    'open-context.ts',
    'commands',
    'command.ts',
    'doctor',
    'etl',
    'tables',
    'infrastructure',
    'context.ts',
  ],
  ...['objects', 'warehouse', 'aws-client', 'reports', 'sql-queries', 'sample-data', 'schema'],
  ...[
    'log.ts',
    'config.ts',
    'config-advice.ts',
    'config-keys.ts',
    'aws-region.ts',
    'ini-file.ts',
    'text.ts',
    'errors.ts',
    'folders.ts',
  ],
]

/** Every import of a file, of types and at run time too. */
const imports = [...files].flatMap(([from, text]) =>
  [...text.matchAll(/(?:^(?:import|export)\s[^'"]*?from |^import |\bimport\(\s*)'([^']+)'/gm)].map(
    ([statement, name = '']) => ({ from, name, isType: statement.startsWith('import type') }),
  ),
)

const isRelative = ({ name }: { readonly name: string }) => name.startsWith('.')
const relatives = imports
  .filter(isRelative)
  .map(({ from, name }) => ({ from, to: relative(sourceFolder, join(sourceFolder, dirname(from), name)) }))

const entries = commands.map(({ name }) => `${name}.ts`)
const layerOf = (path: string) =>
  entries.includes(path) ? -1 : layers.indexOf(path.includes('/') ? path.slice(0, path.indexOf('/')) : path)

describe('imports', () => {
  test('point down the list of layers, in which every file has a place', () => {
    expect([...files.keys()].filter((path) => !entries.includes(path) && layerOf(path) === -1)).toEqual([])
    expect(relatives.filter(({ from, to }) => layerOf(to) < layerOf(from))).toEqual([])
  })

  test('never go in a circle', () => {
    const targetsOf = (file: string) => relatives.filter(({ from }) => from === file).map(({ to }) => to)
    const finished = new Set<string>()
    const circles: string[] = []
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '))
      else if (!finished.has(file)) for (const target of targetsOf(file)) visit(target, [...path, file])
      finished.add(file)
    }
    for (const file of files.keys()) visit(file, [])
    expect(circles).toEqual([])
  })

  test('name an existing .ts file, or a package, which for what Node brings begins with node:', () => {
    expect(imports.filter(isRelative).filter(({ name }) => !name.endsWith('.ts'))).toEqual([])
    expect(relatives.filter(({ to }) => !existsSync(join(sourceFolder, to)))).toEqual([])
    expect(
      imports.filter(({ name }) => /^(fs|path|os|util|url|stream|zlib|crypto|buffer|events)\b/.test(name)),
    ).toEqual([])
  })

  const homes: [what: string, pattern: RegExp, home: RegExp][] = [
    ["DuckDB's client", /^@duckdb\//, /^warehouse\/duckdb\.ts$/],
    ["PostgreSQL's client", /^pg$/, /^warehouse\/redshift-pg\.ts$/],
    ['the AWS SDK', /^@(aws-sdk|smithy)\//, /^(aws-client\/|objects\/s3\.ts$)/],
    ['Vega', /^vega/, /^reports\//],
    ['zod', /^zod$/, /^config-keys\.ts$/],
    ['ini', /^ini$/, /^(ini-file|npm-options)\.ts$/],
    ['any package, even of Node', /^[^.]/, /^(?!schema\/|sql-queries\/)/],
  ]
  test.each(homes)('take %s only where it belongs', (_, pattern, home) => {
    expect(imports.filter(({ from, name, isType }) => pattern.test(name) && !home.test(from) && !isType)).toEqual([])
  })
})

describe('files of src', () => {
  test('are two imports and a call where they are entry scripts, and each is an npm script', () => {
    const { scripts } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
    for (const { name } of commands) {
      const variable = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
      expect(readFileSync(join(sourceFolder, `${name}.ts`), 'utf8')).toBe(
        `import { main } from './cli.ts'\nimport { ${variable} } from './commands/${name}.ts'\n\nmain(${variable})\n`,
      )
      expect(scripts[name]).toBe(`ts-node src/${name}.ts`)
    }
  })

  test('have at most 250 lines', () => {
    const lengths = [...files.keys()].map((path) => ({
      path,
      lines: readFileSync(join(sourceFolder, path), 'utf8').trimEnd().split('\n').length,
    }))
    expect(lengths.filter(({ lines }) => lines > 250)).toEqual([])
  })
})

describe('exports', () => {
  const exported = [...files].flatMap(([path, text]) =>
    [...text.matchAll(/^export (?:async )?(function\*?|const|class|interface|type) (\w+)/gm)].map(
      ([, kind = '', name = '']) => ({ path, name, isType: kind === 'interface' || kind === 'type' }),
    ),
  )

  test('are used by another file of src, or tested', () => {
    const tests = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => readFileSync(join(projectFolder, 'test', path), 'utf8'))
    const wordsOf = (text: string) => new Set(text.match(/\w+/g))
    const words = new Map([...files].map(([path, text]) => [path, wordsOf(text)]))
    const tested = wordsOf(tests.join('\n'))
    const isUsed = ({ path, name }: { path: string; name: string }) =>
      tested.has(name) || [...words].some(([other, names]) => other !== path && names.has(name))
    expect(exported.length).toBeGreaterThan(100)
    expect(exported.filter((each) => !isUsed(each))).toEqual([])
  })

  test('never give two types one name', () => {
    const names = exported.filter(({ isType }) => isType).map(({ name }) => name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })
})
