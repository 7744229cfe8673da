/**
 * The acceptance run against a real AWS account, which costs money: documentation/redshift.md says how to start it. It stops at the
 * first command that doesn't end as expected, and removes what it created in any case.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DeleteObjectsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { openSourceClient } from '../../src/aws-client/source-client.ts'
import { projectFolder } from '../../src/folders.ts'

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { source: text, engine: text, region: text, identifier: text } })
const { source = '', engine = 'redshift-serverless', region = process.env.AWS_REGION ?? 'us-west-2' } = values
const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(source) ?? []
const identifier = values.identifier ?? `live-${randomBytes(3).toString('hex')}`
const folder = mkdtempSync(join(tmpdir(), 'sparkify-live-'))
const files = { aws: join(folder, 'aws.cfg'), duckdb: join(folder, 'duckdb.cfg') }
const tsNode = join(projectFolder, 'node_modules', '.bin', 'ts-node')
const say = (line: string) => process.stdout.write(`${line}\n`)

interface Options {
  /** Exit code; 0 unless it says otherwise. */
  readonly ends?: number
  /** Kills the command when it says this. */
  readonly killAt?: RegExp
}

/** Runs a command, shows what it says, and returns what it printed. @throws Error if it ends otherwise than expected. */
function run(
  name: string,
  file: string,
  args: readonly string[] = [],
  { ends = 0, killAt }: Options = {},
): Promise<string> {
  say(`\n$ npm run ${name} -- ${['--config', file, ...args].join(' ').replaceAll(`${folder}/`, '')}`)
  const child = spawn(tsNode, [join(projectFolder, 'src', `${name}.ts`), '--config', file, ...args])
  let printed = ''
  child.stdout.on('data', (piece) => {
    printed += piece
  })
  child.stderr.on('data', (piece) => {
    process.stdout.write(piece)
    if (killAt?.test(String(piece))) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (printed) say(printed.trimEnd())
      if (killAt ? signal === 'SIGKILL' : code === ends) resolve(printed)
      else reject(new Error(`${name} ended with ${code ?? signal} instead of ${killAt ? 'SIGKILL' : ends}.`))
    })
  })
}

/** What nobody knows before it has been asked of Redshift. The facts are compared with what the answers should be. */
const questions = [
  ["select cast('1e300' as double precision) as large", '1e+300'],
  ["select trim(regexp_replace(word, '(..)', '$1 ')) as pairs from (select '4142' as word) w", '41 42'],
  ["select from_varbyte(to_varbyte(word, 'hex'), 'utf8') as bytes from (select '426AC3B6' as word) w", 'Bjö'],
  ['select count(*) as copies from sys_load_history where loaded_rows > 0', ''],
] as const

const event = (sessionId: number) =>
  JSON.stringify({ page: 'NextSong', ts: 1_543_600_000_000 + sessionId, sessionId, itemInSession: 0, userId: '1' })
const added = ['broken.json.gz', 'late.json'].map((name) => `${prefix && `${prefix}/`}log_data/sparkify-live-${name}`)

async function main(): Promise<void> {
  if (!bucket) throw new Error('Give --source s3://BUCKET: a bucket of yours, with log_data/ and song_data/.')
  const s3 = await openSourceClient({ region })
  const put = (Key: string | undefined, Body: string | Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }))
  const sources = `[S3]\nLOG_DATA = ${source}/log_data\nSONG_DATA = ${source}/song_data\n[AWS]\nREGION = ${region}\n`
  writeFileSync(files.aws, `[WAREHOUSE]\nENGINE = ${engine}\n${sources}[DWH]\nDWH_CLUSTER_IDENTIFIER = ${identifier}\n`)
  writeFileSync(files.duckdb, `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${join(folder, 'live.duckdb')}\n${sources}`)
  const same = () => run('compare', files.aws, ['--with', files.duckdb])

  await run('create-infrastructure', files.aws, ['--plan'])
  try {
    say('\n# Create, load, compare with DuckDB')
    await run('create-infrastructure', files.aws, ['--yes', ...(engine === 'redshift' ? ['--ttl', '3h'] : [])])
    await run('create-infrastructure', files.duckdb)
    for (const file of Object.values(files)) for (const name of ['create-tables', 'etl']) await run(name, file)
    await same()
    await run('etl', files.aws)

    say('\n# Questions about Redshift')
    for (const [statement, expected] of questions) {
      const printed = await run('query', files.aws, ['--format', 'csv', statement])
      const [, answer = ''] = printed.trim().split(/\r?\n/)
      say(
        expected === ''
          ? `It says ${answer}.`
          : `${answer.trim() === expected ? 'As expected' : `NOT AS EXPECTED: ${expected}`}.`,
      )
    }

    say('\n# A gzip that breaks off')
    await put(added[0], Buffer.from('1f8b0800000000000003ab56', 'hex'))
    for (const file of Object.values(files)) await run('etl', file, [], { ends: 3 })
    await same()

    say('\n# A load that is killed; the next one waits until its session has ended')
    await put(added[1], `${event(900_001)}\n${event(900_002)}\n`)
    await run('etl', files.aws, [], { killAt: /copy|transform/ })
    for (const file of Object.values(files)) await run('etl', file)
    await same()
  } finally {
    say('\n# Remove everything')
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: added.map((Key) => ({ Key })) } }))
    await run('destroy-infrastructure', files.aws, ['--yes']).catch((error) => {
      throw new Error(
        `${identifier} is NOT removed and may cost money. Use this config:\n${readFileSync(files.aws, 'utf8')}`,
        {
          cause: error,
        },
      )
    })
    rmSync(folder, { recursive: true })
  }
  say('\nThe live run has passed.')
}

main().catch((error: Error) => {
  process.stderr.write(`\n${error.message}\n`)
  process.exitCode = 1
})
