import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { Cloud } from './support/cloud.ts'
import { runProcess, runScript } from './support/process.ts'

const hasJupyter = existsSync(join(projectFolder, '.venv/share/jupyter/kernels/deno/kernel.json'))
const about = hasJupyter ? 'the notebooks' : 'the notebooks (skipped: bash notebooks/run installs Jupyter)'

describe.skipIf(!hasJupyter)(about, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-notebooks-'))
  let cloud: Cloud

  beforeAll(async () => {
    cloud = await Cloud.start()
    const sample = await runScript('generate', ['--events', '400', '--songs', '60', '--out', folder])
    expect(sample.code, sample.stderr).toBe(0)
    cloud.aws.seedBucket('source', { folder })
    const options = ['--config', cloud.configFile, '--yes']
    const created = await runScript('create-infrastructure', options, { environment: cloud.environment })
    expect(created.code, created.stderr).toBe(0)
  })
  afterAll(async () => {
    await cloud.close()
    rmSync(folder, { recursive: true })
  })

  test('run from top to bottom over sources in S3 and a warehouse on Redshift', async () => {
    const environment = { ...cloud.environment, SPARKIFY_CONFIG: cloud.configFile }
    const { code, stdout, stderr } = await runProcess(['bash', 'notebooks/run'], { environment, cwd: projectFolder })
    expect(code, stderr).toBe(0)
    expect(stdout.match(/^notebook passed: \S+/gm)).toHaveLength(3)
    const count = ['select count(*) as plays from songplays', '--config', cloud.configFile, '--json']
    const counted = await runScript('query', count, { environment: cloud.environment })
    expect(JSON.parse(counted.stdout)[0].plays).toBeGreaterThan(100)
  }, 300_000)
})
