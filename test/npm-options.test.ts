import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commonOptions, type Option } from '../src/command.ts'
import { commands } from '../src/commands/help.ts'
import { projectFolder } from '../src/folders.ts'
import { keptByNpm } from '../src/npm-options.ts'
import { recordings, scriptEnvironment } from './support/npm.ts'
import { hashOf, runShell } from './support/process.ts'
import { smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const recordingOf = (...typed: string[]) => {
  const found = recordings.find((recording) => recording.typed.join('\n') === typed.join('\n'))
  if (!found) throw new Error(`Not recorded: ${typed.join(' ')}`)
  return found
}

const commandOf = (name: string) => {
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`No command ${name}`)
  return command
}

/** The line to type; undefined if the command would run. */
function lineFor(name: string, args: string[], changes: Readonly<Record<string, string>>): string | undefined {
  const refused = keptByNpm(commandOf(name), args, scriptEnvironment(name, changes))
  if (refused) expect(refused.exitCode).toBe(2)
  return refused && /^Type: (.*)/.exec(refused.hint)?.[1]
}

describe('every option that npm keeps', () => {
  for (const { name, argument, options } of commands) {
    const script = name === 'start' ? 'npm start --' : `npm run ${name} --`
    const sql = argument ? ["select 'a'"] : []
    const shownSql = argument ? ` 'select '\\''a'\\'''` : ''
    for (const [option, { type, value }] of Object.entries<Option>({ ...options, ...commonOptions })) {
      // npm answers these itself and starts no script.
      if (option === 'help' || option === 'version') continue
      if (type === 'boolean')
        test(`${name} --${option}`, () => {
          const { args, environment } = recordingOf(`--${option}`)
          expect(lineFor(name, [...args, ...sql], environment)).toBe(`${script} --${option}${shownSql}`)
        })
      else
        test.each(option === 'format' ? ['csv'] : ["it's", ''])(`${name} --${option} with the value "%s"`, (text) => {
          const shown = text.replace("it's", "'it'\\''s'")
          for (const typed of text === '' ? [[`--${option}=`]] : [[`--${option}=${text}`], [`--${option}`, text]]) {
            const { args, environment } = recordingOf(...typed)
            for (const all of [
              [...args, ...sql],
              [...sql, ...args],
            ])
              expect(lineFor(name, all, environment)).toBe(
                text === '' ? `${script} --${option} ${value}${shownSql}` : `${script} --${option}=${shown}${shownSql}`,
              )
          }
        })
    }
  }

  test.each<[name: string, typed: string[], after: string[], line: string]>([
    ['etl', ['--config=my.cfg', '--json', '--plan'], [], 'npm run etl -- --plan --config=my.cfg --json'],
    ['create-tables', ['--reset', '--yes'], ['--json'], 'npm run create-tables -- --reset --yes --json'],
    ['etl', ['--plan'], ['--config', 'b c'], "npm run etl -- --plan --config 'b c'"],
    ['etl', ['--config=a', '--config=b'], [], 'npm run etl -- --config=a --config=b'],
    [
      'destroy-infrastructure',
      ['--final-snapshot=a', '--retention-days', '3', '--yes'],
      [],
      'npm run destroy-infrastructure -- --yes --final-snapshot=a --retention-days=3',
    ],
    // Nothing says which value belongs to which option.
    [
      'generate',
      ['--events=1', '--songs', '2', '--out', 'x'],
      [],
      'npm run generate -- --events=1 --songs N --out DIR',
    ],
    [
      'query',
      ['--format', 'json', '--config', 'my.cfg'],
      ['select 1'],
      "npm run query -- --format=json --config=my.cfg 'select 1'",
    ],
    [
      'query',
      ['--format=json', '--config=my.cfg', '--json'],
      ['select 1'],
      "npm run query -- --format=json --config=my.cfg --json 'select 1'",
    ],
    ['query', ['--config', "it's"], ['one', 'select 1'], 'npm run query -- --config FILE SQL'],
  ])('%s %j, then %j behind the dashes', (name, typed, after, line) => {
    const { args, environment } = recordingOf(...typed)
    expect(lineFor(name, [...args, ...after], environment)).toBe(line)
  })
})

describe('no refusal', () => {
  const { environment } = recordingOf('--config=my.cfg', '--json', '--plan')

  test('of what arrived, and of options that are for npm', () => {
    for (const typed of ['--silent', '--loglevel=warn'])
      expect(lineFor('etl', ['--plan', '--config', 'csv'], recordingOf(typed).environment)).toBeUndefined()
    expect(lineFor('query', ['csv', '--format', 'csv'], {})).toBeUndefined()
    expect(lineFor('query', ['select 1', 'select 2'], {})).toBeUndefined()
    expect(lineFor('status', [], recordingOf('--plan').environment)).toBeUndefined()
  })

  test.each([
    ['without npm', {}],
    ['in a process that another script starts', scriptEnvironment('test', { npm_lifecycle_script: 'vitest run' })],
    ['with npx', scriptEnvironment('npx', { npm_command: 'exec', npm_lifecycle_script: 'ts-node src/etl.ts' })],
    ['with pnpm', scriptEnvironment('etl', { npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v20.20.2 linux x64' })],
  ])('%s', (_, start) => expect(keptByNpm(commandOf('etl'), [], { ...environment, ...start })).toBeUndefined())

  test('of a setting that an npmrc file explains', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sparkify-npm-'))
    writeFileSync(join(folder, '.npmrc'), 'json = true\nyes=true ; for npx\n')
    const files = { npm_config_userconfig: join(folder, '.npmrc'), npm_config_globalconfig: join(folder, 'none') }
    const settings = { npm_config_json: 'true', npm_config_yes: 'true' }
    expect(lineFor('create-tables', [], { ...files, ...settings })).toBeUndefined()
    expect(lineFor('create-tables', [], { npm_config_local_prefix: folder, ...settings })).toBeUndefined()
    expect(lineFor('create-tables', [], { ...files, npm_config_reset: 'true' })).toContain('--reset')
    expect(lineFor('etl', [], { ...files, ...environment, npm_config_json: '' })).toContain('--plan')
    rmSync(folder, { recursive: true })
  })
})

test('a script of another name that runs a command is the one to type', () => {
  const script = {
    npm_lifecycle_event: 'nightly',
    npm_lifecycle_script: 'ts-node src/etl.ts && ts-node src/analyze.ts',
  }
  const started = { ...scriptEnvironment('etl', recordingOf('--plan').environment), ...script }
  expect(keptByNpm(commandOf('etl'), [], started)?.hint).toContain('Type: npm run nightly -- --plan\n')
})

describe('npm itself', () => {
  const workplace = new TestWarehouse()
  const home = join(workplace.folder, 'home')
  const npm = (words: string, environment: Readonly<Record<string, string>> = {}) =>
    runShell(`npm --prefix '${projectFolder}' ${words}`, {
      cwd: workplace.folder,
      environment: { HOME: home, ...environment },
    })
  const state = () => [...readdirSync(workplace.folder).sort(), hashOf(workplace.database)]

  beforeAll(async () => {
    await workplace.create()
    workplace.write(smallSource)
    mkdirSync(home)
  })
  afterAll(() => workplace.remove())

  test.each([
    ['run etl --plan -- --config dwh.cfg', 'npm run etl -- --plan --config dwh.cfg'],
    ['run etl --config=dwh.cfg', 'npm run etl -- --config=dwh.cfg'],
    [
      'run destroy-infrastructure --config dwh.cfg -- --yes',
      'npm run destroy-infrastructure -- --config=dwh.cfg --yes',
    ],
    [
      'run destroy-infrastructure --pause -- --yes --config dwh.cfg',
      'npm run destroy-infrastructure -- --pause --yes --config dwh.cfg',
    ],
    [
      'run --silent create-tables --reset --yes -- --config dwh.cfg',
      'npm run create-tables -- --reset --yes --config dwh.cfg',
    ],
    ['start --config=dwh.cfg', 'npm start -- --config=dwh.cfg'],
    [
      'run query --format=csv -- "select 1" --config dwh.cfg',
      "npm run query -- --format=csv --config dwh.cfg 'select 1'",
    ],
  ])('%s is refused, nothing is done', async (words, line) => {
    const before = state()
    const { code, stderr } = await npm(words)
    expect(stderr).toContain(`Type: ${line}\n`)
    expect(code).toBe(2)
    expect(state()).toEqual(before)
  })

  test('hands on what stands behind the dashes, and keeps what is its own', async () => {
    expect(JSON.parse((await npm('run --silent etl -- --plan --json --config dwh.cfg')).stdout)).toMatchObject({
      waiting: { objects: 4 },
    })
    expect(await npm('start --silent -- --help')).toMatchObject({ code: 0, stderr: '' })
    const settings = { HOME: join(workplace.folder, 'home-with-settings') }
    mkdirSync(settings.HOME)
    writeFileSync(join(settings.HOME, '.npmrc'), 'json=true\nyes=true\n')
    const { code, stdout } = await npm('run -s query -- "select 1 as n" --format csv --config dwh.cfg', settings)
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'n\r\n1\r\n' })
  })

  test('with a setting in the environment gets a refusal that says how to run it all the same', async () => {
    const environment = { npm_config_yes: 'true' }
    const { code, stderr } = await npm('run --silent create-tables -- --plan --config dwh.cfg', environment)
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('unset npm_config_yes, or run npx ts-node src/create-tables.ts instead.'),
    })
    const npx = await runShell('npx ts-node src/create-tables.ts --help', { environment })
    expect(npx).toMatchObject({ code: 0, stdout: expect.stringContaining('--reset') })
    expect((await npm('run --silent create-tables -- --plan --config dwh.cfg', { NPM_CONFIG_YES: 'true' })).code).toBe(
      0,
    )
  })
})
