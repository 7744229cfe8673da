import { NotCreated, refusal } from '../errors.ts'
import { plays, type Row, schemaVersion, schemaVersions, tables } from '../schema/index.ts'
import { latestSchemaVersion, liveColumns } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** The live columns of our tables, and the schema version; undefined if the warehouse has none of our tables. */
async function readSchema(warehouse: Warehouse) {
  const reading = warehouse.query(liveColumns())
  // Without the table this query fails.
  const [, versions] = await Promise.allSettled([reading, warehouse.query(latestSchemaVersion())])
  const live = await reading
  if (!live.some(({ table_name }) => table_name === schemaVersions.name)) return { live, version: undefined }
  if (versions.status === 'rejected') throw versions.reason
  const version = versions.value[0]?.version
  return { live, version: version === null || version === undefined ? undefined : Number(version) }
}

/** The schema version of this warehouse; undefined if it has none of our tables. */
export async function findSchemaVersion(warehouse: Warehouse): Promise<number | undefined> {
  return (await readSchema(warehouse)).version
}

/** Returns the live columns. @throws UserError (exit code 2) unless the warehouse has exactly this version of the schema. */
export async function verifyVersion(warehouse: Warehouse): Promise<readonly Row[]> {
  const { live, version } = await readSchema(warehouse)
  if (version === undefined)
    throw new NotCreated('The warehouse has no tables yet.', 'Create them first: npm run create-tables')
  verifyNotNewer(version)
  if (version < schemaVersion)
    throw refusal(
      `The warehouse has schema version ${version}; this project needs version ${schemaVersion}.`,
      'Add what is missing: npm run create-tables. It also reports what else differs.',
    )
  return live
}

/** @throws UserError (exit code 2) unless the warehouse has this version of the schema, with every table, view and column. */
export async function verifySchema(warehouse: Warehouse): Promise<void> {
  const missing = missingColumns(await verifyVersion(warehouse))
  if (missing.length > 0)
    throw refusal(
      `The warehouse lacks ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' …' : ''}.`,
      'Add what is missing: npm run create-tables. To fill new columns, then run: npm run etl -- --full',
    )
}

/** The tables, the view and the columns of the schema that the warehouse doesn't have, as `table.column`. */
function missingColumns(live: readonly Row[]): string[] {
  const found = new Set(live.map(({ table_name, column_name }) => `${table_name}.${column_name}`))
  return [...tables, plays].flatMap(({ name, columns }) => {
    const missing = columns.map((column) => `${name}.${column.name}`).filter((column) => !found.has(column))
    return missing.length === columns.length ? [name] : missing
  })
}

/** @throws UserError (exit code 2) if a later version of this project made the warehouse. */
export function verifyNotNewer(version: number): void {
  if (version > schemaVersion)
    throw refusal(
      `The warehouse has schema version ${version}; this project only knows versions up to ${schemaVersion}.`,
      'Update this project (git pull, npm ci).',
    )
}
