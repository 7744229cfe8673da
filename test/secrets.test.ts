import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cloud } from './support/cloud.ts'
import { type Finished, type RunOptions, runScript } from './support/process.ts'
import { smallSource } from './support/source.ts'

/** Secrets that no command may repeat, beside the double's own: its keys and the passwords that it generates. */
const own = {
  session: 'canary/session-token+AQoDYXdzEJr',
  old: 'canary/old-secret+wJalrXUtnFEMI',
  password: 'canary-Db/Password+1',
  unused: 'canary-Unused/Password+2',
  wrong: 'canary-Wrong/Password+3',
}

/** A text in the forms in which it could slip through. */
const formsOf = (secret: string) => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
  Buffer.from(secret).toString('hex'),
]

function secretsIn(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => formsOf(secret).some((form) => text.includes(form)))
}

/** Everything below a folder as text, bytes as they are, but for the files a person wrote. */
function filesBelow(folder: string, written: ReadonlySet<string>): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !written.has(path))
    .map((path) => ({ path, text: readFileSync(path, 'latin1') }))
}

const folders: string[] = []
const clouds: Cloud[] = []
afterAll(async () => {
  for (const cloud of clouds) await cloud.close()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A person's folder with a cloud, and all that was ever written there to a stream or a file. */
class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'sparkify-secrets-'))
  readonly cloud: Cloud
  readonly outputs: { command: string; text: string }[] = []
  private readonly written = new Set<string>()

  private constructor(cloud: Cloud) {
    this.cloud = cloud
    folders.push(this.folder)
    clouds.push(cloud)
  }

  static async start(engine: 'redshift' | 'redshift-serverless'): Promise<Desk> {
    const settings = `[CLUSTER]\nDB_PASSWORD = ${own.unused}\n[DWH]\nDWH_DB_PASSWORD = ${own.unused}`
    const desk = new Desk(await Cloud.start({ engine, settings, redshift: { database: 'dwh' } }))
    desk.cloud.aws.seedBucket('source', {
      objects: Object.fromEntries(smallSource.map(({ key, text }) => [key, text])),
    })
    mkdirSync(join(desk.folder, 'tmp'))
    desk.write('.env', `CREDS__AWS_UDACITY__KEY=AKIAOLDOLDOLDOLDOLD1\nCREDS__AWS_UDACITY__SECRET=${own.old}\n`)
    return desk
  }

  /** A file that the person writes: it may hold secrets. */
  write(name: string, text: string): string {
    const path = join(this.folder, name)
    writeFileSync(path, text)
    this.written.add(path)
    return path
  }

  /** The config of the cloud with further or other lines; INI sections may come twice. */
  config(name: string, lines: string, base = readFileSync(this.cloud.configFile, 'utf8')): string {
    return this.write(name, `${base}\n${lines}\n`)
  }

  async run(
    name: string,
    args: readonly string[] = [],
    { config = this.cloud.configFile, ...options }: RunOptions & { config?: string } = {},
  ): Promise<Finished> {
    const environment = {
      ...this.cloud.environment,
      AWS_SESSION_TOKEN: own.session,
      TMPDIR: join(this.folder, 'tmp'),
      ...options.environment,
    }
    const finished = await runScript(name, ['--config', config, ...args], { cwd: this.folder, ...options, environment })
    this.outputs.push({ command: [name, ...args].join(' '), text: `${finished.stdout}\n${finished.stderr}` })
    return finished
  }

  get secrets(): string[] {
    return [...this.cloud.aws.state.canaries, ...Object.values(own)]
  }

  verify(): void {
    const files = filesBelow(this.folder, this.written)
    for (const { command, text } of this.outputs) expect(secretsIn(text, this.secrets), command).toEqual([])
    for (const { path, text } of files) expect(secretsIn(text, this.secrets), path).toEqual([])
  }
}

test('the canary is found in every form', () => {
  for (const form of formsOf(own.password)) expect(secretsIn(`a${form}b`, Object.values(own))).toEqual([own.password])
  expect(secretsIn('nothing', Object.values(own))).toEqual([])
})

describe.each(['redshift', 'redshift-serverless'] as const)('no secret is in any output or file on %s', (engine) => {
  let desk: Desk
  beforeAll(async () => {
    desk = await Desk.start(engine)
  })

  test('of the whole story, as text and as JSON', async () => {
    const story: [name: string, args: string[], code: number][] = [
      ['create-infrastructure', ['--plan'], 0],
      ['create-infrastructure', [], 2],
      ['create-infrastructure', ['--yes', '--json'], 0],
      ['create-infrastructure', ['--yes'], 0],
      ['create-tables', [], 0],
      ['etl', ['--json'], 0],
      ['etl', [], 0],
      ['status', [], 0],
      ['status', ['--json'], 0],
      ['doctor', [], 0],
      ['doctor', ['--json'], 0],
      ['query', ['select count(*) as n from songplays', '--json'], 0],
      ['query', ['select current_user as name', '--format', 'csv'], 0],
      ['analyze', ['--out', 'report'], 0],
      ['create-tables', ['--reset'], 2],
      ['destroy-infrastructure', [], 2],
    ]
    for (const [name, args, code] of story) {
      const finished = await desk.run(name, args)
      expect(finished, `${name}: ${finished.stderr}`).toMatchObject({ code })
    }
    // The password that AWS manages was made and used, so it could have been said.
    expect(desk.cloud.aws.state.canaries.size).toBeGreaterThan(1)
    expect(desk.cloud.aws.calls.flatMap(({ needs }) => needs)).toContain('secretsmanager:GetSecretValue')
    expect(readdirSync(join(desk.folder, 'report'))).toContain('index.html')
    desk.verify()
  })

  test('of commands that fail', async () => {
    const { aws } = desk.cloud
    const failing: [what: string, name: string, args: string[], code: number][] = [
      ['a statement that is none', 'query', ['selec'], 1],
      ['a format that is none', 'query', ['select 1', '--format', 'xml'], 2],
      ['an option that is none', 'etl', ['--password', own.wrong], 2],
    ]
    for (const [what, name, args, code] of failing) expect(await desk.run(name, args), what).toMatchObject({ code })
    // What a person types as an argument is their own to repeat, and is repeated as a name of an option only.
    for (const [action, name] of [
      ['secretsmanager:GetSecretValue', 'status'],
      ['s3:PutObject', 'etl'],
      ['s3:ListBucket', 'etl'],
      ['redshift:DescribeClusters', 'destroy-infrastructure'],
      ['iam:GetRole', 'create-infrastructure'],
    ] as const) {
      aws.state.denied.add(action)
      await desk.run(name)
      aws.state.denied.clear()
    }
    for (const problem of ['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'] as const) {
      for (const identity of aws.identities.values()) identity.problem = problem
      for (const name of ['etl', 'create-infrastructure'])
        expect(await desk.run(name), problem).toMatchObject({ code: 2 })
    }
    for (const identity of aws.identities.values()) delete identity.problem
    const old = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
    expect(await desk.run('status', [], { environment: old })).toMatchObject({ code: 2 })
    desk.verify()
  })

  test('of configs that are wrong around a secret', async () => {
    const base = '[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data'
    const configs: [what: string, lines: string][] = [
      ['an unknown key', `[CLUSTER]\nDB_PASWORD = ${own.password}`],
      ['a key outside of a section', ''],
      ['a list', `[CLUSTER]\nDB_PASSWORD[] = ${own.password}\nDB_PASSWORD[] = ${own.wrong}`],
      ['another problem', `[CLUSTER]\nDB_PASSWORD = ${own.password}\nDB_PORT = many`],
      ['another section', `[CLUSTR]\nDB_PASSWORD = ${own.password}`],
      ['no equals sign', `[CLUSTER]\nDB_PASSWORD ${own.password}`],
    ]
    for (const [what, lines] of configs) {
      const text = what.includes('outside') ? `DB_PASSWORD = ${own.password}\n${base}` : `${base}\n${lines}`
      const config = desk.write('wrong.cfg', text)
      for (const name of ['status', 'etl'])
        expect(await desk.run(name, [], { config }), what).toMatchObject({ code: 2 })
    }
    desk.verify()
  })

  test('of a login with DB_PASSWORD that works and one that is refused', async () => {
    const { redshift, aws } = desk.cloud
    aws.state.canaries.add(own.password)
    const given = (password: string) =>
      [
        `[WAREHOUSE]\nENGINE = ${engine}\nCA_FILE = ${join(desk.cloud.folder, 'ca.pem')}`,
        `[CLUSTER]\nHOST = localhost\nDB_PORT = ${redshift.port}\nDB_USER = dwhuser`,
        `DB_NAME = dwh\nDB_PASSWORD = ${password}`,
        '[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data',
      ].join('\n')
    const right = desk.write('right.cfg', given(own.password))
    expect(await desk.run('query', ['select 1 as one'], { config: right })).toMatchObject({ code: 0 })
    const wrong = desk.write('refused.cfg', given(own.wrong))
    for (const [name, ...args] of [['query', 'select 1'], ['status'], ['etl'], ['create-tables']] as const)
      expect(await desk.run(name, args, { config: wrong }), name).not.toMatchObject({ code: 0 })
    desk.verify()
  })

  test('of the end: interrupted, refused, with something left, done', async () => {
    const { aws } = desk.cloud
    aws.state.denied.add('redshift:DeleteCluster').add('redshift-serverless:DeleteWorkgroup')
    expect(await desk.run('destroy-infrastructure', ['--yes'])).toMatchObject({ code: 1 })
    aws.state.denied.clear()
    await desk.run('destroy-infrastructure', ['--yes'], { interrupt: { signal: 'SIGINT', at: /^remove / } })
    expect(await desk.run('destroy-infrastructure', ['--yes', '--json'])).toMatchObject({ code: 0 })
    expect(aws.remaining()).toEqual([])
    expect(await desk.run('status')).toMatchObject({ code: 0 })
    desk.verify()
  })
})

test('no secret of the environment is in any output or file of DuckDB and of what needs no warehouse', async () => {
  const desk = await Desk.start('redshift')
  const config = desk.write(
    'duckdb.cfg',
    `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = warehouse/test.duckdb\n[AWS]\nREGION = us-west-2\n[CLUSTER]\nDB_PASSWORD = ${own.password}\n[S3]\nLOG_DATA = s3://source/log_data\nSONG_DATA = s3://source/song_data`,
  )
  const story: [name: string, args: string[]][] = [
    ['create-infrastructure', []],
    ['create-tables', []],
    ['etl', ['--json']],
    ['status', []],
    ['doctor', []],
    ['analyze', ['--out', 'report']],
    ['query', ["select name, value from duckdb_settings() where name ilike '%key%' or name ilike '%token%'"]],
    ['generate', ['--events', '100', '--songs', '10', '--out', 'made']],
    ['destroy-infrastructure', ['--yes']],
  ]
  for (const [name, args] of story) expect(await desk.run(name, args, { config }), name).toMatchObject({ code: 0 })
  await desk.run('query', ['select * from duckdb_secrets()'], { config })
  desk.cloud.aws.state.denied.add('s3:GetObject')
  for (const name of ['create-infrastructure', 'create-tables']) await desk.run(name, [], { config })
  expect(await desk.run('etl', [], { config })).toMatchObject({ code: 2 })
  desk.verify()
})
