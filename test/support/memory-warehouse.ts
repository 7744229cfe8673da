import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../src/context.ts'
import { tables } from '../../src/schema/index.ts'
import type { Sql } from '../../src/sql-queries/index.ts'
import { createTables } from '../../src/tables/create-tables.ts'
import { openDuckdb } from '../../src/warehouse/duckdb.ts'
import type { Warehouse } from '../../src/warehouse/warehouse.ts'
import { TestWarehouse } from './warehouse-run.ts'

/**
 * A warehouse that lies in memory and stays open, so that a load takes a tenth of the time: for tests that make very many. Its
 * source is a folder, as that of any other.
 */
export class MemoryWarehouse extends TestWarehouse {
  private warehouse: Warehouse | undefined

  override async create(): Promise<this> {
    this.warehouse = await openDuckdb({ file: ':memory:', access: 'create', threads: 1 })
    await createTables(this.context, { reset: false, yes: false })
    return this
  }

  override get context(): Context {
    return { ...super.context, openWarehouse: async () => this.held() }
  }

  /** The open warehouse, which a command does not close. */
  held(): Warehouse {
    if (!this.warehouse) throw new Error('The warehouse is not created yet.')
    return { ...this.warehouse, close: async () => {} }
  }

  /** Empties tables and source. */
  async reset(): Promise<void> {
    for (const { name } of tables)
      if (name !== 'schema_versions') await this.held().execute(`delete from ${name}` as Sql)
    for (const source of ['log_data', 'song_data']) {
      rmSync(join(this.folder, source), { recursive: true, force: true })
      mkdirSync(join(this.folder, source))
    }
  }

  override remove(): void {
    void this.warehouse?.close()
    super.remove()
  }
}
