/** What the notebooks share: commands and queries that show what they answer, and the records of the source. For Deno's Jupyter kernel. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Command, parse } from '../src/command.ts'
import { createInfrastructure } from '../src/commands/create-infrastructure.ts'
import { createTables } from '../src/commands/create-tables.ts'
import { destroyInfrastructure } from '../src/commands/destroy-infrastructure.ts'
import { etl } from '../src/commands/etl.ts'
import { builtInQuestions } from '../src/commands/find-questions.ts'
import { query } from '../src/commands/query.ts'
import { makeSampleDataIfMissing } from '../src/commands/write-sample-data.ts'
import type { Context } from '../src/context.ts'
import { projectFolder } from '../src/folders.ts'
import { openContext } from '../src/open-context.ts'
import { type Analysis, answered, isCharted } from '../src/reports/analysis.ts'
import { chartSpec, chartSvg } from '../src/reports/chart.ts'
import { renderTable } from '../src/reports/table.ts'
import type { Row } from '../src/schema/index.ts'
import { escapeControlLines } from '../src/text.ts'

export const analyses = builtInQuestions()

declare const Deno: { jupyter: { display(bundle: Record<string, unknown>, options: { raw: true }): Promise<void> } }

type Records = readonly Readonly<Record<string, unknown>>[]

const commands = {
  'create-infrastructure': createInfrastructure,
  'create-tables': createTables,
  etl,
  'destroy-infrastructure': destroyInfrastructure,
}

/** Folders of this machine. Notebooks are published, so paths are shown relative to these. */
const privateFolders = new Set([projectFolder])

/** Opens the config that SPARKIFY_CONFIG names, by default that of `npm start`. Makes sample data if that config has none. */
export async function openNotebook() {
  const configFile = resolve(projectFolder, process.env.SPARKIFY_CONFIG || 'config/dwh.cfg')
  const context = openContext(configFile, new AbortController().signal)
  const { sources, database } = context.config
  for (const source of Object.values(sources)) if (source.kind === 'folder') privateFolders.add(dirname(source.path))
  privateFolders.add(dirname(dirname(database)))
  await makeSampleDataIfMissing(context)
  return notebookOn(context)
}

const sampleConfig = `[WAREHOUSE]
ENGINE = duckdb
DATABASE = warehouse/sample.duckdb
[S3]
LOG_DATA = log_data
SONG_DATA = song_data
[ETL]
KEEP_STAGING = yes
`

/**
 * Opens a DuckDB warehouse in a temporary folder. Its source has the songs of `openNotebook`'s source and whatever `write` adds, under keys
 * like `log_data/one.json`. `logs` are the events of `openNotebook`'s source, one list per object.
 */
export async function openSample() {
  const origin = await openNotebook()
  const logs = await origin.readSource('log_data')
  const songs = await origin.readSource('song_data')
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-notebook-'))
  privateFolders.add(folder)
  const configFile = join(folder, 'dwh.cfg')
  writeFileSync(configFile, sampleConfig)
  const write = (key: string, records: Records) => {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  }
  for (const [index, song] of songs.entries()) write(`song_data/${index}.json`, song.records)
  return {
    ...notebookOn(openContext(configFile, new AbortController().signal)),
    logs: logs.map(({ records }) => records),
    write,
    remove: () => rmSync(folder, { recursive: true }),
  }
}

function notebookOn(context: Context) {
  const asRows = { format: 'table', file: undefined, out: undefined, limit: undefined }
  const rowsOf = async (statement: string) =>
    (await query.run(context, asRows, statement).catch(throwWithHint)).json as Row[]
  return {
    /** Runs a command with the options of its script, and shows what a terminal would: messages, result, exit code. */
    async run(name: keyof typeof commands, ...options: string[]) {
      const said: string[] = []
      const say = (text: string) => void said.push(text)
      const log = {
        // Without the time it took, so that the same run is shown as the same text.
        done: (verb: string, object: string, result: string) => say(`${verb.padEnd(9)} ${object.padEnd(14)} ${result}`),
        line: say,
        warn: say,
        progress() {},
        share() {},
        clear() {},
      }
      const command: Command = commands[name]
      const { values } = parse(command, options)
      const { text, exitCode } = await command.run({ ...context, log }, values, '').catch(throwWithHint)
      await show([...said, ...(text ? ['', text] : []), ...(exitCode ? ['', `Exit code ${exitCode}`] : [])].join('\n'))
    },
    /** Runs a query and shows its rows. */
    query: async (statement: string) => show(await rowsOf(statement)),
    /** Runs the query of a question and shows its answer. */
    ask: async (analysis: Analysis) => showAnswer(analysis, await rowsOf(analysis.sql)),
    /** Every object of a source with its records. For sources that fit into memory. */
    async readSource(source: 'log_data' | 'song_data') {
      const store = await context.objectStore(source)
      const objects: { key: string; bytes: number; records: Records }[] = []
      const listed = [...(await store.list(source)).objects]
      while (listed.length > 0) {
        const read = listed.splice(0, 64).map(async (object) => {
          const lines = String(await store.read(object)).split('\n')
          return { ...object, records: lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line)) }
        })
        objects.push(...(await Promise.all(read)))
      }
      return objects
    },
  }
}

/** Deno shows an error's message only; the hint says what to do. */
function throwWithHint(error: unknown): never {
  throw error instanceof Error && 'hint' in error ? new Error(`${error.message}\n${error.hint}`) : error
}

/** Shows text as it is, or rows as a table. */
export async function show(content: string | readonly Row[]): Promise<void> {
  // Before the table is drawn, because that may shorten a path.
  const json = [...privateFolders].reduce((text, folder) => text.replaceAll(`${folder}/`, ''), JSON.stringify(content))
  const shown: string | Row[] = JSON.parse(json)
  const text = typeof shown === 'string' ? escapeControlLines(shown) : renderTable(shown, { width: 120 })
  await display({ 'text/plain': text })
}

/** Shows the answer to a question: a chart, live where Vega-Lite is known and else a picture, and a sentence. */
export async function showAnswer(analysis: Analysis, rows: readonly Row[]): Promise<void> {
  const result = answered(analysis, rows)
  if (rows.length > 0 && isCharted(result))
    await display({
      // JupyterLab 4 and VS Code register no newer Vega-Lite than 5. The spec has nothing that is only in 6.
      'application/vnd.vegalite.v5+json': {
        ...chartSpec(result),
        $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
      },
      'image/svg+xml': await chartSvg(result),
      'text/plain': analysis.question,
    })
  await show(result.answer)
}

const display = (bundle: Record<string, unknown>) => Deno.jupyter.display(bundle, { raw: true })
