import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { commonOptions } from '../src/command.ts'
import { exitCodes } from '../src/errors.ts'
import { projectFolder } from '../src/folders.ts'
import { AwsWorkplace } from './support/aws-workplace.ts'
import { commands } from './support/commands.ts'
import { holdOpen, runProcess, runScript, tsNode } from './support/process.ts'
import { event, lines, smallSource } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

const page = readFileSync(join(projectFolder, 'documentation', 'cron.md'), 'utf8')

/** An example of the page. */
function example(name: string): string {
  const [, text] = new RegExp(`<!-- ${name} -->\\s+\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(page) ?? []
  if (text === undefined) throw new Error(`The page has no ${name}.`)
  return text
}

const ends: (() => unknown)[] = []
afterAll(async () => {
  for (const end of ends) await end()
})

async function newWarehouse(): Promise<TestWarehouse> {
  const warehouse = await new TestWarehouse().create()
  ends.push(() => warehouse.remove())
  warehouse.write(smallSource)
  return warehouse
}

/** Another play under the id of one that is there. */
function contradict(warehouse: TestWarehouse): void {
  const text = lines([event({ itemInSession: 1, song: 'Another', ts: 1541205830796 })])
  warehouse.write([{ source: 'log_data', key: 'log_data/2018/11/2018-11-03-events.json', text }])
}

const run = async (warehouse: TestWarehouse, name: string, ...args: string[]) =>
  (await runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: warehouse.folder })).code

describe.concurrent('every exit code of documentation/cron.md is the one of a real run', () => {
  /** What the example of each code does. */
  const shown: Readonly<Record<string, () => Promise<number | null>>> = {
    async '0'() {
      const warehouse = await newWarehouse()
      expect(await run(warehouse, 'etl')).toBe(0)
      return run(warehouse, 'etl')
    },
    async '1'() {
      const warehouse = await newWarehouse()
      const holder = await holdOpen(warehouse.database)
      const code = await run(warehouse, 'etl')
      await holder.end()
      return code
    },
    '2': async () => run(await newWarehouse(), 'etl', '--nope'),
    async '3'() {
      const warehouse = await newWarehouse()
      await warehouse.etl()
      contradict(warehouse)
      return run(warehouse, 'etl')
    },
    async '4'() {
      const workplace = await AwsWorkplace.start()
      ends.push(() => workplace.end())
      expect(await workplace.run('create-infrastructure', '--yes')).toMatchObject({ code: 0 })
      workplace.double.state.snapshots.set('by-hand', {
        ...{ identifier: 'by-hand', source: 'dwh', kind: 'manual', status: 'available', createdAt: new Date() },
        ...{ arn: 'arn:aws:redshift:us-west-2:123456789012:snapshot:dwh/by-hand', retention: -1 },
        ...{ adminUsername: 'dwhuser', tags: [], pending: undefined },
      })
      return (await workplace.run('destroy-infrastructure', '--yes')).code
    },
  }

  test('and the page lists them all', () => {
    const listed = [...page.matchAll(/^\| (\d) \| /gm)].map(([, code]) => Number(code))
    expect(listed).toEqual(Object.values(exitCodes))
    expect(Object.keys(shown).map(Number)).toEqual(listed)
  })

  for (const [code, show] of Object.entries(shown))
    test(`${code}`, async () => {
      expect(await show()).toBe(Number(code))
    })
})

describe.concurrent('every failure ends with 1 or more', () => {
  for (const { name, argument } of commands)
    test(`${name} without a config, and with an output that can't be written`, async () => {
      const warehouse = await newWarehouse()
      const args = argument ? ['select 1'] : []
      const missing = await runScript(name, [...args, '--config', 'missing.cfg'], { cwd: warehouse.folder })
      // doctor is asked what is wrong: that is its answer.
      if (name === 'doctor')
        expect(missing).toMatchObject({ code: 1, stdout: expect.stringContaining('does not exist.') })
      else expect(missing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('does not exist.\n') })
      const own = { generate: ['--events', '10', '--songs', '1'], document: ['--check'] }[name] ?? []
      const line = ['bash', '-c', '"$@" > /dev/full', 'bash', tsNode, join(projectFolder, 'src', `${name}.ts`)]
      const full = await runProcess([...line, ...args, ...own, '--config', 'dwh.cfg', '--json'], {
        cwd: warehouse.folder,
      })
      expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining("Can't write the output (ENOSPC).") })
    })
})

describe.concurrent('load.sh of documentation/cron.md', () => {
  /** The script for a warehouse of its own, run as cron runs it. */
  async function load(warehouse: TestWarehouse, change = (script: string) => script) {
    const settings = { project: projectFolder, config: warehouse.configFile, logs: warehouse.folder }
    const own = Object.entries(settings).reduce(
      (text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), () => `${name}='${value}'`),
      example('load.sh'),
    )
    writeFileSync(join(warehouse.folder, 'load.sh'), change(own))
    return runProcess(['sh', join(warehouse.folder, 'load.sh')], { cwd: '/', environment: { HOME: '/nonexistent' } })
  }
  const linesOf = (warehouse: TestWarehouse, name: string) =>
    readFileSync(join(warehouse.folder, name), 'utf8').trimEnd().split('\n')

  test('keeps a line a run, and prints only what somebody should look at', async () => {
    const warehouse = await newWarehouse()
    expect(await load(warehouse)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(await load(warehouse)).toMatchObject({ code: 0, stdout: '', stderr: '' })
    contradict(warehouse)
    expect(await load(warehouse)).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('etl ended with 3:\nlist '),
    })
    const holder = await holdOpen(warehouse.database)
    expect(await load(warehouse)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('is in use by another process'),
    })
    await holder.end()
    const runs = linesOf(warehouse, 'etl.jsonl').map((line) => JSON.parse(line))
    expect(runs.map(({ loads, reconciliation }) => [loads.length, reconciliation.inserted])).toEqual([
      [1, 7],
      [0, 0],
      [1, 0],
    ])
    const talk = linesOf(warehouse, 'etl.log')
    expect(talk.filter((line) => line.startsWith('commit '))).toHaveLength(2)
    expect(talk.at(-1)).toBe('Wait until it is done, or end it, and run this again.')
  })

  test('ends a load at its deadline, with nothing half-done and no lock left', async () => {
    const warehouse = await newWarehouse()
    const endless = 'select count(*) from range(10000000) a, range(10000000) b where a.range + b.range = 7'
    const slow = (script: string) => script.replace('src/etl.ts', `src/query.ts "${endless}"`).replace(' 30m ', ' 3s ')
    expect(await load(warehouse, slow)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('The deadline of 3s has passed.'),
    })
    expect(linesOf(warehouse, 'etl.jsonl')).toEqual([''])
    expect(await load(warehouse)).toMatchObject({ code: 0 })
  })
})

test('the units for systemd are what systemd takes (skipped where it is not)', async ({ skip }) => {
  const warehouse = await newWarehouse()
  const files = ['sparkify-etl.service', 'sparkify-etl.timer'].map((name) => {
    const path = join(warehouse.folder, name)
    // Verified is also that the program is there.
    writeFileSync(path, example(name).replaceAll('ExecStart=/srv/sparkify', `ExecStart=${projectFolder}`))
    return path
  })
  const verify = (paths: string[]) => runProcess(['systemd-analyze', 'verify', '--man=no', ...paths], {})
  const verified = await verify(files).catch(() => undefined)
  if (verified === undefined) return skip()
  expect(verified).toMatchObject({ code: 0, stderr: '' })
  writeFileSync(files[1] ?? '', example('sparkify-etl.timer').replace('*:15:00', '*:75:00'))
  expect((await verify(files)).stderr).not.toBe('')
})

test('every command in the examples is there, with its options', () => {
  const used = [...page.matchAll(/src\/([a-z-]+)\.ts((?: --[a-z-]+(?: "?[\w/$.]+"?)?)*)/g)]
  expect(used.length).toBeGreaterThan(3)
  for (const [, name, options = ''] of used) {
    const command = commands.find((candidate) => candidate.name === name)
    const known = Object.keys({ ...command?.options, ...commonOptions })
    for (const [, option] of options.matchAll(/--([a-z-]+)/g)) expect(known).toContain(option)
    expect(command?.name).toBe(name)
  }
})
