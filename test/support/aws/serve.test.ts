import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

test('serves by hand, prints the environment, ends on Ctrl-C', async () => {
  const project = fileURLToPath(new URL('../../..', import.meta.url))
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const child = spawn(
    process.execPath,
    ['node_modules/ts-node/dist/bin.js', 'test/support/aws/serve.ts', '--port', '0', '--bucket', `open=${folder}`],
    { cwd: project },
  )
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  while (!output.includes('AWS_SHARED')) await once(child.stdout, 'data')
  const url = /AWS_ENDPOINT_URL=(\S+)/.exec(output)?.[1]
  expect((await fetch(`${url}/open/serve.ts`)).status).toBe(200)
  child.kill('SIGINT')
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
})
