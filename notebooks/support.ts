/** What the notebooks share: the context of their commands, and how a cell shows things. Runs in Deno's Jupyter kernel. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Context } from '../src/context.ts'
import { projectFolder } from '../src/folders.ts'
import { openContext } from '../src/open-context.ts'
import type { Log } from '../src/log.ts'
import type { ObjectStore, SourceObject } from '../src/objects/object-store.ts'
import type { Analysis, Column } from '../src/reports/analysis.ts'
import { answerOutput, chartOutput, type MimeBundle, resultOutput, tableOutput } from './outputs.ts'
import type { Row, SourceName } from '../src/schema/index.ts'

declare const Deno: { jupyter: { display(bundle: MimeBundle, options: { raw: true }): Promise<void> } }

/** Texts to be shown under other names: folders of this machine, ids of loads. */
const shownAs = new Map<string, string>()

/**
 * The text without what differs from machine to machine and from run to run: folders by name only, load ids, which hold an instant
 * and random digits, as `load-1`, `load-2` in the order they come.
 */
function shown(text: string): string {
  for (const [id] of text.matchAll(/\b\d{8}T\d{9}Z-[0-9a-f]{6}\b/g))
    if (!shownAs.has(id))
      shownAs.set(id, `load-${[...shownAs.values()].filter((name) => /^load-\d/.test(name)).length + 1}`)
  return [...shownAs].reduce((result, [from, to]) => result.replaceAll(from, to), text)
}

const said: string[] = []

/** Keeps what commands say, without the times they took. What a cell prints at its very end may get lost; what it displays does not. */
const cellLog: Log = {
  done: (verb, object, result) => said.push(`${verb.padEnd(9)} ${object.padEnd(14)} ${result}`),
  line: (text) => said.push(text),
  warn: (text) => said.push(text),
  progress() {},
  clear() {},
}

/**
 * The context of the config that SPARKIFY_CONFIG names, by default that of `npm start`. Relative paths, of the config and in it, are
 * relative to the project, wherever the kernel was started.
 */
export function openNotebook(configFile = process.env.SPARKIFY_CONFIG || 'config/dwh.cfg'): Context {
  const context = openContext(resolve(projectFolder, configFile), new AbortController().signal, projectFolder)
  for (const [name, location] of Object.entries(context.config.sources))
    if (location.kind === 'folder') shownAs.set(location.path, name)
  shownAs.set(dirname(context.config.database), 'warehouse')
  return { ...context, log: cellLog }
}

/** A new empty folder with a config in it: DuckDB, and a source in the folder itself. */
export function temporaryWorkplace(): { folder: string; context: Context } {
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-notebook-'))
  shownAs.set(folder, 'temporary-folder')
  const configFile = join(folder, 'dwh.cfg')
  const settings = [
    ...['[WAREHOUSE]', 'ENGINE = duckdb', `DATABASE = ${join(folder, 'warehouse', 'sample.duckdb')}`],
    ...['[S3]', `LOG_DATA = ${join(folder, 'log_data')}`, `SONG_DATA = ${join(folder, 'song_data')}`],
  ]
  writeFileSync(configFile, `${settings.join('\n')}\n`)
  const context = openContext(configFile, new AbortController().signal, folder)
  return { folder, context: { ...context, log: cellLog } }
}

export type SourceRecord = Readonly<Record<string, unknown>>

/** The records of all the objects, which are read 64 at a time, in the order of the objects. */
export async function readRecords(store: ObjectStore, objects: readonly SourceObject[]): Promise<SourceRecord[]> {
  const texts: string[] = []
  for (let start = 0; start < objects.length; start += 64) {
    const contents = await Promise.all(objects.slice(start, start + 64).map((object) => store.read(object)))
    texts.push(...contents.map(String))
  }
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line)),
  )
}

/** The items by their key, in the order they come. */
export function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): [key: Key, items: Item[]][] {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const own = groups.get(keyOf(item))
    if (own) own.push(item)
    else groups.set(keyOf(item), [item])
  }
  return [...groups]
}

/** The first folders of an object's key, its source included: `log_data/2018/11`. */
export function foldersOf(object: SourceObject, count: number): string {
  return shown(object.key).split('/').slice(0, -1).slice(0, count).join('/')
}

/** The objects of a source, and the store to read them from. */
export async function listSource(context: Context, source: SourceName) {
  const store = await context.objectStore(source)
  return { store, objects: await store.list(source) }
}

/** The kernel passes outputs on beside its answer that the cell has ended, and what comes after that is lost: outputs get a head start. */
async function display(bundle: MimeBundle): Promise<void> {
  await Deno.jupyter.display(bundle, { raw: true })
  await setTimeout(50)
}

/** Shows text of several lines as it is. */
export async function showText(text: string): Promise<void> {
  await display({ 'text/plain': shown(text) })
}

/** Runs a command and shows what it says: the lines a person sees in the terminal. */
export async function told<Result>(command: Result | Promise<Result>): Promise<Result> {
  const result = await command
  await showText(said.splice(0).join('\n'))
  return result
}

/** Shows rows as a table. */
export async function showTable(rows: readonly Row[], columns: readonly Column[] = []): Promise<void> {
  const tidy = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? shown(value) : value]),
    ),
  )
  await display(tableOutput(tidy, columns))
}

/** Shows a question's answer: the chart, the sentence and the table. */
export async function showAnalysis(analysis: Analysis, rows: readonly Row[]): Promise<void> {
  const result = { analysis, rows }
  if (rows.length > 0) await display(await chartOutput(result))
  await display(answerOutput(result))
  if (rows.length === 0) return
  await display(resultOutput(result))
}
