import { refusal } from '../errors.ts'
import { additions, schemaVersion, schemaVersions, type Table } from '../schema/index.ts'
import { latestSchemaVersion, liveColumns } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** The version of the schema this warehouse was made with; undefined if it has none of our tables. */
export async function findSchemaVersion(warehouse: Warehouse): Promise<number | undefined> {
  const columns = await warehouse.query(liveColumns())
  if (!columns.some(({ table_name }) => table_name === schemaVersions.name)) return undefined
  const [row] = await warehouse.query(latestSchemaVersion())
  return row?.version === null || row?.version === undefined ? undefined : Number(row.version)
}

/** @throws UserError (exit code 2) unless the warehouse has the tables of exactly this version of the schema. */
export async function verifySchema(warehouse: Warehouse): Promise<void> {
  const version = await findSchemaVersion(warehouse)
  if (version === undefined) throw refusal('The warehouse has no tables yet.', 'Run create-tables first.')
  verifyNotNewer(version)
  if (version < schemaVersion)
    throw refusal(
      `The warehouse has version ${version} of the schema, this version of the suite needs ${schemaVersion}.`,
      'Run create-tables: it brings the tables up to date and keeps what is in them.',
    )
}

/** @throws UserError (exit code 2) if the warehouse was made by a later version of this suite. */
export function verifyNotNewer(version: number): void {
  if (version > schemaVersion)
    throw refusal(
      `The warehouse has version ${version} of the schema, which is newer than this version of the suite knows (${schemaVersion}).`,
      'Update this project (git pull, npm ci).',
    )
}

/** True if the table got columns after that version of the schema. */
export function isOutdated(table: Table, version: number): boolean {
  return additions.some((addition) => addition.table === table && addition.version > version)
}
