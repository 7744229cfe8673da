import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Context } from '../../src/context.ts'
import type { EtlOptions } from '../../src/etl/find-objects.ts'
import type { Log } from '../../src/log.ts'
import { openContext } from '../../src/open-context.ts'
import { type Row, starTables } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import { createFolder } from '../../src/tables/duckdb-folder.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import type { ActualStar } from './compare-star.ts'
import type { OracleObject } from './oracle.ts'
import { runEtl } from './run-etl.ts'

export const quietLog: Log = { done() {}, line() {}, progress() {}, share() {}, warn() {}, clear() {} }

let template: Promise<Buffer> | undefined

/** A warehouse of its own in a temporary folder, with a source next to it that a test fills as it likes. */
export class TestWarehouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'sparkify-'))
  readonly configFile = join(this.folder, 'dwh.cfg')
  readonly database: string
  readonly abort = new AbortController()

  /** `database` and the sources lie below `folder` if nothing else is said. */
  constructor({
    database = join('warehouse', 'test.duckdb'),
    logData = join(this.folder, 'log_data'),
    songData = join(this.folder, 'song_data'),
    settings = '',
  }: { database?: string; logData?: string; songData?: string; settings?: string } = {}) {
    this.database = join(this.folder, database)
    mkdirSync(join(this.folder, 'log_data'))
    mkdirSync(join(this.folder, 'song_data'))
    writeFileSync(
      this.configFile,
      `[WAREHOUSE]\nENGINE = duckdb\nDATABASE = ${this.database}\n[S3]\nLOG_DATA = ${logData}\nSONG_DATA = ${songData}\n${settings}`,
    )
  }

  get context(): Context {
    return { ...openContext(this.configFile, this.abort.signal), log: quietLog }
  }

  /** Writes objects into the source; one that exists is changed. Keys end in `.json` or `.json.gz`. */
  write(objects: readonly OracleObject[]): void {
    for (const { key, text } of objects) {
      const path = join(this.folder, key)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, key.endsWith('.gz') ? gzipSync(text) : text)
    }
  }

  /** Makes the tables; by a copy of a database that create-tables made once, which is much faster. */
  async create(): Promise<this> {
    createFolder(this.context)
    template ??= createTables(this.context, { reset: false, yes: false }).then(() => readFileSync(this.database))
    writeFileSync(this.database, await template)
    return this
  }

  etl(options: EtlOptions = { full: false }) {
    return runEtl(this.context, options)
  }

  /** Runs `work` with the warehouse open for reading. */
  async read<Result>(work: (warehouse: Warehouse) => Promise<Result>): Promise<Result> {
    const warehouse = await this.context.openWarehouse('read')
    try {
      return await work(warehouse)
    } finally {
      await warehouse.close()
    }
  }

  query(statement: string): Promise<Row[]> {
    return this.read((warehouse) => warehouse.query(statement as Sql))
  }

  /** The star with values as the oracle writes them: decimals as text with five digits. */
  star(): Promise<ActualStar> {
    return this.read(async (warehouse) => {
      const star: Record<string, Row[]> = {}
      for (const { name, columns } of starTables) {
        const values = columns.map(({ name: column, type }) =>
          type.startsWith('decimal') ? `cast(${column} as varchar) as ${column}` : column,
        )
        star[name] = await warehouse.query(`select ${values.join(', ')} from ${name}` as Sql)
      }
      return star as unknown as ActualStar
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
