import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type StagingTable, stagingTables } from '../src/schema/index.ts'
import { createTables } from '../src/tables/create-tables.ts'
import { anyText } from './reports/examples.ts'
import { TestCloud } from './support/cloud-run.ts'
import { hostileTexts, obeyed, terminalTexts } from './support/hostile.ts'
import { MemoryWarehouse } from './support/memory-warehouse.ts'
import { hashOf, hasTerminals, runAtTerminal, runScript } from './support/process.ts'
import { event, logObject, song } from './support/source.ts'
import { TestWarehouse } from './support/warehouse-run.ts'

/** That of a file which is read: not hidden. */
const isFileName = (text: string) => !/[/\0]|^[._]/.test(text)
/** As long as a file system takes it: 255 bytes. */
const longest = `${'é'.repeat(125)}.json`

const play = (sessionId: number, fields = {}) => JSON.stringify(event({ sessionId, ...fields }))

/** Paths below a folder with what tells their contents apart, but for the folders that the suite writes to. */
function fingerprint(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(warehouse|report)(\/|$)/.test(path.slice(folder.length)))
    .map((path) => `${path} ${readdirSyncSafe(path) ?? hashOf(path)}`)
    .sort()
}
const readdirSyncSafe = (path: string) => {
  try {
    return readdirSync(path).length
  } catch {
    return undefined
  }
}

async function withDatabase(file: string, statement: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(statement)).getRowsJson()
  connection.closeSync()
  instance.closeSync()
  return rows
}

describe('object names', () => {
  const names = [...hostileTexts.filter(isFileName).map((text) => `${text}.json`), longest, 'é.json.gz']

  test('that files can have are loaded and recorded exactly, and nothing else is touched', async () => {
    const warehouse = await new TestWarehouse().create()
    await withDatabase(warehouse.database, 'create schema other; create table other.canary as select 42 as answer')
    warehouse.write(names.map((name, index) => logObject(name, [event({ sessionId: index + 1 })])))
    const before = fingerprint(warehouse.folder)
    const { summary, exitCode } = await warehouse.etl()
    expect({ exitCode, inserted: summary.reconciliation.inserted }).toEqual({ exitCode: 0, inserted: names.length })
    const ledger = await warehouse.query('select object_key from load_ledger')
    expect(ledger.map(({ object_key }) => object_key).sort()).toEqual(
      names.map((name) => join(warehouse.folder, 'log_data', name)).sort(),
    )
    expect((await warehouse.etl()).summary.loads).toEqual([])
    expect(await withDatabase(warehouse.database, 'select * from other.canary')).toEqual([[42]])
    expect(fingerprint(warehouse.folder)).toEqual(before)
    warehouse.remove()
  })

  test('that are long are read where objects are too large to be joined', async () => {
    const warehouse = await new TestWarehouse().create()
    const large = (sessionId: number) =>
      Array.from({ length: 2500 }, (_, item) => event({ sessionId, itemInSession: item }))
    const chosen = [...terminalTexts, ...hostileTexts.slice(-6)].filter(isFileName).map((text) => `${text}.json`)
    warehouse.write([...chosen, longest].map((name, index) => logObject(name, large(index + 1))))
    const { summary } = await warehouse.etl()
    expect(summary.reconciliation.inserted).toBe((chosen.length + 1) * 2500)
    warehouse.remove()
  })

  test('that are not UTF-8 are refused by name, before anything is loaded', async () => {
    const warehouse = await new TestWarehouse().create()
    const path = Buffer.concat([
      Buffer.from(join(warehouse.folder, 'log_data', 'caf')),
      Buffer.from([0xe9]),
      Buffer.from('.json'),
    ])
    writeFileSync(path, play(1))
    await expect(warehouse.etl()).rejects.toMatchObject({
      message: expect.stringMatching(/caf\ufffd\.json has a name that is not UTF-8\.$/),
      exitCode: 2,
    })
    warehouse.remove()
  })

  test('any that a file system takes is loaded and recorded exactly', async () => {
    const warehouse = await new MemoryWarehouse().create()
    const name = fc
      .tuple(anyText, fc.constantFrom('.json', '.json.gz'))
      .map(([text, ending]) => `${text.toWellFormed().replaceAll('\0', '').replaceAll('/', '')}${ending}`)
      .filter((name) => isFileName(name) && Buffer.byteLength(name) <= 255)
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 20 }), async (names) => {
        await warehouse.reset()
        warehouse.write(names.map((name, index) => logObject(name, [event({ sessionId: index + 1 })])))
        const { summary } = await warehouse.etl()
        expect(summary.reconciliation.inserted).toBe(names.length)
        const ledger = await warehouse.query('select object_key from load_ledger')
        expect(ledger.map(({ object_key }) => String(object_key).slice(warehouse.folder.length + 10)).sort()).toEqual(
          [...names].sort(),
        )
      }),
      { numRuns: 10 },
    )
    warehouse.remove()
  })
})

describe('object names in S3', () => {
  let cloud: TestCloud
  beforeAll(async () => {
    cloud = await TestCloud.start()
  })
  beforeEach(() => cloud.reset())
  afterAll(() => cloud.close())

  test('that are hostile are loaded and recorded exactly, by the statements that any names take', async () => {
    const names = [...hostileTexts.filter(isFileName).map((text) => `${text}.json`), `${'k/'.repeat(502)}abcdef.json`]
    const load = async (own: readonly string[]) => {
      cloud.write(own.map((name, index) => logObject(name, [event({ sessionId: index + 1 })])))
      const statements = await cloud.statementsOf(() => cloud.etl())
      return statements.length
    }
    const usual = names.map((_, index) => `${index}.json`)
    // The first time the new role has to be waited for.
    await load(usual)
    await cloud.reset()
    const statements = await load(usual)
    await cloud.reset()
    expect(await load(names)).toBe(statements)
    const ledger = await cloud.query('select object_key from load_ledger')
    expect(ledger.map(({ object_key }) => object_key).sort()).toEqual(
      names.map((name) => `s3://source/log_data/${name}`).sort(),
    )
    expect(await cloud.query('select count(*) as n from songplays')).toEqual([{ n: names.length }])
    expect((await cloud.etl()).summary.loads).toEqual([])
  })
})

const textColumns = stagingTables.flatMap((table) =>
  table.columns.flatMap((column) => {
    const bytes = /^text\((\d+)\)$/.exec(column.type)?.[1]
    const { name, sourceKey: key = '', required = false } = column
    return bytes ? [{ table, name, key, required, bytes: Number(bytes) }] : []
  }),
)

/** A text in one column; escaped to the last character, or as JSON.stringify has it. */
const placed = fc.record({
  column: fc.constantFrom(...textColumns),
  text: fc.oneof(
    anyText,
    fc.constantFrom(...hostileTexts),
    fc.constantFrom('é'.repeat(32), `${'é'.repeat(32)}a`, '\0', 'a\ud800'),
  ),
  isEscaped: fc.boolean(),
})

function reasonFor({ key, bytes, required }: (typeof textColumns)[number], text: string): string | undefined {
  if (text.includes('\0')) return `has ${key} with a NUL character`
  if (!text.isWellFormed()) return `has ${key} with half a character`
  if (Buffer.byteLength(text) > bytes) return `has ${key} longer than ${bytes} bytes`
  return required && /^ *$/.test(text) ? `has no ${key}, which every record needs` : undefined
}

const escaped = (text: string) =>
  `"${text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')}"`

describe.each(['DuckDB', 'the Redshift double'])('texts on %s', (engine) => {
  let warehouse: MemoryWarehouse | TestCloud
  beforeAll(async () => {
    warehouse =
      engine === 'DuckDB'
        ? await new MemoryWarehouse({ settings: '[ETL]\nKEEP_STAGING = yes' }).create()
        : await TestCloud.start()
  })
  afterAll(async () => {
    if (warehouse instanceof TestCloud) await warehouse.close()
    else warehouse.remove()
  })

  test('any in any column arrives exactly, or is refused for a reason with a name', async () => {
    const recordOf = (table: StagingTable, index: number) =>
      table.source === 'log_data' ? event({ sessionId: index + 1 }) : song({ year: index + 1 })
    await fc.assert(
      fc.asyncProperty(fc.array(placed, { minLength: 1, maxLength: 60 }), async (texts) => {
        await warehouse.reset()
        for (const { source, name } of stagingTables) {
          const own = texts.map(({ column, text, isEscaped }, index) => {
            if (column.table.source !== source) return ''
            const record = JSON.stringify({ ...recordOf(column.table, index), [column.key]: '\u0001' })
            return record.replace('"\\u0001"', () => (isEscaped ? escaped(text) : JSON.stringify(text)))
          })
          warehouse.write([{ source, key: `${source}/${name}.json`, text: own.join('\n') }])
        }
        await warehouse.etl()
        const refused = await warehouse.query(
          "select line_number, reason from quarantine where column_name <> 'songplay_id' and part = 1",
        )
        const staged = new Map<string, Record<string, unknown>[]>()
        for (const { name } of stagingTables) staged.set(name, await warehouse.query(`select * from ${name}`))
        for (const [index, { column, text }] of texts.entries()) {
          const reason = reasonFor(column, text)
          const own = refused.filter(({ line_number }) => line_number === index + 1).map((row) => row.reason)
          expect(own).toEqual(reason === undefined ? [] : [reason])
          const id = column.table.source === 'log_data' ? 'session_id' : 'year'
          const rows = (staged.get(column.table.name) ?? []).filter((row) => row[id] === index + 1)
          expect(rows.map((row) => row[column.name])).toEqual(reason === undefined ? [text] : [])
        }
      }),
      { numRuns: engine === 'DuckDB' ? 20 : 3 },
    )
  })
})

describe('a terminal', () => {
  /** Runs a command and returns everything it wrote. */
  async function shownBy(workplace: TestWarehouse, name: string, ...args: string[]) {
    const { code, stdout, stderr } = await runScript(name, ['--config', 'dwh.cfg', ...args], { cwd: workplace.folder })
    const text = stdout + stderr
    expect(text).not.toContain('This is a bug')
    expect(obeyed(text), `${name}: ${JSON.stringify(text)}`).toEqual([])
    return { code, text }
  }

  /** A source in which every name and every text of a record is one that a terminal would obey; half of the records are refused. */
  function hostileSource(): TestWarehouse {
    const workplace = new TestWarehouse()
    for (const [index, text] of terminalTexts.entries()) {
      const fields = {
        artist: text,
        song: text,
        level: text.slice(0, 4),
        location: text,
        userAgent: text,
        [text]: text,
      }
      const name = text.replaceAll('/', '')
      const path = join(workplace.folder, 'log_data', name, `${name}.json`)
      mkdirSync(dirname(path), { recursive: true })
      const [good, bad] = [fields, { ts: text }].map((own, session) => play(session, { itemInSession: index, ...own }))
      writeFileSync(path, `${good}\n${bad}\n`)
    }
    return workplace
  }

  test('obeys nothing that stands in names or records, whatever command shows it', async () => {
    const workplace = await hostileSource().create()
    const before = fingerprint(workplace.folder)
    const commands: [code: number, name: string, ...args: string[]][] = [
      [0, 'status'],
      [3, 'etl'],
      [0, 'status'],
      [1, 'doctor'],
      [0, 'analyze'],
      [0, 'query', 'select * from songplays'],
      [0, 'query', 'select * from quarantine', '--format', 'json'],
      [0, 'query', 'select * from load_ledger', '--json'],
      [1, 'query', 'select "\x1b[2J\x9b"'],
      [2, 'query', '--format', '\x1b]0;x\x07', 'select 1'],
      [2, 'etl', '--\x1b[2J'],
    ]
    for (const [code, ...command] of commands) expect(await shownBy(workplace, ...command)).toMatchObject({ code })
    expect(fingerprint(workplace.folder)).toEqual(before)
    workplace.remove()
  })

  test.skipIf(!hasTerminals)('obeys nothing where progress and CSV are shown at a real one', async () => {
    const workplace = await hostileSource().create()
    const statement = 'select object_key, raw_text from quarantine'
    for (const [code, name, ...args] of [
      [3, 'etl'],
      [0, 'query', statement, '--format', 'csv'],
    ] as const) {
      const shown = await runAtTerminal(name, ['--config', workplace.configFile, ...args])
      expect({ code: shown.code, obeyed: obeyed(shown.stdout) }, shown.stdout).toEqual({ code, obeyed: [] })
    }
    workplace.remove()
  })

  test('obeys nothing that stands in an error about the source', async () => {
    const workplace = await new TestWarehouse({ settings: '\n[ETL]\nMAX_QUARANTINED = 1\n' }).create()
    writeFileSync(join(workplace.folder, 'log_data', '\x1b[2J\x9b.json'), 'x\ny\n')
    const { code, text } = await shownBy(workplace, 'etl')
    expect(code).toBe(1)
    expect(text).toContain('␛[2J\\u009b.json, line 1: is not JSON')
    workplace.remove()
  })

  test.each([
    ['ETL', 'BATCH_BYTES'],
    ['ETL', 'UNKNOWN'],
    ['WAREHOUSE', 'ENGINE'],
    ['WAREHOUSE', 'DATABASE'],
    ['S3', 'LOG_DATA'],
    ['AWS', 'REGION'],
  ])('obeys nothing that stands in the config as [%s] %s', async (section, key) => {
    const workplace = new TestWarehouse()
    const value = 'folder/\x1b[2J\x1b]0;x\x07\x9b31m\u202ex'
    const config = readFileSync(workplace.configFile, 'utf8')
    const own = config.includes(`\n${key} = `)
      ? config.replace(new RegExp(`\n${key} = .*`), () => `\n${key} = ${value}`)
      : `${config}\n[${section}]\n${key} = ${value}\n`
    writeFileSync(workplace.configFile, own)
    for (const name of ['status', 'etl']) expect([0, 2]).toContain((await shownBy(workplace, name)).code)
    workplace.remove()
  })
})

test('a database and sources in folders of hostile names are used as any other', async () => {
  for (const text of [`it's "x"; drop table y --`, 'a*[b]{c}', '%2e%2e', '\u202e日本 🎸']) {
    const outer = new TestWarehouse()
    const folder = join(outer.folder, text)
    mkdirSync(join(folder, 'log'), { recursive: true })
    mkdirSync(join(folder, 'song'))
    writeFileSync(join(folder, 'log', 'a.json'), play(1))
    const path = (name: string) => join(folder, name)
    writeFileSync(
      outer.configFile,
      `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${path('w.duckdb')}\n[S3]\nLOG_DATA = ${path('log')}\nSONG_DATA = ${path('song')}\n`,
    )
    const { context } = outer
    expect(context.config.database).toBe(join(folder, 'w.duckdb'))
    await createTables(context, { reset: false, yes: false })
    expect((await outer.etl()).summary.reconciliation.inserted).toBe(1)
    expect(readdirSync(folder).sort()).toEqual(['log', 'song', 'w.duckdb'])
    outer.remove()
  }
})
