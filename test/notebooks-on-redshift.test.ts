import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { generateSampleData } from '../src/sample-data/generate.ts'
import { Cloud } from './support/cloud.ts'
import { runProcess, runScript } from './support/process.ts'

/** Jupyter and Deno's kernel, where `notebooks/run` puts them; nothing is installed here. */
const tools = ['bin/jupyter', 'share/jupyter/kernels/deno/kernel.json']
const isThere = tools.every((path) => existsSync(join(projectFolder, '.venv', path)))
const about = isThere
  ? 'the notebooks'
  : 'the notebooks (skipped: there is no Jupyter with the kernel of Deno; bash notebooks/run installs them)'

describe.skipIf(!isThere)(about, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-notebooks-'))
  let cloud: Cloud

  beforeAll(async () => {
    cloud = await Cloud.start()
    await generateSampleData({ events: 400, songs: 60, seed: 1, out: folder })
    cloud.aws.seedBucket('source', { folder })
    for (const args of [['create-infrastructure', '--yes'], ['create-tables']]) {
      const [name = '', ...options] = args
      const finished = await runScript(name, ['--config', cloud.configFile, ...options], {
        environment: cloud.environment,
      })
      expect(finished.code, finished.stderr).toBe(0)
    }
  })
  afterAll(async () => {
    await cloud.close()
    rmSync(folder, { recursive: true })
  })

  test('run from top to bottom over sources in S3 and a warehouse on Redshift, by the name of a config', async () => {
    const { code, stdout, stderr } = await runProcess(['bash', join(projectFolder, 'notebooks', 'run')], {
      environment: { ...cloud.environment, SPARKIFY_CONFIG: cloud.configFile },
    })
    expect(code, stderr).toBe(0)
    expect(stdout.match(/^notebook passed: \S+/gm)).toHaveLength(3)
    // The plays are on Redshift now, so they were asked there.
    const counted = await runScript(
      'query',
      ['select count(*) as n from songplays', '--config', cloud.configFile, '--json'],
      {
        environment: cloud.environment,
      },
    )
    expect(JSON.parse(counted.stdout)[0].n).toBeGreaterThan(100)
  }, 300_000)
})
