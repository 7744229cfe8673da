import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { projectFolder } from '../src/folders.ts'
import { starTables } from '../src/schema/index.ts'
import { countAllRows } from '../src/sql-queries/index.ts'
import type { Data } from './data.ts'
import { measure } from './measure.ts'
import { findPostgresql, type PostgresqlServer, startPostgresql } from './postgresql.ts'

/** How the work of a case is done: ours, or a reference on the same files. */
export interface Way {
  readonly name: WayName
  /** At most so many runs, where one takes minutes. */
  readonly runs?: number
  /** Puts everything as it was before the work. Not timed. */
  prepare(): Promise<void> | void
  readonly command: readonly string[]
  /** Rows of each table of the star afterwards: all ways of a case must agree. */
  rows?(): Promise<Record<string, number>>
  /** Size of the database afterwards. */
  databaseBytes?(): number
  /** A server does the work, so the memory of the process says nothing. */
  readonly inServer?: true
  /** Instead of a way: why it can't be measured here. */
  readonly missing?: string
}

export type WayName =
  | 'ours'
  | 'bare DuckDB'
  | 'PostgreSQL'
  | 'dlt'
  | 'rows to DuckDB'
  | 'rows to PostgreSQL'
  | 'one word'

/** What the ways need to run in. */
export interface Bench {
  /** Folder of the generated sources. */
  readonly data: string
  /** Folder of databases and all else that may go at the end. */
  readonly work: string
  /** Fewer events, for a look whether it runs. */
  readonly quick: boolean
  /** Starts the server when it is first asked for; undefined if PostgreSQL is not installed. */
  postgresql(): PostgresqlServer | undefined
  /** A Python that has the module, or undefined. */
  python(module: string): string | undefined
  close(): void
}

export function openBench(folder: string, quick: boolean): Bench {
  const work = join(folder, 'work')
  mkdirSync(work, { recursive: true })
  let server: PostgresqlServer | undefined
  const venv = join(projectFolder, '.bench', 'venv', 'bin', 'python')
  const python = process.env.PYTHON ?? (existsSync(venv) ? venv : 'python3')
  return {
    data: folder,
    work,
    quick,
    postgresql() {
      const binaries = findPostgresql()
      if (binaries !== undefined) server ??= startPostgresql(binaries, join(work, 'postgresql'))
      return server
    },
    python: (module) => (spawnSync(python, ['-c', `import ${module}`]).status === 0 ? python : undefined),
    close: () => {
      server?.stop()
      rmSync(work, { recursive: true, force: true })
    },
  }
}

export const reference = (name: string) => join(projectFolder, 'bench', 'references', name)
export const tsNode = [process.execPath, join(projectFolder, 'node_modules', 'ts-node', 'dist', 'bin.js')]
export const script = (name: string) => [...tsNode, join(projectFolder, 'src', `${name}.ts`)]

/** Rows of the star in a DuckDB file. */
async function rowsOf(file: string): Promise<Record<string, number>> {
  const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  const rows = (await connection.runAndReadAll(countAllRows(starTables))).getRowObjects()
  connection.closeSync()
  instance.closeSync()
  return Object.fromEntries(rows.map(({ table_name, n }) => [String(table_name), Number(n)]))
}

/** A warehouse of ours: its config file, and the file of the database. */
export interface Ours {
  readonly config: string
  readonly database: string
}

export function configure(bench: Bench, name: string, { logData, songData }: Data): Ours {
  const database = join(bench.work, `${name}.duckdb`)
  const config = join(bench.work, `${name}.cfg`)
  const lines = ['[WAREHOUSE]', 'ENGINE = duckdb', `DATABASE = ${database}`]
  writeFileSync(config, [...lines, '[S3]', `LOG_DATA = ${logData}`, `SONG_DATA = ${songData}`, ''].join('\n'))
  return { config, database }
}

/** Empty tables in a new file. */
export async function createTables({ config, database }: Ours): Promise<void> {
  for (const path of [database, `${database}.wal`]) rmSync(path, { force: true })
  for (const name of ['create-infrastructure', 'create-tables']) await measure([...script(name), '--config', config])
}

export const oursOn = (ours: Ours, prepare: Way['prepare'], name = 'etl'): Way => ({
  name: 'ours',
  prepare,
  command: [...script(name), '--config', ours.config],
  rows: () => rowsOf(ours.database),
  databaseBytes: () => statSync(ours.database).size,
})

export function ours(bench: Bench, data: Data): Way {
  const warehouse = configure(bench, 'ours', data)
  return oursOn(warehouse, () => createTables(warehouse))
}

/** Runs files of SQL in a process of DuckDB that does nothing else. */
export function bareDuckdb(database: string, files: readonly string[], values: readonly string[] = []): Way {
  return {
    name: 'bare DuckDB',
    prepare: () => {},
    command: [process.execPath, reference('bare-duckdb.cjs'), database, ...files, ...values],
  }
}

export function bare(bench: Bench, { logData, songData }: Data): Way {
  const database = join(bench.work, 'bare.duckdb')
  const files = ['staging-duckdb.sql', 'star.sql'].map(reference)
  return {
    ...bareDuckdb(database, files, [`log_data=${logData}`, `song_data=${songData}`]),
    prepare: () => {
      for (const path of [database, `${database}.wal`]) rmSync(path, { force: true })
    },
    rows: () => rowsOf(database),
    databaseBytes: () => statSync(database).size,
  }
}

const notThere = (name: WayName, missing: string): Way => ({ name, prepare: () => {}, command: [], missing })

/** A new database on the server, and the rows of the star in it. */
function inPostgresql(server: PostgresqlServer) {
  const run = (database: string, statement: string) => measure([...server.psql, '-d', database, '-Atc', statement])
  return {
    prepare: async () => {
      await run('postgres', 'drop database if exists bench')
      await run('postgres', 'create database bench')
    },
    rows: async () => {
      const { stdout } = await run('bench', countAllRows(starTables))
      const lines = stdout.trim().split('\n')
      return Object.fromEntries(lines.map((line) => line.split('|')).map(([table = '', n]) => [table, Number(n)]))
    },
  }
}

/** COPY of whole lines, unlogged tables, fsync off, and the SQL of the star. */
export function postgresql(bench: Bench, { logData, songData }: Data): Way {
  const server = bench.postgresql()
  if (server === undefined) return notThere('PostgreSQL', 'PostgreSQL 15 or newer is not installed')
  const star = join(bench.work, 'star-postgresql.sql')
  const files = [reference('postgresql.sql'), star].flatMap((file) => ['-f', file])
  const values = Object.entries({ log_data: logData, song_data: songData }).flatMap(([name, value]) => [
    '-v',
    `${name}=${value}`,
  ])
  const { prepare, rows } = inPostgresql(server)
  return {
    name: 'PostgreSQL',
    inServer: true,
    prepare: async () => {
      writeFileSync(
        star,
        readFileSync(reference('star.sql'), 'utf8').replace(/^create table/gm, 'create unlogged table'),
      )
      await prepare()
    },
    command: [...server.psql, '-d', 'bench', ...values, ...files],
    rows,
  }
}

/** dlt reads, infers, normalises and loads; the SQL of the star follows. */
export function dlt(bench: Bench, { logData, songData }: Data): Way {
  const python = bench.python('dlt, duckdb')
  if (python === undefined) return notThere('dlt', 'there is no Python with dlt')
  const database = join(bench.work, 'dlt.duckdb')
  const pipelines = join(bench.work, 'dlt')
  return {
    name: 'dlt',
    runs: 1,
    prepare: () => {
      for (const path of [database, pipelines]) rmSync(path, { recursive: true, force: true })
    },
    command: [python, reference('dlt_load.py'), database, logData, songData, pipelines, reference('star.sql')],
    rows: () => rowsOf(database),
    databaseBytes: () => statSync(database).size,
  }
}

/** Python, an insert for each row, into DuckDB. */
export function rowsToDuckdb(bench: Bench, { logData, songData }: Data): Way {
  const python = bench.python('duckdb')
  if (python === undefined) return notThere('rows to DuckDB', 'there is no Python with duckdb')
  const database = join(bench.work, 'rows.duckdb')
  return {
    name: 'rows to DuckDB',
    prepare: () => rmSync(database, { force: true }),
    command: [python, reference('row_by_row.py'), 'duckdb', database, logData, songData],
    rows: () => rowsOf(database),
  }
}

/** Python, an insert for each row, into PostgreSQL. */
export function rowsToPostgresql(bench: Bench, { logData, songData }: Data): Way {
  const python = bench.python('psycopg2')
  if (python === undefined) return notThere('rows to PostgreSQL', 'there is no Python with psycopg2')
  const server = bench.postgresql()
  if (server === undefined) return notThere('rows to PostgreSQL', 'PostgreSQL 15 or newer is not installed')
  return {
    name: 'rows to PostgreSQL',
    inServer: true,
    ...inPostgresql(server),
    command: [python, reference('row_by_row.py'), 'postgresql', server.address('bench'), logData, songData],
  }
}
