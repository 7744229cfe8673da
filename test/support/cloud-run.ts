import { gzipSync } from 'node:zlib'
import { createInfrastructure } from '../../src/commands/create-infrastructure.ts'
import type { Context } from '../../src/context.ts'
import type { EtlOptions } from '../../src/etl/find-objects.ts'
import type { Log } from '../../src/log.ts'
import { openContext } from '../../src/open-context.ts'
import { type Row, starTables, tables, type Value } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { Cloud } from './cloud.ts'
import type { ActualStar } from './compare-star.ts'
import type { OracleObject } from './oracle.ts'
import type { StatementRecord } from './redshift/index.ts'
import { runEtl } from './run-etl.ts'
import { quietLog } from './warehouse-run.ts'

type CloudOptions = NonNullable<Parameters<typeof Cloud.start>[0]>

/**
 * A warehouse in the doubles of AWS and Redshift, with the bucket `source` next to it that a test fills as it likes.
 * Its credentials stand in the environment of this process, so there is one at a time.
 */
export class TestCloud {
  readonly cloud: Cloud
  abort = new AbortController()
  log: Log = quietLog

  private constructor(cloud: Cloud) {
    this.cloud = cloud
  }

  /** Starts the doubles and makes infrastructure and tables, unless `bare`. */
  static async start({ bare = false, ...options }: CloudOptions & { bare?: boolean } = {}): Promise<TestCloud> {
    const cloud = await Cloud.start(options)
    cloud.aws.seedBucket('source')
    const test = new TestCloud(cloud)
    test.enter()
    if (bare) return test
    await test.createInfrastructure()
    await test.createTables()
    return test
  }

  /** Puts the credentials of this cloud into the environment, as a shell would. */
  enter(): void {
    Object.assign(process.env, this.cloud.environment)
  }

  get context(): Context {
    return { ...openContext(this.cloud.configFile, this.abort.signal), log: this.log }
  }

  createInfrastructure() {
    return createInfrastructure.run(this.context, { plan: false, yes: true, ttl: undefined, resume: false }, '')
  }

  createTables({ reset = false } = {}) {
    return createTables(this.context, { reset, yes: reset })
  }

  /** Empties tables and source, and ends what was done to the doubles. */
  async reset(): Promise<void> {
    this.cloud.redshift.faults.clear()
    this.cloud.aws.faults.clear()
    const bucket = this.cloud.aws.state.buckets.get('source')
    for (const key of bucket?.keys() ?? []) bucket?.remove(key)
    await this.execute(
      ...tables.filter(({ name }) => name !== 'schema_versions').map(({ name }) => `delete from ${name}`),
    )
  }

  async execute(...statements: readonly string[]): Promise<void> {
    const warehouse = await this.context.openWarehouse('write')
    for (const statement of statements) await warehouse.execute(statement as Sql)
    await warehouse.close()
  }

  /** Puts objects into the source bucket; one that exists is changed. Keys end in `.json` or `.json.gz`. */
  write(objects: readonly OracleObject[]): void {
    const bucket = this.cloud.aws.state.buckets.get('source')
    for (const { key, text } of objects) bucket?.put(key, key.endsWith('.gz') ? gzipSync(text) : text)
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

  star(): Promise<ActualStar> {
    return this.read(starOf)
  }

  /** The statements that arrive while `work` runs, refused ones too. */
  async statementsOf(work: () => Promise<unknown>): Promise<StatementRecord[]> {
    const before = this.cloud.redshift.statements.length
    await work()
    return this.cloud.redshift.statements.slice(before)
  }

  close(): Promise<void> {
    return this.cloud.close()
  }
}

/** The star with values as the oracle writes them: decimals as text with five digits. Whole numbers come as text, because the Data API rounds large ones. */
export async function starOf(warehouse: Warehouse): Promise<ActualStar> {
  const star: Record<string, Row[]> = {}
  for (const { name, columns } of starTables) {
    const values = columns.map(({ name: column, type }) =>
      type === 'bigint' || type.startsWith('decimal') ? `cast(${column} as varchar) as ${column}` : column,
    )
    const whole = columns.filter(({ type }) => type === 'bigint').map(({ name: column }) => column)
    const rows = await warehouse.query(`select ${values.join(', ')} from ${name}` as Sql)
    star[name] = rows.map((row) => ({
      ...row,
      ...Object.fromEntries(whole.map((column) => [column, numberIfExact(row[column] ?? null)])),
    }))
  }
  return star as unknown as ActualStar
}

const numberIfExact = (value: Value) => (value !== null && Number.isSafeInteger(Number(value)) ? Number(value) : value)

/** A log that keeps what it is told. */
export function keepingLog(): Log & { readonly warnings: string[]; readonly lines: string[] } {
  const warnings: string[] = []
  const lines: string[] = []
  return {
    ...quietLog,
    warnings,
    lines,
    warn: (text) => void warnings.push(text),
    line: (text) => void lines.push(text),
    done: (...parts) => void lines.push(parts.join(' ')),
    progress: (text) => void lines.push(text),
  }
}
