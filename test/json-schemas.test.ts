import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../src/commands.ts'
import type { Context } from '../src/context.ts'
import { projectFolder } from '../src/folders.ts'
import type { Row } from '../src/schema/index.ts'
import { TestCloud } from './support/cloud-run.ts'
import { event, lines, smallSource } from './support/source.ts'
import { quietLog, TestWarehouse } from './support/warehouse-run.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const folder = join(projectFolder, 'documentation', 'json')
const schemaOf = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'))

/** The schema without its permission to have other keys: what it does not name is found. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed)
  if (schema === null || typeof schema !== 'object') return schema
  const parts = Object.entries(schema).map(([key, part]) => [
    key,
    key === 'additionalProperties' && part === true ? false : closed(part),
  ])
  return Object.fromEntries(parts)
}

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
const validators = new Map<string, { published: ValidateFunction; complete: ValidateFunction }>()
function validatorsOf(name: string) {
  const known = validators.get(name)
  if (known) return known
  const compiled = { published: ajv.compile(schemaOf(name)), complete: ajv.compile(closed(schemaOf(name)) as object) }
  validators.set(name, compiled)
  return compiled
}

/** The documents that were seen, by command. */
const seen = new Map<string, Json[]>()

/** Runs a command as its entry script does and holds its document against the schema, which must name all there is. */
async function run(
  context: Context,
  name: string,
  { flags = {}, texts = {}, positionals = [] }: Partial<Parameters<(typeof commands)[number]['run']>[1]> = {},
): Promise<{ document: Json; exitCode: number }> {
  const command = commands.find((candidate) => candidate.name === name)
  if (!command) throw new Error(`There is no command ${name}.`)
  const defaults = Object.fromEntries(Object.entries(command.options).map(([key, option]) => [key, option.default]))
  const outcome = await command.run(context, { flags, texts: { ...defaults, ...texts }, positionals })
  const document = JSON.parse(JSON.stringify(outcome.json)) as Json
  for (const validate of Object.values(validatorsOf(name))) {
    validate(document)
    expect(validate.errors ?? [], `${name}: ${JSON.stringify(document)}`).toEqual([])
  }
  seen.set(name, [...(seen.get(name) ?? []), document])
  return { document, exitCode: outcome.exitCode }
}

test('there is a schema for every command, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(commands.map(({ name }) => `${name}.schema.json`).sort())
})

describe('the documents on DuckDB are as their schemas say', () => {
  const warehouse = new TestWarehouse()
  const { context } = warehouse
  beforeAll(() => warehouse.write(smallSource))
  afterAll(() => warehouse.remove())

  test('of infrastructure and tables, planned, made and made again', async () => {
    await run(context, 'status')
    await run(context, 'create-infrastructure', { flags: { plan: true } })
    await run(context, 'create-infrastructure')
    await run(context, 'create-tables', { flags: { plan: true } })
    await run(context, 'create-tables')
    await run(context, 'create-tables')
    await run(context, 'doctor')
    await run(context, 'etl', { flags: { plan: true } })
    await run(context, 'status')
    await run(context, 'analyze', { texts: { out: join(warehouse.folder, 'empty') } })
  })

  test('of a load, of a load of nothing, and of one that refuses a record', async () => {
    expect(await run(context, 'etl')).toMatchObject({ exitCode: 0, document: { reconciliation: { inserted: 7 } } })
    expect(await run(context, 'etl')).toMatchObject({ exitCode: 0, document: { loads: [] } })
    // The id of a play that is there, and another play.
    const text = lines([event({ itemInSession: 1, song: 'Another', ts: 1541205830796 })])
    warehouse.write([{ source: 'log_data', key: 'log_data/2018/11/2018-11-03-events.json', text }])
    expect(await run(context, 'etl')).toMatchObject({ exitCode: 3, document: { reconciliation: { quarantined: 1 } } })
    expect((await run(context, 'status')).document).toMatchObject({ next: null, quarantine: [expect.anything()] })
    expect(await run(context, 'etl', { flags: { full: true } })).toMatchObject({ exitCode: 3 })
  })

  test('of answers, of a query with every kind of value, and of tables that differ', async () => {
    await run(context, 'analyze', { texts: { out: join(warehouse.folder, 'report') } })
    const statement =
      "select 1 as a, 1.5::decimal(10,5) as b, 9007199254740993 as c, 'x' as d, null as e, true as f, now() as g, 'nan'::double as h"
    const rows = (await run(context, 'query', { positionals: [statement] })).document as Row[]
    expect(rows).toEqual([
      {
        ...{ a: 1, b: 1.5, c: '9007199254740993', d: 'x', e: null, f: true, h: 'NaN' },
        g: expect.any(String),
      },
    ])
    await run(context, 'query', { positionals: ['select 1 as a where false'] })
    const live = await context.openWarehouse('write')
    await live.execute('alter table users add column nickname varchar' as never)
    await live.close()
    expect((await run(context, 'create-tables')).document).toMatchObject({ drift: [{ column: 'nickname' }] })
    expect(await run(context, 'create-tables', { flags: { reset: true } })).toMatchObject({ exitCode: 2 })
    await run(context, 'create-tables', { flags: { reset: true, yes: true } })
  })

  test('of the end, asked and answered', async () => {
    expect(await run(context, 'destroy-infrastructure')).toMatchObject({ exitCode: 2 })
    await run(context, 'destroy-infrastructure', { flags: { yes: true } })
    await run(context, 'destroy-infrastructure', { flags: { yes: true } })
  })

  test('of what needs no warehouse: sample data and documents', async () => {
    const texts = { events: '50', songs: '5', seed: '1', out: join(warehouse.folder, 'sample') }
    await run(context, 'generate', { texts })
    await run(context, 'document', { flags: { check: true } })
  })

  test('of the main job', async () => {
    const folderBefore = process.cwd()
    process.chdir(warehouse.folder)
    try {
      await run(context, 'start')
    } finally {
      process.chdir(folderBefore)
    }
  })
})

describe.each(['redshift', 'redshift-serverless'] as const)(
  'the documents on %s are as their schemas say',
  (engine) => {
    let cloud: TestCloud
    beforeAll(async () => {
      cloud = await TestCloud.start({ engine, bare: true, redshift: { database: 'dwh' } })
      cloud.write(smallSource)
    })
    afterAll(() => cloud.close())

    test('from the plan to the receipt', async () => {
      const { context } = cloud
      await run(context, 'status')
      await run(context, 'create-infrastructure', { flags: { plan: true } })
      await run(context, 'create-infrastructure', { flags: { yes: true }, texts: { ttl: '8h' } })
      await run(context, 'create-infrastructure', { flags: { yes: true } })
      await run(context, 'create-tables')
      expect((await run(context, 'etl')).document).toMatchObject({ engine, reconciliation: { inserted: 7 } })
      await run(context, 'status')
      await run(context, 'query', { positionals: ['select * from songplays'] })
      await run(context, 'doctor')
      if (engine === 'redshift') {
        await run(context, 'destroy-infrastructure', { flags: { pause: true } })
        await run(context, 'create-infrastructure', { flags: { resume: true, yes: true } })
      }
      expect(await run(context, 'destroy-infrastructure')).toMatchObject({ exitCode: 2 })
      await run(context, 'destroy-infrastructure', { flags: { yes: true }, texts: { 'final-snapshot': 'last' } })
      await run(context, 'destroy-infrastructure', { flags: { yes: true } })
    })

    test('when it is interrupted', async () => {
      cloud.abort = new AbortController()
      const log = { ...quietLog, line: () => cloud.abort.abort() }
      const context = { ...cloud.context, log, signal: cloud.abort.signal }
      const { document, exitCode } = await run(context, 'create-infrastructure', { flags: { yes: true } })
      expect({ document, exitCode }).toEqual({
        document: expect.objectContaining({ interrupted: expect.any(String) }),
        exitCode: 1,
      })
    })
  },
)

describe('a schema', () => {
  test('takes further keys anywhere, so that keys can be added', () => {
    // Another key of a map, such as of rows by table, has a value like the others.
    const extended = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(extended)
      if (value === null || typeof value !== 'object') return value
      const parts = Object.fromEntries(Object.entries(value).map(([key, part]) => [key, extended(part)]))
      return { ...parts, added: Object.values(parts)[0] ?? 0 }
    }
    for (const [name, documents] of seen)
      for (const document of documents) {
        const { published } = validatorsOf(name)
        published(extended(document))
        expect(published.errors ?? [], name).toEqual([])
      }
  })

  test('finds a key that is missing and one of another type', () => {
    let tried = 0
    for (const [name, documents] of seen)
      for (const document of documents) {
        if (Array.isArray(document) || document === null || typeof document !== 'object') continue
        const { published } = validatorsOf(name)
        for (const key of Object.keys(document)) {
          const { [key]: _, ...others } = document
          expect(published(others), `${name} without ${key}`).toBe(false)
          expect(published({ ...others, [key]: { no: [] } }), `${name} with another ${key}`).toBe(false)
          tried += 1
        }
      }
    expect(tried).toBeGreaterThan(100)
  })

  test('was held against documents of every command', () => {
    expect([...seen.keys()].sort()).toEqual(commands.map(({ name }) => name).sort())
  })
})
