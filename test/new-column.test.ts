import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { projectFolder } from '../src/folders.ts'
import { TestCloud } from './support/cloud-run.ts'
import { codeBlocks } from './support/documents/markdown.ts'
import { runProcess, tsNode } from './support/process.ts'
import { event, lines } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** The two lines that documentation/schema.md tells to add. */
const [staged = '', played = ''] = codeBlocks(readFileSync(join(projectFolder, 'documentation', 'schema.md'), 'utf8'))
  .filter(({ language }) => language === 'ts')
  .map(({ text }) => text.trim())

const project = mkdtempSync(join(tmpdir(), 'sparkify-column-'))
for (const name of ['src', 'package.json', 'tsconfig.json'])
  cpSync(join(projectFolder, name), join(project, name), { recursive: true })
symlinkSync(join(projectFolder, 'node_modules'), join(project, 'node_modules'))
afterAll(() => rmSync(project, { recursive: true }))

function addLine(file: string, after: string, line: string): void {
  const path = join(project, 'src', 'schema', file)
  const text = readFileSync(path, 'utf8')
  const at = text.indexOf('  columns: [\n', text.indexOf(after)) + '  columns: [\n'.length
  writeFileSync(path, `${text.slice(0, at)}    ${line}\n${text.slice(at)}`)
}

/** Two plays that an older app sent, and two of a newer one, of which one is sent again. */
const old = [event({ sessionId: 1 }), event({ sessionId: 2 })]
const device = (sessionId: number, text: string) =>
  JSON.stringify({ ...JSON.parse(lines([event({ sessionId })])), device: text })

const engines = {
  async duckdb() {
    const warehouse = await new TestWarehouse().create()
    return {
      write: warehouse.write.bind(warehouse),
      config: join(warehouse.folder, 'dwh.cfg'),
      environment: {},
      close: async () => warehouse.remove(),
    }
  },
  async redshift() {
    const cloud = await TestCloud.start()
    return {
      write: cloud.write.bind(cloud),
      config: cloud.cloud.configFile,
      environment: cloud.cloud.environment,
      close: () => cloud.close(),
    }
  },
}

describe.each(Object.entries(engines))('a new key of the logs on %s', (_, start) => {
  test('gets its columns from two lines; old plays have null there, and --full fills what the source has', async () => {
    const { write, config, environment, close } = await start()
    const run = async (name: string, ...args: string[]) => {
      const command = [tsNode, join(project, 'src', `${name}.ts`), ...args, '--config', config]
      return runProcess(command, { cwd: project, environment })
    }
    const devices = async () => {
      const { stdout, stderr } = await run(
        'query',
        'select session_id, device from plays order by session_id',
        '--json',
      )
      expect(stderr).toBe('')
      return JSON.parse(stdout).map(({ device }: { device: string | null }) => device)
    }
    write([{ source: 'log_data', key: 'log_data/old.json', text: `${lines(old)}\n${device(3, 'phone')}\n` }])
    const schema = ['staging.ts', 'star.ts'].map((name) => join(project, 'src', 'schema', name))
    for (const file of schema) cpSync(join(projectFolder, 'src', 'schema', file.split('/').at(-1) ?? ''), file)
    expect((await run('etl')).stderr).toContain('device')
    addLine('staging.ts', 'stagingEvents', staged)
    addLine('star.ts', 'songplays', played)

    const refused = await run('etl')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/lacks .*device.*\n.*create-tables/) })
    expect((await run('create-tables')).code).toBe(0)
    expect(await devices()).toEqual([null, null, null])
    write([
      {
        source: 'log_data',
        key: 'log_data/new.json',
        text: `${device(4, ' tablet ')}\n${device(4, ' tablet ')}\n${device(5, '')}\n`,
      },
    ])
    expect((await run('etl')).code).toBe(0)
    expect(await devices()).toEqual([null, null, null, 'tablet', null])
    expect((await run('etl', '--full')).code).toBe(0)
    expect(await devices()).toEqual([null, null, 'phone', 'tablet', null])
    await close()
  })
})
