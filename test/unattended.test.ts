import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commands } from '../src/commands/help.ts'
import { projectFolder } from '../src/folders.ts'
import { codeBlocks } from './support/documents/markdown.ts'
import { runProcess, runScript } from './support/process.ts'
import { event, logObject, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** What a scheduler relies on: exit codes, and the examples of documentation/unattended.md. */
const page = readFileSync(join(projectFolder, 'documentation', 'unattended.md'), 'utf8')

/** The example of the page that begins with a line. */
function example(first: string, ...others: string[]): string {
  const block = codeBlocks(page).find(
    ({ text }) => text.startsWith(first) && others.every((line) => text.includes(line)),
  )
  if (block === undefined) throw new Error(`The page has no example that begins with ${first}`)
  return block.text
}

const warehouses: TestWarehouse[] = []
afterAll(() => {
  for (const warehouse of warehouses) warehouse.remove()
})

function newWarehouse(): TestWarehouse {
  const warehouse = new TestWarehouse()
  warehouses.push(warehouse)
  warehouse.write(smallSource)
  return warehouse
}

test('load.sh keeps one line per run, prints only what someone should look at, and ends as etl did', async () => {
  const warehouse = await newWarehouse().create()
  const settings = { project: projectFolder, config: warehouse.configFile, logs: warehouse.folder }
  const script = Object.entries(settings).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), () => `${name}='${value}'`),
    example('#!/bin/sh'),
  )
  writeFileSync(join(warehouse.folder, 'load.sh'), script)
  const load = () =>
    runProcess(['sh', join(warehouse.folder, 'load.sh')], { cwd: '/', environment: { HOME: '/nonexistent' } })
  const linesOf = (name: string) => readFileSync(join(warehouse.folder, name), 'utf8').trimEnd().split('\n')

  expect(await load()).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(await load()).toMatchObject({ code: 0, stdout: '', stderr: '' })
  // Another play under the id of a loaded one.
  warehouse.write([logObject('b.json', [event({ itemInSession: 1, song: 'Another', ts: 1541205830796 })])])
  expect(await load()).toMatchObject({ code: 3, stdout: expect.stringContaining('etl ended with 3:\nlist ') })
  writeFileSync(join(warehouse.folder, 'load.sh'), script.replace('--json', '--json --nope'))
  expect(await load()).toMatchObject({ code: 2, stdout: expect.stringContaining("Unknown option '--nope'") })

  const runs = linesOf('etl.jsonl').map((line) => JSON.parse(line))
  expect(runs.map(({ loads, reconciliation }) => [loads.length, reconciliation.inserted])).toEqual([
    [1, 7],
    [0, 0],
    [1, 0],
  ])
  expect(linesOf('etl.log').filter((line) => line.startsWith('commit '))).toHaveLength(2)
})

describe('without a config that exists, nothing is written to stdout and the exit code is 2', () => {
  test.each(commands.filter(({ name }) => name !== 'doctor' && name !== 'help'))(
    '$name',
    async ({ name, argument }) => {
      const args = argument ? ['select 1'] : []
      const finished = await runScript(name, [...args, '--config', '/nonexistent/missing.cfg'])
      expect(finished).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('does not exist.\n') })
    },
  )

  test('except for doctor, which answers with 1 that this is what is wrong', async () => {
    const finished = await runScript('doctor', ['--config', '/nonexistent/missing.cfg'])
    expect(finished).toMatchObject({ code: 1, stdout: expect.stringContaining('does not exist.') })
  })
})

test('the units for systemd are what systemd takes (skipped where it is not)', async ({ skip }) => {
  const warehouse = newWarehouse()
  const units = {
    'sparkify-etl.service': example('[Unit]', '[Service]').replace(
      'ExecStart=/srv/sparkify',
      `ExecStart=${projectFolder}`,
    ),
    'sparkify-etl.timer': example('[Unit]', '[Timer]'),
  }
  const files = Object.entries(units).map(([name, text]) => {
    writeFileSync(join(warehouse.folder, name), text)
    return join(warehouse.folder, name)
  })
  const verified = await runProcess(['systemd-analyze', 'verify', '--man=no', ...files], {}).catch(() => undefined)
  if (verified === undefined) return skip()
  expect(verified).toMatchObject({ code: 0, stderr: '' })
})
