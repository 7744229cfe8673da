import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Row, starTables } from '../../src/schema/index.ts'
import { type Finished, runScript } from '../support/process.ts'

/**
 * The acceptance run against a real AWS account, which costs money: off unless SPARKIFY_LIVE=1, and then it fails rather
 * than skips if the account can't be reached. documentation/redshift.md says how to run it.
 */
const isOn = process.env.SPARKIFY_LIVE === '1'
const engine = process.env.SPARKIFY_LIVE_ENGINE ?? 'redshift-serverless'
const source = (process.env.SPARKIFY_LIVE_SOURCE ?? 's3://udacity-dend').replace(/\/$/, '')
const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? 'us-west-2'
const hour = 3_600_000

describe.skipIf(!isOn)(`on AWS (${isOn ? `${engine} in ${region}` : 'skipped: SPARKIFY_LIVE is not 1'})`, () => {
  const folder = isOn ? mkdtempSync(join(tmpdir(), 'sparkify-live-')) : ''
  const identifier = `sparkify-live-${randomBytes(3).toString('hex')}`
  const files = { aws: join(folder, 'aws.cfg'), duckdb: join(folder, 'duckdb.cfg') }
  const say = (text: string) => process.stderr.write(`${text}\n`)
  let wasCreated = false

  /** The credentials of this shell, but no endpoint that stands for AWS. */
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith('AWS_') && !name.startsWith('AWS_ENDPOINT_URL')),
  ) as Record<string, string>
  const attempt = (name: string, config: string, ...args: string[]): Promise<Finished> =>
    runScript(name, ['--config', config, '--json', ...args], { environment })
  const run = async (name: string, config: string, ...args: string[]) => {
    const { code, stdout, stderr } = await attempt(name, config, ...args)
    say(stderr.trimEnd())
    expect(code, `${name}: ${stderr}`).toBe(0)
    return JSON.parse(stdout)
  }

  if (isOn) {
    const sources = `[S3]\nLOG_DATA = ${source}/log_data\nSONG_DATA = ${source}/song_data\n[AWS]\nREGION = ${region}\n`
    const names = `[DWH]\nDWH_CLUSTER_IDENTIFIER = ${identifier}\n`
    writeFileSync(files.aws, `[WAREHOUSE]\nENGINE = ${engine}\n${sources}${names}`)
    writeFileSync(files.duckdb, `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${join(folder, 'live.duckdb')}\n${sources}`)
  }

  afterAll(async () => {
    if (!isOn) return
    // Also after a failure, and again if AWS was not ready to let go of something.
    for (let round = 1; wasCreated; round += 1) {
      const { code, stderr } = await attempt('destroy-infrastructure', files.aws, '--yes')
      say(stderr.trimEnd())
      if (code === 0) break
      if (round < 3) continue
      throw new Error(`${identifier} is NOT removed and may cost money. Keep ${folder} and run:
  npm run destroy-infrastructure -- --yes --config ${files.aws}`)
    }
    rmSync(folder, { recursive: true, force: true })
  }, hour)

  test(
    'says what it will cost before it creates anything',
    async () => {
      const plan = await run('create-infrastructure', files.aws, '--plan')
      expect(plan.nothing_to_do).toBe(false)
      say(`This run: about half an hour of ${engine}. ${plan.cost}`)
    },
    hour / 6,
  )

  test(
    'gives the rows of DuckDB, value for value, from the same objects',
    async () => {
      wasCreated = true
      await run('create-infrastructure', files.aws, '--yes', ...(engine === 'redshift' ? ['--ttl', '3h'] : []))
      await run('create-tables', files.aws)
      const onAws = await run('etl', files.aws)
      for (const name of ['create-infrastructure', 'create-tables']) await run(name, files.duckdb)
      const here = await run('etl', files.duckdb)
      expect(onAws.reconciliation).toEqual(here.reconciliation)
      expect(onAws.checks.filter(({ offenders }: Row) => offenders !== 0)).toEqual([])
      for (const { name, columns, key } of starTables) {
        const chosen = columns.map((column) => column.name).filter((column) => column !== 'load_id')
        const statement = `select ${chosen.join(', ')} from ${name} order by ${key.join(', ')}`
        const [rows, expected] = [await run('query', files.aws, statement), await run('query', files.duckdb, statement)]
        expect(rows, name).toEqual(expected)
      }
    },
    2 * hour,
  )

  test(
    'has nothing to do the second time, and answers every analysis as DuckDB does',
    async () => {
      expect((await run('etl', files.aws)).loads).toEqual([])
      const answers = async (config: string) => (await run('analyze', config, '--out', join(folder, 'report'))).analyses
      expect(await answers(files.aws)).toEqual(await answers(files.duckdb))
    },
    hour,
  )

  test(
    'is removed, and the receipt says that nothing is left that costs',
    async () => {
      const receipt = await run('destroy-infrastructure', files.aws, '--yes')
      wasCreated = false
      expect(receipt.exit_code).toBe(0)
    },
    hour,
  )
})
