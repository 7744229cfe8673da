import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { type Finished, runProcess } from './support/process.ts'

/** A machine that differs from ours in one thing. */
interface Condition {
  /** The folder into which the project is put. */
  readonly folder?: string
  readonly environment?: Readonly<Record<string, string>>
  /** What stands before the command; `sh -c` takes the command as "$@". */
  readonly wrap?: readonly string[]
}

const base = mkdtempSync(join(tmpdir(), 'sparkify-first-'))
const template = join(base, 'template')
const pathOf = (name: string) => join(base, name)
const under = (line: string) => ['sh', '-c', `${line}; exec "$@"`, 'sh']

const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
/** Root may write everywhere, so it becomes nobody for the tests of what may not be written. */
const other = process.getuid?.() === 0 ? nobody : []

const deadProxy = 'http://127.0.0.1:9'

const conditions: Readonly<Record<string, Condition>> = {
  'in a path with blanks, quotes and letters of other alphabets': {
    folder: `my büro 仓库 [1] #100% & 'it' $HOME {a,b}`,
  },
  'without git': { environment: { PATH: pathOf('tools') } },
  'without a home': { wrap: ['env', '-u', 'HOME'] },
  'with a home that may not be written': { environment: { HOME: pathOf('home') }, wrap: other },
  'with a home that does not exist': { environment: { HOME: '/nonexistent' }, wrap: other },
  'behind a proxy that is dead': {
    environment: Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
        name,
        deadProxy,
      ]),
    ),
  },
  'behind a proxy that Node itself is told to use': {
    environment: { HTTP_PROXY: deadProxy, HTTPS_PROXY: deadProxy, NODE_USE_ENV_PROXY: '1' },
  },
  'in Turkish, where i is not I, 14 hours before UTC': {
    environment: { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' },
  },
  'in Arabic, with other digits, a quarter of an hour off': {
    environment: { LC_ALL: 'ar_EG.UTF-8', LANG: 'ar_EG.UTF-8', TZ: 'Asia/Kathmandu' },
  },
  'with a locale and a time zone that do not exist': { environment: { LC_ALL: 'xx_XX', TZ: 'Nowhere/None' } },
  'where nobody else may read what is made': { wrap: under('umask 077') },
  'with stdin closed': { wrap: under('exec <&-') },
  'with a temporary folder with a blank in it': { environment: { TMPDIR: pathOf('tmp dir ü') } },
  'with a temporary folder that does not exist': { environment: { TMPDIR: pathOf('no tmp') } },
  'with 64 open files at most': { wrap: under('ulimit -n 64') },
  'in a pipeline of CI': { environment: { CI: 'true', GITHUB_ACTIONS: 'true', NODE_ENV: 'production' } },
  'with a broken .env': { wrap: under("printf 'NO_VALUE\\n=x\\n' > .env") },
}

beforeAll(() => {
  // The person who is nobody must be able to walk here.
  chmodSync(base, 0o755)
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: projectFolder, encoding: 'utf8' }).split('\0')
  for (const path of tracked.filter((each) => each !== '' && !each.startsWith('test/')))
    cpSync(join(projectFolder, path), join(template, path))
  symlinkSync(join(projectFolder, 'node_modules'), join(template, 'node_modules'))
  for (const name of ['home', 'tmp dir ü', 'tools']) mkdirSync(pathOf(name))
  chmodSync(pathOf('home'), 0o555)
  const where = (name: string) => realpathSync(execFileSync('which', [name], { encoding: 'utf8' }).trim())
  for (const name of ['npm', 'sh']) symlinkSync(where(name), join(pathOf('tools'), name))
  symlinkSync(process.execPath, join(pathOf('tools'), 'node'))
})
afterAll(() => {
  chmodSync(pathOf('home'), 0o755)
  rmSync(base, { recursive: true, force: true })
})

/** The project as git has it, in a folder of its own. */
function newProject(name: string): string {
  const folder = join(base, name)
  cpSync(template, folder, { recursive: true, verbatimSymlinks: true })
  if (other.length > 0) execFileSync('chown', ['-R', '-h', '65534:65534', folder])
  return folder
}

const npm = (cwd: string, args: readonly string[], { wrap = [], environment = {} }: Condition): Promise<Finished> =>
  runProcess([...wrap, 'npm', '--silent', ...args], { cwd, environment })

/** All bytes that generate wrote. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
  for (const path of files.sort()) hash.update(path).update(readFileSync(join(folder, path)))
  return hash.digest('hex')
}

/** What stands before the report's address, which names the folder. */
const answersIn = (stdout: string) => stdout.split('\nReport: file:')[0] ?? ''

/** A small month of data and the main job on it, as the README says. */
async function mainJob(name: string, condition: Condition): Promise<{ data: string; answers: string }> {
  const project = newProject(condition.folder ?? name)
  const generated = await npm(project, ['run', 'generate', '--', '--events', '300', '--songs', '50'], condition)
  expect(generated, generated.stderr).toMatchObject({ code: 0, stdout: '' })
  const { code, stdout, stderr } = await npm(project, ['start'], condition)
  expect(code, stderr).toBe(0)
  // Only what the commands say themselves: no warning of Node, of a package or of npm.
  expect(
    stderr.split('\n').filter((line) => !/^(create|list|copy|transform|check|commit|analyze|write) |^$/.test(line)),
  ).toEqual([])
  expect(existsSync(join(project, 'report', 'dwh', 'index.html'))).toBe(true)
  return { data: digestOf(join(project, 'data')), answers: answersIn(stdout) }
}

describe('the main job gives the same data and the same answers', () => {
  let here: ReturnType<typeof mainJob> | undefined
  const expected = () => {
    here ??= mainJob('here', {})
    return here
  }

  for (const [name, condition] of Object.entries(conditions))
    test(name, async () => {
      expect(await mainJob(`condition ${Object.keys(conditions).indexOf(name)}`, condition)).toEqual(await expected())
    })

  test('from another folder, when the project itself may not be written', async () => {
    const project = join(base, 'read-only')
    cpSync(template, project, { recursive: true, verbatimSymlinks: true })
    if (other.length === 0) execFileSync('chmod', ['-R', 'a-w', project])
    const desk = join(base, 'desk')
    mkdirSync(desk)
    writeFileSync(
      join(desk, 'my.cfg'),
      '[WAREHOUSE]\nENGINE = duckdb\n[S3]\nLOG_DATA = data/log_data\nSONG_DATA = data/song_data\n',
    )
    if (other.length > 0) execFileSync('chown', ['-R', '65534:65534', desk])
    const run = (...args: string[]) =>
      npm(desk, ['--prefix', project, ...args, '--config', 'my.cfg'], {
        wrap: other,
        environment: { HOME: '/nonexistent' },
      })
    expect(await run('run', 'generate', '--', '--events', '300', '--songs', '50')).toMatchObject({ code: 0 })
    const { code, stdout, stderr } = await run('start', '--')
    if (other.length === 0) execFileSync('chmod', ['-R', 'u+w', project])
    expect(code, stderr).toBe(0)
    expect({ data: digestOf(join(desk, 'data')), answers: answersIn(stdout) }).toEqual(await expected())
    expect(readdirSync(desk).sort()).toEqual(['data', 'my.cfg', 'report', 'warehouse'])
    expect(readdirSync(project).sort()).toEqual(readdirSync(template).sort())
  })
})

test('with nothing but the README: npm start makes a month of data, and a second one loads nothing', async () => {
  const project = newProject('newcomer')
  const first = await npm(project, ['start'], {})
  expect(first.code, first.stderr).toBe(0)
  expect(first.stderr).toMatch(/^generate .*8,000 events, 14,896 songs/m)
  const again = await npm(project, ['start'], {})
  expect(again.code, again.stderr).toBe(0)
  expect(again.stderr).toMatch(/^load +nothing/m)
})

test('a project that may not be written is refused with a fix', async () => {
  const project = join(base, 'closed')
  cpSync(template, project, { recursive: true, verbatimSymlinks: true })
  if (other.length === 0) chmodSync(project, 0o555)
  const { code, stderr } = await npm(project, ['start'], { wrap: other, environment: { HOME: '/nonexistent' } })
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `The sample data can't be written to ${join(project, 'data')} (EACCES).\nUse --out DIR to name another folder.\n`,
  })
  if (other.length === 0) chmodSync(project, 0o755)
})
