/** What documents say about the data, from runs: over the real logs and songs, and of `npm start` over sample data. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { analyze } from '../../commands/analyze.ts'
import type { Location } from '../../config.ts'
import { type Context, openContext } from '../../context.ts'
import { refusal } from '../../errors.ts'
import { etl } from '../../etl/load.ts'
import { projectFolder } from '../../folders.ts'
import { createLocalInfrastructure } from '../../infrastructure/duckdb-folder.ts'
import { analyses } from '../../reports/analyses.ts'
import type { Facts } from '../../reports/facts.ts'
import { shorten } from '../../reports/table.ts'
import { type Sql, sql } from '../../sql-queries/index.ts'
import { createTables } from '../../tables/create-tables.ts'

export interface Measurement {
  readonly facts: Facts
  /** Charts of the real data by name of the analysis, which lie in `folder` until `remove` is called. */
  readonly folder: string
  remove(): void
}

const defaultConfig = join(projectFolder, 'config', 'dwh.cfg')

/** Loads the sources of the config into a new DuckDB file, asks it everything, and runs the main job beside it. */
export async function measure(context: Context): Promise<Measurement> {
  if (context.config.file === defaultConfig)
    throw refusal(
      'The facts in the documents are about the real logs and songs.',
      'Name a config whose LOG_DATA and SONG_DATA they are: document --measure --config FILE.',
    )
  const folder = mkdtempSync(join(tmpdir(), 'sparkify-document-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const { numbers, answers } = await measureData(context, folder)
    const about =
      'Written by npm run document -- --measure; the README and documentation/ take their numbers from here.'
    return { facts: { about, numbers, answers, transcript: await transcribeMainJob(folder) }, folder, remove }
  } catch (error) {
    remove()
    throw error
  }
}

async function measureData(
  { config, log, signal }: Context,
  folder: string,
): Promise<Pick<Facts, 'numbers' | 'answers'>> {
  const file = join(folder, 'dwh.cfg')
  const { log_data, song_data } = config.sources
  const settings = [
    ...['[WAREHOUSE]', 'ENGINE = duckdb', `DATABASE = ${join(folder, 'real.duckdb')}`],
    ...['[AWS]', `REGION = ${config.region}`],
    ...['[S3]', `LOG_DATA = ${textOf(log_data)}`, `SONG_DATA = ${textOf(song_data)}`],
  ]
  writeFileSync(file, `${settings.join('\n')}\n`)
  const context = { ...openContext(file, signal), log }
  createLocalInfrastructure(context)
  await createTables(context, { reset: false, yes: false })
  const { summary } = await etl(context, { full: false })
  if (summary.reconciliation.plays === 0)
    throw refusal('There are no plays in the sources of this config.', 'Name one whose LOG_DATA holds the real logs.')
  const results = await analyze(context, folder)
  return {
    numbers: {
      log_files: summary.objects.log_data.listed,
      events: summary.reconciliation.events,
      plays: summary.reconciliation.plays,
      users: summary.tables.users?.rows ?? 0,
      songs: summary.tables.songs?.rows ?? 0,
      artists: summary.tables.artists?.rows ?? 0,
      plays_with_song: summary.reconciliation.with_song,
      plays_with_artist: summary.reconciliation.with_artist,
      rows_joined_by_name: await count(
        context,
        sql`select count(*) as n from songplays p join songs s on s.artist_name = p.artist_name`,
      ),
      plays_joined_by_name: await count(
        context,
        sql`select count(distinct p.songplay_id) as n from songplays p join songs s on s.artist_name = p.artist_name`,
      ),
    },
    answers: Object.fromEntries(
      results.map(({ analysis, rows }) => [
        analysis.name,
        rows.length === 0 ? 'The query gives no rows.' : analysis.answer(rows),
      ]),
    ),
  }
}

function textOf(location: Location): string {
  return location.kind === 'folder' ? location.path : `s3://${location.bucket}/${location.prefix}`
}

async function count(context: Context, statement: Sql): Promise<number> {
  const warehouse = await context.openWarehouse('read')
  try {
    const [row] = await warehouse.query(statement)
    return Number(row?.n)
  } finally {
    await warehouse.close()
  }
}

/** The questions whose answers the transcript shows: short ones. */
const transcribed = ['free-and-paid']

/** What a newcomer sees: the main job, run in an empty folder by a process of its own, shortened. */
async function transcribeMainJob(folder: string): Promise<readonly string[]> {
  const tsNode = join(projectFolder, 'node_modules', 'ts-node', 'dist', 'bin.js')
  const script = join(projectFolder, 'src', 'start.ts')
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [tsNode, script], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 1 << 24,
  })
  const talk = stderr
    .trimEnd()
    .split('\n')
    .map((line) => (line.includes(folder) ? inColumns(line.replaceAll(`${folder}/`, '')) : line))
  const committed = talk.findIndex((line) => line.startsWith('commit'))
  const [reconciliation = ''] = stdout.split('\n\n')
  const starts = analyses.map(({ name, question }) => ({ name, start: stdout.indexOf(`${question}\n`) }))
  const answers = starts.flatMap(({ name, start }, index) =>
    transcribed.includes(name)
      ? [
          '…',
          '',
          ...stdout
            .slice(start, starts[index + 1]?.start)
            .trimEnd()
            .split('\n'),
        ]
      : [],
  )
  const lines = [...talk.slice(0, committed + 1), '…', '', ...reconciliation.split('\n'), ...answers]
  return lines.map((line) => shorten(line, 110))
}

/** A line of the log whose object became shorter, set in its columns again. */
function inColumns(line: string): string {
  return line.replace(/^(\S+ +)(\S+) +/, (_, verb: string, object: string) => `${verb}${object.padEnd(14)} `)
}
