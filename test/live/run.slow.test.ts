import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectFolder } from '../../src/folders.ts'
import { Cloud } from '../support/cloud.ts'
import { runProcess } from '../support/process.ts'
import { smallSource } from '../support/source.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await Cloud.start({ engine: 'redshift-serverless', redshift: { secondMs: 5, database: 'dwh' } })
  const bucket = cloud.aws.seedBucket('source')
  for (const { key, text } of smallSource) bucket.put(key, text)
})
afterAll(() => cloud.close())

test('the live run passes on the doubles, says each step, and leaves nothing', async () => {
  const script = join(projectFolder, 'test', 'live', 'run.ts')
  const tsNode = join(projectFolder, 'node_modules', '.bin', 'ts-node')
  const { environment } = cloud
  const finished = await runProcess([tsNode, script, '--source', 's3://source'], { environment })
  expect(finished, finished.stdout).toMatchObject({ code: 0, stderr: '' })
  const { stdout } = finished
  expect(stdout.match(/Both have the same rows and answers\./g)).toHaveLength(3)
  expect(stdout.match(/^As expected\.$/gm)).toHaveLength(3)
  expect(stdout).toMatch(/nothing is left\.\n\nThe live run has passed\.\n$/)
  expect(cloud.aws.remaining()).toEqual([])
})
